"""What a figure's own test file says of it, for the tests that all figures share."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from seqviz.explorers import Explorer

Figure = Callable[[], Explorer]
Step = Callable[[Page], object]


@dataclass(frozen=True)
class Duty:
    """One explorer and where to look: ``DUTY`` in ``test_explorer_<folder>.py``.

    Args:
        make: the figure.
        steps: what brings it into further states; axe looks after each.
        still: selector of the still figure, whose label begins with ``words``.
        fingers: what a finger has to hit besides the ordinary controls.
        printed: what is to be seen on paper.
        sizes: further figures whose height is reserved rightly, as that of ``make`` is.
        tall: how high any of them may be in a wide column.
    """

    make: Figure
    steps: tuple[Step, ...]
    still: str = ""
    words: str = ""
    fingers: tuple[str, ...] = ()
    printed: tuple[str, ...] = ()
    sizes: tuple[Figure, ...] = ()
    tall: int = 700


def press(selector, place=0):
    return lambda page: page.locator(selector).nth(place).click()


def text(words):
    return lambda page: page.get_by_text(words).click()


def option(words):
    return lambda page: page.get_by_label(words, exact=True).check(force=True)
