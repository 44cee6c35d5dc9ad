"""How long the editions run on Colab's packages: what is stored, what a reader sees."""

import json
import sys
from datetime import date
from importlib.metadata import version

import pytest

from seqviz.site.colab.seconds import Seconds, store, table, versions
from seqviz.site.contents import chapters
from seqviz.site.inputs import ROOT

DAY, WITH = date(2026, 11, 29), {"Python": "3.13.0", "torch": "2.13.0"}
STORED = ROOT / "book" / "colab_seconds"


def measure(folder, ran, list_="2026-08", machine="X, 2 cores", **words):
    store(folder / f"{list_}.json", machine, WITH, ran, **{"today": DAY, **words})


def test_chapters_stand_beside_each_other_in_both_lists(tmp_path):
    measure(tmp_path, {"a/one": Seconds(12.34, 30), "b": Seconds(5.6, 7)})
    measure(tmp_path, {"b": Seconds(8.8, 9)}, "2026-04")
    text = table(tmp_path, ["b", "a/one"])
    assert "- August 2026: Python 3.13.0, torch 2.13.0; on 29 November 2026" in text
    assert "(X, 2 cores)" in text
    assert text.splitlines()[-4:] == [
        "| chapter | list of April 2026 | list of August 2026 |",
        "|---|--:|--:|",
        "| {doc}`/b` | 9 | 6 |",
        "| {doc}`/a/one` | – | 12 |",
    ]


def test_a_chapter_measured_again_replaces_its_seconds_alone(tmp_path):
    measure(tmp_path, {"a": Seconds(1, 1), "b": Seconds(2, 2)})
    measure(tmp_path, {"b": Seconds(3, 3)})
    assert table(tmp_path, ["a", "b"]).endswith("| {doc}`/a` | 1 |\n| {doc}`/b` | 3 |")


def test_a_chapter_that_stopped_loses_its_seconds(tmp_path):
    measure(tmp_path, {"a": Seconds(1, 1)})
    measure(tmp_path, {"a": None})
    assert table(tmp_path, ["a"]).endswith("| {doc}`/a` | – |")


@pytest.mark.parametrize("other", [{"today": date(2026, 12, 1)}, {"machine": "Y"}])
def test_what_was_measured_otherwise_is_not_mixed_in(tmp_path, other):
    measure(tmp_path, {"a": Seconds(1, 1)})
    measure(tmp_path, {"b": Seconds(3, 3)}, **other)
    assert table(tmp_path, ["a", "b"]).endswith("| {doc}`/a` | – |\n| {doc}`/b` | 3 |")


def test_a_book_without_a_run_says_so(tmp_path):
    assert "No run" in table(tmp_path, ["a"])


def test_versions_are_those_of_the_interpreter_that_is_asked():
    found = versions(sys.executable)
    assert found["Python"] == sys.version.split()[0]
    assert found["numpy"] == version("numpy")


def test_what_is_stored_is_of_chapters_that_are_there():
    names = {chapter.name for chapter in chapters()}
    for path in STORED.glob("*.json"):
        stored = json.loads(path.read_text())
        assert set(stored["seconds"]) <= names, path.name
        assert (ROOT / "tests" / "peers" / f"colab-{path.stem}.txt").is_file()
