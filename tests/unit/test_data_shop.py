import hashlib

import numpy as np
import pandas as pd
import pytest

from seqviz.data import click_chances, load_shop
from seqviz.data.shop.products import PRICES, shop_catalog
from seqviz.data.shop.shoppers import _choose
from seqviz.data.shop.world import CART_RATE, SLIP_ON_SHOWN


@pytest.fixture(scope="module")
def shop():
    return load_shop()


def events(shop):
    table = shop.interactions.table
    shown = table["click_probability"].notna()
    own = table[~shown & (table["kind"] == "click")]
    return table, own, table[shown]


def fingerprint(shop):
    tables = (shop.interactions.table, shop.catalog.table, shop.interests)
    return [
        hashlib.sha256(pd.util.hash_pandas_object(table).to_numpy()).hexdigest()
        for table in tables
    ]


def test_the_shelves_are_named_by_hand():
    table = shop_catalog().table
    assert len(table) == 240 and table["title"].is_unique
    assert (table["category"].value_counts() == 20).all()
    assert table["category"].nunique() == 12
    assert table["title"].str.split().str.len().between(1, 3).all()
    assert set(table["price"]) == set(PRICES)
    assert (table.groupby("category")["brand"].nunique() == 4).all()
    assert (table.groupby("brand")["shop"].nunique() == 1).all()
    companion = table.loc[table["goes_with"]]
    assert (companion["category"].to_numpy() == table["category"].to_numpy()).all()
    assert (companion.index.to_numpy() != table.index.to_numpy()).all()


def test_more_items_are_numbered_copies():
    table = shop_catalog(1000).table
    assert table.loc[241, "title"] == "trail shoes 2"
    assert table.loc[241, "brand"] == table.loc[1, "brand"]
    assert table["title"].is_unique and table["goes_with"].between(1, 1000).all()
    named, copies = table["goes_with"].iloc[:240], table["goes_with"].iloc[240:480]
    assert (copies.to_numpy() == named.to_numpy() + 240).all()
    with pytest.raises(ValueError, match="num_items must be at least 240, got 100"):
        shop_catalog(100)


def test_one_seed_one_world():
    first, again, other = (load_shop(300, seed) for seed in (1, 1, 2))
    assert fingerprint(first) == fingerprint(again)
    assert all(
        a != b
        for a, b in zip(fingerprint(first)[::2], fingerprint(other)[::2], strict=True)
    )


def test_shown_items_leave_the_own_clicks_alone():
    few, many = (events(load_shop(100, impressions=n))[1] for n in (0, 4))
    assert few["item"].tolist() == many["item"].tolist()
    assert few["time"].tolist() == many["time"].tolist()


def test_size_and_kinds(shop):
    table, own, shown = events(shop)
    assert shop.interactions.num_users == 2000 and shop.catalog.num_items == 240
    assert (table.groupby("user").size() >= 3).all()
    clicks = shop.interactions.of_kind("click").sequences().lengths
    assert 24 <= np.median(clicks) <= 33
    assert set(shop.interactions.kinds) == {"click", "impression", "cart"}
    assert len(shown) == 2 * len(own)
    assert shown["kind"].isin(["click", "impression"]).all()


def test_true_interests(shop):
    truth = shop.interests
    numbers = truth.groupby("user").size()
    assert sorted(numbers.unique()) == [1, 2, 3, 4, 5]
    shares = numbers.value_counts(normalize=True).sort_index()
    assert np.abs(shares - [0.10, 0.25, 0.30, 0.20, 0.15]).max() < 0.03
    assert not truth.duplicated(["user", "category"]).any()
    assert not truth.duplicated(["user", "interest"]).any()
    for column in ("strength", "last_strength"):
        assert np.allclose(truth.groupby("user")[column].sum(), 1)
    assert (truth.groupby("user")["strength"].diff().dropna() <= 0).all()
    assert (truth["strength"] - truth["last_strength"]).abs().median() > 0.01
    brands = shop.catalog.table.groupby("brand")["category"].first()
    assert (brands.loc[truth["brand"]].to_numpy() == truth["category"].to_numpy()).all()


def with_truth(shop, rows):
    """Events that have an interest, beside that interest and their item."""
    items = shop.catalog.table.add_suffix("_of_item")
    rows = rows[rows["interest"] >= 0].join(items, on="item")
    return rows.merge(shop.interests, on=["user", "interest"], validate="many_to_one")


def test_every_event_lies_in_the_category_that_caused_it(shop):
    table, _, shown = events(shop)
    joined = with_truth(shop, table)
    assert len(joined) == (table["interest"] >= 0).sum()
    assert (joined["category"] == joined["category_of_item"]).all()
    # an item that was only shown is -1 exactly if its category is nobody's interest
    seen = shown[(shown["kind"] == "impression") & (shown["interest"] < 0)]
    pairs = set(zip(shop.interests["user"], shop.interests["category"], strict=True))
    category = shop.catalog.table["category"].loc[seen["item"]]
    assert not pairs & set(zip(seen["user"], category, strict=True))


def test_taste_shows_in_own_clicks():
    world = load_shop(companion_rate=0)
    joined = with_truth(world, events(world)[1])
    # four brands of which one counts double: 2 / 5 of the clicks, but for popularity
    assert 0.33 < (joined["brand"] == joined["brand_of_item"]).mean() < 0.47
    price = joined["price"] == joined["price_of_item"]
    assert 0.42 < price.mean() < 0.58  # of three price bands one counts double


def test_slips_have_the_stated_rate_and_are_uniform(shop):
    _, own, _ = events(shop)
    slips = own[own["interest"] == -1]
    assert abs(len(slips) / len(own) - 0.05) < 0.004
    counts = slips["item"].value_counts().reindex(range(1, 241), fill_value=0)
    expected = len(slips) / 240
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert chi_square < 239 + 5 * np.sqrt(2 * 239)
    assert not (events(load_shop(200, misclick_rate=0))[1]["interest"] == -1).any()


def test_click_probability_is_the_truth_about_clicks(shop):
    _, _, shown = events(shop)
    chance = shown["click_probability"]
    clicked = shown["kind"] == "click"
    assert chance.between(SLIP_ON_SHOWN, 1).all()
    for _, rows in shown.groupby(pd.qcut(chance, 8, duplicates="drop"), observed=True):
        p, hit = rows["click_probability"].mean(), (rows["kind"] == "click").mean()
        assert abs(p - hit) < 4 * np.sqrt(p * (1 - p) / len(rows))
    nobody = shown[(shown["interest"] == -1) & ~clicked]
    assert (nobody["click_probability"] == SLIP_ON_SHOWN).all()


def test_popularity_is_skewed(shop):
    counts = shop.interactions.of_kind("click").table["item"].value_counts()
    assert counts.iloc[:24].sum() > 0.25 * counts.sum()  # a tenth of the items


def test_interests_stick_and_companions_follow(shop):
    def same_and_next(world):
        _, own, _ = events(world)
        after = own["session"].to_numpy()[1:] == own["session"].to_numpy()[:-1]
        a, b = own["interest"].to_numpy()[:-1], own["interest"].to_numpy()[1:]
        meant = after & (a >= 0) & (b >= 0)
        goes_with = np.append(0, world.catalog.table["goes_with"])
        item = own["item"].to_numpy()
        follows = goes_with[item[:-1]] == item[1:]
        return (a == b)[meant].mean(), follows[meant].mean()

    sticky, companions = same_and_next(shop)
    restless, none = same_and_next(load_shop(stickiness=0, companion_rate=0))
    assert sticky > restless + 0.25
    assert companions > none + 0.12


def test_sessions_come_in_bursts_and_a_gap_of_30_minutes_finds_them(shop):
    table, own, _ = events(shop)
    gap, new_user = np.diff(own["time"]), np.diff(own["user"]) > 0
    new_session = np.diff(own["session"]) > 0
    assert ((gap > 1800) == new_session)[~new_user].all()
    assert gap[new_session & ~new_user].min() >= 3600
    pause = gap[new_session & ~new_user]
    assert (pause < 86_400).mean() > 0.4 and (pause > 4 * 86_400).mean() > 0.15
    assert table.groupby("session")["user"].nunique().max() == 1


def test_carts_follow_a_click_on_the_same_item(shop):
    table, own, _ = events(shop)
    carts = table[table["kind"] == "cart"]
    assert 0.03 < len(carts) / len(own) < CART_RATE
    clicked = set(zip(own["session"], own["item"], own["interest"], strict=True))
    assert (
        set(zip(carts["session"], carts["item"], carts["interest"], strict=True))
        <= clicked
    )
    assert (carts["interest"] >= 0).all()


def test_drift_zero_keeps_the_strengths_and_a_huge_one_stays_finite():
    still, wild = load_shop(50, drift=0), load_shop(50, drift=1e4)
    assert np.allclose(still.interests["strength"], still.interests["last_strength"])
    assert np.isfinite(wild.interests["last_strength"]).all()


@pytest.mark.parametrize("number", [1, 8, 12])
def test_every_user_has_as_many_interests_as_asked_for(number):
    world = load_shop(50, num_interests=number, impressions=0)
    strengths = world.interests.groupby("user")["strength"]
    assert (strengths.size() == number).all()
    np.testing.assert_allclose(strengths.sum(), 1)
    assert world.interests.groupby("user")["category"].nunique().eq(number).all()


def test_evenness_and_length_are_as_asked_for():
    def strongest(evenness):
        world = load_shop(300, num_interests=4, evenness=evenness, impressions=0)
        return world.interests.groupby("user")["strength"].max().mean()

    assert strongest(0.1) > 0.8 and strongest(100) < 0.3
    _, own, _ = events(load_shop(500, median_clicks=60, impressions=0))
    assert 55 < own.groupby("user").size().median() < 65


def test_repeats_are_her_earlier_clicks_out_of_the_same_interest():
    _, own, _ = events(load_shop(300, repeat_rate=1, misclick_rate=0, impressions=0))
    by_interest = own.groupby(["user", "interest"])["item"]
    assert (by_interest.nunique() == 1).all()  # the first click, again and again
    still, often = (
        events(load_shop(300, repeat_rate=rate, impressions=0))[1] for rate in (0, 0.5)
    )
    again = [own.duplicated(["user", "item"]).mean() for own in (still, often)]
    assert again[1] > again[0] + 0.15
    kept = ["user", "session", "time", "interest"]
    pd.testing.assert_frame_equal(
        *(own[kept].reset_index(drop=True) for own in (still, often))
    )


def test_a_companion_may_follow_a_repeat():
    world = load_shop(300, repeat_rate=0.5, companion_rate=1, impressions=0)
    own = events(world)[1]
    item = own["item"].to_numpy()
    goes_with = np.append(0, world.catalog.table["goes_with"])
    again = own.duplicated(["user", "item"]).to_numpy()
    inside = np.diff(own["session"].to_numpy()) == 0
    follows = (goes_with[item[:-1]] == item[1:]) & again[:-1] & ~again[1:] & inside
    assert follows.sum() > 100


def test_a_large_world_is_whole():
    world = load_shop(1500, num_items=20_000)
    table = world.interactions.table
    assert table["item"].nunique() > 5000
    assert (with_truth(world, table)["category"].notna()).all()


def test_a_choice_of_weight_zero_is_never_made():
    rng = np.random.default_rng(0)
    weights = np.array([[0, 1, 0, 3, 0]]).repeat(20_000, 0)
    picks = _choose(rng, np.cumsum(weights, axis=1))
    assert set(picks) == {1, 3} and abs((picks == 3).mean() - 0.75) < 0.02


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"num_users": 0}, ValueError, "num_users must be at least 1, got 0"),
        ({"num_users": 10.0}, TypeError, "num_users must be a whole number, got 10.0"),
        ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
        ({"num_items": 12}, ValueError, "num_items must be at least 240, got 12"),
        ({"impressions": 11}, ValueError, "impressions must lie in 0..10, got 11"),
        ({"misclick_rate": 1.5}, ValueError, "misclick_rate must lie in 0..1, got 1.5"),
        (
            {"stickiness": float("nan")},
            ValueError,
            "stickiness must lie in 0..1, got nan",
        ),
        (
            {"companion_rate": -0.1},
            ValueError,
            "companion_rate must lie in 0..1, got -0.1",
        ),
        ({"drift": -1}, ValueError, "drift must be finite and at least 0, got -1"),
        ({"num_interests": 13}, ValueError, "num_interests must lie in 1..12, got 13"),
        ({"evenness": 0}, ValueError, "evenness must be finite and above 0, got 0"),
        ({"median_clicks": 2}, ValueError, "median_clicks must lie in 3..300, got 2"),
        ({"repeat_rate": -0.1}, ValueError, "repeat_rate must lie in 0..1, got -0.1"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        load_shop(**arguments)


def test_the_true_chances_are_how_often_an_item_is_clicked():
    options = {"drift": 0.0, "companion_rate": 0.0, "misclick_rate": 0.0}
    shop = load_shop(400, 3, impressions=0, **options, median_clicks=300)
    chances = click_chances(shop, 3)
    assert chances.shape == (400, 241) and (chances[:, 0] == 0).all()
    np.testing.assert_allclose(chances.sum(1), 1)
    table, _, _ = events(shop)
    clicks = table[table["kind"] == "click"]
    counted = np.zeros_like(chances)
    np.add.at(counted, (clicks["user"].to_numpy(), clicks["item"].to_numpy()), 1)
    assert (counted[chances == 0] == 0).all()
    # deciles of the expected number of clicks, against the clicks that came
    expected = chances * counted.sum(1, keepdims=True)
    order = np.argsort(expected[chances > 0])
    parts = np.array_split(order, 10)[3:]
    for part in parts:
        got, want = (x[chances > 0][part].sum() for x in (counted, expected))
        assert got == pytest.approx(want, rel=0.06)
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        click_chances(shop, -1)
