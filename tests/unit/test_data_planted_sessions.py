"""The planted sessions keep their rule."""

import numpy as np
import pytest

from seqviz.data import item_attributes, planted_sessions
from seqviz.data.shop.products import shop_catalog

ATTRIBUTES = item_attributes(shop_catalog(), ("category", "price"))


def read(planted):
    examples = planted.examples
    clicks = examples.sessions.pad(6)[0]
    past = examples.histories.pad(18)[0][:, :12]
    return past, clicks, examples.truths.flat()


def test_the_past_decides_in_half_of_the_categories():
    planted = planted_sessions(3000, seed=1)
    past, clicks, bought = read(planted)
    category, band = ATTRIBUTES[:, 1], ATTRIBUTES[:, 2]
    wanted = category[bought]
    assert (category[clicks] == wanted[:, None]).all()
    assert np.array_equal(planted.personal, wanted <= 6)
    assert 0.45 < planted.personal.mean() < 0.55
    other = ~planted.personal
    assert (band[clicks][other] == band[bought][other, None]).all()
    counts = np.stack([(band[past] == b).sum(1) for b in (1, 2, 3)], 1)
    hers = counts.argmax(1) + 1
    assert (hers == band[bought])[planted.personal].mean() > 0.98
    assert abs((hers == band[bought])[other].mean() - 1 / 3) < 0.05
    agree = (band[clicks] == band[bought][:, None])[planted.personal]
    assert abs(agree.mean() - 1 / 3) < 0.03
    assert np.array_equal(planted.cells[bought], planted.cell)
    assert not planted.casual.any()


def test_casual_clicks_come_at_their_rate_and_never_last():
    planted = planted_sessions(3000, casual_rate=0.3, seed=2)
    _, clicks, bought = read(planted)
    assert abs(planted.casual[:, :-1].mean() - 0.3) < 0.02
    assert not planted.casual[:, -1].any()
    category = ATTRIBUTES[:, 1]
    same = category[clicks] == category[bought][:, None]
    assert same[~planted.casual].all()
    assert abs(same[planted.casual].mean() - 1 / 12) < 0.02


def test_long_term_values_are_different_and_of_the_past():
    planted = planted_sessions(200, seed=3)
    past, _, _ = read(planted)
    for column, rows in enumerate(planted.examples.long):
        for row in range(200):
            values = ATTRIBUTES[past[row], column].tolist()
            expected = [v for n, v in enumerate(values) if v not in values[n + 1 :]]
            assert rows[row].tolist() == expected


def test_one_seed_one_draw():
    one, same, other = (read(planted_sessions(50, seed=s))[1] for s in (4, 4, 5))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_bad_arguments():
    with pytest.raises(ValueError, match="num_sessions must be at least 1"):
        planted_sessions(0)
    with pytest.raises(ValueError, match="casual_rate must lie in 0..1, got 2"):
        planted_sessions(5, casual_rate=2)
