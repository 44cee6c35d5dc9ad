import itertools
import time

import pytest

from benchmarks.timing import compare

CASES = ["identical", "as_shipped", "recommended", "top", "evaluation", "adam", "din"]
CASES += ["routing", "sasrec", "attention", "greedy", "diversity", "million"]


def test_a_ratio_above_1_says_that_ours_is_faster():
    row = compare("sleep", lambda: None, lambda: time.sleep(0.01), steps=4)
    assert row.ours < row.theirs
    assert 1 < row.low <= row.ratio <= row.high


def test_one_pair_is_enough():
    row = compare("sleep", lambda: None, lambda: time.sleep(0.01), steps=1)
    assert row.low == row.ratio == row.high


@pytest.mark.parametrize("case", CASES)
def test_a_case_runs(case, tmp_path):
    """Each case checks that both sides give the same numbers before it times them."""
    pytest.importorskip("torch_rechub", reason="in .venv-bench only: make bench")
    pytest.importorskip("faiss", reason="in .venv-bench only: make bench")
    from benchmarks.run import main

    path = tmp_path / "table.md"
    options = ["--tiny", "--steps", "1", "--case", case, "--output", str(path)]
    text = main(options)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) > 1 and all(row.count("|") == 5 for row in rows)
    assert path.read_text() == text


def test_memory_is_measured_in_a_process_of_its_own():
    pytest.importorskip("torch_rechub", reason="in .venv-bench only: make bench")
    pytest.importorskip("faiss", reason="in .venv-bench only: make bench")
    from benchmarks.memory import table
    from benchmarks.timing import Sizes

    for _, *peaks in table(Sizes.tiny(), threads=1, tiny=True):
        assert all(0 <= peak < 1000 for peak in peaks)


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_timed_by_the_clock_asked_for(case):
    """--cpu-time would otherwise print wall times under another name."""
    pytest.importorskip("torch_rechub", reason="in .venv-bench only: make bench")
    pytest.importorskip("faiss", reason="in .venv-bench only: make bench")
    from benchmarks.run import CASES as cases
    from benchmarks.timing import Sizes

    ticks = itertools.count()
    rows = list(cases[case](Sizes.tiny(), 1, lambda: float(next(ticks))))
    assert rows
    assert [(row.ours, row.theirs) for row in rows] == [(1e3, 1e3)] * len(rows)
