import numpy as np
import pytest
import torch
from counting_cases import EVENTS, all_train, ask

from seqviz.data import Examples, Ragged, split_by_user, split_next_session
from seqviz.models.counting import MostPopular
from seqviz.models.counting.events import (
    Timeline,
    distinct_history,
    training_events,
)
from seqviz.models.counting.ties import lower_columns_first


@pytest.mark.parametrize("split", [split_by_user, split_next_session])
def test_every_training_event_counts_the_first_too(split):
    train = split(EVENTS, fractions=(1, 0, 0)).train
    users, items = training_events(train, 4)
    assert sorted(zip(users, items, strict=True)) == sorted(
        zip(EVENTS.table["user"], EVENTS.table["item"], strict=True)
    )


def test_one_long_history_costs_no_more_than_its_length(monkeypatch):
    def never(*_):
        raise AssertionError("padded to the longest history of all")

    rows = Ragged.from_rows([[1], [2, 3], [4] * 50])
    assert rows.flat().tolist() == [1, 2, 3] + [4] * 50
    assert rows.select(np.array([1, 0])).flat().tolist() == [2, 3, 1]
    assert Ragged.from_rows([[], []]).flat().tolist() == []
    train = all_train(EVENTS)
    monkeypatch.setattr(Ragged, "pad", never)
    MostPopular(train, 4)


def test_train_must_hold_a_row():
    none = Ragged.from_rows([])
    empty = Examples(np.zeros(0, int), np.zeros(0, int), none, none)
    with pytest.raises(ValueError, match="train must hold at least one row, got none"):
        MostPopular(empty, 4)


def test_distinct_history_holds_each_item_once_and_no_padding():
    found = distinct_history(ask([[0, 2, 2], [3, 1, 3], [0, 0, 0]]), 3).toarray()
    assert found.tolist() == [[0, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0]]


@pytest.mark.parametrize("seed", range(3))
def test_timeline_counts_what_came_strictly_before(seed):
    rng = np.random.default_rng(seed)
    owners, times = rng.integers(0, 5, 60), rng.integers(0, 2**40, 60) // 2**36
    asked, moments = rng.integers(0, 7, 40), rng.integers(-3, 20, 40)
    found = Timeline(owners, times).place(asked, moments)
    expected = [
        sum((o, t) < (owner, moment) for o, t in zip(owners, times, strict=True))
        for owner, moment in zip(asked, moments, strict=True)
    ]
    assert found.tolist() == expected


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1.0, 3.0, 1e12])
def test_equal_scores_are_told_apart_at_every_scale(scale):
    """0.1 + 0.2 and 0.3 differ by rounding alone: they count as equal."""
    scores = torch.tensor([[0.3, 0.1 + 0.2, 0.3, 0.5, 0.0, 0.0, -0.3, 0.3 - 1e-6]])
    scores = scores.double() * scale
    apart = lower_columns_first(scores)
    order = apart.argsort(dim=1, descending=True)[0]
    assert order.tolist() == [3, 0, 1, 2, 7, 4, 5, 6]
    torch.testing.assert_close(apart, scores, rtol=0, atol=2e-9 * scale)


@pytest.mark.parametrize("scale", [2.0**-500, 1.0, 2.0**40])
def test_what_is_less_than_a_step_apart_is_equal(scale):
    """A step is 2**-30 of the row's largest, here 1: .4 of one is none, .9 is one."""
    scores = torch.tensor([[0.25, 0.25, 0.5, 0.25]]).double()
    scores += torch.tensor([[0.0, 0.4, 0.0, 0.9]]).double() * 2**-30
    order = lower_columns_first(scores * scale).argsort(dim=1, descending=True)
    assert order[0].tolist() == [2, 3, 0, 1]


def test_whole_numbers_keep_their_whole_part():
    """Counts of a billion, in a catalog of a million."""
    scores = torch.arange(1_000_000).double() % 3 + 10**9 - 2
    apart = lower_columns_first(scores[None])[0]
    assert torch.equal(apart.ceil(), scores)
    assert len(apart.unique()) == len(apart)
