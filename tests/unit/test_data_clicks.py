import numpy as np
import pandas as pd
import pytest
import torch

from seqviz.data import (
    ClickRows,
    Interactions,
    Ragged,
    click_batches,
    load_shop,
    sampled_clicks,
    shown_clicks,
    split_clicks,
    split_last_click,
)


@pytest.fixture(scope="module")
def shop():
    return load_shop(60, seed=3)


@pytest.fixture(scope="module")
def rows(shop):
    return shown_clicks(shop.interactions)


def test_every_shown_item_is_a_row(shop, rows):
    table = shop.interactions.table
    shown = table[table["click_probability"].notna()]
    assert (rows.items == shown["item"]).all()
    assert (rows.clicked == (shown["kind"] == "click")).all()
    assert 0.05 < rows.clicked.mean() < 0.5
    assert set(shown["kind"]) == {"click", "impression"}
    assert rows.click_probability.sum() == pytest.approx(rows.clicked.sum(), rel=0.1)


def test_a_history_is_every_click_from_before(shop, rows):
    table = shop.interactions.table
    clicks = table[table["kind"] == "click"]
    for b in range(0, len(rows), 97):
        own = clicks[clicks["user"] == rows.users[b]]
        before = own[own["time"] < rows.times[b]]["item"].tolist()
        assert rows.histories[b].tolist() == before


def own_log(kinds, **columns):
    """Somebody's own impressions, without a true probability."""
    count = len(kinds)
    table = {"user": [0] * count, "item": range(1, count + 1), "time": range(count)}
    table |= {"session": [0] * count, "kind": kinds} | columns
    return Interactions(pd.DataFrame(table), 9)


def test_a_log_without_probabilities_is_shown_as_it_stands():
    rows = shown_clicks(own_log(["click", "impression", "click", "impression"]))
    assert rows.clicked.tolist() == [True, False, True, False]
    assert [row.tolist() for row in rows.histories] == [[], [1], [1], [1, 3]]
    assert rows.click_probability is None
    batch = next(iter(click_batches(rows, 4, 3)))
    assert batch.clicked.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize("kind", ["click", "impression"])
def test_a_log_of_one_kind_has_nothing_to_compare(kind):
    with pytest.raises(ValueError, match=f"must be click and another, got only {kind}"):
        shown_clicks(own_log([kind] * 3))


def test_no_probability_anywhere_is_not_zero_rows():
    log = own_log(["click", "impression"], click_probability=[np.nan, np.nan])
    with pytest.raises(ValueError, match="click_probability must .*, got NaN in every"):
        shown_clicks(log)


def events():
    """Three users, nine items."""
    users = np.repeat([0, 1, 2], [5, 3, 1])
    items = [1, 2, 3, 2, 4, 5, 6, 7, 8]
    times = np.arange(9) * 100
    table = pd.DataFrame({"user": users, "item": items, "time": times})
    return Interactions(table.assign(session=users, kind="click"), 9)


@pytest.mark.parametrize("by_popularity", [False, True])
@pytest.mark.parametrize("negatives", [1, 3])
def test_negatives_are_items_that_the_user_never_met(negatives, by_popularity):
    rows = sampled_clicks(
        events(), negatives=negatives, by_popularity=by_popularity, seed=1
    )
    assert len(rows) == (4 + 2) * (1 + negatives)  # a first event has no history
    assert rows.clicked.sum() == 6
    met = {0: {1, 2, 3, 4}, 1: {5, 6, 7}}
    for b in range(len(rows)):
        assert (rows.items[b] in met[rows.users[b]]) == rows.clicked[b]
        assert 1 <= rows.items[b] <= 9
    if by_popularity:
        assert 9 not in rows.items  # never met by anybody
    assert rows.histories[0].tolist() == [1]
    last = 4 * (1 + negatives) - 1
    assert rows.histories[last].tolist() == [1, 2, 3, 2]
    positives = rows.select(rows.clicked)
    assert positives.items.tolist() == [2, 3, 2, 4, 6, 7]


def test_negatives_follow_the_seed_and_the_popularity(shop):
    clicks = shop.interactions.of_kind("click")
    one, same, other = (sampled_clicks(clicks, seed=seed).items for seed in (1, 1, 2))
    assert (one == same).all() and (one != other).any()
    popular = np.bincount(clicks.table["item"], minlength=clicks.num_items + 1)

    def mean_popularity(**how):
        drawn = sampled_clicks(clicks, **how)
        return popular[drawn.items[~drawn.clicked]].mean()

    assert mean_popularity(by_popularity=True) > 1.3 * mean_popularity()


def test_negatives_of_the_last_days_were_there_before(shop):
    clicks = shop.interactions.of_kind("click")
    rows = sampled_clicks(clicks, by_popularity=True, days=3, negatives=2)
    table = clicks.table
    assert 0 < len(rows) < 3 * len(table)  # the first have nobody before them
    assert (rows.clicked.reshape(-1, 3) == [True, False, False]).all()
    some = np.random.default_rng(0).permutation(np.flatnonzero(~rows.clicked))[:200]
    for row in some:
        age = rows.times[row] - table["time"][table["item"] == rows.items[row]]
        assert ((age > 0) & (age <= 3 * 86_400)).any()
    both = rows.items[~rows.clicked], rows.users[~rows.clicked]
    met = set(zip(table["item"], table["user"], strict=True))
    assert not met & set(zip(*both, strict=True))
    with pytest.raises(ValueError, match="by_popularity must be True for days"):
        sampled_clicks(clicks, days=3)


def test_somebody_who_met_everything_has_no_negative():
    table = events().table
    with pytest.raises(ValueError, match="has not met, got none for user 0"):
        sampled_clicks(Interactions(table.assign(item=1), 1))
    alone = Interactions(table[table["user"] == 0], 9)  # 5 to 9 occur nowhere
    assert len(sampled_clicks(alone)) == 8
    with pytest.raises(ValueError, match="has not met, got none for user 0"):
        sampled_clicks(alone, by_popularity=True)


def test_somebody_without_a_row_needs_no_negative():
    table = pd.DataFrame({"user": [0], "item": [1], "time": [0], "session": [0]})
    assert len(sampled_clicks(Interactions(table.assign(kind="click"), 1))) == 0


def test_the_clock_splits(rows):
    train, validation, test = split_clicks(rows)
    assert len(train) + len(validation) + len(test) == len(rows)
    assert train.times.max() < validation.times.min()
    assert validation.times.max() < test.times.min()
    assert len(train) / len(rows) == pytest.approx(0.8, abs=0.01)
    pairs = split_clicks(sampled_clicks(events()))
    assert [int(2 * part.clicked.sum()) for part in pairs] == [len(p) for p in pairs]
    first, second = np.quantile(rows.times, [0.3, 0.6])
    parts = split_clicks(rows, moments=(first, second))
    assert parts.train.times.max() < first <= parts.validation.times.min()
    assert parts.validation.times.max() < second <= parts.test.times.min()
    assert sum(map(len, parts)) == len(rows)


@pytest.mark.parametrize("negatives", [1, 2])
def test_the_last_event_of_each_user_is_her_test(negatives):
    rows = sampled_clicks(events(), negatives=negatives)
    shuffled = rows.select(np.random.default_rng(0).permutation(len(rows)))
    train, validation, test = split_last_click(shuffled)
    # user 0 has four rows with a history, user 1 two: too few
    assert test.items[test.clicked].tolist() == [4]
    assert validation.items[validation.clicked].tolist() == [2]
    assert sorted(train.items[train.clicked]) == [2, 3, 6, 7]
    for part, events_in_it in ((train, 4), (validation, 1), (test, 1)):
        assert len(part) == events_in_it * (1 + negatives)
    assert set(test.users) == {0}
    assert test.histories[0].tolist() == [1, 2, 3, 2]


@pytest.mark.parametrize("side", ["left", "right"])
def test_batches(rows, side):
    pieces = list(click_batches(rows, 64, 10, side=side))
    assert sum(len(piece.target_ids) for piece in pieces) == len(rows)
    first = pieces[0]
    assert first.item_ids.shape == first.mask.shape == (64, 10)
    assert (first.mask == (first.item_ids != 0)).all()
    assert first.clicked.dtype == torch.float32
    b = int(first.mask.sum(1).argmin())
    own = first.item_ids[b][first.mask[b]].tolist()
    assert own == rows.histories[b][-10:].tolist()
    assert first.target_ids.tolist() == rows.items[:64].tolist()


def test_shuffled_passes_differ_and_repeat(rows):
    def targets(seed):
        made = click_batches(rows, 100, 5, shuffle=True, seed=seed)
        return [torch.cat([batch.target_ids for batch in made]) for _ in range(2)]

    one, same, other = targets(1), targets(1), targets(2)
    assert all(torch.equal(*pair) for pair in zip(one, same, strict=True))
    assert not torch.equal(one[0], one[1]) and not torch.equal(one[0], other[0])
    assert torch.equal(one[0].sort().values, one[1].sort().values)
    assert len(click_batches(rows, 100, 5)) == len(list(click_batches(rows, 100, 5)))


def test_bad_input_is_named(rows):
    with pytest.raises(ValueError, match="rows must hold at least one row, got none"):
        click_batches(rows.select(slice(0, 0)), 4, 5)
    with pytest.raises(ValueError, match="batch_size"):
        click_batches(rows, 0, 5)
    with pytest.raises(ValueError, match="negatives"):
        sampled_clicks(events(), negatives=0)
    with pytest.raises(ValueError, match="times must hold at least one row, got none"):
        split_clicks(rows.select(slice(0, 0)))
    for shares in [(0.5, 0.5), (np.nan, 0.5, 0.5), (-0.1, 0.6, 0.5)]:
        with pytest.raises(ValueError, match="three shares"):
            split_clicks(rows, shares)
    with pytest.raises(ValueError, match="moments must be in order, got"):
        split_clicks(rows, moments=(2, 1))


@pytest.mark.parametrize(
    "change, message",
    [
        ({"items": [1, 2]}, "must be equally long, got 3, 3, 3"),
        ({"items": [1, 0, 2]}, "items must be at least 1, got 0"),
        ({"users": [0, -1, 2]}, "users must be at least 0, got -1"),
        ({"clicked": [1, 0, 0.3]}, "clicked must be a row of 0 and 1"),
        ({"clicked": [1, 0, np.nan]}, "clicked must be a row of 0 and 1"),
        ({"clicked": ["True", "False", "True"]}, "clicked must be a row of 0 and 1"),
        (
            {"click_probability": [0.1, 0.2, 1.5]},
            "click_probability must lie in 0..1, got 1.5",
        ),
        (
            {"click_probability": [0.1, np.nan, 0.5]},
            "click_probability must lie in 0..1, got nan",
        ),
        ({"click_probability": [0.1, 0.2]}, "must be equally long, got 3, 3, 3"),
    ],
)
def test_rows_that_cannot_be_are_named(change, message):
    histories = Ragged.from_rows([[], [1], [1, 2]])
    columns = {"users": [0, 1, 1], "times": [5, 6, 7], "histories": histories}
    columns |= {"items": [1, 2, 3], "clicked": [1, 0, 1]}
    kept = ClickRows(**columns, click_probability=[0.5, 0.0, 1.0]).select([2, 0])
    assert kept.click_probability.tolist() == [1.0, 0.5]
    with pytest.raises(ValueError, match=message):
        ClickRows(**columns | change)
