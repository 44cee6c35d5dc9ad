#!/bin/sh
# A check that ends in False or np.float64(0.0) scores full marks, one that warns scores none
#
# nbgrader 0.9.6, Python 3.11. Partial credit is read by float() from the printed text
# of a check's last value. Text that is no number, such as False or what NumPy 2 prints
# for a scalar, counts as a check that passed: full marks. And text on stderr ahead of
# the value counts as a failure: none. So end a check in float(...), and keep warnings,
# logs and progress bars quiet. Documented: that a number gives partial credit and an
# error none; not these.
#
# Seen (of 2 points each):
#   1.5 -> 1.5
#   False -> 2.0
#   np.float64(0.0) -> 2.0
#   warned, then 1.5 -> 0.0
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile nbgrader==0.9.6 ipykernel==7.4.0 numpy==2.2.6
mkdir -p "$place/course/source/week" && cd "$place/course"
export PATH="$place/bin:$PATH" IPYTHONDIR="$place" JUPYTER_CONFIG_DIR="$place"
cat >course.py <<'PY'
import sys

import nbformat
from nbgrader.api import Gradebook

CHECKS = {
    "1.5": 1.5,
    "False": 2.0,
    "np.float64(0.0)": 2.0,
    "warned, then 1.5": 0.0,
}


def write():
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell("import warnings\nimport numpy as np")]
    for name in CHECKS:
        source = name.replace("warned, then ", "warnings.warn('old name')\n")
        cell = nbformat.v4.new_code_cell(source)
        cell.metadata.nbgrader = {
            "grade": True, "solution": False, "locked": True, "task": False,
            "points": 2, "grade_id": f"check{len(book.cells)}", "schema_version": 3,
        }
        book.cells.append(cell)
    nbformat.write(book, "source/week/week.ipynb")


def read():
    with Gradebook("sqlite:///gradebook.db") as marks:
        done = marks.find_submission_notebook("week", "week", "student")
        score = {grade.name: grade.score for grade in done.grades}
    for place, (name, want) in enumerate(CHECKS.items(), 1):
        print(name, "->", score[f"check{place}"])
        assert score[f"check{place}"] == want


write() if sys.argv[1] == "write" else read()
PY
python course.py write
nbgrader generate_assignment week --create >log 2>&1 || { cat log; exit 1; }
mkdir -p submitted/student && cp -r release/week submitted/student/week
nbgrader autograde week >log 2>&1 || { cat log; exit 1; }
python course.py read
