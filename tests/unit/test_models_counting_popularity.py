import numpy as np
import pandas as pd
import pytest
from counting_cases import DAY, EVENTS, all_train, ask, ranking

from seqviz.data import Interactions
from seqviz.models.counting import MostPopular, RecentPopularity


def test_most_popular_counts_and_breaks_ties_by_id():
    scores = MostPopular(all_train(EVENTS), 4).scores(ask([[1], [0]]))
    assert ranking(scores) == [[2, 1, 3, 4]] * 2
    assert scores[0, 1:].ceil().tolist() == [2, 3, 1, 1]


@pytest.mark.parametrize(
    "day, expected",
    [
        (0, [1, 2, 3, 4]),  # nothing happened yet
        (1, [1, 2, 3, 4]),  # nothing of the day itself
        (2, [1, 2, 3, 4]),
        (6, [2, 3, 4, 1]),  # days 3, 4 and 5
        (10, [1, 2, 3, 4]),
        (100, [1, 2, 3, 4]),
    ],
)
def test_recent_popularity_looks_back_and_never_ahead(day, expected):
    scores = RecentPopularity(EVENTS, days=3).scores(ask([[1]], day))
    assert ranking(scores) == [expected]


def test_recent_popularity_holds_the_days_that_occur():
    """One event at the beginning of time, one today: two days, not twenty thousand."""
    rng = np.random.default_rng(0)
    times = np.concatenate([[0], 1_700_000_000 + rng.integers(0, 20 * DAY, 60)])
    table = pd.DataFrame(
        {
            "user": 0,
            "item": rng.integers(1, 6, 61),
            "time": times,
            "session": 0,
            "kind": "click",
        }
    )
    events = Interactions(table, 5)
    recent = RecentPopularity(events, days=4)
    assert len(recent.before) == 1 + len(np.unique(times // DAY))
    items, days = events.table["item"].to_numpy(), events.table["time"] // DAY
    for day in np.unique(days).tolist() + [3, 19_000, 30_000]:
        inside = items[((days < day) & (days >= day - 4)).to_numpy()]
        expected = np.bincount(inside, minlength=6)[1:]
        scores = recent.scores(ask([[1]], day))[0, 1:].numpy()
        assert np.array_equal(np.ceil(scores), expected)


def test_recent_popularity_wants_a_whole_number_of_days():
    with pytest.raises(ValueError, match="days must be at least 1"):
        RecentPopularity(EVENTS, days=0)
