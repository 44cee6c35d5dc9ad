"""One history, its interests, and what each retrieves."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.core.arrays import project
from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import (
    check_histories,
    check_labels,
    check_names,
    check_truth,
)
from seqviz.explorers.core.reading import Reading, check_logits, check_vectors
from seqviz.explorers.core.svg import MAX_INTERESTS
from seqviz.explorers.interest import still

__all__ = ["InterestExplorer", "Reading"]

DEFAULT_CAPTION = (
    "Each tile is a click, oldest first; the bars under it are the weights that the "
    "interests give it, and its sign is that of the largest. Leave out the click with "
    "the longest bar: where does that interest look next, and what does it retrieve?"
)

InterestsOf = Callable[[list[int], int], tuple[Any, Any]]


class InterestExplorer(Explorer):
    """Shows how K interests share one user's clicks, and what each retrieves.

    The page repeats the arithmetic of self-attentive pooling: a softmax of the
    logits over the clicks that are kept, the weighted sum of their item vectors, and
    the items with the largest dot product. So leaving a click out answers at once,
    with a kernel or without.

    Args:
        item_ids: ``[U, T]`` with 0 for padding, or one list of ids a user (then
            padded on the left to the T of the logits).
        readings: one :class:`Reading`, or one for each number of interests K.
        titles: N+1 names; ``titles[0]`` belongs to the padding.
        categories: N+1 names of categories.
        users: U labels; by default "1", "2", ...
        truth: ``[U, T]`` names of the interests that caused the clicks, None where
            there is none.
        num_retrieved: how many items each interest retrieves.
        exclude_history: whether clicks of the history are left out of the retrieval.
        interests_of: ``(item_ids, num_interests) -> (logits [K, T], item_vectors
            [N+1, E])``, asked with a kernel when clicks are left out or for a K
            without a reading. Its answer is shown in place of the page's own.
        choices: the numbers of interests to offer with a kernel; by default those of
            the readings. Without a kernel only those of the readings can be picked.
        num_interests: the K to begin with; by default the largest reading.
        title, caption: see :class:`Explorer`; made from the data by default.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``user`` (row), ``num_interests``, ``removed`` (positions left out of
    the row) and ``selected`` (the position under the hand, or None) follow the page
    and may be set from Python.

    Example:
        >>> logits = np.array([[[5.0, 0.0], [0.0, 5.0]]])  # [U, K, T]
        >>> figure = InterestExplorer(
        ...     [[1, 2]],
        ...     Reading(logits, np.eye(5)),
        ...     ["", "boots", "tent", "shoes", "lamp"],
        ...     ["", "feet", "camp", "feet", "camp"],
        ... )
        >>> figure.choices, figure.num_interests
        ([2], 2)
    """

    user = traitlets.Int(0).tag(sync=True)
    num_interests = traitlets.Int(1).tag(sync=True)
    removed = traitlets.List(traitlets.Int()).tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    #: What ``interests_of`` answered, and to which question.
    answer = traitlets.Dict().tag(sync=True)

    users = traitlets.List(traitlets.Unicode()).tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: The names of the categories, and for each item the place of its own.
    categories = traitlets.Dict().tag(sync=True)
    item_ids = traitlets.Dict().tag(sync=True)
    #: K (as text) to its logits and the place of its item vectors in ``vectors``.
    readings = traitlets.Dict().tag(sync=True)
    vectors = traitlets.List(traitlets.Dict()).tag(sync=True)
    truth = traitlets.Dict(None, allow_none=True).tag(sync=True)
    choices = traitlets.List(traitlets.Int()).tag(sync=True)
    asks = traitlets.Bool(False).tag(sync=True)
    num_retrieved = traitlets.Int(6).tag(sync=True)
    exclude_history = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        item_ids: Any,
        readings: Reading | Mapping[int, Reading],
        titles: Sequence[str],
        categories: Sequence[str],
        *,
        users: Sequence[str] | None = None,
        truth: Sequence[Sequence[str | None]] | None = None,
        num_retrieved: int = 6,
        exclude_history: bool = True,
        interests_of: InterestsOf | None = None,
        choices: Sequence[int] | None = None,
        num_interests: int | None = None,
        title: str | None = None,
        caption: str | None = None,
    ) -> None:
        if isinstance(readings, Reading):
            readings = {to_numpy(readings.logits, "logits").shape[-2]: readings}
        if not readings:
            raise ValueError("readings must hold at least one Reading, got none")
        self._titles = check_names(titles, "titles", None)
        num_items = len(self._titles) - 1
        self._category_of = check_names(categories, "categories", num_items + 1)
        first = to_numpy(next(iter(readings.values())).logits, "logits")
        self._ids = check_histories(item_ids, first.shape[-1], num_items)
        self._vectors: list[np.ndarray] = []
        self._logits: dict[int, np.ndarray] = {}
        encoded = {}
        for count, reading in sorted(readings.items()):
            name = f"readings[{count}]"
            logits = check_logits(reading.logits, self._ids > 0, f"{name}.logits")
            if logits.shape[1] != count:
                raise ValueError(
                    f"{name}.logits must have {count} interests, got {logits.shape[1]}"
                )
            vectors = check_vectors(
                reading.item_vectors, num_items, f"{name}.item_vectors"
            )
            self._logits[count] = logits
            encoded[str(count)] = {
                "logits": encode(logits),
                "vectors": self._place(vectors),
            }
        if num_retrieved < 1:
            raise ValueError(f"num_retrieved must be 1 or more, got {num_retrieved}")
        self._interests_of = interests_of
        offered = sorted({*(choices or ()), *self._logits})
        if offered[0] < 1 or offered[-1] > MAX_INTERESTS:
            raise ValueError(f"choices must lie in 1 to {MAX_INTERESTS}, got {offered}")
        if interests_of is None and len(offered) > len(self._logits):
            raise ValueError(
                "choices without a reading need interests_of, got "
                f"{sorted(set(offered) - set(self._logits))}"
            )
        begin = max(self._logits) if num_interests is None else num_interests
        if begin not in self._logits:
            raise ValueError(
                f"num_interests must be one of the readings {list(self._logits)}, "
                f"got {begin}"
            )
        category_names = sorted(set(self._category_of[1:]))
        super().__init__(
            title=title or _default_title(offered[-1]),
            caption=caption or DEFAULT_CAPTION,
            num_interests=begin,
            users=check_labels(users, "users", len(self._ids)),
            titles=self._titles,
            categories={
                "names": category_names,
                "of": [-1, *map(category_names.index, self._category_of[1:])],
            },
            item_ids=encode(self._ids),
            readings=encoded,
            vectors=[_encode_vectors(vectors) for vectors in self._vectors],
            truth=check_truth(truth, self._ids),
            choices=offered,
            asks=interests_of is not None,
            num_retrieved=num_retrieved,
            exclude_history=exclude_history,
        )
        if interests_of is not None:
            self.observe(self._ask, names=["user", "num_interests", "removed"])

    def still(self) -> str:
        """Return the picture of the present user and K, in HTML and SVG."""
        count = self.num_interests
        if count not in self._logits:
            count = max(self._logits)
        place = self.readings[str(count)]["vectors"]
        return still.draw(
            ids=self._ids[self.user],
            logits=self._logits[count][self.user],
            item_vectors=self._vectors[place],
            titles=self._titles,
            categories=self._category_of,
            removed=set(self.removed),
            num_retrieved=self.num_retrieved,
            exclude_history=self.exclude_history,
            user=self.users[self.user],
        )

    def state(self) -> dict[str, Any]:
        """Return the state for the page: without an answer and without a kernel."""
        state = super().state()
        kept = self.num_interests in self._logits
        return {
            **state,
            "answer": {},
            "asks": False,
            "choices": sorted(self._logits),
            "num_interests": self.num_interests if kept else max(self._logits),
            "selected": None,
        }

    def _place(self, vectors: np.ndarray) -> int:
        """Return where these item vectors stand; equal ones are sent once."""
        for place, known in enumerate(self._vectors):
            if known.shape == vectors.shape and np.array_equal(known, vectors):
                return place
        self._vectors.append(vectors)
        return len(self._vectors) - 1

    def _ask(self, change: Any) -> None:
        """Ask ``interests_of`` about the clicks that are left."""
        if change["name"] == "user" and self.removed:
            self.removed = []  # asks again
            return
        count, row = self.num_interests, self._ids[self.user]
        gone = set(self.removed)
        kept = [p for p in range(len(row)) if row[p] > 0 and p not in gone]
        question = {
            "user": self.user,
            "num_interests": count,
            "removed": sorted(gone),
        }
        if not kept or (count in self._logits and not gone):
            self.answer = {}
            return
        try:
            logits, item_vectors = self._interests_of(
                [int(row[p]) for p in kept], count
            )
            mask = np.ones((1, len(kept)), dtype=bool)
            logits = check_logits(
                to_numpy(logits, "logits of interests_of")[None],
                mask,
                "logits of interests_of",
            )
            if logits.shape[1] != count:
                raise ValueError(
                    f"logits of interests_of must have {count} interests, "
                    f"got {logits.shape[1]}"
                )
            vectors = check_vectors(
                item_vectors, len(self._titles) - 1, "item_vectors of interests_of"
            )
        except Exception as error:
            self.answer = {
                **question,
                "problem": f"{type(error).__name__}: {error}",
            }
            raise
        place = self._place(vectors)
        if place == len(self.vectors):
            self.vectors = [*self.vectors, _encode_vectors(vectors)]
        self.answer = {
            **question,
            "positions": kept,
            "logits": encode(logits[0]),
            "vectors": place,
        }

    @traitlets.validate("user")
    def _check_user(self, proposal: Any) -> int:
        return check_range(proposal, 0, len(self._ids) - 1)

    @traitlets.validate("num_interests")
    def _check_num_interests(self, proposal: Any) -> int:
        if self.choices and proposal["value"] not in self.choices:
            raise traitlets.TraitError(
                f"num_interests must be one of {self.choices}, got {proposal['value']}"
            )
        return proposal["value"]

    @traitlets.validate("removed", "selected")
    def _check_positions(self, proposal: Any) -> Any:
        value, length = proposal["value"], self._ids.shape[1]
        positions = value if isinstance(value, list) else [value or 0]
        if not all(0 <= position < length for position in positions):
            raise traitlets.TraitError(
                f"{proposal['trait'].name} must hold positions from 0 to "
                f"{length - 1}, got {value}"
            )
        return value


def _default_title(most: int) -> str:
    """Return a title that holds for every user and up to ``most`` interests."""
    return f"One history, {'one interest' if most == 1 else 'several interests'}"


def _encode_vectors(vectors: np.ndarray) -> dict[str, Any]:
    """Return item vectors ``[N+1, E]`` and their map, on which padding has no part."""
    shadow = project(vectors[1:])
    return {
        "items": encode(vectors),
        "axes": encode(shadow.axes),
        "mean": encode(shadow.mean),
        "share": round(shadow.share, 4),
    }
