"""The matrix and the bars of attention weights, as Matplotlib holds them."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from seqviz.figures.weights import draw_bars, draw_weights

WEIGHTS = np.array([[1.0, 0.0, 0.0], [0.4, 0.6, 0.0]])


@pytest.fixture
def axis():
    figure, axis = plt.subplots()
    yield axis
    plt.close(figure)


def test_a_row_is_a_query_and_a_column_is_a_key(axis):
    image = draw_weights(axis, WEIGHTS, ["q1", "q2"], ["tent", "stove", "cup"])
    np.testing.assert_array_equal(image.get_array(), WEIGHTS)
    assert [t.get_text() for t in axis.get_yticklabels()] == ["q1", "q2"]
    assert [t.get_text() for t in axis.get_xticklabels()] == ["tent", "stove", "cup"]
    assert image.get_clim() == (0, 1) and not len(axis.patches)


def test_what_may_not_be_read_is_hatched_and_has_no_tint(axis):
    readable = np.tril(np.ones((2, 3), bool))
    image = draw_weights(
        axis, WEIGHTS, ["1", "2"], ["1", "2", "3"], readable=readable, highest=2
    )
    cells = {(round(p.get_y() + 0.5), round(p.get_x() + 0.5)) for p in axis.patches}
    assert cells == {(0, 1), (0, 2), (1, 2)}
    assert all(patch.get_hatch() for patch in axis.patches)
    assert (image.get_array().mask == ~readable).all()
    assert image.get_clim() == (0, 2)


def test_bars_have_the_length_of_the_weights(axis):
    draw_bars(axis, WEIGHTS[1], ["a", "b", "c"])
    assert [bar.get_height() for bar in axis.patches] == [0.4, 0.6, 0.0]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["a", "b", "c"]


def test_what_does_not_fit_raises(axis):
    with pytest.raises(ValueError, match=r"weights must be \[2, 2\].*got \[2, 3\]"):
        draw_weights(axis, WEIGHTS, ["1", "2"], ["1", "2"])
    with pytest.raises(ValueError, match=r"readable must be \[2, 3\].*got \[2\]"):
        draw_weights(axis, WEIGHTS, ["1", "2"], ["1", "2", "3"], readable=[True, True])
    with pytest.raises(ValueError, match=r"weights must be \[2\].*got \[3\]"):
        draw_bars(axis, WEIGHTS[1], ["a", "b"])
