import numpy as np
import pytest
from counting_cases import ask, ranking

from seqviz.data import Examples, Ragged
from seqviz.models.counting import SequentialRules

ROWS = [([1], 2), ([1, 2], 3), ([2, 2], 3), ([3, 1], 2), ([], 4), ([4, 1, 2], 1)]


def examples(rows=ROWS):
    size = len(rows)
    return Examples(
        np.arange(size),
        np.arange(size),
        Ragged.from_rows([history for history, _ in rows]),
        Ragged.from_rows([[truth] for _, truth in rows]),
    )


def by_hand(reach, last):
    """How often each item came after the item, a click k steps back counts 1 / k."""
    counts = np.zeros(6)
    for history, truth in ROWS:
        for k, item in enumerate(history[::-1][:reach], 1):
            counts[truth] += (item == last) / k
    return counts[1:]


@pytest.mark.parametrize("reach", [1, 2, 10])
def test_it_counts_what_followed_the_latest_click(reach):
    model = SequentialRules(examples(), 5, reach)
    histories = [[0, 3, 2], [2, 1, 0], [0, 0, 3], [4, 0, 0]]
    expected = np.stack([by_hand(reach, last) for last in (2, 1, 3, 4)])
    found = model.scores(ask(histories))[:, 1:].numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_what_never_followed_goes_by_popularity_then_by_id():
    model = SequentialRules(examples(), 5, 1)
    assert ranking(model.scores(ask([[5], [0]]))) == [[2, 3, 1, 4, 5]] * 2
    assert ranking(model.scores(ask([[2]])))[0] == [3, 1, 2, 4, 5]


def test_ids_out_of_range_are_named():
    with pytest.raises(ValueError, match="the items of train must lie in 1..3"):
        SequentialRules(examples(), 3)
    with pytest.raises(ValueError, match="item_ids must lie in 0..5"):
        SequentialRules(examples(), 5).scores(ask([[6]]))
    with pytest.raises(ValueError, match="reach must be at least 1"):
        SequentialRules(examples(), 5, 0)
