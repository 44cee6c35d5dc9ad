"""One user's candidates, and the greedy list that a diversity weight makes of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
import traitlets

from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_labels
from seqviz.explorers.diversity import still
from seqviz.explorers.diversity.inputs import (
    MOST_WEIGHT,
    Names,
    check_curve,
    check_curves,
    check_flags,
    check_interests,
    check_lengths,
    check_number,
    check_scores,
    check_texts,
    codes,
)
from seqviz.retrieval.rerank import greedy_diversity

__all__ = ["DiversityExplorer"]

DEFAULT_CAPTION = (
    "The tiles are the list in the order of choosing; one letter per category. A "
    "shaded tile would not be there by its score alone. Raise λ: where does the "
    "second category enter, and what does it cost?"
)


class Pick(NamedTuple):
    """One item of the list: its column, its score, and its gain when it was chosen.

    ``gain = score + diversity_weight * others``, where ``others`` counts the items
    chosen before it that are of another category.
    """

    column: int
    name: str
    category: str
    score: float
    others: int
    gain: float


class DiversityExplorer(Explorer):
    """Shows the greedy list of a user as the diversity weight λ is dragged.

    The page makes the list itself, the same as
    :func:`seqviz.retrieval.greedy_diversity` makes of the scores in float32.

    Args:
        names: of the M candidates, or U such lists.
        scores: ``[M]`` or ``[U, M]``, finite where there is a candidate.
        categories: a name for each candidate, in the shape of ``names``.
        mask: ``[M]`` or ``[U, M]``, bool, True = a candidate; none: all are.
        interests: in the shape of ``scores``, which interest found the candidate,
            0 to 7, -1 for none.
        relevant: in the shape of ``scores``, bool: what the user really took.
        curves: n to points ``[P, 3]`` of weight, recall and diversity (0 to 1), the
            means of many users, by rising weight.
        curve_label: whose means they are.
        lengths: the n to choose from; at most the candidates of any user.
        users: U labels; by default "1", "2", ...
        user: the one to begin with.
        n: the length to begin with; the first of ``lengths``, if not given.
        diversity_weight: the λ to begin with, 0 to 1e6.
        largest: the right end of the slider.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``user``, ``n`` and ``diversity_weight`` follow the page and may be set
    from Python.

    Example:
        >>> figure = DiversityExplorer(
        ...     ["boots", "shoes", "tent"],
        ...     [0.9, 0.8, 0.1],
        ...     ["feet", "feet", "camp"],
        ...     lengths=[2],
        ... )
        >>> [pick.name for pick in figure.picks(0.0)]
        ['boots', 'shoes']
        >>> [pick.name for pick in figure.picks(1.0)]
        ['boots', 'tent']
    """

    user = traitlets.Int(0).tag(sync=True)
    n = traitlets.Int(1).tag(sync=True)
    diversity_weight = traitlets.Float(0.0).tag(sync=True)

    #: The names that occur, and for each user and column the place among them, -1
    #: where there is no candidate.
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    items = traitlets.Dict().tag(sync=True)
    kinds = traitlets.List(traitlets.Unicode()).tag(sync=True)
    categories = traitlets.Dict().tag(sync=True)
    scores = traitlets.Dict().tag(sync=True)
    interests = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    relevant = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    curves = traitlets.Dict().tag(sync=True)
    curve_label = traitlets.Unicode().tag(sync=True)
    lengths = traitlets.List(traitlets.Int()).tag(sync=True)
    users = traitlets.List(traitlets.Unicode()).tag(sync=True)
    largest = traitlets.Float(1.0).tag(sync=True)

    def __init__(
        self,
        names: Names,
        scores: Any,
        categories: Names,
        *,
        mask: Any = None,
        interests: Any = None,
        relevant: Any = None,
        curves: Mapping[int, Any] | None = None,
        curve_label: str = "All users",
        lengths: Sequence[int] = (5, 10, 20),
        users: Sequence[str] | None = None,
        user: int = 0,
        n: int | None = None,
        diversity_weight: float = 0.0,
        largest: float = 1.0,
        title: str = "One weight trades relevance for variety",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        values = to_numpy(scores, "scores")
        if values.ndim not in (1, 2) or not values.size:
            raise ValueError(
                "scores must have shape [M] or [U, M] with one candidate or more, got "
                f"{list(values.shape)}"
            )
        shape = values.shape
        self._mask = np.atleast_2d(check_flags(mask, "mask", shape, True))
        self._scores = check_scores(np.atleast_2d(values), self._mask)
        num_users, _ = self._scores.shape
        self._names = check_texts(names, "names", shape)
        self._categories = check_texts(categories, "categories", shape)
        self._interests = check_interests(interests, shape, self._mask)
        self._relevant = None
        if relevant is not None:
            flags = np.atleast_2d(check_flags(relevant, "relevant", shape, False))
            self._relevant = flags & self._mask
        lengths = check_lengths(lengths, int(self._mask.sum(1).min()))
        titles, items = codes(self._names, self._mask)
        kinds, self._kinds = codes(self._categories, self._mask)
        if not 0 < check_number(largest, "largest") <= MOST_WEIGHT:
            raise ValueError(
                f"largest must lie above 0, to {MOST_WEIGHT:g}, got {largest}"
            )
        super().__init__(
            title=title,
            caption=caption,
            titles=titles,
            items=encode(items),
            kinds=kinds,
            categories=encode(self._kinds),
            scores=encode(self._scores),
            interests=None if interests is None else encode(self._interests),
            relevant=None if relevant is None else encode(self._relevant),
            curves={
                str(length): check_curve(points, f"curves[{length!r}]")
                for length, points in check_curves(curves, lengths).items()
            },
            curve_label=curve_label,
            lengths=lengths,
            users=check_labels(users, "users", num_users),
            largest=float(largest),
            user=user,
            n=lengths[0] if n is None else n,
            diversity_weight=diversity_weight,
        )

    def picks(self, diversity_weight: float | None = None) -> list[Pick]:
        """Return the present user's list of length ``n``, in the order of choosing.

        Without a weight, that of the present one.
        """
        weight = self.diversity_weight if diversity_weight is None else diversity_weight
        row = slice(self.user, self.user + 1)
        columns = greedy_diversity(
            torch.from_numpy(self._scores[row]),
            torch.from_numpy(self._kinds[row]),
            self.n,
            weight,
            torch.from_numpy(self._mask[row]),
        )[0].tolist()
        picks: list[Pick] = []
        for place, column in enumerate(columns):
            category = self._categories[self.user][column]
            others = place - sum(pick.category == category for pick in picks)
            score = float(self._scores[self.user, column])
            picks.append(
                Pick(
                    column,
                    self._names[self.user][column],
                    category,
                    score,
                    others,
                    score + weight * others,
                )
            )
        return picks

    def still(self) -> str:
        """Return the list at several weights, its tiles and the curve, as HTML."""
        few = {0.0, self.largest / 4, self.largest}
        weights = sorted(few | {self.diversity_weight})
        return still.draw(
            {weight: self.picks(weight) for weight in weights},
            self.diversity_weight,
            self._order(),
            self._interests[self.user],
            self.curves.get(str(self.n)),
            self.curve_label,
        )

    def _order(self) -> list[str]:
        """Return the user's categories as their best items follow one another."""
        ranked = np.argsort(-self._scores[self.user], kind="stable")
        real = (column for column in ranked if self._mask[self.user, column])
        return list(dict.fromkeys(self._categories[self.user][c] for c in real))

    @traitlets.validate("user")
    def _check_user(self, proposal: Any) -> int:
        return check_range(proposal, 0, len(self.users) - 1)

    @traitlets.validate("n")
    def _check_n(self, proposal: Any) -> int:
        if proposal["value"] not in self.lengths:
            raise traitlets.TraitError(
                f"n must be one of lengths {self.lengths}, got {proposal['value']}"
            )
        return proposal["value"]

    @traitlets.validate("diversity_weight")
    def _check_weight(self, proposal: Any) -> float:
        return check_range(proposal, 0, MOST_WEIGHT)
