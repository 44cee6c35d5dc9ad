"""One user through the funnel: what each stage keeps, and where her items are lost."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_labels, check_names
from seqviz.explorers.core.svg import MAX_INTERESTS
from seqviz.explorers.funnel import still
from seqviz.explorers.funnel.reading import Finds, read
from seqviz.retrieval import Trace

__all__ = ["FunnelExplorer"]

MOST_WEIGHT, MOST_EACH = 1e6, 50
DEFAULT_CAPTION = (
    "The table follows each item that she clicked next: its place after retrieval, "
    "after ranking, in the list, or the stage where it is lost; *best recall* is that "
    "of a perfect ranker behind the stage. Below, a mark for each item that a stage "
    "keeps. Widen n, then M: which stage loses most, and who gains by it?"
)


class FunnelExplorer(Explorer):
    """Sends one user through the stages, with all widths and λ under the hand.

    The page joins, cuts and re-ranks itself, the same as
    :class:`seqviz.retrieval.Funnel` does with the scores in float32.

    Args:
        titles: N + 1 names, the first for padding.
        categories: N + 1 names, the first for padding.
        items: int ``[U, K, n]``, what each interest found, best first, 0 for nothing;
            at most 8 interests with at most 50 items each.
        retrieval: ``[U, K, n]``, the interests' scores.
        rankers: name to ``[U, K, n]``, the scores of a ranker; an item that several
            interests found has one score.
        truths: for each user the ids that she chose next, one or more.
        sizes: the lengths N to choose from.
        users: U labels; by default "1", "2", ...
        user, ranker, n, m, size, diversity_weight: to begin with.
        largest: the right end of the slider of λ.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``user``, ``ranker``, ``n``, ``m``, ``size`` and ``diversity_weight``
    follow the page and may be set from Python. A list is never longer than what the
    ranker keeps.

    Example:
        >>> items = np.array([[[1, 2], [3, 2]]])  # [U, K, n]
        >>> scores = np.array([[[0.9, 0.5], [0.8, 0.5]]])
        >>> figure = FunnelExplorer(
        ...     ["", "boots", "tent", "lamp"],
        ...     ["", "feet", "camp", "camp"],
        ...     items,
        ...     scores,
        ...     {"as retrieved": scores},
        ...     truths=[[3]],
        ...     sizes=[2],
        ... )
        >>> figure.trace().listed
        tensor([[1, 3]])
    """

    user = traitlets.Int(0).tag(sync=True)
    ranker = traitlets.Int(0).tag(sync=True)
    n = traitlets.Int(1).tag(sync=True)
    m = traitlets.Int(1).tag(sync=True)
    size = traitlets.Int(1).tag(sync=True)
    diversity_weight = traitlets.Float(0.0).tag(sync=True)

    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    kinds = traitlets.List(traitlets.Unicode()).tag(sync=True)
    categories = traitlets.Dict().tag(sync=True)
    items = traitlets.Dict().tag(sync=True)
    retrieval = traitlets.Dict().tag(sync=True)
    scores = traitlets.Dict().tag(sync=True)
    truths = traitlets.List().tag(sync=True)
    rankers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    users = traitlets.List(traitlets.Unicode()).tag(sync=True)
    interests = traitlets.Int(1).tag(sync=True)
    most = traitlets.Int(1).tag(sync=True)
    widest = traitlets.Int(1).tag(sync=True)
    sizes = traitlets.List(traitlets.Int()).tag(sync=True)
    largest = traitlets.Float(1.0).tag(sync=True)
    catalog = traitlets.Int(1).tag(sync=True)

    def __init__(
        self,
        titles: Sequence[str],
        categories: Sequence[str],
        items: Any,
        retrieval: Any,
        rankers: Mapping[str, Any],
        truths: Sequence[Sequence[int]],
        *,
        sizes: Sequence[int] = (5, 10),
        users: Sequence[str] | None = None,
        user: int = 0,
        ranker: int = 0,
        n: int | None = None,
        m: int | None = None,
        size: int | None = None,
        diversity_weight: float = 0.0,
        largest: float = 1.0,
        title: str = "Every stage can only lose",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        self._titles = check_names(titles, "titles", None)
        N = len(self._titles) - 1
        named = check_names(categories, "categories", N + 1)
        kinds = list(dict.fromkeys(named[1:]))
        self._categories = np.array(
            [kinds.index(k) if k in kinds else 0 for k in named]
        )
        self._items = _check_items(items, N)
        U, K, most = self._items.shape
        self._retrieval = _check_scores(retrieval, "retrieval", self._items)
        if not isinstance(rankers, Mapping) or not rankers:
            raise TypeError(
                "rankers must be a mapping of names to scores, got "
                f"{type(rankers).__name__}"
            )
        self._scores = np.stack(
            [
                _check_scores(scores, f"rankers[{name!r}]", self._items)
                for name, scores in rankers.items()
            ]
        )
        self._truths = _check_truths(truths, U, N)
        self._used, places = np.unique(
            np.concatenate([self._items.ravel(), *map(np.asarray, self._truths)]),
            return_inverse=True,
        )
        place = {int(item): p for p, item in enumerate(self._used[self._used > 0])}
        used = list(place)  # only these names travel
        distinct = [len(np.unique(one[one > 0])) for one in self._items]
        widest = max(*distinct, 1)
        sizes = [int(one) for one in sizes]
        if not sizes or sizes != sorted(set(sizes)) or sizes[0] < 1:
            raise ValueError(f"sizes must be rising numbers from 1 on, got {sizes}")
        if not 0 < float(largest) <= MOST_WEIGHT:
            raise ValueError(
                f"largest must lie above 0, to {MOST_WEIGHT:g}, got {largest}"
            )
        coded = np.array([place.get(int(one), -1) for one in self._items.ravel()])
        super().__init__(
            title=title,
            caption=caption,
            titles=[self._titles[item] for item in used],
            kinds=kinds,
            categories=encode(self._categories[used]),
            items=encode(coded.reshape(U, -1)),
            retrieval=encode(self._retrieval.reshape(U, -1)),
            scores=encode(self._scores.reshape(-1, K * most)),
            truths=[[place[item] for item in row] for row in self._truths],
            rankers=list(rankers),
            users=check_labels(users, "users", U),
            interests=K,
            most=most,
            widest=widest,
            sizes=sizes,
            largest=float(largest),
            catalog=N,
            user=user,
            ranker=ranker,
            n=most if n is None else n,
            m=widest if m is None else m,
            size=sizes[0] if size is None else size,
            diversity_weight=diversity_weight,
        )

    def trace(self) -> Trace:
        """Return what stood where after each stage, for the present user (B = 1)."""
        finds = Finds(
            self._items[self.user],
            self._retrieval[self.user],
            self._scores[self.ranker, self.user],
        )
        size = min(self.size, self.m)
        return read(
            finds, self._categories, self.n, self.m, size, self.diversity_weight
        )

    def still(self) -> str:
        """Return the table of her items and the list, as HTML."""
        return still.draw(
            self.trace(), self._truths[self.user], self._titles, self.size
        )

    @traitlets.validate("user")
    def _check_user(self, proposal: Any) -> int:
        return check_range(proposal, 0, len(self.users) - 1)

    @traitlets.validate("ranker")
    def _check_ranker(self, proposal: Any) -> int:
        return check_range(proposal, 0, len(self.rankers) - 1)

    @traitlets.validate("n")
    def _check_n(self, proposal: Any) -> int:
        return check_range(proposal, 1, self.most)

    @traitlets.validate("m")
    def _check_m(self, proposal: Any) -> int:
        return check_range(proposal, 1, self.widest)

    @traitlets.validate("size")
    def _check_size(self, proposal: Any) -> int:
        if proposal["value"] not in self.sizes:
            raise traitlets.TraitError(
                f"size must be one of sizes {self.sizes}, got {proposal['value']}"
            )
        return proposal["value"]

    @traitlets.validate("diversity_weight")
    def _check_weight(self, proposal: Any) -> float:
        return check_range(proposal, 0, MOST_WEIGHT)


def _check_items(items: Any, num_items: int) -> np.ndarray:
    array = to_numpy(items, "items")
    if array.ndim != 3 or not array.size:
        raise ValueError(
            f"items must have shape [U, K, n] with a find, got {list(array.shape)}"
        )
    if array.dtype.kind not in "iu":
        raise TypeError(f"items must be whole numbers, got {array.dtype}")
    if array.shape[1] > MAX_INTERESTS or array.shape[2] > MOST_EACH:
        raise ValueError(
            f"items must be of at most {MAX_INTERESTS} interests with {MOST_EACH} "
            f"each, got {list(array.shape)}"
        )
    if array.min() < 0 or array.max() > num_items:
        raise ValueError(
            f"items must lie in 0..{num_items}, got {array.min()}..{array.max()}"
        )
    return array.astype(np.int64)


def _check_scores(values: Any, name: str, items: np.ndarray) -> np.ndarray:
    array = to_numpy(values, name)
    if array.shape != items.shape:
        raise ValueError(
            f"{name} must have the shape of items {list(items.shape)}, got "
            f"{list(array.shape)}"
        )
    array = np.where(items > 0, array, 0).astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} must be finite where an item was found, got NaN or infinity"
        )
    return array


def _check_truths(
    truths: Sequence[Sequence[int]], count: int, num_items: int
) -> list[list[int]]:
    rows = [list(dict.fromkeys(int(item) for item in row)) for row in truths]
    if len(rows) != count:
        raise ValueError(f"truths must be {count} lists of ids, got {len(rows)}")
    for user, row in enumerate(rows):
        if not row or min(row) < 1 or max(row) > num_items:
            raise ValueError(
                f"truths must hold ids in 1..{num_items}, one or more, got {row} for "
                f"user {user}"
            )
    return rows
