"""The Python side of the block explorer: flow, state, still figure, bad input."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from seqviz.explorers import MODULES, BlockExplorer, Stack
from seqviz.explorers.block.flow import flow
from seqviz.explorers.core.codec import decode

T, L, H, N, BEST = 4, 2, 2, 20, 3
TITLES = ["tent", "stove", "pan", "mug"]
NAMES = ["", *(f"item {n}" for n in range(1, N + 1))]


def stack(places=T, seed=0):
    torch.manual_seed(seed)
    readable = torch.ones(places, places, dtype=torch.bool)
    if places == T:
        readable = readable.tril()
    logits = torch.randn(T + 1, L, H, places, places)
    weights = logits.masked_fill(~readable, -torch.inf).softmax(-1)
    items = torch.rand(T + 1, places, N).topk(BEST).indices + 1
    chances = torch.rand(T + 1, places, BEST).sort(descending=True).values
    return Stack(weights, items, chances)


def explorer(**changes):
    arguments = {
        "stacks": {"causal": stack(T), "cloze": stack(T + 1, 1)},
        "titles": TITLES,
        "names": NAMES,
    }
    return BlockExplorer(**{**arguments, **changes})


@given(st.integers(0, 10**6), st.integers(0, T))
def test_shares_are_shares_at_every_level(seed, place):
    weights = stack(T + 1, seed).weights[0].mean(1).numpy()
    rows = flow(weights, place)
    assert rows.shape == (L + 1, T + 1) and rows[0, place] == 1
    np.testing.assert_allclose(rows.sum(1), 1, atol=1e-6)
    np.testing.assert_allclose(rows[-1], (weights[1] @ weights[0])[place], atol=1e-6)


def test_nothing_flows_from_what_reads_nothing():
    weights = stack().weights[0].mean(1).numpy().copy()
    weights[:, 2] = 0
    assert (flow(weights, 2)[1:] == 0).all()


def test_the_state_says_what_is_asked():
    shown = explorer()
    given_ = stack(T)
    assert shown.place == T - 1 and shown.heads == ["mean", "1", "2"]
    expected = flow(given_.weights[0].mean(1).numpy(), T - 1)
    np.testing.assert_allclose(shown.flow(), expected, atol=1e-6)
    shown.model, shown.head, shown.hidden, shown.place = 1, 2, 3, T
    given_ = stack(T + 1, 1)
    expected = flow(given_.weights[3, :, 1].numpy(), T)
    np.testing.assert_allclose(shown.flow(), expected, atol=1e-6)
    names = [NAMES[item] for item in given_.items[3, T].tolist()]
    assert [name for name, _ in shown.predicted()] == names
    assert shown.place_names() == ["tent", "stove", "pan (hidden)", "mug", "next"]
    shown.model = 0  # has no place behind the history
    assert len(shown.place_names()) == T
    np.testing.assert_allclose(shown.flow()[0], np.eye(T)[T - 1])


def test_what_is_sent_is_what_the_page_reads():
    shown = explorer()
    read = re.findall(r'model\.get\("(\w+)"\)', MODULES["block"])
    assert read and set(read) <= set(shown.state())
    used = {n for one in shown._stacks for n in one.items.ravel().tolist()}
    assert used == set(range(len(shown.names)))  # no name that stands nowhere
    again = decode(shown.weights[1])
    np.testing.assert_array_equal(again, stack(T + 1, 1).weights.numpy())


def test_the_still_figure_follows_and_escapes():
    shown = explorer(titles=["<b>", "</p>", "x", "y"])
    still = shown.still()
    assert "&lt;b&gt;" in still and "<b><" not in still and "</p>:" not in still
    for name, value in {"model": 1, "head": 1, "place": 1, "hidden": 2}.items():
        setattr(shown, name, value)
        assert shown.still() != still, name
        still = shown.still()
    assert "cloze, head 1, 2 &lt;/p&gt; (hidden): most comes from" in still
    assert "sv-sentence" in shown.outline()


def test_the_lines_of_the_still_figure_are_as_wide_as_what_flows():
    shown = explorer(model=1, head=2)
    widths = re.findall(r'<path[^>]*stroke-width="([\d.]+)"', shown.still())
    flows = shown.flow()
    weights = decode(shown.weights[1])[0, :, 1]  # [L, P, P]
    amounts = (flows[:-1, :, None] * weights[::-1]).ravel()
    want = [max(0.5, 12 * amount) for amount in amounts if amount >= 0.002]
    np.testing.assert_allclose([*map(float, widths)], want, rtol=0.06)


def test_one_model_one_click_one_head():
    one = Stack(np.ones((2, 1, 1, 1, 1)), np.ones((2, 1, 1), int), np.ones((2, 1, 1)))
    shown = BlockExplorer({"one": one}, ["tent"], ["", "stove"])
    assert shown.predicted() == [("stove", 1.0)]
    assert "Then comes stove (100%)" in shown.still()
    assert "Model" not in shown.outline() and "Head" not in shown.outline()


def test_a_place_that_is_not_there_predicts_nothing():
    none = stack()
    none.chances[2, 1], none.weights[2, :, :, 1] = 0, 0
    shown = explorer(stacks={"causal": none}, hidden=2, place=1)
    words = "2 stove (hidden): nothing reaches it. Nothing is predicted there."
    assert words in shown.still()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"titles": []}, "titles must hold 1 to 12 clicks, got 0"),
        ({"titles": "tent"}, "titles must be a sequence of texts"),
        ({"titles": TITLES[1:]}, r"weights must have shape \[4, L, H, P, P\]"),
        ({"stacks": {}}, "stacks must map 1 to 3 names"),
        ({"stacks": [stack()]}, "stacks must map 1 to 3 names"),
        ({"stacks": {"a": 3}}, r"stacks\['a'\] must be a Stack, got int"),
        (
            {"stacks": {"a": stack()._replace(weights=stack().weights[:3])}},
            r"stacks\['a'\].weights must have shape \[5, L, H, P, P\]",
        ),
        (
            {"stacks": {"a": stack()._replace(weights=2 + stack().weights)}},
            r"stacks\['a'\].weights must lie in 0 to 1, got 2",
        ),
        (
            {"stacks": {"a": stack()._replace(items=stack().items[:, :2])}},
            r"stacks\['a'\].items must have shape \[5, 4, n\]",
        ),
        (
            {"stacks": {"a": stack()._replace(items=stack().items.float())}},
            "items must hold 1 to 8 numbers for each place, got float32",
        ),
        (
            {"stacks": {"a": stack()._replace(chances=stack().chances[..., :1])}},
            r"stacks\['a'\].chances must have shape",
        ),
        (
            {"stacks": {"a": stack()._replace(chances=-1 - stack().chances)}},
            r"stacks\['a'\].chances must lie in 0 to 1",
        ),
        (
            {
                "stacks": {
                    "a": stack(),
                    "b": stack()._replace(weights=stack().weights[:, :1]),
                }
            },
            "stacks must agree in blocks and heads",
        ),
        ({"names": NAMES[:5]}, "names must name every item, 0 to 20, got 5 names"),
        ({"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((ValueError, TypeError), match=words):
        explorer(**changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [("model", 2), ("head", 3), ("place", 5), ("hidden", 5), ("hidden", -1)],
)
def test_a_trait_out_of_range_is_refused(name, value):
    with pytest.raises(TraitError, match=name):
        setattr(explorer(), name, value)
