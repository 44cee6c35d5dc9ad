"""Museums: good tests earn all; lazy, over-strict, raising and endless ones none."""

import json
import re

import pytest
import torch

from seqviz.checks import exercises
from seqviz.course.apart import Limits, Marker
from seqviz.course.marking import mark
from seqviz.course.museums import judge, museum_of, museums
from seqviz.course.museums.registry import FAULTY
from seqviz.course.score import score
from seqviz.course.submission import Step, Submission
from seqviz.site.assignments.write import write_course

each = pytest.mark.parametrize("name", sorted(museums()))
MEMORY = "memory/tests"
ORDER_FORGOTTEN = """\
def my_tests(layer):
    behaviors, mask = torch.randn(3, 5, 3), torch.ones(3, 5, dtype=torch.bool)
    alone = torch.cat([layer(behaviors[[b]], mask[[b]]) for b in range(3)])
    assert torch.allclose(layer(behaviors, mask), alone, atol=0.01)
    return True
"""


def test_there_is_one_for_each_chapter():
    chapters = {e.name.split("/")[0] for e in exercises()}
    assert set(museums()) == {f"{chapter}/tests" for chapter in chapters}
    assert museum_of("memory/museum") is None  # that is an exercise


@each
def test_the_solution_finds_the_right_one_and_names_every_fault(name):
    museum = museums()[name]
    right, wrong = museum.versions(3)
    assert len(wrong) > FAULTY  # so that a secret draws others than the release
    assert museum.solution(right) is True
    assert not any(museum.solution(one) for one in wrong.values())
    assert all(re.fullmatch(r"[a-z ]+", said) for said in wrong)
    verdict, part = judge(museum, museum.solution, 3)
    assert verdict.passed and part == 1


@each
def test_a_seed_draws_which_and_in_what_order(name):
    museum = museums()[name]
    drawn = [tuple(museum.draw(seed)) for seed in range(6)]
    assert all(len(one) == FAULTY + 1 and "" in one for one in drawn)
    assert len(set(map(frozenset, drawn))) > 1
    assert len({one.index("") for one in drawn}) > 1
    assert tuple(museum.draw(0)) == drawn[0]


@each
def test_who_does_not_test_earns_nothing(name):
    museum = museums()[name]
    for tests, said in (
        (lambda version: True, "let everything pass"),
        (lambda version: False, "reject the right version"),
        (lambda version: version(), "must get"),
        (lambda version: None, "nothing returned yet"),
        (lambda version: "yes", "a str came"),
        (None, "nothing returned yet"),
        (3, "a int came"),
    ):
        verdict, part = judge(museum, tests)
        assert part == 0 and not verdict.passed and said in verdict.hint


def test_what_gets_through_is_named_and_a_quarter_is_lost_for_it():
    museum = museums()[MEMORY]
    for seed in range(8):
        if "blind" in museum.draw(seed):
            break

    def tests(layer):
        if not (seen := museum.solution(layer)):
            order = torch.randn(3, 4, 3), torch.ones(3, 4, dtype=torch.bool)
            turned = layer(order[0].flip(1), order[1])
            return torch.allclose(layer(*order), turned, atol=1e-3)
        return seen

    verdict, part = judge(museum, tests, seed)
    assert part == 0.75 and "catch 3 of 4" in verdict.hint
    assert "What gets through: “blind”." in verdict.hint


def test_a_version_says_what_it_takes_and_takes_no_more_than_it_can():
    layer = museums()[MEMORY].draw(0)[""]
    mask = torch.ones(1, 5, dtype=torch.bool)
    with pytest.raises(ValueError, match="layer must get 2 inputs"):
        layer(mask)
    with pytest.raises(ValueError, match="behaviors must have at most 4096 numbers"):
        layer(torch.zeros(1, 65, 3), mask)
    behaviors = torch.randn(1, 5, 3, requires_grad=True)
    assert not layer(behaviors, mask).requires_grad


@pytest.fixture(scope="module")
def marker():
    with Marker(Limits(seconds=2, cpu=30, memory=1 << 29)) as marker:
        yield marker


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("museum")
    course = write_course(folder, only=("memory",), secret=4)
    text = (folder / "source/memory/memory.ipynb").read_text(encoding="utf-8")
    return json.loads(text), course.assignment("memory")


def test_an_assignment_holds_it_with_its_solution(handed_out):
    notebook, assignment = handed_out
    cells = {c["metadata"]["nbgrader"]["grade_id"]: c for c in notebook["cells"]}
    (item,) = (one for one in assignment.items if museum_of(one.exercise))
    assert item.id == "memory-tests" and item.points == FAULTY
    names = {"torch": torch}
    exec("".join(cells[item.id]["source"]), names)
    assert score(item.exercise, names[item.function], item.points) == FAULTY
    assert 'score("memory/tests", my_tests, 4)' in cells[item.points_id]["source"]


@pytest.mark.parametrize(
    "body, points, said",
    [
        (None, 4, "Right."),
        (ORDER_FORGOTTEN, 1, "let the right version pass and catch 1 of 4"),
        ("def my_tests(layer):\n    return True", 0, "let everything pass"),
        ("def my_tests(layer):\n    return False", 0, "reject the right version"),
        ("def my_tests(layer):\n    assert False, 'no'", 0, "right version (no)"),
        ("def my_tests(layer):\n    return layer.code", 0,
         "raise AttributeError at `return layer.code`"),
        ("def my_tests(layer):\n    return layer(torch.ones(2))", 0,
         "must get 2 inputs"),
        ("def my_tests(layer):\n    while True: pass", 0, "longer than 2 s"),
        ("def my_tests(layer):\n    while True: layer(torch.ones(1))", 0,
         "must get 2 inputs"),
        ("calls = []\ndef my_tests(layer):\n    calls.append(0)\n"
         "    return len(calls) == 1", 0, "reject the right version"),
        ("my_tests = None", 0, "nothing returned yet"),
    ],
)  # fmt: skip
def test_the_guarded_marker_says_the_same(handed_out, marker, body, points, said):
    notebook, assignment = handed_out
    (item,) = (one for one in assignment.items if museum_of(one.exercise))
    if body is None:
        cell = next(
            c
            for c in notebook["cells"]
            if c["metadata"]["nbgrader"]["grade_id"] == item.id
        )
        body = "".join(cell["source"])
    steps = [Step(body, item.id), Step(item=item)]
    alone = type(assignment)(assignment.name, assignment.version, (item,))
    found = mark(
        Submission("ada", {"cells": []}, steps),
        alone,
        marker,
        start="import torch",
        secret=16,
    ).marks[0]
    assert found.points == points and said in found.hint, found


def test_no_version_is_in_the_students_process(marker):
    with marker.process() as process:
        looks = (
            "def my_tests(layer):\n    import gc, types\n"
            "    names = [f.__module__ for f in gc.get_objects()\n"
            "             if isinstance(f, types.FunctionType)]\n"
            "    return not [n for n in names if str(n).startswith('seqviz')]"
        )
        assert process.run(looks) is None
        assert process.tests("my_tests")(museums()[MEMORY].draw(0)[""]) is True
