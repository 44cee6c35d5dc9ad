"""The teacher's guide: its lists are there, and its plans name chapters that exist."""

import re

import pytest

from seqviz.checks import exercises
from seqviz.site.assignments.guide import PARTS, PLANS, taught
from seqviz.site.contents import pages

GUIDE = "book/teach.md"


def test_it_is_a_page_and_asks_for_every_list(root):
    assert "teach" in [page.name for page in pages()]
    text = (root / GUIDE).read_text(encoding="utf-8")
    assert set(re.findall(r"^```\{course\} (\S+)$", text, re.M)) == set(PARTS)


def test_no_count_is_typed(root):
    text = (root / GUIDE).read_text(encoding="utf-8")
    assert not re.search(r"\b\d{2,} (exercises|variants|mistakes|questions)", text)


@pytest.mark.parametrize("name", PARTS)
def test_links_lead_to_pages(name):
    known = {f"/{page.name}" for page in pages()}
    text = PARTS[name]()
    assert text and set(re.findall(r"\{doc\}`([^`]+)`", text)) <= known


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_takes_each_chapter_once_and_has_its_minutes(name):
    stems = [stem for part in PLANS[name] for stem in part]
    assert len(stems) == len(set(stems))
    assert set(stems) <= {page.source.stem for page in taught()}
    for line in PARTS[name]().splitlines():
        reading, work = map(int, re.findall(r"(\d+) minutes", line))
        assert reading >= 20 and work >= 20, line


def test_goals_count_every_exercise():
    counted = re.findall(r"(\d+) exercises", PARTS["goals"]())
    assert sum(map(int, counted)) == len(exercises())
