"""The page on scale writes no number of its own and asks for none that is not there."""

import json
import re
from pathlib import Path

import pytest

from seqviz.experiments.scale import Machine, Work
from seqviz.site.scale_numbers import CHAPTER, numbers

BOOK = Path(__file__).resolve().parents[2] / "book"


@pytest.fixture(scope="module")
def told():
    return numbers(BOOK)


def test_the_page_asks_for_what_there_is(told):
    asked = set(
        re.findall(
            r"\{\{ scale\.(\w+) \}\}", (BOOK / "systems/scale.md").read_text("utf-8")
        )
    )
    assert asked - set(told) == set()
    assert set(told) - asked == set()
    assert not any("|" in words or "{" in words for words in told.values())


def test_the_numbers_are_those_that_were_measured(told, tmp_path):
    path = BOOK / f"{CHAPTER}_measured.json"
    found = json.loads(path.read_text("utf-8"))
    machine = Machine(**found["machine"])
    ratios = []
    for point in found["points"]:
        seconds = point.pop("seconds")
        ratios.append(seconds / Work(**point).step_seconds(machine))
    assert [told[f"ratio_{n}"] for n in (1, 2, 3)] == [f"{r:.2f}" for r in ratios]
    assert told["least"] == f"{min(ratios):.2f}" <= told["most"] == f"{max(ratios):.2f}"
    # another machine tells another story
    found = json.loads(path.read_text("utf-8"))
    found["machine"]["row"] *= 2
    (tmp_path / "systems").mkdir()
    (tmp_path / path.relative_to(BOOK)).write_text(json.dumps(found))
    other = numbers(tmp_path)
    assert other["predicted_1"] != told["predicted_1"]
    assert other["part_row"] != told["part_row"]
    assert other["part_tanh"] == told["part_tanh"]


def test_the_count_is_near_what_was_measured(told):
    """The page says by how much it falls short; beyond a half it would be no count."""
    assert 0.9 < float(told["least"]) <= float(told["most"]) < 1.5


def test_the_parts_are_all_of_a_step(told):
    parts = [words for name, words in told.items() if name.startswith("part_")]
    total = sum(float(words.removesuffix(" ms")) for words in parts)
    assert total == pytest.approx(
        float(told["predicted_1"].removesuffix(" ms")), abs=0.4
    )
