"""From a submission to its marks."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

from seqviz.checks.engine.exercise import Exercise
from seqviz.checks.engine.grading import grade
from seqviz.checks.engine.verdict import Verdict
from seqviz.course.apart import Lost, Marker, Process, cut_out
from seqviz.course.assignment import Assignment, Item
from seqviz.course.museums import judge, museum_of
from seqviz.course.points import share
from seqviz.course.puzzles import by_letters, puzzle_exercises
from seqviz.course.score import points_of
from seqviz.course.submission import Submission
from seqviz.course.variants import course_exercise

_TRIES = 20  # of seeds, until every mistake shows
_MOST_SKIPPED = 3  # cells that end the process, before the rest is given up


@dataclass(frozen=True)
class Mark:
    """What an item earned, and why."""

    item: Item
    points: float
    hint: str
    mistake: str | None = None

    @property
    def text(self) -> str:
        """The points and the reason, in a line."""
        return f"{self.points:g} of {self.item.points} points. {self.hint}"


@dataclass
class Marks:
    """All marks of a submission, and what was odd about it."""

    student: str
    marks: list[Mark]
    notes: list[str] = field(default_factory=list)
    #: What a person marks, by the id of the question.
    words: dict[str, str] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The sum."""
        return sum(mark.points for mark in self.marks)


@cache
def drawn(name: str, secret: int) -> Exercise:
    """An exercise with its cases drawn from a secret.

    A draw on which the reference stumbles over rounding, or on which a mistake does
    not show, is drawn again.

    Raises:
        RuntimeError: no draw will do.
    """
    exercise = course_exercise(name)
    for seed in range(secret, secret + _TRIES):
        tried = replace(exercise, make_cases=partial(exercise.make_cases, seed))
        if _is_fair(tried):
            return tried
    raise RuntimeError(f"no cases of {name} show every mistake")


def mark(
    submission: Submission,
    assignment: Assignment,
    marker: Marker,
    *,
    start: str,
    secret: int,
) -> Marks:
    """Mark a submission; whatever it does costs its own points and no others.

    Args:
        submission: as it was read.
        assignment: what was handed out.
        marker: where it runs.
        start: the source of the release's first cell.
        secret: what the cases are drawn from.
    """
    words = submission.words(assignment)
    marks = Marks(submission.student, [], list(submission.notes), words)
    if not submission.usable:
        why = "nothing was handed in that can be marked."
        marks.marks = [Mark(item, 0.0, why) for item in assignment.items]
        return marks
    done: dict[str, Mark] = {}
    skipped: set[int] = set()
    while len(done) < len(assignment.items) and len(skipped) < _MOST_SKIPPED:
        with marker.process() as process:
            process.run(start)
            _go(process, submission, secret, done, skipped, marks.notes)
    why = f"{_MOST_SKIPPED} cells ended the process."
    marks.marks = [done.get(i.id, Mark(i, 0.0, why)) for i in assignment.items]
    return marks


def _go(
    process: Process,
    submission: Submission,
    secret: int,
    done: dict[str, Mark],
    skipped: set[int],
    notes: list[str],
) -> None:
    """Run the cells in order, marking each item where it stands, as a kernel would.

    Where the process is lost it returns; the next one leaves out what was the cause.
    """
    raised: dict[str, str] = {}
    for number, step in enumerate(submission.steps):
        try:
            if step.item is None:
                if number not in skipped and (said := process.run(step.source)):
                    raised[step.id] = said
            elif step.item.id not in done:
                why = raised.get(step.item.id) or next(iter(raised.values()), "")
                done[step.item.id] = _mark(process, step.item, submission, secret, why)
        except Lost as lost:
            if step.item is not None:
                done[step.item.id] = Mark(step.item, 0.0, f"{lost}.")
            else:
                skipped.add(number)
                notes.append(f"{lost}; that cell was left out.")
            return


def _mark(
    process: Process, item: Item, submission: Submission, secret: int, raised: str
) -> Mark:
    museum = museum_of(item.exercise)
    exercise = None if museum else drawn(item.exercise, secret)
    name, remark = item.function, ""
    kind = process.kind(name)
    other = submission.other_name(item.id, name)
    if kind != "function" and other and process.kind(other) == "function":
        remark = f" (`{other}` was taken for `{name}`.)"
        name, kind = other, "function"
    if kind == "missing":
        there = ", ".join(f"`{one}`" for one in submission.defines(item.id))
        instead = f"; its cell defines {there}" if there else ""
        why = f"there is no `{name}`{instead}. {_sentence(raised)}".strip()
        return Mark(item, 0.0, why)
    if kind == "none":
        verdict, part = judge(museum, None) if museum else (grade(exercise, None), 0.0)
    elif kind == "text" and item.exercise in puzzle_exercises():
        verdict, part = _ask(exercise, by_letters(process.text(name)))
    elif kind != "function":
        why = f"`{name}` is a {kind}; a function was expected."
        return Mark(item, 0.0, why)
    elif museum:
        verdict, part = judge(museum, process.tests(name), secret)
    else:
        verdict, part = _ask(exercise, process.function(name, _prepare(exercise)))
    return Mark(item, points_of(part, item.points), _told(verdict) + remark,
                verdict.mistake)  # fmt: skip


def _ask(exercise: Exercise, answer: Callable[..., Any]) -> tuple[Verdict, float]:
    verdict = grade(exercise, answer)
    return verdict, share(exercise, answer, verdict)


def _prepare(exercise: Exercise) -> str:
    """Return the source of what makes a function of a class, without the reference."""
    module = exercise.prepare.__module__
    if module == Exercise.__module__ or module.endswith(".page"):
        return ""
    return cut_out(inspect.getsource(sys.modules[module]), "prepare")


def _is_fair(exercise: Exercise) -> bool:
    verdict = grade(exercise, exercise.reference)
    if not verdict.passed or verdict.remark:
        return False
    verdicts = [grade(exercise, mistake.wrong) for mistake in exercise.mistakes]
    return all(verdict.mistake for verdict in verdicts)


def _told(verdict: Verdict) -> str:
    return f"Right. {verdict.remark}".strip() if verdict.passed else verdict.hint


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
