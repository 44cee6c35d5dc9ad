"""The Python side of the attention explorer: weights, masks, state, bad input."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets import TraitError

from seqviz.explorers import MODULES, AttentionExplorer
from seqviz.explorers.core.scale import tint
from seqviz.layers import attend

H, T = 2, 5
TITLES = ["", "trail shoes", "running socks", "tent", "stove"]
MASK = np.array([False, True, True, True, True])


def explorer(**changes):
    rng = np.random.default_rng(1)
    arguments = {"scores": rng.normal(size=(H, T, T)), "titles": TITLES, "mask": MASK}
    return AttentionExplorer(**{**arguments, **changes})


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    temperature=st.sampled_from([0.01, 0.2, 1.0, 7.0, 100.0]),
    causal=st.booleans(),
    padding=st.booleans(),
    query_mask=st.booleans(),
)
def test_the_weights_are_those_of_the_layer(
    seed, temperature, causal, padding, query_mask
):
    rng = np.random.default_rng(seed)
    query, key = rng.normal(size=(2, H, T, 8)).astype(np.float32)
    mask = rng.random(T) < 0.7
    scores = query @ key.swapaxes(1, 2)
    shown = AttentionExplorer(
        scores,
        TITLES,
        mask=mask,
        scale=8**-0.5,
        temperature=temperature,
        causal=causal,
        padding=padding,
        query_mask=query_mask,
    )
    # identity keys: the score of query q and key k is scores[q, k] itself
    readable = torch.ones(1, T, T, dtype=torch.bool)
    real = torch.from_numpy(mask)
    if padding:
        readable &= real
    if query_mask:
        readable &= real[:, None]
    for head in range(H):
        shown.head = head
        _, weights = attend(
            torch.from_numpy(scores[head]).double()[None],
            torch.eye(T, dtype=torch.float64)[None],
            torch.eye(T, dtype=torch.float64)[None],
            readable,
            causal=causal,
            scale=8**-0.5,
            temperature=temperature,
            need_weights=True,
        )
        np.testing.assert_allclose(shown.weights(), weights[0], atol=1e-6, rtol=0)
        assert (shown.weights()[~shown.readable()] == 0).all()


def test_one_head_several_heads_several_users():
    scores = np.zeros((T, T))
    assert explorer(scores=scores).heads == ["1"]
    assert explorer(scores=np.zeros((3, T, T))).heads == ["1", "2", "3"]
    several = explorer(
        scores=np.zeros((2, 1, T, T)),
        titles=[TITLES, TITLES],
        mask=[MASK.tolist(), [True] * T],
        users=["Mia", "Ben"],
    )
    assert several.query == 4
    several.user = 1
    assert several.weights()[0].tolist() == [0.2] * T


def test_queries_of_their_own():
    shown = explorer(
        scores=np.zeros((1, 2, T)), queries=["road shoes", "lamp"], heads=["dot"]
    )
    assert shown.query == 0
    np.testing.assert_allclose(shown.weights(), [[0, 0.25, 0.25, 0.25, 0.25]] * 2)
    assert "Query road shoes: 25% on trail shoes" in shown.still()
    assert "padding" in shown.still()
    shown.padding = False
    np.testing.assert_allclose(shown.weights(), 0.2)


def test_the_still_figure_is_well_formed_and_follows_the_state():
    shown = explorer(titles=["", "<b>", "a & b", "\"'", "x" * 90])
    still = shown.still()
    ElementTree.fromstring(still)
    assert still == explorer(titles=["", "<b>", "a & b", "\"'", "x" * 90]).still()
    for name, value in {
        "query": 1,
        "head": 1,
        "temperature": 0.1,
        "causal": True,
        "padding": False,
        "query_mask": False,
    }.items():
        setattr(shown, name, value)
        assert shown.still() != still
        still = shown.still()
    empty = explorer(mask=np.zeros(T, dtype=bool))
    assert "nothing to read" in empty.still()
    assert "sv-sentence" in shown.outline()


def test_the_palette_is_cividis_and_nothing_where_the_weight_is_zero():
    from matplotlib import colormaps

    palette = explorer().palette
    assert tint(0, palette) == ""
    for share in np.linspace(0.01, 1, 30):
        mixed = tint(share, palette)
        color = [int(mixed[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        np.testing.assert_allclose(color, colormaps["cividis"](share)[:3], atol=0.08)


def test_the_module_reads_only_what_is_sent():
    read = re.findall(r'model\.get\("(\w+)"\)', MODULES["attention"])
    assert set(read) <= set(explorer().state())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scores": np.zeros(T)}, r"scores must be \[Q, T\]"),
        ({"scores": np.zeros((1, 0, T))}, "scores must be"),
        ({"scores": np.full((1, T, T), np.nan)}, "scores must be finite"),
        ({"scores": np.full((1, T, T), -np.inf)}, "before the mask"),
        ({"scores": [["a"]]}, "scores must hold numbers"),
        ({"scores": np.zeros((1, 3, T))}, r"\[H, T, T\] where no queries"),
        ({"titles": TITLES[:-1]}, "titles must hold 5 texts, got 4"),
        ({"titles": "abcde"}, "titles must be a sequence"),
        ({"scores": np.zeros((2, 1, T, T))}, "titles must hold one list"),
        ({"queries": ["a"]}, "queries must hold 5"),
        ({"mask": MASK.astype(int)}, "mask must be bool.*int"),
        ({"mask": MASK[1:]}, r"mask must have shape.*\[1, 5\].*\[1, 4\]"),
        ({"queries": ["a"] * T, "causal": True}, "causal needs the behaviors"),
        ({"scale": np.inf}, "scale must be a finite"),
        ({"heads": ["a"]}, "heads must hold 2"),
        ({"users": ["a", "b"]}, "users must hold 1"),
        ({"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((ValueError, TypeError), match=words):
        explorer(**changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user", 1),
        ("head", 2),
        ("query", 5),
        ("query", -1),
        ("temperature", 0.0),
        ("temperature", 1e3),
    ],
)
def test_a_trait_out_of_range_is_refused(name, value):
    with pytest.raises(TraitError, match=name):
        setattr(explorer(), name, value)
    if name in ("query", "temperature"):
        with pytest.raises(TraitError, match=name):
            explorer(**{name: value})
