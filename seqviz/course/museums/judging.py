"""What a student's tests have earned: which faults they catch, and what they let pass.

Each version comes twice, in two orders that are drawn: tests that count their calls or
toss a coin find nothing by it.
"""

import random
from collections.abc import Callable
from typing import Any

from torch import Tensor

from seqviz.checks.engine.verdict import Verdict
from seqviz.course.museums.registry import FAULTY, Museum, Tests, Version

#: The rule, as students read it.
RULE = (
    "One point for each of the four faulty versions that your tests catch, if they let "
    "the right one pass; none if they do not."
)
_STUB = "nothing returned yet. Return True for a version that passes, else False."


def judge(museum: Museum, tests: Tests | None, seed: int = 0) -> tuple[Verdict, float]:
    """Return the verdict on tests, and the part of the points: a quarter a fault.

    A version passes if the tests return True. It fails if they return False or raise.

    Args:
        museum: whose versions are tested.
        tests: the student's function of one version.
        seed: what the versions are drawn from.
    """
    if tests is None or tests is ...:
        return Verdict(museum.name, False, _STUB), 0.0
    if not callable(tests):
        hint = f"hand in the function by its name; a {type(tests).__name__} came."
        return Verdict(museum.name, False, hint), 0.0
    versions = museum.draw(seed)
    again = random.Random(seed).sample(list(versions), len(versions))
    said = [(name, _said(tests, versions[name])) for name in [*versions, *again]]
    if why := next((why for name, why in said if why and not name), ""):
        return Verdict(museum.name, False, why), 0.0
    through = dict.fromkeys(name for name, why in said if name and not why)
    caught = (
        f"your tests let the right version pass and catch {FAULTY - len(through)} of"
    )
    if not through:
        return Verdict(museum.name, True, f"{caught} {FAULTY} faults."), 1.0
    names = ", ".join(f"“{name}”" for name in through)
    hint = f"{caught} {FAULTY} faults. What gets through: {names}."
    if len(through) == FAULTY:
        hint = f"your tests let everything pass. What gets through: {names}."
    return Verdict(museum.name, False, hint), 1 - len(through) / FAULTY


def _said(tests: Callable[[Version], Any], version: Version) -> str:
    """Return why a version does not pass, in a sentence; empty if it does."""
    try:
        value = tests(version)
    except AssertionError as error:
        said = f" ({error})" if str(error) else ""
        return f"your tests reject the right version{said}. {_STRICT}"
    except Exception as error:  # noqa: BLE001  (the student's, any)
        line = getattr(error, "learners_line", "")  # known where it ran apart
        where = f" at `{line}`" if line else ""
        said = " ".join(str(error).split())[:200].rstrip(".")
        return f"your tests raise {type(error).__name__}{where}: {said}."
    if isinstance(value, Tensor) and value.numel() == 1 and not value.is_meta:
        value = bool(value)
    if value is None:
        return _STUB
    if not isinstance(value, bool):
        return f"return True or False; a {type(value).__name__} came."
    return "" if value else f"your tests reject the right version. {_STRICT}"


_STRICT = (
    "Is something compared to the last digit, or is a property asked for that the text "
    "does not promise?"
)
