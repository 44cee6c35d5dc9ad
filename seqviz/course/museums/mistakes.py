"""The rooms of a museum out of an exercise: its reference and its wrong versions."""

from collections.abc import Callable

from seqviz import checks
from seqviz.course.museums.registry import Rooms, Version


def rooms_of(
    name: str,
    mistakes: str,
    within: Callable[[Version], Version] = lambda version: version,
) -> tuple[Version, Rooms]:
    """The right one and one room of wrong ones, named after their mistakes.

    Args:
        name: the exercise, ``"chapter/exercise"``.
        mistakes: the names of those whose fault numbers show, apart by spaces.
        within: puts a version into the layer that the student is given. What is drawn
            there she does not know, so she cannot compute it anew.

    Raises:
        ValueError: there is no such exercise or mistake.
    """
    exercise = checks.exercise(name)

    def hung(version: Version, called: str) -> Version:
        layer = within(version)

        def shown(*inputs):
            return layer(*inputs)

        shown.__name__ = called.replace("-", "_")
        return shown

    wrong = [hung(exercise.mistake(one).wrong, one) for one in mistakes.split()]
    return hung(exercise.reference, "right"), [wrong]
