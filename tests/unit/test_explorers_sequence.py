"""The sequence explorer in Python: its batch, its words, its state, bad input."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from seqviz.data import Ragged
from seqviz.explorers import MODULES, SequenceExplorer

TITLES = ["", *(f"Item {n}" for n in range(1, 10))]
ROWS = [[3, 1, 2, 4, 9, 9, 1], [5], [], [6, 7, 8, 1]]
VECTORS = np.arange(40.0).reshape(10, 4) / 8


def explorer(**changes):
    options = {"histories": ROWS, "titles": TITLES, "embeddings": VECTORS}
    return SequenceExplorer(**{**options, "length": 3, **changes})


@given(
    st.lists(st.lists(st.integers(1, 9), max_size=9), min_size=1, max_size=6).filter(
        any
    ),
    st.integers(1, 12),
    st.sampled_from(["left", "right"]),
)
def test_the_batch_is_that_of_ragged(rows, length, side):
    figure = SequenceExplorer(rows, TITLES, length=length, max_length=12, side=side)
    ids, mask = figure.batch()
    wanted, real = Ragged.from_rows(rows).pad(length, side)
    np.testing.assert_array_equal(ids, wanted)
    np.testing.assert_array_equal(mask, real)
    figure.cut = "newest"
    ids, mask = figure.batch()
    for row, got, is_real in zip(rows, ids, mask, strict=True):
        assert got[is_real].tolist() == row[:length]
        assert (got[~is_real] == 0).all()


def test_the_words_count_what_is_lost():
    figure = explorer()
    assert figure.words() == (
        "T = 3, padding left: 5 of 12 clicks are cut, 5 cells are padding."
    )
    figure.cut, figure.side, figure.length = "newest", "right", 6
    assert figure.words() == (
        "T = 6, padding right, newest clicks cut: 1 of 12 clicks is cut, "
        "13 cells are padding."
    )


def test_a_ragged_and_lists_and_tensors_are_one():
    lists = explorer().state()
    assert explorer(histories=Ragged.from_rows(ROWS)).state() == lists
    tensors = [torch.tensor(row, dtype=torch.int64) for row in ROWS]
    vectors = torch.tensor(VECTORS, requires_grad=True)
    assert explorer(histories=tensors, embeddings=vectors).state() == lists


def test_the_state_holds_only_what_occurs():
    figure = explorer(histories=[[9, 2]], length=1)
    state = json.loads(
        re.search(r'class="sv-state">(.*?)</script>', figure.to_html(), re.DOTALL)[1]
    )
    assert state["items"] == [0, 2, 9]
    assert state["titles"] == ["", "Item 2", "Item 9"]
    assert state["embeddings"]["shape"] == [3, 4]
    assert state["max_length"] == 3
    read = re.findall(r'model\.get\("(\w+)"\)', MODULES["sequence"])
    assert set(read) <= set(state)
    assert explorer(embeddings=None).state()["embeddings"] is None


def test_the_still_figure_follows_the_state_and_holds_no_foreign_markup():
    figure = explorer(titles=["", "<b>&\"'", *TITLES[2:]])
    still = figure.still()
    ElementTree.fromstring(still)
    assert still == figure.still()
    assert "5 of 12 clicks are cut" in still
    assert still.count("stroke-dasharray") == 5
    figure.length = 7
    assert "stroke-dasharray" not in figure.still()
    assert figure.to_html().count("</script>") == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"histories": "abc"}, "histories must be lists of item ids, got str"),
        ({"histories": []}, "1 to 12 rows, got 0"),
        ({"histories": [[1]] * 13}, "1 to 12 rows, got 13"),
        ({"histories": [[], []]}, "at least one click"),
        ({"histories": [[1], [0]]}, r"histories\[1\] must hold ids from 1 to 9.*got 0"),
        ({"histories": [[10]]}, "ids from 1 to 9.*got 10"),
        ({"histories": [[1.5]]}, r"histories\[0\].*whole numbers"),
        ({"histories": [[[1]]]}, r"histories\[0\].*shape \[1, 1\]"),
        ({"titles": [""]}, "titles must hold N.1"),
        ({"embeddings": VECTORS[1:]}, r"embeddings must have shape.*\[10, 1 to 16\]"),
        ({"embeddings": VECTORS * np.nan}, "embeddings must be finite"),
        ({"users": ["Mia"]}, "users must hold 4"),
        ({"length": 0}, "length must lie in 1 to 8, got 0"),
        ({"length": 9}, "length must lie in 1 to 8, got 9"),
        ({"length": 2.0}, "length must be a whole number"),
        ({"max_length": 0}, "max_length must be a whole number from 1"),
        ({"side": "both"}, 'side must be "left" or "right", got \'both\''),
        ({"cut": "middle"}, 'cut must be "oldest" or "newest"'),
        ({"title": ""}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((TypeError, ValueError), match=words):
        explorer(**changes)


def test_traits_out_of_range_are_refused():
    figure = explorer()
    for name, value in (("length", 0), ("length", 9), ("side", "up"), ("face", "x")):
        with pytest.raises(TraitError, match=name):
            setattr(figure, name, value)
