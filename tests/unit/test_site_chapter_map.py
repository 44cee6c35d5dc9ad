"""The map of the front page: where lines run, and what it reads from the chapters."""

import json
import re

import pytest

from seqviz.site.chapter_map import lay, lines
from seqviz.site.contents import Page


@pytest.fixture
def page(tmp_path):
    """Return ``page(name, opening)``: a chapter whose first cell says ``opening``."""

    def make(name, opening=""):
        path = tmp_path / f"{name.replace('/', '-')}.ipynb"
        cells = [{"cell_type": "markdown", "source": [f"# Title\n\n{opening}"]}]
        path.write_text(json.dumps({"cells": cells, "metadata": {"question": "why?"}}))
        return Page(name, path, "Part")

    return make


def needing(page, name, *needs, time="40 minutes"):
    links = " and ".join(f"{{doc}}`/{need}`" for need in needs)
    return page(name, f"You need: {links}. Time: about {time} to read.")


def test_needs_are_resolved_from_where_the_chapter_lies(page):
    one = page("a/b", "You need: {doc}`c` and {doc}`../d/e`, or {doc}`/f`. Time: about")
    assert one.needs == ["a/c", "d/e", "f"]


def test_a_link_elsewhere_is_no_need(page):
    one = page("a/b", "See {doc}`c`.\n\nYou need: Python. Time: about an hour.")
    assert (one.needs, one.minutes) == ([], 60)


@pytest.mark.parametrize(
    ("time", "minutes"),
    [("half an hour", 30), ("an hour", 60), ("35\nminutes", 35), ("long", None)],
)
def test_minutes_are_read(page, time, minutes):
    assert needing(page, "a", time=time).minutes == minutes


def test_lanes_that_meet_lie_beside_each_other_and_others_share_a_place(page):
    found = [
        page("a"),
        needing(page, "b", "a"),
        needing(page, "c", "b"),
        needing(page, "d", "a"),
    ]
    lanes = {lane.start: lane for lane in lay(found)}
    assert lanes[0].ends == [1, 3]
    assert lanes[1].ends == [2]
    assert lanes[0].place != lanes[1].place
    apart = [page("a"), needing(page, "b", "a"), page("c"), needing(page, "d", "c")]
    assert {lane.place for lane in lay(apart)} == {0}


def test_every_row_that_a_lane_passes_draws_it_whole_and_ends_it_once(page):
    found = [page("a"), page("x"), needing(page, "b", "a"), needing(page, "c", "a")]
    lanes = lay(found)
    drawn = [lines(lanes, row) for row in range(4)]
    assert [text.count("<g ") for text in drawn] == [1, 1, 1, 1]
    assert [text.count('y2="100%"') for text in drawn] == [1, 1, 1, 0]
    assert [len(re.findall(r"<path", text)) for text in drawn] == [1, 0, 1, 1]
    between = lines(lanes, 1.5, dot=False)
    assert between.count('y2="100%"') == 1
    assert "<circle" not in between


def test_a_need_that_stands_later_is_an_error(page):
    with pytest.raises(ValueError, match="must name chapters that stand before"):
        lay([needing(page, "a", "b"), page("b")])
    with pytest.raises(ValueError, match="got nowhere"):
        lay([needing(page, "a", "nowhere")])
