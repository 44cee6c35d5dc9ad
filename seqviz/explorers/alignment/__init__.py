"""The alignment matrix: what a decoder reads of a history, and what it gives back."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.alignment import still
from seqviz.explorers.alignment.reading import Reader, Reading, check_reader, read
from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode
from seqviz.explorers.core.inputs import check_names
from seqviz.explorers.core.scale import palette

__all__ = ["AlignmentExplorer", "Reader"]

MOST_CLICKS, MOST_ANSWERS, MOST_READERS = 16, 12, 4
DEFAULT_CAPTION = (
    "A row is a question, a column a click; the cell is the weight of the encoder's "
    "state after that click, and the frame marks the click that was asked for. Drag a "
    "click, make it another one, or read fewer: which reader still gives all of them "
    "back?"
)


class AlignmentExplorer(Explorer):
    """Shows what a decoder reads of a history when it has to give it back.

    The page runs the encoder and the decoder itself.

    Args:
        history: the clicks, oldest first, 1 to 16: places among the C * I items, of
            which item ``c * I + i`` is answer i to question c. No two of one question.
        questions: C names, such as categories.
        answers: I names, 2 to 12, such as the items of a category.
        readers: name to :class:`Reader`, 1 to 4.
        length: how many clicks are read at first; by default all.
        reader: the place of the reader to begin with.
        behavior: the click to begin with.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``history``, ``length``, ``reader`` and ``behavior`` follow the page and
    may be set from Python.

    Example:
        >>> draw = np.random.default_rng(0).normal
        >>> parts = [draw(size=size) for size in ((9, 2), (9, 3), 9, 3, (2, 6), 2)]
        >>> reader = Reader("mean", draw(size=(4, 2)), draw(size=(2, 3)), *parts)
        >>> figure = AlignmentExplorer(
        ...     [3, 0], ["shoes", "tents"], ["old", "new"], {"mean": reader}
        ... )
        >>> figure.reading().weights  # [n, n]: a row for each question
        array([[0.5, 0.5],
               [0.5, 0.5]])
    """

    history = traitlets.List(traitlets.Int()).tag(sync=True)
    length = traitlets.Int(1).tag(sync=True)
    reader = traitlets.Int(0).tag(sync=True)
    behavior = traitlets.Int(0).tag(sync=True)

    questions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    answers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: For each name: context and weights.
    readers = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: Colors from weight 0 to weight 1, evenly spaced.
    palette = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        history: Sequence[int],
        questions: Sequence[str],
        answers: Sequence[str],
        readers: Mapping[str, Reader],
        *,
        length: int | None = None,
        reader: int = 0,
        behavior: int = 0,
        title: str = "Attention looks where the question points",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        asked = check_names(questions, "questions", len(list(questions)))
        told = check_names(answers, "answers", len(list(answers)))
        if not asked:
            raise ValueError("questions must hold at least 1, got 0")
        if not 2 <= len(told) <= MOST_ANSWERS:
            raise ValueError(
                f"answers must hold 2 to {MOST_ANSWERS} names, got {len(told)}"
            )
        if not isinstance(readers, Mapping) or not 1 <= len(readers) <= MOST_READERS:
            raise ValueError(
                f"readers must map 1 to {MOST_READERS} names to a Reader, got "
                f"{readers!r}"
            )
        self._readers = [
            check_reader(one, f"readers[{name!r}]", len(asked), len(told))
            for name, one in readers.items()
        ]
        self._items = len(asked) * len(told)
        self._choices = len(told)
        clicks = self._checked([int(place) for place in history])
        super().__init__(
            title=title,
            caption=caption,
            questions=asked,
            answers=told,
            names=[str(name) for name in readers],
            readers=[_sent(one) for one in self._readers],
            palette=palette(17),
            history=clicks,
            length=len(clicks) if length is None else length,
            reader=reader,
            behavior=behavior,
        )

    def reading(self, reader: int | None = None) -> Reading:
        """Return what a reader (the present one) makes of the clicks that are read."""
        one = self._readers[self.reader if reader is None else reader]
        return read(one, np.array(self.history[: self.length]))

    def still(self) -> str:
        """Return the alignment matrix in SVG, with what is given back."""
        return still.draw(
            self.reading(),
            self.history[: self.length],
            self.questions,
            self.answers,
            self.names[self.reader],
            self.palette,
        )

    @traitlets.validate("reader", "behavior", "length")
    def _check_place(self, proposal: Any) -> int:
        name, most = proposal["trait"].name, len(self.history)
        ends = {
            "reader": (0, len(self._readers) - 1),
            "behavior": (0, most - 1),
            "length": (1, most),
        }
        return check_range(proposal, *ends[name])

    @traitlets.validate("history")
    def _check_history(self, proposal: Any) -> list[int]:
        return self._checked(proposal["value"])

    def _checked(self, places: list[int]) -> list[int]:
        if not 1 <= len(places) <= MOST_CLICKS:
            raise traitlets.TraitError(
                f"history must hold 1 to {MOST_CLICKS} clicks, got {len(places)}"
            )
        if not all(0 <= place < self._items for place in places):
            raise traitlets.TraitError(
                f"history must hold places of items, 0 to {self._items - 1}, got "
                f"{places}"
            )
        if len({place // self._choices for place in places}) < len(places):
            raise traitlets.TraitError(
                f"history must hold no two clicks of one question, got {places}"
            )
        return places


def _sent(reader: Reader) -> dict[str, Any]:
    arrays = {
        name: encode(value)
        for name, value in reader._asdict().items()
        if name != "context"
    }
    return {"kind": "gru", "context": reader.context, **arrays}
