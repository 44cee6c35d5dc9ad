"""Who reads whom: the weights of one or several heads over a history."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.attention import still
from seqviz.explorers.core.arrays import masked_softmax
from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_labels, check_mask, check_names
from seqviz.explorers.core.scale import palette

__all__ = ["AttentionExplorer"]

DEFAULT_CAPTION = (
    "A row of the heat map is a query, a column is a behavior that it may read. Pick "
    "a query: the bars under the tiles are its row. Lower the temperature: which bar "
    "takes everything, and which query changes its mind least?"
)
#: The ends of the temperature slider.
COLDEST, HOTTEST = 0.01, 100.0

Names = Sequence[str] | Sequence[Sequence[str]]


class AttentionExplorer(Explorer):
    """Shows what each query reads, head by head, under masks and a temperature.

    The page repeats the arithmetic of attention: a softmax of
    ``scale * scores / temperature`` over what the masks let a query read.

    Args:
        scores: ``[H, Q, T]`` before scale, mask and temperature, one head as
            ``[Q, T]``, several users as ``[U, H, Q, T]``. Finite everywhere, under
            padding too.
        titles: the T names of the behaviors; for several users U such lists. What
            stands at padding is not shown.
        queries: the Q names of what asks, where that is something else (candidates);
            without it the behaviors ask themselves, and Q = T.
        mask: ``[T]`` or ``[U, T]``, bool, True = real.
        causal: whether a query begins by reading no later behavior. Only where the
            behaviors ask themselves.
        scale: what the scores are multiplied by, such as ``E ** -0.5``.
        temperature: what they are divided by at the start, 0.01 to 100.
        padding: whether the page begins with padding masked.
        query_mask: whether it begins with the rows of padding emptied.
        heads: H names; by default "1", "2", ...
        head_label: what the heads are, such as "Score" for a head a score function.
        users: U labels; by default "1", "2", ...
        query: the row to begin with; by default the last real one.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``user``, ``head``, ``query``, ``temperature``, ``causal``,
    ``padding`` and ``query_mask`` follow the page and may be set from Python.

    Example:
        >>> scores = np.array([[0.0, 0.0], [0.0, np.log(3)]])
        >>> figure = AttentionExplorer(scores, ["boots", "tent"], causal=True)
        >>> figure.weights().round(2)
        array([[1.  , 0.  ],
               [0.25, 0.75]])
    """

    user = traitlets.Int(0).tag(sync=True)
    head = traitlets.Int(0).tag(sync=True)
    query = traitlets.Int(0).tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)
    causal = traitlets.Bool(False).tag(sync=True)
    padding = traitlets.Bool(True).tag(sync=True)
    query_mask = traitlets.Bool(True).tag(sync=True)

    scores = traitlets.Dict().tag(sync=True)
    scale = traitlets.Float(1.0).tag(sync=True)
    #: Names of the behaviors and of the queries, a list a user.
    titles = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    queries = traitlets.List(None, allow_none=True).tag(sync=True)
    #: For each user and behavior 1 where it is real; None if all are.
    mask = traitlets.List(None, allow_none=True).tag(sync=True)
    heads = traitlets.List(traitlets.Unicode()).tag(sync=True)
    head_label = traitlets.Unicode("Head").tag(sync=True)
    users = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: Colors from the lowest to the highest weight, evenly spaced.
    palette = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        scores: Any,
        titles: Names,
        queries: Names | None = None,
        *,
        mask: Any = None,
        causal: bool = False,
        scale: float = 1.0,
        temperature: float = 1.0,
        padding: bool = True,
        query_mask: bool = True,
        heads: Sequence[str] | None = None,
        head_label: str = "Head",
        users: Sequence[str] | None = None,
        query: int | None = None,
        title: str = "What each query reads",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        self._scores = _check_scores(scores)
        num_users, num_heads, num_queries, length = self._scores.shape
        several = to_numpy(scores, "scores").ndim == 4
        names = _check_titles(titles, "titles", num_users, length, several)
        if queries is not None:
            queries = _check_titles(queries, "queries", num_users, num_queries, several)
        elif num_queries != length:
            raise ValueError(
                "scores must be [H, T, T] where no queries are named, got "
                f"{list(self._scores.shape[1:])}"
            )
        rows = None if mask is None else np.atleast_2d(to_numpy(mask, "mask"))
        self._mask = check_mask(rows, (num_users, length), "scores")
        if causal and queries is not None:
            raise ValueError(
                "causal needs the behaviors as queries, got queries of their own"
            )
        if not np.isfinite(scale):
            raise ValueError(f"scale must be a finite number, got {scale}")
        own = queries is None
        super().__init__(
            title=title,
            caption=caption,
            scores=encode(self._scores),
            titles=names,
            queries=queries,
            mask=None if mask is None else self._mask.astype(int).tolist(),
            heads=check_labels(heads, "heads", num_heads),
            head_label=head_label,
            users=check_labels(users, "users", num_users),
            palette=palette(),
            scale=float(scale),
            temperature=temperature,
            causal=causal,
            padding=padding,
            query_mask=query_mask,
            query=self._latest(0, own) if query is None else query,
        )

    def weights(self) -> np.ndarray:
        """Return the weights ``[Q, T]`` that the page shows, in float64.

        The score times scale, divided by the temperature, through a softmax over what
        may be read; exactly 0 elsewhere.
        """
        logits = self._scores[self.user, self.head].astype(np.float64)
        return masked_softmax(logits * self.scale / self.temperature, self.readable())

    def readable(self) -> np.ndarray:
        """Return the pairs ``[Q, T]`` that the masks leave, as bool."""
        num_queries, length = self._scores.shape[2:]
        real = self._mask[self.user]
        pairs = np.ones((num_queries, length), dtype=bool)
        if self.padding:
            pairs &= real
        if self.queries is None:
            if self.causal:
                pairs &= np.tri(length, dtype=bool)
            if self.query_mask:
                pairs &= real[:, None]
        return pairs

    def still(self) -> str:
        """Return the picture of the present user, head and query as an SVG."""
        titles = still.named(self.titles[self.user], self._mask[self.user])
        asking = titles if self.queries is None else self.queries[self.user]
        return still.draw(
            self.weights(), self.readable(), titles, asking, self.query, self.palette
        )

    def _latest(self, user: int, own: bool) -> int:
        real = np.flatnonzero(self._mask[user])
        return int(real[-1]) if own and len(real) else 0

    @traitlets.validate("user", "head", "query")
    def _check_place(self, proposal: Any) -> int:
        size = dict(zip(("user", "head", "query"), self._scores.shape, strict=False))
        return check_range(proposal, 0, size[proposal["trait"].name] - 1)

    @traitlets.validate("temperature")
    def _check_temperature(self, proposal: Any) -> float:
        return check_range(proposal, COLDEST, HOTTEST)


def _check_scores(scores: Any) -> np.ndarray:
    """Return scores as float32 ``[U, H, Q, T]``."""
    array = to_numpy(scores, "scores").astype(np.float32)
    if array.ndim not in (2, 3, 4) or 0 in array.shape:
        raise ValueError(
            "scores must be [Q, T], [H, Q, T] or [U, H, Q, T] with no axis of size 0, "
            f"got {list(array.shape)}"
        )
    if not np.isfinite(array).all():
        raise ValueError(
            "scores must be finite, got NaN or infinity: give the scores before the "
            "mask, and the mask beside them"
        )
    return array.reshape((1,) * (4 - array.ndim) + array.shape)


def _check_titles(
    titles: Names, name: str, num_users: int, count: int, several: bool
) -> list[list[str]]:
    if isinstance(titles, str):
        raise TypeError(f"{name} must be a sequence of texts, got one text")
    rows = list(titles) if several else [titles]
    if len(rows) != num_users or any(isinstance(row, str) for row in rows):
        raise ValueError(
            f"{name} must hold one list of names for each of {num_users} users, as "
            f"scores do, got {len(rows)} entries"
        )
    return [check_names(row, name, count) for row in rows]
