"""Ragged histories as a padded, cut batch: ids, mask and embeddings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.data import Ragged
from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_labels, check_names
from seqviz.explorers.core.scale import palette
from seqviz.explorers.sequence import still

__all__ = ["SequenceExplorer"]

MAX_USERS = 12
SIDES = ("left", "right")
CUTS = ("oldest", "newest")
FACES = ("titles", "ids", "mask")
DEFAULT_TITLE = "Rows of different length become one rectangle"
DEFAULT_CAPTION = (
    "The frame is the batch, T wide. Hatched cells are padding, dashed cells outside "
    "were cut. At which T is nothing cut, and how many cells are then padding?"
)


class SequenceExplorer(Explorer):
    """Shows how B histories are cut and padded to T, with mask and embeddings.

    The page repeats :meth:`seqviz.data.Ragged.pad`: it keeps the last T clicks of a
    row and fills up with 0. The other end can be cut too, to see what that loses.

    Args:
        histories: B lists of item ids, oldest first, or a ``Ragged``; a list may be
            empty.
        titles: N + 1 names; ``titles[0]`` belongs to the padding.
        embeddings: ``[N + 1, E]``, drawn as a strip under each cell, E at most 16;
            row 0 is the padding. Left out: no strips.
        users: B labels; by default "1", "2", ...
        length: the T to begin with.
        max_length: where the slider ends; by default one more than the longest row.
        side: ``"left"`` or ``"right"``, where the padding goes.
        cut: ``"oldest"`` or ``"newest"``, the end that is lost.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``length``, ``side``, ``cut`` and ``face`` ("titles", "ids" or "mask")
    follow the page and may be set from Python; :meth:`batch` gives the arrays.

    Example:
        >>> figure = SequenceExplorer([[1], [2, 1, 1]], ["", "boots", "tent"], length=2)
        >>> ids, mask = figure.batch()
        >>> ids
        array([[0, 1],
               [1, 1]])
    """

    length = traitlets.Int(1).tag(sync=True)
    side = traitlets.Enum(SIDES, "left").tag(sync=True)
    cut = traitlets.Enum(CUTS, "oldest").tag(sync=True)
    face = traitlets.Enum(FACES, "titles").tag(sync=True)

    max_length = traitlets.Int(1).tag(sync=True)
    users = traitlets.List(traitlets.Unicode()).tag(sync=True)
    histories = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    #: The ids that occur, 0 first; ``titles`` and ``embeddings`` are in this order.
    items = traitlets.List(traitlets.Int()).tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    embeddings = traitlets.Dict(None, allow_none=True).tag(sync=True)
    #: The colors of the strips, from the smallest coordinate to the largest.
    scale = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        histories: Any,
        titles: Sequence[str],
        embeddings: Any = None,
        *,
        users: Sequence[str] | None = None,
        length: int = 6,
        max_length: int | None = None,
        side: str = "left",
        cut: str = "oldest",
        title: str = DEFAULT_TITLE,
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        names = check_names(titles, "titles", None)
        rows = _check_rows(histories, len(names) - 1)
        longest = max(len(row) for row in rows)
        most = longest + 1 if max_length is None else max_length
        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise ValueError(f"max_length must be a whole number from 1, got {most!r}")
        if isinstance(length, bool) or not isinstance(length, int):
            raise TypeError(f"length must be a whole number, got {length!r}")
        if not 1 <= length <= most:
            raise ValueError(f"length must lie in 1 to {most}, got {length}")
        _check_word(side, "side", SIDES)
        _check_word(cut, "cut", CUTS)
        items = sorted({0, *(item for row in rows for item in row)})
        self._ragged = Ragged.from_rows(rows)
        self._vectors = _check_vectors(embeddings, len(names), items)
        super().__init__(
            title=title,
            caption=caption,
            length=length,
            max_length=most,
            side=side,
            cut=cut,
            users=check_labels(users, "users", len(rows)),
            histories=rows,
            items=items,
            titles=[names[item] for item in items],
            embeddings=None if self._vectors is None else encode(self._vectors),
            scale=palette(17),
        )

    def batch(self) -> tuple[np.ndarray, np.ndarray]:
        """The present batch: ids int64 ``[B, T]`` and mask bool ``[B, T]``."""
        return self._kept().pad(self.length, self.side)

    def still(self) -> str:
        """Return the batch and what was cut as an SVG."""
        ids, mask = self.batch()
        name = dict(zip(self.items, self.titles, strict=True))
        batch = [
            [name[item] if real else None for item, real in zip(*row, strict=True)]
            for row in zip(ids.tolist(), mask.tolist(), strict=True)
        ]
        lost = [
            [name[item] for item in self._lost(history)] for history in self.histories
        ]
        return still.draw(
            batch,
            lost,
            self.users,
            columns=max(self.length, *map(len, self.histories)),
            oldest=self.cut == "oldest",
            words=self.words(),
        )

    def words(self) -> str:
        """The live sentence: what was cut and how much is padding."""
        _, mask = self.batch()
        total = int(self._ragged.lengths.sum())
        lost, padding = total - int(mask.sum()), int((~mask).sum())
        end = "" if self.cut == "oldest" else ", newest clicks cut"
        return (
            f"T = {self.length}, padding {self.side}{end}: {lost} of "
            f"{_plural(total, 'click')} {'is' if lost == 1 else 'are'} cut, "
            f"{_plural(padding, 'cell')} {'is' if padding == 1 else 'are'} padding."
        )

    def _lost(self, history: list[int]) -> list[int]:
        """Return what is cut of a history."""
        if self.cut == "newest":
            return history[self.length :]
        return history[: max(0, len(history) - self.length)]

    def _kept(self) -> Ragged:
        whole = self._ragged
        if self.cut == "oldest":
            return whole
        stops = np.minimum(whole.stops, whole.starts + self.length)
        return Ragged(whole.values, whole.starts, stops)

    @traitlets.validate("length")
    def _check_length(self, proposal: Any) -> int:
        if not self.histories:  # not yet: max_length is on its way too
            return proposal["value"]
        return check_range(proposal, 1, self.max_length)


def _check_rows(histories: Any, num_items: int) -> list[list[int]]:
    if isinstance(histories, (str, bytes)) or not hasattr(histories, "__len__"):
        raise TypeError(
            f"histories must be lists of item ids, got {type(histories).__name__}"
        )
    rows = []
    for number in range(len(histories)):
        row = to_numpy(histories[number], f"histories[{number}]")
        if row.ndim != 1 or (row.size and row.dtype.kind not in "iu"):
            raise TypeError(
                f"histories[{number}] must be one list of whole numbers, got "
                f"{row.dtype} of shape {list(row.shape)}"
            )
        bad = row[(row < 1) | (row > num_items)]
        if bad.size:
            raise ValueError(
                f"histories[{number}] must hold ids from 1 to {num_items} (0 is "
                f"padding), got {bad[0]}"
            )
        rows.append([int(item) for item in row])
    if not 1 <= len(rows) <= MAX_USERS:
        raise ValueError(f"histories must hold 1 to {MAX_USERS} rows, got {len(rows)}")
    if not any(rows):
        raise ValueError("histories must hold at least one click, got empty rows")
    return rows


def _check_vectors(
    embeddings: Any, num_rows: int, items: list[int]
) -> np.ndarray | None:
    if embeddings is None:
        return None
    table = to_numpy(embeddings, "embeddings")
    if table.ndim != 2 or len(table) != num_rows or not 1 <= table.shape[1] <= 16:
        raise ValueError(
            f"embeddings must have shape [N + 1, E] = [{num_rows}, 1 to 16] like "
            f"titles, got {list(table.shape)}"
        )
    used = table[items].astype(np.float32)
    if not np.isfinite(used).all():
        raise ValueError("embeddings must be finite, got NaN or infinity")
    return used


def _check_word(word: Any, name: str, words: tuple[str, ...]) -> None:
    if word not in words:
        wanted = " or ".join(f'"{w}"' for w in words)
        raise ValueError(f"{name} must be {wanted}, got {word!r}")


def _plural(count: int, one: str) -> str:
    return f"{count} {one}" if count == 1 else f"{count} {one}s"
