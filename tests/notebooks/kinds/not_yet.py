"""The chapters that still have a kind of fault: this list has to become empty.

Whoever mends a chapter deletes its entry; a test that then still fails, or an entry
that is no longer needed, fails the suite. `pytest --runxfail` prints the faults.
"""

import pytest

from kinds.chapters import chapters

# Chapter, or another place with prose -> the kinds of faults that it still has.
NOT_YET: dict[str, set[str]] = {}


def each_chapter(kind: str, run: bool = False) -> pytest.MarkDecorator:
    """Return the mark that runs a test over all chapters for one kind of fault.

    Args:
        kind: as in ``NOT_YET``.
        run: whether the test needs the run of its chapter; all such tests of one
            chapter then share a process, so that it runs once.
    """
    return each({chapter.name: chapter for chapter in chapters()}, kind, run)


def each(
    places: dict[str, object], kind: str, run: bool = False
) -> pytest.MarkDecorator:
    """Return the mark that runs a test over named places with prose."""
    params = []
    for name, place in places.items():
        marks = _marks(name, kind)
        if run:
            marks.append(pytest.mark.xdist_group(f"run of {name}"))
        params.append(pytest.param(place, id=name, marks=marks))
    return pytest.mark.parametrize("place", params)


def _marks(name: str, kind: str) -> list[pytest.MarkDecorator]:
    if kind not in NOT_YET.get(name, ()):
        return []
    reason = f"{name} is not mended yet: run with --runxfail to see its faults"
    return [pytest.mark.xfail(strict=True, raises=AssertionError, reason=reason)]


def hold(faults: list[str]) -> None:
    """Fail with the faults as the message, one a line."""
    __tracebackhide__ = True
    if faults:
        raise AssertionError(f"{len(faults)} to mend\n" + "\n".join(faults))
