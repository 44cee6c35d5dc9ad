"""The Python side of the target explorer: weights, state, still figure, bad input."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets import TraitError

from seqviz.explorers import MODULES, TargetExplorer
from seqviz.explorers.target import TEMPERATURES
from seqviz.layers import DualAttention, TargetAttention, masked_softmax

U, M, T = 2, 3, 5
HISTORY = ["", "trail shoes", "running socks", "tent", "stove"]
CANDIDATES = ["road shoes", "sleeping mat", "kettle"]
MASK = np.array([False, True, True, True, True])


def logits(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def explorer(**changes):
    arguments = {
        "histories": HISTORY,
        "candidates": CANDIDATES,
        "mechanisms": {"target": logits(M, T), "dual": logits(M, T, seed=2)},
        "mask": MASK,
    }
    return TargetExplorer(**{**arguments, **changes})


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from(TEMPERATURES))
def test_the_weights_are_those_of_torch(seed, temperature):
    values = logits(M, T, seed=seed) * 5
    mask = np.random.default_rng(seed).random(T) < 0.7
    shown = explorer(
        mechanisms={"target": values}, mask=mask, temperature=temperature
    ).weights()["target"]
    want = masked_softmax(
        torch.from_numpy(values).double() / temperature, torch.from_numpy(mask)
    )
    np.testing.assert_allclose(shown, want, atol=1e-12, rtol=0)
    assert (shown[:, ~mask] == 0).all()


@pytest.mark.parametrize("make", [TargetAttention, DualAttention])
def test_the_logits_of_a_layer_give_the_weights_of_the_layer(make):
    torch.manual_seed(0)
    layer = make(8)
    target, behaviors = torch.randn(1, M, 8), torch.randn(1, T, 8)
    mask = torch.from_numpy(MASK)[None]
    _, weights = layer(target, behaviors, mask, need_weights=True)  # [1, 1, M, T]
    read = behaviors
    last = layer
    if make is DualAttention:
        read = layer.self_attention(behaviors, mask)
        last = layer.target_attention
    key = last.key_value(read).chunk(2, -1)[0]
    values = (last.query(target) @ key.mT / 8**0.5)[0]
    shown = explorer(mechanisms={"layer": values}).weights()["layer"]
    np.testing.assert_allclose(shown, weights[0, 0].detach(), atol=1e-6, rtol=0)


def test_several_users_and_what_is_sent():
    shown = explorer(
        histories=[HISTORY, ["a", "b", "c", "d", "e"]],
        candidates=[CANDIDATES, ["x", "y", "z"]],
        mechanisms={"target": np.zeros((U, M, T))},
        mask=np.stack([MASK, np.ones(T, bool)]),
        users=["Mia", "Ben"],
    )
    assert shown.weights()["target"][0].tolist() == [0, 0.25, 0.25, 0.25, 0.25]
    shown.user = 1
    assert shown.weights()["target"][0].tolist() == [0.2] * T
    assert "Candidate x." in shown.still()
    read = re.findall(r'model\.get\("(\w+)"\)', MODULES["target"])
    assert set(read) <= set(shown.state())


def test_the_still_figure_names_what_is_read_and_escapes():
    odd = ["", "<b>", "a & b", "\"'", "x" * 90]
    shown = explorer(histories=odd, candidates=["</p>", "y", "z"])
    still = shown.still()
    assert "&lt;b&gt;" in still and "<b>&" not in still and "</p>," not in still
    assert still == explorer(histories=odd, candidates=["</p>", "y", "z"]).still()
    for name, value in {"candidate": 1, "temperature": 0.1}.items():
        setattr(shown, name, value)
        assert shown.still() != still
        still = shown.still()
    empty = explorer(mask=np.zeros(T, bool))
    assert "has nothing to read" in empty.still()
    assert "No behaviors yet." in empty.still()
    assert "sv-sentence" in shown.outline()


def test_equal_weights_are_said_to_be_alike():
    even = explorer(mechanisms={"mean": np.zeros((M, T))})
    assert "mean reads all 4 alike." in even.still()
    single = explorer(mechanisms={"mean": np.zeros((M, T))}, mask=np.arange(T) == T - 1)
    assert "mean reads 100% on stove." in single.still()


def test_answers_are_sent_for_the_mechanisms_that_have_them():
    shown = explorer(answers={"dual": [0.1, 0.5, 1.0]})
    assert shown.answers == [None, [[0.1, 0.5, 1.0]]]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"histories": "abcde"}, "histories must be a sequence"),
        ({"histories": []}, "histories must be one list"),
        ({"histories": [["a", "b"], ["a"]]}, "histories must hold T names"),
        ({"candidates": "abc"}, "candidates must be a sequence"),
        ({"candidates": [CANDIDATES]}, "candidates must be one list of texts, got"),
        ({"candidates": list("abcdefghijklm")}, "candidates must be 1 to 12.*13"),
        ({"mechanisms": {}}, "mechanisms must map"),
        ({"mechanisms": [1]}, "mechanisms must map"),
        (
            {"mechanisms": {"dual": np.zeros((M, T + 1))}},
            r"mechanisms\['dual'\] must have shape \[M, T\] = \[3, 5\].*\[3, 6\]",
        ),
        (
            {"mechanisms": {"dual": np.full((M, T), -np.inf)}},
            "finite at every real behavior.*behavior 1; give the logits before",
        ),
        ({"mechanisms": {"dual": [["a"]]}}, "must hold numbers"),
        ({"mask": MASK.astype(int)}, "mask must be bool.*int"),
        ({"mask": MASK[1:]}, r"mask must have shape \[5\].*\[4\]"),
        ({"answers": {"din": [0, 0, 0]}}, r"answers must be of.*\['din'\]"),
        ({"answers": {"dual": [0, 0]}}, r"answers\['dual'\] must have shape \[3\]"),
        ({"answers": {"dual": [0, 0, 2]}}, r"answers\['dual'\] must lie in 0 to 1"),
        ({"users": ["a", "b"]}, "users must hold 1"),
        ({"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((ValueError, TypeError), match=words):
        explorer(**changes)


def test_padding_may_hold_anything():
    values = logits(M, T)
    values[:, 0] = np.nan
    shown = explorer(mechanisms={"target": values})
    assert np.isfinite(shown.weights()["target"]).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [("user", 1), ("candidate", 3), ("candidate", -1), ("temperature", 3.0)],
)
def test_a_trait_out_of_range_is_refused(name, value):
    with pytest.raises(TraitError, match=name):
        setattr(explorer(), name, value)
