"""What is handed out: every chapter, no solution in it, and it runs from its folder."""

import io
import json
import re
import subprocess
import sys
import zipfile

import pytest

from seqviz.checks import exercises
from seqviz.course.assignment import read_course
from seqviz.course.museums import museums
from seqviz.course.variants import course_exercise
from seqviz.site.assignments.carried import carried
from seqviz.site.assignments.guide import taught
from seqviz.site.assignments.write import PUZZLES, write_course
from seqviz.site.exercises import label_of

CHAPTERS = [page.source.stem for page in taught()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return folder, write_course(folder, secret=1)


def _source(folder, name):
    path = folder / "source" / name / f"{name}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_chapter_and_every_exercise_has_its_place(whole):
    _, course = whole
    assert list(course.assignments) == [*CHAPTERS, PUZZLES]
    chapters = [course.assignment(name) for name in CHAPTERS]
    told = {item.id for one in chapters for item in one.items}
    names = [*(e.name for e in exercises()), *museums()]
    assert told == {name.replace("/", "-") for name in names}
    assert all(len(one.questions) in (1, 2) for one in chapters)


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_text_of_an_assignment_is_plain_markdown(whole, name):
    for cell in _source(whole[0], name)["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            assert not re.search(r"^:::|^```\{|\{(cite|doc|eq|ref)\}", text, re.M), text
        tag = cell["metadata"]["nbgrader"]
        assert "." not in tag["grade_id"]
        assert ("BEGIN SOLUTION" in text) <= tag["solution"]


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_teachers_solutions_compile_and_bear_the_names(whole, name):
    folder, course = whole
    notebook = _source(folder, name)
    for item in course.assignment(name).items:
        cell = next(
            c
            for c in notebook["cells"]
            if c["metadata"]["nbgrader"]["grade_id"] == item.id
        )
        source = "".join(cell["source"])
        stub, solution = source.split("### BEGIN SOLUTION")
        compile(solution, name, "exec")
        for part in (stub, solution):
            assert re.search(rf"^(def|class) {item.function}\b", part, re.M)


def _folds(text):
    found = r"<details>\n<summary>I keep getting (.*?)</summary>\n\n(.*?)\n\n</details>"
    return re.findall(found, text, re.S)


@pytest.mark.parametrize("secret", [None, 1], ids=["plain", "variants"])
def test_a_task_says_its_practice_and_folds_the_common_errors(whole, secret, tmp_path):
    folder, course = whole
    if secret is None:
        folder, course = tmp_path, write_course(tmp_path, plain=True, secret=1)
    for name in CHAPTERS:
        cells = _source(folder, name)["cells"]
        told = {c["metadata"]["nbgrader"]["grade_id"]: c["source"] for c in cells}
        for item in course.assignment(name).items:
            if item.exercise in museums():
                continue
            task, text = (
                course_exercise(item.exercise),
                "".join(told[f"{item.id}-task"]),
            )
            assert label_of(task) in text
            assert _folds(text) == [
                (m.symptom, m.hint[:1].upper() + m.hint[1:]) for m in task.common
            ]
            # in another order of the axes a mistake may be none
            least = 1 if "@" in item.exercise else 2
            assert least <= len(task.common) <= 2


def test_written_again_it_is_the_same_and_another_secret_draws_others(whole, tmp_path):
    write_course(tmp_path, only=("memory",), secret=1)
    assert _source(tmp_path, "memory") == _source(whole[0], "memory")
    write_course(tmp_path, only=("memory",))  # the folder's own
    assert read_course(tmp_path).secret == 1
    assert _source(tmp_path, "memory") == _source(whole[0], "memory")
    drawn = set()
    for secret in range(2):
        one = write_course(tmp_path, only=("memory",), secret=secret)
        drawn.add(tuple(i.exercise for i in one.assignment("memory").items))
    assert len(drawn) > 1
    plain = write_course(tmp_path, only=("memory",), plain=True)
    assert not any("@" in i.exercise for i in plain.assignment("memory").items)


def test_what_is_carried_is_enough_to_score(tmp_path):
    with zipfile.ZipFile(io.BytesIO(carried())) as packed:
        assert not [n for n in packed.namelist() if "/site/" in n or "/apart" in n]
        packed.extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        f"import seqviz; assert seqviz.__file__.startswith({str(tmp_path)!r})\n"
        "from seqviz.course import score\n"
        "from seqviz.checks.einsum.gated import reference\n"
        "from seqviz.checks import check\n"
        "assert check('einsum/gated', reference)._repr_html_()\n"
        "print(score('einsum/gated', reference, 2))"
    )
    command = [sys.executable, "-I", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1:] == ["2.0"], done.stderr
