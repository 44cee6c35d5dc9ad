"""Rates of fields are what a plain loop counts."""

import numpy as np
import pytest
import torch

from seqviz.data.planted_fields import planted_fields
from seqviz.metrics import auc
from seqviz.models.counting import FieldRates

ROWS = planted_fields(300, 6, relation=0.4, seed=3)
HISTORY = 6


def ago(rows, n):
    """How many clicks ago the shown category was clicked, by going back."""
    clicked = rows.item_ids[n][::-1]
    for steps, item in enumerate(clicked):
        if item and rows.categories[item] == rows.fields[n, 1]:
            return steps
    return len(clicked)


@pytest.mark.parametrize(
    "groups", [[(1,)], [(0, 2), (3, 1)], [(4, HISTORY), (5,), (HISTORY,)]]
)
@pytest.mark.parametrize("label", [0, 1])
def test_by_a_plain_loop(groups, label):
    model = FieldRates(ROWS, groups, label, smoothing=4.0)
    clicked, rate = ROWS.labels[:, label], ROWS.labels[:, label].mean(dtype=float)
    known = [(*ROWS.fields[n], ago(ROWS, n)) for n in range(len(ROWS))]
    asked = planted_fields(40, 6, seed=9)
    found = model.logits(asked.batch())
    assert found.dtype == torch.float64 and found.shape == (40,)
    for n in range(40):
        row = (*asked.fields[n], ago(asked, n))
        expected = np.log(rate / (1 - rate))
        for group in groups:
            same = [all(other[p] == row[p] for p in group) for other in known]
            share = (clicked[same].sum() + 4 * rate) / (sum(same) + 4)
            expected += np.log(share / (1 - share)) - np.log(rate / (1 - rate))
        assert float(found[n]) == pytest.approx(expected, abs=1e-9)


def test_what_was_never_shown_has_the_common_rate():
    some = ROWS.select(ROWS.fields[:, 0] == 0)
    rate = some.labels[:, 0].mean(dtype=float)
    others = ROWS.select(ROWS.fields[:, 0] == 1)
    found = FieldRates(some, [(0,)]).logits(others.batch())
    np.testing.assert_allclose(found, np.log(rate / (1 - rate)))


def test_the_pairs_that_interact_are_worth_more_than_their_fields():
    rows, asked = planted_fields(6000, 10), planted_fields(9000, 10)
    asked = asked.select(slice(6000, None))
    pairs = FieldRates(rows, [(0, 2), (1, 3), (4, HISTORY)])
    fields = FieldRates(rows, [(place,) for place in range(7)])
    of_pairs, of_fields = (
        auc(model.logits(asked.batch()).numpy(), asked.labels[:, 0])
        for model in (pairs, fields)
    )
    assert of_pairs > of_fields + 0.05


@pytest.mark.parametrize(
    "groups, message",
    [
        ([], r"groups must hold places of fields, got \[\]"),
        ([()], "groups must hold places of fields"),
        ([(0, 7)], r"groups must lie in 0\.\.6, got 7"),
    ],
    ids=["no group", "an empty group", "a place too far"],
)
def test_bad_groups(groups, message):
    with pytest.raises(ValueError, match=message):
        FieldRates(ROWS, groups)


def test_rows_without_a_miss():
    clicked = ROWS.select(ROWS.labels[:, 0] > 0)
    with pytest.raises(ValueError, match="rows must hold a click and a miss"):
        FieldRates(clicked, [(1,)])
