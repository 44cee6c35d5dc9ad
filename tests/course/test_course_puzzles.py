"""The puzzles: each has one answer up to names of letters, and a drawing of it."""

import json

import pytest

from seqviz.checks.engine.grading import grade
from seqviz.course import score
from seqviz.course.apart import Marker
from seqviz.course.marking import mark
from seqviz.course.puzzles import PUZZLES, beside, by_letters, puzzle_exercises
from seqviz.course.submission import Step, Submission
from seqviz.site.assignments.puzzles import make_puzzles

each = pytest.mark.parametrize("puzzle", PUZZLES, ids=lambda puzzle: puzzle.slug)


def test_there_are_twenty_and_no_two_are_the_same():
    assert len(PUZZLES) == len({p.equation for p in PUZZLES}) == 20


@each
def test_other_letters_are_right_and_a_turned_or_summed_result_is_not(puzzle):
    exercise = puzzle_exercises()[puzzle.name]
    renamed = puzzle.equation.translate(str.maketrans("bijkqten", "mnopuvwx"))
    assert grade(exercise, by_letters(f" {renamed} ")).passed
    operands, kept = puzzle.equation.split("->")
    for wrong in {kept[::-1], kept[1:], kept[:-1]} - {kept}:
        assert not grade(exercise, by_letters(f"{operands}->{wrong}")).passed


@each
def test_a_letter_that_is_parted_gets_its_hint(puzzle):
    exercise = puzzle_exercises()[puzzle.name]
    for mistake in exercise.mistakes:
        for wrong in mistake.versions:
            verdict = grade(exercise, wrong)
            assert not verdict.passed
            assert verdict.mistake == mistake.name or "shape" in verdict.hint


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "nothing returned yet"),
        ("ij", "letters, a comma"),
        ("__import__('os')", "letters, a comma"),
        ("abcdefghijk->", "more than 8 letters"),
        ("ijk->i", "RuntimeError"),
    ],
)
def test_what_is_no_line_of_letters_is_told(text, said):
    verdict = grade(puzzle_exercises()["einsum-puzzles/row-sums"], by_letters(text))
    assert not verdict.passed and said in verdict.hint


def test_the_target_stands_beside_the_answer():
    exercise = puzzle_exercises()["einsum-puzzles/row-sums"]
    drawn = beside(exercise, by_letters("ij->j"))
    inputs = exercise.make_cases()[0].inputs
    assert drawn.count("<table>") == 3
    for number in (*inputs["A"].sum(1).tolist(), *inputs["A"].sum(0).tolist()):
        assert f">{number:g}</td>" in drawn
    assert "nothing yet" in beside(exercise, by_letters(""))


def test_scores_and_marks_agree():
    _, assignment = make_puzzles("einsum_puzzles")
    answers = {
        item.function: p.equation
        for item, p in zip(assignment.items, PUZZLES, strict=True)
    }
    answers |= {"puzzle_2": "ij->j", "puzzle_3": "", "puzzle_4": "os.system"}
    steps = [
        step
        for item in assignment.items
        for step in (
            Step(f"{item.function} = {answers[item.function]!r}", item.id),
            Step(item=item),
        )
    ]
    submission = Submission("ada", {"cells": []}, steps)
    with Marker() as marker:
        marks = mark(submission, assignment, marker, start="import torch", secret=3)
    points = {one.item.function: one.points for one in marks.marks}
    assert {name for name, got in points.items() if not got} == {
        "puzzle_2", "puzzle_3", "puzzle_4"
    }  # fmt: skip
    assert points == {
        item.function: score(item.exercise, answers[item.function], item.points)
        for item in assignment.items
    }


def test_the_notebook_has_its_solutions_where_nbgrader_takes_them_out():
    notebook, assignment = make_puzzles("einsum_puzzles")
    text = json.dumps(notebook)
    assert text.count("BEGIN SOLUTION") == len(assignment.items) == 20
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if "BEGIN SOLUTION" in source:
            names = {}
            exec(source, names)
            (answer,) = (v for k, v in names.items() if k.startswith("puzzle_"))
            assert answer in {puzzle.equation for puzzle in PUZZLES}
