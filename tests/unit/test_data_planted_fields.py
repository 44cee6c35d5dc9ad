"""The planted fields: the rule of the docstring, related labels, batches."""

import numpy as np
import pytest
import torch

from seqviz.data.planted_fields import (
    FIELDS,
    INTERACTING,
    FieldBatches,
    planted_fields,
    true_chances,
)

ROWS, PEOPLE = 20_000, 40


@pytest.fixture(scope="module")
def rows():
    return planted_fields(ROWS, PEOPLE, relation=0.5, seed=3)


def logit(chances):
    return np.log(chances / (1 - chances))


def test_ids_lie_in_their_sizes_and_labels_follow_the_chances(rows):
    assert rows.fields.shape == (ROWS, len(FIELDS)) and len(rows) == ROWS
    assert (rows.fields.max(0) + 1 == rows.sizes).all() and rows.fields.min() == 0
    gap = rows.labels.mean(0) - rows.chances.mean(0)
    assert np.abs(gap).max() < 4 * 0.5 / ROWS**0.5
    assert set(np.unique(rows.labels)) == {0, 1}


def test_a_history_is_sessions_padded_on_the_left(rows):
    there = rows.sessions >= 0
    assert (np.diff(there.astype(int), axis=1) >= 0).all()
    clicks = rows.item_ids.reshape(ROWS, 3, 4)
    assert ((clicks > 0) == there[..., None]).all()
    own = rows.categories[clicks] == rows.sessions[..., None]
    share = own[there].mean()
    assert abs(share - (0.8 + 0.2 / 12)) < 0.02
    assert (rows.categories[rows.items] == rows.fields[:, 1]).all()


def test_the_pairs_that_are_named_interact_and_no_others(rows):
    """A pair interacts if the log-odds hold more than a sum of one term for each."""
    z = logit(rows.chances[:, 0])
    columns = [rows.fields[:, f] for f in range(6)]
    latest = rows.sessions[:, -1] == rows.fields[:, 1]
    columns.append(latest * 2 + (rows.sessions >= 0).any(1))
    # the history is what fits the category: its pairs with it stand for themselves
    for i in range(6):
        for j in range(i + 1, 7):
            if (i, j) == (1, 6):
                continue
            left, right = columns[i], columns[j]
            spread = left.astype(float).std() * right.astype(float).std()
            assert spread > 0
            found = interaction(z, left, right)
            assert (found > 0.03) == ((i, j) in INTERACTING), (i, j, found)


def interaction(z, left, right):
    """Variance of the cell means beyond an additive model, less what chance gives."""
    cells = left * (right.max() + 1) + right
    cells = np.unique(cells, return_inverse=True)[1]
    count = np.bincount(cells)
    both = (np.bincount(cells, z) / count)[cells]
    design = np.concatenate(
        [np.eye(left.max() + 1)[left], np.eye(right.max() + 1)[right]], 1
    )
    additive = design @ np.linalg.lstsq(design, both, rcond=None)[0]
    chance = (z - both).var() * len(count) / len(z)
    return (both - additive).var() - chance


def test_the_relation_is_that_of_the_log_odds():
    for relation in (0.0, 0.6, 1.0):
        rows = planted_fields(ROWS, PEOPLE, relation=relation, seed=1)
        first, second = logit(rows.chances).T
        if relation == 1:
            np.testing.assert_allclose(first, second)
            assert (rows.labels[:, 0] != rows.labels[:, 1]).any()
        other = planted_fields(ROWS, PEOPLE, relation=0.0, seed=1)
        own = logit(other.chances[:, 1]) + 1
        mixed = relation * (first + 1) + (1 - relation**2) ** 0.5 * own - 1
        np.testing.assert_allclose(second, mixed)
        np.testing.assert_array_equal(rows.fields, other.fields)


def test_made_up_rows_have_the_chances_of_the_world(rows):
    found = true_chances(rows.fields, rows.sessions, PEOPLE, relation=0.5, seed=3)
    np.testing.assert_array_equal(found, rows.chances)
    other = true_chances(rows.fields, rows.sessions, PEOPLE, relation=0.5, seed=4)
    assert np.abs(other - found).max() > 0.1


def test_batches_hold_every_row_once(rows):
    some = rows.select(slice(0, 50))
    batches = FieldBatches(some, 16, shuffle=True, seed=2)
    assert len(batches) == 4
    passes = [torch.cat([b.fields for b in batches]) for _ in range(2)]
    assert not torch.equal(*passes)
    for fields in passes:
        assert sorted(fields.tolist()) == sorted(some.fields.tolist())
    again = FieldBatches(some, 16, shuffle=True, seed=2)
    torch.testing.assert_close(torch.cat([b.fields for b in again]), passes[0])
    whole = next(iter(FieldBatches(some, 50)))
    np.testing.assert_array_equal(whole.fields, some.fields)
    assert torch.equal(whole.mask, whole.item_ids != 0)
    known = some.categories[some.item_ids].clip(min=0)
    np.testing.assert_array_equal(whole.item_categories, known)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: planted_fields(0), "num_rows must be at least 1, got 0"),
        (lambda: planted_fields(5, 0), "num_users must be at least 1"),
        (lambda: planted_fields(5, relation=1.1), r"relation must lie in 0\.\.1"),
        (lambda: planted_fields(5, seed=-1), "seed must be at least 0"),
        (
            lambda: FieldBatches(planted_fields(5).select(slice(0, 0)), 2),
            "rows must hold at least one row, got none",
        ),
        (lambda: FieldBatches(planted_fields(5), 0), "batch_size must be at least 1"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
