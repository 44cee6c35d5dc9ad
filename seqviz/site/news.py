"""What is new in the book: ``CHANGES.md``, which alone says it, by day."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from seqviz.site.day import in_words
from seqviz.site.inputs import ROOT

#: The list, newest day first.
CHANGES = ROOT / "CHANGES.md"
_PAGE = re.compile(r"\[([^\]]+)\]\(book/([\w/]+)\.(?:md|ipynb)\)")


class Day(NamedTuple):
    """A day of the list.

    Attributes:
        day: when the readers got it.
        text: what they got, in MyST, links to pages as ``{doc}``.
    """

    day: date
    text: str

    @property
    def said(self) -> str:
        """The day in words."""
        return in_words(self.day)


def read(path: Path = CHANGES) -> list[Day]:
    """Read the list.

    Raises:
        ValueError: there is no day, one is no date, or they are not newest first.
    """
    _, *parts = re.split(r"(?m)^## ", path.read_text(encoding="utf-8"))
    days = []
    for part in parts:
        said, _, text = part.partition("\n")
        try:
            day = datetime.strptime(said.strip(), "%d %B %Y").date()
        except ValueError:
            raise ValueError(
                f"a heading of {path.name} must be a day such as 28 November 2026, "
                f"got {said!r}"
            ) from None
        days.append(Day(day, _PAGE.sub(_linked, text).strip()))
    if not days or any(
        later.day <= earlier.day for later, earlier in zip(days, days[1:], strict=False)
    ):
        shown = ", ".join(one.said for one in days) or "none"
        raise ValueError(f"{path.name} must hold days, newest first, got {shown}")
    return days


def _linked(found: re.Match[str]) -> str:
    return f"{{doc}}`{' '.join(found[1].split())} </{found[2]}>`"
