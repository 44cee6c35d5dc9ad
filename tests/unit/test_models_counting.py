"""What every recommender that counts keeps to."""

import numpy as np
import pytest
import torch
from counting_cases import all_train, ask, drawn, ranking, table

from seqviz.data import batches
from seqviz.models.counting import (
    EASE,
    TIFUKNN,
    CategoryShare,
    ItemKNN,
    MostPopular,
    PersonalFrequency,
    RecentPopularity,
)

RECOMMENDERS = {
    "MostPopular": lambda e, t, n: MostPopular(t, n),
    "RecentPopularity": lambda e, t, n: RecentPopularity(e),
    "PersonalFrequency": lambda e, t, n: PersonalFrequency(n),
    "PersonalFrequency, popular": lambda e, t, n: PersonalFrequency(
        n, MostPopular(t, n), half_life=3
    ),
    "ItemKNN": lambda e, t, n: ItemKNN(t, n),
    "ItemKNN, self": lambda e, t, n: ItemKNN(t, n, neighbors=2, include_self=True),
    "EASE": lambda e, t, n: EASE(t, n),
    "TIFUKNN": lambda e, t, n: TIFUKNN(e, t),
    "CategoryShare": lambda e, t, n: CategoryShare(t, np.arange(n + 1) % 3, n),
}
every = pytest.mark.parametrize("make", RECOMMENDERS.values(), ids=list(RECOMMENDERS))
EVENTS = drawn(3)
TRAIN = all_train(EVENTS)


def model_of(make, events=EVENTS):
    return make(events, all_train(events), events.num_items)


def case():
    """A batch with repeats, padding, and a row of nothing else."""
    rows = [[0, 1, 1, 9], [5, 5, 5, 2], [0, 0, 0, 0], [0, 0, 0, 7], [3, 4, 3, 3]]
    return ask(rows, [3, 20, 5, 40, 11])


@every
def test_scores_are_float64_without_ties_and_padding_comes_last(make):
    scores = model_of(make).scores(case())
    assert scores.shape == (5, 10) and scores.dtype == torch.float64
    assert (scores[:, 0] == -torch.inf).all()
    assert scores[:, 1:].isfinite().all()
    assert all(len(row.unique()) == 10 for row in scores)


@every
def test_a_row_does_not_depend_on_its_neighbors_in_the_batch(make):
    model, batch = model_of(make), case()
    whole = model.scores(batch)
    for part in (slice(0, 1), slice(1, 3), slice(2, 5)):
        cut = batch._make(column[part] for column in batch)
        assert torch.equal(model.scores(cut), whole[part])


@every
def test_padding_may_stand_on_either_side(make):
    model = model_of(make)
    left, right = (
        next(iter(batches(TRAIN, len(TRAIN), 8, side=s))) for s in ("left", "right")
    )
    assert torch.equal(model.scores(left), model.scores(right))


@every
def test_a_catalog_of_one_item(make):
    model = model_of(
        make, table((0, 1, 1), (0, 1, 2), (1, 1, 3), (1, 1, 4), num_items=1)
    )
    assert ranking(model.scores(ask([[1, 1], [0, 0]], 9))) == [[1], [1]]


@pytest.mark.parametrize(
    "name", sorted(set(RECOMMENDERS) - {"MostPopular", "RecentPopularity", "TIFUKNN"})
)
def test_ids_out_of_range(name):
    """The others read no history."""
    model = model_of(RECOMMENDERS[name])
    with pytest.raises(ValueError, match=r"item_ids must lie in 0\.\.9, got 1\.\.10"):
        model.scores(ask([[1, 10]]))


@every
def test_the_batch_stays_as_it_was(make):
    batch = case()
    model_of(make).scores(batch)
    assert all(torch.equal(*pair) for pair in zip(batch, case(), strict=True))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@every
def test_scores_lie_where_the_batch_lies(make):
    model, batch = model_of(make), case()
    there = model.scores(batch._make(column.cuda() for column in batch))
    assert there.is_cuda and there.dtype == torch.float64
    assert torch.equal(there.cpu(), model.scores(batch))
