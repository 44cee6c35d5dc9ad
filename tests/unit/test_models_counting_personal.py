from collections import defaultdict

import pytest
import torch
from counting_cases import ask, ranking
from hypothesis import given
from hypothesis import strategies as st

from seqviz.models.counting import PersonalFrequency

NUM_ITEMS = 6


class Given:
    """A fallback with these scores."""

    def __init__(self, scores):
        self.given = torch.as_tensor(scores)

    def scores(self, batch):
        return self.given


def counted(history, half_life):
    """Counts by a plain loop, oldest first, as the batch holds them."""
    real = [item for item in history if item]
    counts = defaultdict(float)
    for place, item in enumerate(real):
        later = len(real) - 1 - place
        counts[item] += 1.0 if half_life is None else 2.0 ** (-later / half_life)
    return counts


values = st.sampled_from([0.0, -0.0, 1e-300, 1e-12, 0.5, 1.0, 1 + 2**-50, -3.0, 1e300])
histories = st.lists(st.integers(0, NUM_ITEMS), min_size=5, max_size=5)


@given(
    st.lists(histories, min_size=1, max_size=3),
    st.sampled_from([None, 0.001, 0.05, 0.3, 1, 2.5, 100]),
    st.data(),
)
def test_the_order_is_by_count_then_fallback_then_id(rows, half_life, data):
    row = st.lists(values, min_size=NUM_ITEMS + 1, max_size=NUM_ITEMS + 1)
    tied = [data.draw(row) for _ in rows]
    fallback = Given(torch.tensor(tied, dtype=torch.float64))
    scores = PersonalFrequency(NUM_ITEMS, fallback, half_life).scores(ask(rows))
    assert scores.dtype == torch.float64
    assert all(len(row.unique()) == NUM_ITEMS + 1 for row in scores)
    for found, history, other in zip(ranking(scores), rows, tied, strict=True):
        counts = counted(history, half_life)
        key = lambda i, c=counts, o=other: (c[i], o[i], -i)  # noqa: E731
        assert found == sorted(range(1, NUM_ITEMS + 1), key=key, reverse=True)


def test_what_lies_in_the_padding_of_the_fallback_plays_no_part():
    low, high = torch.zeros(1, 4), torch.zeros(1, 4)
    high[0, 0], low[0, 0] = torch.inf, -torch.inf
    orders = [
        ranking(PersonalFrequency(3, Given(x)).scores(ask([[2]]))) for x in (low, high)
    ]
    assert orders == [[[2, 1, 3]]] * 2


@pytest.mark.parametrize("half_life, first", [(None, 1), (100, 1), (1, 2), (0.01, 2)])
def test_a_short_half_life_puts_the_latest_first(half_life, first):
    scores = PersonalFrequency(4, half_life=half_life).scores(ask([[0, 1, 1, 2]]))
    assert scores.argmax() == first


def test_the_half_life_is_counted_in_behaviors_and_not_in_padding():
    """Two of one item, 3 behaviors back, against one of another, the latest.

    With half-life 3 they weigh 2 ** -(4 / 3) + 2 ** -1 = .897 against 1; with 4 it
    is 2 ** -1 + 2 ** -(3 / 4) = 1.095.
    """
    for row in ([0, 0, 1, 1, 3, 4, 2], [1, 1, 3, 4, 2, 0, 0], [1, 0, 1, 3, 4, 0, 2]):
        first = [
            int(PersonalFrequency(4, half_life=h).scores(ask([row])).argmax())
            for h in (3, 4)
        ]
        assert first == [2, 1]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_a_fallback_in_half_precision(dtype):
    fallback = Given(torch.tensor([[0, 1, 3, 2]], dtype=dtype))
    assert ranking(PersonalFrequency(3, fallback).scores(ask([[1]]))) == [[1, 2, 3]]


def test_bad_input():
    with pytest.raises(ValueError, match="half_life must be finite and above 0, got 0"):
        PersonalFrequency(3, half_life=0)
    with pytest.raises(TypeError, match="num_items must be a whole number"):
        PersonalFrequency(3.0)
    with pytest.raises(
        ValueError, match=r"fallback must score \[B, N \+ 1\] = \[1, 4\], got \[1, 3\]"
    ):
        PersonalFrequency(3, Given(torch.zeros(1, 3))).scores(ask([[1]]))
    with pytest.raises(ValueError, match="fallback must score with numbers, got NaN"):
        PersonalFrequency(3, Given(torch.full((1, 4), torch.nan))).scores(ask([[1]]))
