"""Every exercise by its name.

A chapter adds a module (or a folder with one module an exercise) whose ``EXERCISES``
is a tuple of ``Exercise``, and its name to ``_CHAPTERS``. ``tests/unit/test_checks.py``
then tests it: the reference passes, and each wrong version gets its own hint.
"""

from difflib import get_close_matches

from seqviz.checks import (
    behavior_tensors,
    comirec_sa,
    din,
    diversity,
    dual_attention,
    einsum,
    routing,
    self_attention,
    soft_lookup,
    target_attention,
)
from seqviz.checks.exercise import Exercise

_CHAPTERS = (
    comirec_sa,
    behavior_tensors,
    einsum,
    soft_lookup,
    self_attention,
    target_attention,
    dual_attention,
    din,
    routing,
    diversity,
)

_EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise for chapter in _CHAPTERS for exercise in chapter.EXERCISES
}


def exercises(chapter: str | None = None) -> list[Exercise]:
    """All exercises in the order of the book, or those of one chapter.

    Raises:
        ValueError: no such chapter.
    """
    if chapter is None:
        return list(_EXERCISES.values())
    found = [e for e in _EXERCISES.values() if e.name.split("/")[0] == chapter]
    if not found:
        known = ", ".join(dict.fromkeys(name.split("/")[0] for name in _EXERCISES))
        raise ValueError(f"no chapter {chapter!r} has exercises; known: {known}")
    return found


def exercise(name: str) -> Exercise:
    """The exercise called ``name``: its title, minutes, difficulty and mistakes.

    Raises:
        ValueError: there is none; the message lists the known ones.
    """
    if name in _EXERCISES:
        return _EXERCISES[name]
    close = get_close_matches(str(name), _EXERCISES, n=1)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"no exercise is called {name!r}.{meant} Known: {', '.join(_EXERCISES)}"
    )
