"""Every case of ``make bench`` runs: the same numbers on both sides, then the times."""

import itertools

import pytest

pytest.importorskip("torch_rechub", reason="make test-peers")
pytest.importorskip("faiss", reason="make test-peers")

from benchmarks.cases import all_cases
from benchmarks.memory import table
from benchmarks.run import main
from benchmarks.timing import Sizes

CASES = all_cases()


@pytest.mark.parametrize("case", CASES)
def test_a_case_runs(case, tmp_path):
    path = tmp_path / "table.md"
    options = ["--tiny", "--steps", "1", "--case", case, "--output", str(path)]
    text = main(options)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) > 1 and all(row.count("|") == 5 for row in rows)
    assert path.read_text() == text


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_timed_by_the_clock_asked_for(case):
    """--cpu-time would otherwise print wall times under another name."""
    ticks = itertools.count()
    rows = list(CASES[case](Sizes.tiny(), 1, lambda: float(next(ticks))))
    assert rows
    assert [(row.ours, row.theirs) for row in rows] == [(1e3, 1e3)] * len(rows)


def test_memory_is_measured_in_a_process_of_its_own():
    for _, *peaks in table(Sizes.tiny(), threads=1, tiny=True):
        assert all(0 <= peak < 1000 for peak in peaks)
