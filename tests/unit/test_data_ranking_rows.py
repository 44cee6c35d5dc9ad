import numpy as np
import pytest

from seqviz.data import Examples, Ragged, ranking_rows

N = 12


def examples(histories, truths):
    B = len(histories)
    zeros = np.zeros(B, np.int64)
    return Examples(
        np.arange(B),
        zeros + 1_700_000_000,
        Ragged.from_rows(histories),
        Ragged.from_rows(truths),
    )


@pytest.fixture
def some():
    rng = np.random.default_rng(0)
    truths = [rng.permutation(N)[:k] + 1 for k in rng.integers(1, 5, 200)]
    return examples([[1, 2]] * 200, truths)


def per_example(rows):
    return [np.flatnonzero(rows.users == user) for user in np.unique(rows.users)]


def test_the_clicked_row_comes_first_and_is_true(some):
    rows = ranking_rows(some, N, negatives=3)
    for own in per_example(rows):
        truths = some.truths[rows.users[own[0]]]
        assert rows.clicked[own].tolist() == [True, False, False, False]
        assert rows.items[own[0]] in truths
        assert not np.isin(rows.items[own[1:]], truths).any()
        assert rows.histories[own[-1]].tolist() == [1, 2]


def test_all_items_that_are_not_true_are_drawn(some):
    drawn = [ranking_rows(some, N, seed=s).items for s in range(3)]
    counts = np.bincount(np.concatenate(drawn), minlength=N + 1)
    assert counts[0] == 0 and counts[1:].min() > 0.7 * counts[1:].mean()
    assert (drawn[0] == ranking_rows(some, N, seed=0).items).all()
    assert not (drawn[0] == drawn[1]).all()


def test_negatives_of_what_was_retrieved():
    some = examples([[1], [2], [3]], [[5, 6], [7], [8]])
    found = np.array([[5, 9, 1, 0], [7, 0, 0, 0], [1, 2, 0, 0]])
    rows = ranking_rows(some, N, negatives=50, retrieved=found)
    negatives = [set(rows.items[(rows.users == u) & ~rows.clicked]) for u in range(3)]
    assert negatives == [{9, 1}, set(), {1, 2}]
    assert rows.clicked.sum() == 3 and rows.items[rows.users == 2][0] == 8
    shown = ranking_rows(some, N, negatives=50, retrieved=found, missed=False)
    assert shown.users[shown.clicked].tolist() == [0, 1]
    assert shown.items[shown.clicked].tolist() == [5, 7]


def test_every_true_item_has_its_turn():
    some = examples([[1]] * 300, [[4, 5, 6]] * 300)
    rows = ranking_rows(some, N, negatives=1)
    share = np.bincount(rows.items[rows.clicked])[4:] / 300
    assert share == pytest.approx(1 / 3, abs=0.1)


def test_the_last_examples_may_have_found_nothing():
    some = examples([[1]] * 3, [[5]] * 3)
    found = np.array([[5, 6], [0, 0], [0, 0]])
    rows = ranking_rows(some, N, negatives=2, retrieved=found)
    assert rows.users.tolist() == [0, 0, 0, 1, 2]


def test_bad_input_is_named(some):
    def ask(match, error=ValueError, num_items=N, **options):
        with pytest.raises(error, match=match):
            ranking_rows(some, num_items, **options)

    ask("negatives must be at least 1, got 0", negatives=0)
    ask("retrieved must be given where missed is False", missed=False)
    ask(r"retrieved must be ids \[B, C\] with B = 200", retrieved=np.ones((3, 4), int))
    ask("retrieved must lie in 0..12, got 13..13", retrieved=np.full((200, 1), 13))
    ask("retrieved must be whole numbers", TypeError, retrieved=np.ones((200, 1)))
    ask(r"the true items must lie in 1..4", num_items=4)
    none = np.zeros((200, 2), int)
    ask("hold a true item of some row, got none", retrieved=none, missed=False)
    with pytest.raises(ValueError, match="examples must hold at least one row, got no"):
        ranking_rows(some.select(slice(0, 0)), N)
    full = examples([[1]], [[1, 2]])
    with pytest.raises(ValueError, match="must leave an item of 2 to draw, got a row"):
        ranking_rows(full, 2)
