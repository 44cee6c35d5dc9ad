"""How two ways are timed; the cases themselves are tested in tests/peers."""

from itertools import cycle

import pytest

from benchmarks.timing import compare


def timed(ours, theirs, steps):
    """Compare works that take so many seconds, in turn, on a clock of their own."""
    now = [0.0]

    def work(seconds):
        lasts = cycle(seconds)

        def run():
            now[0] += next(lasts)

        return run

    return compare(
        "case", work(ours), work(theirs), steps, warm_up=0, clock=lambda: now[0]
    )


def test_a_ratio_above_1_says_that_ours_is_faster():
    row = timed([1.0], [3.0], steps=4)
    assert (row.ours, row.theirs) == (1e3, 3e3)
    assert row.low == row.ratio == row.high == 3.0


def test_the_ratio_is_the_median_of_the_pairs():
    """Pair by pair 1, 8 and 4: not the ratio of the medians, which is 2."""
    row = timed([4.0, 1.0, 2.0], [4.0, 8.0, 8.0], steps=3)
    assert (row.ours, row.theirs) == (2e3, 8e3)
    assert row.ratio == 4.0
    assert row.low < row.ratio < row.high


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_one_pair_is_enough(ratio):
    row = timed([1.0], [ratio], steps=1)
    assert row.low == row.ratio == row.high == ratio
