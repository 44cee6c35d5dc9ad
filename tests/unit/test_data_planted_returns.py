"""The planted returns keep their rules, and the graph of one of them says nothing."""

import numpy as np
import pytest
import torch

from seqviz.data import planted_returns
from seqviz.layers import session_graph


def read(planted):
    clicks = planted.examples.histories.pad(7)[0]
    return clicks, planted.examples.truths.flat()


def test_what_followed_before_follows_again():
    planted = planted_returns(2000, rule="followed", seed=3)
    clicks, truth = read(planted)
    place = (clicks[:, :6] == clicks[:, 6:]).argmax(1)
    assert set(place.tolist()) == {0, 2}
    assert (clicks[np.arange(2000), place + 1] == truth).all()
    assert abs((place == 0).mean() - 0.5) < 0.05
    assert all(len(set(row[:6])) == 6 for row in clicks.tolist())
    b = np.sort(clicks[:, [1, 3, 5]], 1)
    found = np.sort(np.column_stack([planted.others, truth]), 1)
    assert (b == found).all()


def test_the_graph_has_one_edge_from_where_she_is_to_the_truth():
    planted = planted_returns(300)
    clicks, truth = read(planted)
    graph = session_graph(torch.from_numpy(clicks))
    follows = graph.source == graph.latest[graph.row[graph.source]]
    assert follows.sum() == 300
    assert graph.items[graph.target[follows]].tolist() == truth.tolist()


def test_the_latest_detour_comes_again_and_the_graph_cannot_know():
    planted = planted_returns(500, rule="latest", num_items=50, seed=2)
    clicks, truth = read(planted)
    assert (clicks[:, ::2] == clicks[:, :1]).all()
    assert (clicks[:, 5] == truth).all()
    assert (clicks[:, [1, 3]] == planted.others).all()
    turned = clicks[:, [0, 3, 2, 5, 4, 1, 6]]  # the detours in another order
    one, two = (session_graph(torch.from_numpy(x)) for x in (clicks, turned))
    for name, mine, other in zip(one._fields, one, two, strict=True):
        assert name == "nodes" or torch.equal(mine, other)


@pytest.mark.parametrize("rule", ["followed", "latest"])
def test_every_item_comes_next_as_often(rule):
    _, truth = read(planted_returns(24_000, rule=rule, num_items=24))
    counts = np.bincount(truth, minlength=25)[1:]
    assert np.abs(counts / 1000 - 1).max() < 0.15
    assert counts.sum() == 24_000


def test_a_seed_is_a_data_set():
    one, two, other = (read(planted_returns(50, seed=s))[0] for s in (1, 1, 2))
    assert (one == two).all() and (one != other).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_sessions": 0}, "num_sessions must be at least 1"),
        ({"num_sessions": 5, "num_items": 5}, "num_items must be at least 6"),
        ({"num_sessions": 5, "rule": "first"}, "rule must be one of followed, latest"),
        ({"num_sessions": 5, "seed": -1}, "seed must be at least 0"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        planted_returns(**arguments)
