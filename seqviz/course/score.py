"""The last line of an exercise in an assignment: the verdict, then the points."""

import contextlib
import io
import logging
import math
import warnings
from collections.abc import Callable
from typing import Any

from seqviz.checks.engine.grading import grade
from seqviz.course.museums import judge, museum_of
from seqviz.course.points import share
from seqviz.course.puzzles import beside, by_letters, puzzle_exercises
from seqviz.course.variants import course_exercise


def score(name: str, answer: Callable[..., Any] | str | None, points: float) -> float:
    """Show what the check says and return the points.

    nbgrader takes the printed number for the mark, and anything on stderr for a
    failure: so the result is a plain float, and an answer is called in silence.

    Args:
        name: ``"chapter/exercise"``, or a variant's.
        answer: the function itself, a class where the task asks for one, the letters
            of a puzzle, or the tests of a museum.
        points: what the exercise is worth.

    Raises:
        ValueError: there is no such exercise.

    Example:
        >>> score("routing/squash", None, 2)  # doctest: +ELLIPSIS
        Not yet: nothing returned yet. Write the body of the function; ...
        0.0
    """
    if museum := museum_of(name):
        with _silence():
            verdict, part = judge(museum, answer)
        verdict.show()
        return points_of(part, points)
    exercise, drawn = course_exercise(name), ""
    if isinstance(answer, str) and name in puzzle_exercises():
        answer = by_letters(answer)
        drawn = beside(exercise, answer)
    with _silence():
        verdict = grade(exercise, answer)
        part = share(exercise, answer, verdict)
    verdict.show()
    if drawn:
        _show(drawn)
    return points_of(part, points)


def points_of(part: float, points: float) -> float:
    """``part`` of ``points``, as a plain number from 0 to ``points``."""
    earned = float(part) * float(points)
    return 0.0 if math.isnan(earned) else min(max(earned, 0.0), float(points))


def _show(drawn: str) -> None:
    """Show HTML where there is a notebook; the verdict has said it in words."""
    try:
        from IPython import get_ipython
        from IPython.display import HTML, display
    except ImportError:
        return
    if get_ipython() is not None:
        display(HTML(drawn))


@contextlib.contextmanager
def _silence():
    sink = io.StringIO()
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(sink),
            contextlib.redirect_stderr(sink),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
