"""One history, the interests that read it, and the one list that they make."""

from collections.abc import Sequence
from typing import Any

import traitlets

from seqviz.explorers.core.base import Explorer
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_histories, check_names
from seqviz.explorers.core.reading import Reading, check_logits, check_vectors
from seqviz.explorers.one_list import still

__all__ = ["OneListExplorer"]

DEFAULT_CAPTION = (
    "Each tile is a click, oldest first; the bars under it are the weights that the "
    "interests give it. An item stands in the list for the interest that scores it "
    "highest. Which click does the list depend on most?"
)


class OneListExplorer(Explorer):
    """Shows what a list loses and gains when a click is taken away.

    The page repeats the arithmetic of self-attentive pooling over the clicks that are
    left, and lists the items with the largest score that any interest gives them.
    Items of the history are never listed.

    Args:
        item_ids: ``[T]`` the clicks of one person, 0 for padding.
        reading: how a model reads them, its logits ``[1, K, T]`` or ``[K, T]``.
        titles: N+1 names; ``titles[0]`` belongs to the padding.
        categories: N+1 names of categories.
        length: how many items the list holds.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The trait ``removed`` (positions that are taken away) follows the page and may be
    set from Python.

    Example:
        >>> vectors = [[0, 0], [1, 0], [0, 1], [0.9, 0], [0, 0.8]]
        >>> figure = OneListExplorer(
        ...     [1, 2],
        ...     Reading(np.array([[5.0, 0.0], [0.0, 5.0]]), np.array(vectors)),
        ...     ["", "boots", "tent", "shoes", "lamp"],
        ...     ["", "feet", "camp", "feet", "camp"],
        ...     length=1,
        ... )
        >>> "lamp" in figure.still()
        False
        >>> figure.removed = [0]  # the boots are taken away
        >>> "lamp" in figure.still()
        True
    """

    removed = traitlets.List(traitlets.Int()).tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: The names of the categories, and for each item the place of its own.
    categories = traitlets.Dict().tag(sync=True)
    item_ids = traitlets.Dict().tag(sync=True)
    logits = traitlets.Dict().tag(sync=True)
    vectors = traitlets.Dict().tag(sync=True)
    length = traitlets.Int(6).tag(sync=True)

    def __init__(
        self,
        item_ids: Any,
        reading: Reading,
        titles: Sequence[str],
        categories: Sequence[str],
        *,
        length: int = 6,
        title: str = "Take one click away",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        self._titles = check_names(titles, "titles", None)
        num_items = len(self._titles) - 1
        self._category_of = check_names(categories, "categories", num_items + 1)
        logits = to_numpy(reading.logits, "reading.logits")
        logits = logits[None] if logits.ndim == 2 else logits
        self._ids = check_histories([item_ids], logits.shape[-1], num_items)
        self._logits = check_logits(logits, self._ids > 0, "reading.logits")[0]
        self._vectors = check_vectors(
            reading.item_vectors, num_items, "reading.item_vectors"
        )
        if length < 1:
            raise ValueError(f"length must be 1 or more, got {length}")
        names = sorted(set(self._category_of[1:]))
        super().__init__(
            title=title,
            caption=caption,
            titles=self._titles,
            categories={
                "names": names,
                "of": [-1, *map(names.index, self._category_of[1:])],
            },
            item_ids=encode(self._ids[0]),
            logits=encode(self._logits),
            vectors=encode(to_numpy(reading.item_vectors, "reading.item_vectors")),
            length=length,
        )

    def still(self) -> str:
        """Return the tiles and the list of the clicks that are left."""
        return still.draw(
            ids=self._ids[0],
            logits=self._logits,
            item_vectors=self._vectors,
            titles=self._titles,
            categories=self._category_of,
            removed=set(self.removed),
            length=self.length,
        )

    @traitlets.validate("removed")
    def _check_removed(self, proposal: Any) -> list[int]:
        value, length = proposal["value"], self._ids.shape[1]
        if not all(0 <= position < length for position in value):
            raise traitlets.TraitError(
                f"removed must hold positions from 0 to {length - 1}, got {value}"
            )
        return value
