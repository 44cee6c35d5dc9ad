"""Variants: right, not solved by what is published, their mistakes told."""

import pytest
import torch

from seqviz.checks import exercise, exercises
from seqviz.checks.engine.grading import grade
from seqviz.course.marking import drawn
from seqviz.course.points import WORTH, share
from seqviz.course.score import points_of, score
from seqviz.course.variants import (
    course_exercise,
    in_order,
    orders_of,
    variants,
)

IN_ORDER = [(e, order) for e in exercises() for order in orders_of(e)]
WRITTEN = variants()
each = pytest.mark.parametrize("variant", WRITTEN, ids=lambda v: v.exercise.name)


def test_there_are_as_many_as_there_were():
    assert len(WRITTEN) >= 10
    assert len({e.name for e, _ in IN_ORDER}) >= 67
    chapters = {e.name.split("/")[0] for e in exercises()}
    assert {e.name.split("/")[0] for e, _ in IN_ORDER} == chapters


@pytest.mark.parametrize(
    "task", [e for e in exercises() if orders_of(e)], ids=lambda task: task.name
)
def test_an_order_is_right_and_the_published_answer_fails(task):
    # A change of order is one code for all three: one of them each is enough here.
    variant = in_order(task, orders_of(task)[0])
    verdict = grade(variant, variant.reference)
    assert verdict.passed and not verdict.remark, verdict
    assert not grade(variant, task.reference).passed


@pytest.mark.parametrize("name", ["comirec-sa/weights", "self-attention/session"])
def test_mistakes_keep_their_hints_in_another_order(name):
    variant = course_exercise(f"{name}@{orders_of(exercise(name))[-1]}")
    assert len(variant.mistakes) >= 8
    for mistake in variant.mistakes:
        assert grade(variant, mistake.wrong).mistake == mistake.name


def test_a_hint_about_the_order_of_the_axes_is_left_out():
    variant = course_exercise("einsum/head-scores@batch-last")
    assert "reshaped-inputs" not in {mistake.name for mistake in variant.mistakes}
    assert variant.output == "H Q T B"


def test_an_order_that_is_none_is_refused():
    with pytest.raises(ValueError, match="the order of .* must be .*, got 'sideways'"):
        in_order(exercise("einsum/gated"), "sideways")
    with pytest.raises(ValueError, match="must be none"):
        in_order(exercise("self-attention/module"), "batch-last")


@each
def test_a_variant_is_right_and_the_published_answer_fails(variant):
    names = {"torch": torch}
    exec(variant.solution, names)
    for answer in (variant.exercise.reference, names["solution"]):
        verdict = grade(variant.exercise, answer)
        assert verdict.passed and not verdict.remark, verdict
    published = grade(variant.exercise, exercise(variant.of).reference)
    assert published.mistake, "the published answer has a hint of its own"


@each
def test_every_mistake_of_a_variant_gets_its_own_hint(variant):
    assert len(variant.exercise.mistakes) >= 6
    for mistake in variant.exercise.mistakes:
        for wrong in mistake.versions:
            verdict = grade(variant.exercise, wrong)
            told = verdict.remark if verdict.passed else verdict.hint
            assert (verdict.mistake, told) == (mistake.name, mistake.hint)


def test_a_draw_on_which_a_mistake_does_not_show_is_drawn_again():
    fair = drawn("fair-tests/ties", 12345)  # a mistake passes with this seed itself
    assert grade(fair, fair.reference).passed
    assert all(grade(fair, m.wrong).mistake for m in fair.mistakes)


def test_half_of_the_points_for_half_of_the_way():
    task = exercise("comirec-sa/weights")

    def part(mistake):
        wrong = task.mistake(mistake).wrong
        return share(task, wrong, grade(task, wrong))

    assert share(task, task.reference, grade(task, task.reference)) == 1
    assert part("nan-empty-row") == 0.5  # right on full histories
    assert part("nan-gradient") == 0.5  # right numbers
    assert part("softmax-over-interests") == 0
    assert share(task, None, grade(task, None)) == 0

    def no_gradient(logits, mask):
        return task.reference(logits, mask).detach()

    assert share(task, no_gradient, grade(task, no_gradient)) == 0.5


@pytest.mark.parametrize("part", [float("nan"), -1.0, 0.5, 2.0])
def test_points_are_a_plain_number_in_their_bounds(part):
    points = points_of(part, 4)
    assert type(points) is float and 0 <= points <= 4


def test_a_score_says_the_hint_and_prints_nothing_else(capsys):
    def noisy(gates, weights, behaviors):
        import sys
        import warnings

        print("so many words")
        print("and on stderr", file=sys.stderr)
        warnings.warn("be warned", stacklevel=1)
        return torch.einsum("bkt,bte->bke", weights, behaviors)

    assert score("einsum/gated", noisy, 2) == 0.0
    said = capsys.readouterr()
    assert "the gates change nothing" in said.out
    assert "words" not in said.out and not said.err


def test_points_can_be_halved():
    assert all(points % 2 == 0 for points in WORTH.values())
