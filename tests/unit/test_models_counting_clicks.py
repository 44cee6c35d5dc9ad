import numpy as np
import pytest
import torch
from counting_cases import DAY, drawn
from torch import nn

from seqviz.data import ClickRows, Ragged, click_batches, sampled_clicks
from seqviz.experiments import predict
from seqviz.metrics import gauc
from seqviz.models.counting import (
    CategoryRecency,
    ItemClickRate,
    TargetPopularity,
    UserClickRate,
)

EVENTS = drawn(0)
ROWS = sampled_clicks(EVENTS, by_popularity=True, negatives=2, seed=1)


def whole(rows):
    return next(iter(click_batches(rows, len(rows), 5)))


@pytest.mark.parametrize("days", [1, 4, 30])
@pytest.mark.parametrize("shift", [-1, 0, 1, DAY // 2])
def test_target_popularity_counts_the_window_to_the_second(days, shift):
    batch = whole(ROWS)._replace(times=whole(ROWS).times + shift)
    model = TargetPopularity(EVENTS, days)
    items, times = (EVENTS.table[c].to_numpy() for c in ("item", "time"))
    counts, means = [], []
    for item, moment in zip(batch.target_ids, batch.times, strict=True):
        inside = (times < int(moment)) & (times >= int(moment) - days * DAY)
        counts.append((inside & (items == int(item))).sum())
        means.append(inside.sum() / EVENTS.num_items)
    assert model.counts(batch).tolist() == counts
    expected = np.log((np.array(counts) + 1) / (np.array(means) + 1))
    np.testing.assert_allclose(model.logits(batch), expected)


def test_the_rates_by_a_plain_loop():
    batch = whole(ROWS)
    shown = {"item": ROWS.items, "user": ROWS.users}
    models = {"item": ItemClickRate(ROWS, 9, 4.0), "user": UserClickRate(ROWS, 4.0)}
    common = ROWS.clicked.mean()
    for name, column in shown.items():
        rates = [
            (ROWS.clicked[column == x].sum() + 4 * common) / ((column == x).sum() + 4)
            for x in column
        ]
        chances = models[name].logits(batch).sigmoid()
        np.testing.assert_allclose(chances, rates)


def test_what_was_never_seen_has_the_common_rate():
    rows = ROWS.select((ROWS.items != 3) & (ROWS.users < 5))
    common = rows.clicked.mean()
    batch = whole(ROWS)
    unseen = (batch.target_ids == 3).numpy()
    items = ItemClickRate(rows, 9).logits(batch).sigmoid().numpy()
    assert unseen.any()
    np.testing.assert_allclose(items[unseen], common)
    users = UserClickRate(rows).logits(batch).sigmoid().numpy()
    np.testing.assert_allclose(users[ROWS.users >= 5], common)
    assert not np.allclose(users[ROWS.users < 5], common)


@pytest.mark.parametrize(
    "model", [TargetPopularity(EVENTS), ItemClickRate(ROWS, 9), UserClickRate(ROWS)]
)
def test_predict_takes_them(model):
    chances = predict(model, click_batches(ROWS, 100, 5))
    logits = model.logits(whole(ROWS))
    assert logits.dtype == torch.float64
    np.testing.assert_allclose(chances, logits.sigmoid())
    value = gauc(chances, ROWS.clicked, ROWS.users)
    assert (value == 0.5) == isinstance(model, UserClickRate)
    if torch.cuda.is_available():
        there = whole(ROWS)._make(column.cuda() for column in whole(ROWS))
        assert model.logits(there).is_cuda
        assert torch.equal(model.logits(there).cpu(), logits)


def test_predict_leaves_a_model_in_its_mode():
    class Half(nn.Linear):
        def logits(self, batch):
            return batch.clicked * 0

    model = Half(1, 1)
    for training in (True, False):
        model.train(training)
        predict(model, [whole(ROWS)])
        assert model.training == training


def test_one_item_and_nothing_before():
    rows = ClickRows([0, 0], [5, 5], Ragged.from_rows([[], []]), [1, 1], [1, 0])
    assert ItemClickRate(rows, 1).logits(whole(rows)).tolist() == [0, 0]
    early = whole(ROWS)._replace(times=whole(ROWS).times * 0)
    assert (TargetPopularity(EVENTS).logits(early) == 0).all()


def test_bad_input():
    batch = whole(ROWS)
    far = batch._replace(target_ids=batch.target_ids + 9)
    for model in (TargetPopularity(EVENTS), ItemClickRate(ROWS, 9)):
        with pytest.raises(ValueError, match=r"target_ids must lie in 1\.\.9, got"):
            model.logits(far)
    with pytest.raises(ValueError, match=r"users must lie in 0\.\."):
        UserClickRate(ROWS).logits(batch._replace(users=batch.users - 1))
    with pytest.raises(ValueError, match=r"items must lie in 1\.\.2"):
        ItemClickRate(ROWS, 2)
    for rows in (ROWS.select(ROWS.clicked), ROWS.select(slice(0, 0))):
        for make in (lambda r: ItemClickRate(r, 9), UserClickRate):
            with pytest.raises(ValueError, match="rows must hold a click and a miss"):
                make(rows)
    with pytest.raises(ValueError, match="smoothing must be .* above 0, got 0"):
        UserClickRate(ROWS, smoothing=0)
    with pytest.raises(ValueError, match="days must be at least 1"):
        TargetPopularity(EVENTS, days=0)


@pytest.mark.parametrize("side", ["left", "right"])
def test_category_recency_by_a_plain_loop(side):
    categories, length = np.array([-1, 0, 0, 0, 1, 1, 2, 2, 2, 2]), 4
    ago = []
    for history, item in zip(
        [ROWS.histories[row] for row in range(len(ROWS))], ROWS.items, strict=True
    ):
        latest = [categories[i] for i in history[::-1][:length]]
        own = categories[item]
        ago.append(latest.index(own) if own in latest else length)
    ago, common = np.array(ago), ROWS.clicked.mean()
    assert len(set(ago)) == length + 1
    model = CategoryRecency(ROWS, categories, length, 4.0)
    batch = next(iter(click_batches(ROWS, len(ROWS), length, side=side)))
    found = model.logits(batch).sigmoid().numpy()
    for place in range(length + 1):
        own = ROWS.clicked[ago == place]
        expected = (own.sum() + 4 * common) / (len(own) + 4)
        np.testing.assert_allclose(found[ago == place], expected)
    with pytest.raises(ValueError, match="target_ids must lie in 1..9"):
        model.logits(batch._replace(target_ids=batch.target_ids + 9))
