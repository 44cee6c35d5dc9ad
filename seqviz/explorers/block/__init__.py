"""One history through a stack of blocks: what a place reads, and what it predicts."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import traitlets

from seqviz.explorers.block import still
from seqviz.explorers.block.flow import flow
from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_names

__all__ = ["BlockExplorer", "Stack"]

MOST_PLACES, MOST_BLOCKS, MOST_HEADS, MOST_MODELS, MOST_ITEMS = 12, 3, 8, 3, 8
NEXT = "next"  # the name of a mask behind the history
DEFAULT_CAPTION = (
    "Lines end at the place that is asked, and are as wide as what flows along them; "
    "below, what is predicted there. Hide a click: how far does the list change? Then "
    "let the other model answer: who may read whom?"
)


class Stack(NamedTuple):
    """What a model was asked: the history whole, then with each click hidden in turn.

    Attributes:
        weights: ``[T + 1, L, H, P, P]``, of each block and head, a row for who reads;
            first with nothing hidden, then with click 1, 2, ... hidden. P is T, or
            T + 1 with a mask behind the history.
        items: ``[T + 1, P, n]``, the numbers of the n best items at each place, best
            first.
        chances: ``[T + 1, P, n]``, their probabilities.

    Example:
        >>> T, L, H, P, n = 3, 2, 1, 3, 5
        >>> stack = Stack(
        ...     weights=np.full((T + 1, L, H, P, P), 1 / P),
        ...     items=np.ones((T + 1, P, n), dtype=int),
        ...     chances=np.full((T + 1, P, n), 1 / n),
        ... )
        >>> float(stack.weights[0, 0, 0, -1].sum())  # who the last place reads
        1.0
    """

    weights: Any
    items: Any
    chances: Any


class BlockExplorer(Explorer):
    """Shows attention flowing through the blocks to the place that is asked.

    The page repeats the products of ``flow``; predictions are looked up.

    Args:
        stacks: name to ``Stack``, one to three models on the same history.
        titles: the T names of the clicks.
        names: names of all items, by number.
        model, head, place, hidden: what to begin with; head 0 is the mean of all, place
            the last one if not given, hidden 0 nothing, 1 the first click.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``model``, ``head``, ``place`` and ``hidden`` follow the page and may be
    set from Python.

    Example:
        >>> weights = np.tril(np.ones((3, 1, 1, 2, 2)))
        >>> weights /= weights.sum(-1, keepdims=True)
        >>> items = np.tile([2, 1], (3, 2, 1))
        >>> stack = Stack(weights, items, np.tile([0.75, 0.25], (3, 2, 1)))
        >>> figure = BlockExplorer(
        ...     {"causal": stack}, ["boots", "tent"], ["", "lamp", "stove"]
        ... )
        >>> figure.predicted()
        [('stove', 0.75), ('lamp', 0.25)]
    """

    model = traitlets.Int(0).tag(sync=True)
    head = traitlets.Int(0).tag(sync=True)
    place = traitlets.Int(0).tag(sync=True)
    hidden = traitlets.Int(0).tag(sync=True)

    models = traitlets.List(traitlets.Unicode()).tag(sync=True)
    heads = traitlets.List(traitlets.Unicode()).tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    weights = traitlets.List(traitlets.Dict()).tag(sync=True)
    items = traitlets.List(traitlets.Dict()).tag(sync=True)
    chances = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: The names of the items that stand in a list, by their number there.
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        stacks: Mapping[str, Stack],
        titles: Sequence[str],
        names: Sequence[str],
        *,
        model: int = 0,
        head: int = 0,
        place: int | None = None,
        hidden: int = 0,
        title: str = "What flows to the place that is asked",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        titles = check_names(titles, "titles", len(list(titles)))
        if not 1 <= len(titles) <= MOST_PLACES:
            raise ValueError(
                f"titles must hold 1 to {MOST_PLACES} clicks, got {len(titles)}"
            )
        if not isinstance(stacks, Mapping) or not 1 <= len(stacks) <= MOST_MODELS:
            raise ValueError(
                f"stacks must map 1 to {MOST_MODELS} names to a Stack, got {stacks!r}"
            )
        self._stacks = [
            _check_stack(name, stack, len(titles)) for name, stack in stacks.items()
        ]
        heads = {stack.weights.shape[1:3] for stack in self._stacks}
        if len(heads) > 1:
            raise ValueError(
                f"stacks must agree in blocks and heads, got {sorted(heads)}"
            )
        num_heads = self._stacks[0].weights.shape[2]
        self._stacks, shown = _with_names(self._stacks, list(names))
        super().__init__(
            title=title,
            caption=caption,
            models=[str(name) for name in stacks],
            heads=["mean", *map(str, range(1, num_heads + 1))],
            titles=titles,
            weights=[encode(stack.weights) for stack in self._stacks],
            items=[encode(stack.items) for stack in self._stacks],
            chances=[encode(stack.chances) for stack in self._stacks],
            names=shown,
            model=model,
            head=head,
            place=self._places(model) - 1 if place is None else place,
            hidden=hidden,
        )

    def flow(self) -> np.ndarray:
        """Return what reaches the place that is asked, ``[L + 1, P]``, in float64."""
        return flow(self._blocks(), self._asked())

    def _blocks(self) -> np.ndarray:
        """The weights of the chosen head, or of all: ``[L, P, P]``."""
        weights = self._stacks[self.model].weights[self.hidden]  # [L, H, P, P]
        return weights.mean(1) if self.head == 0 else weights[:, self.head - 1]

    def predicted(self) -> list[tuple[str, float]]:
        """Return the names of the best items there, with their probabilities."""
        stack, place = self._stacks[self.model], (self.hidden, self._asked())
        names = [self.names[number] for number in stack.items[place]]
        return list(zip(names, stack.chances[place].tolist(), strict=True))

    def still(self) -> str:
        """Return the flow and the list of the present state, in HTML."""
        return still.draw(
            self.models[self.model],
            self.heads[self.head],
            self.place_names(),
            self._asked(),
            self._blocks(),
            self.predicted(),
            after=self._places(self.model) == len(self.titles),
        )

    def place_names(self) -> list[str]:
        """Return the P names of the places; what is hidden says so."""
        names = [
            f"{title} (hidden)" if number == self.hidden else title
            for number, title in enumerate(self.titles, 1)
        ]
        return (names + [NEXT])[: self._places(self.model)]

    def _places(self, model: int) -> int:
        return self._stacks[min(model, len(self._stacks) - 1)].weights.shape[3]

    def _asked(self) -> int:
        return min(self.place, self._places(self.model) - 1)

    @traitlets.validate("model", "head", "place", "hidden")
    def _check_place(self, proposal: Any) -> int:
        most = {
            "model": len(self._stacks) - 1,
            "head": self._stacks[0].weights.shape[2],
            "place": max(stack.weights.shape[3] for stack in self._stacks) - 1,
            "hidden": len(self._stacks[0].weights) - 1,
        }
        return check_range(proposal, 0, most[proposal["trait"].name])


def _check_stack(name: Any, stack: Any, length: int) -> Stack:
    """Return float32 weights and chances and int64 items, of the shapes that fit."""
    if not isinstance(stack, tuple) or len(stack) != len(Stack._fields):
        raise TypeError(f"stacks[{name!r}] must be a Stack, got {type(stack).__name__}")
    weights, items, chances = (
        to_numpy(part, f"stacks[{name!r}].{field}")
        for field, part in zip(Stack._fields, stack, strict=True)
    )
    shape = weights.shape
    fits = (
        weights.ndim == 5
        and shape[0] == length + 1
        and 1 <= shape[1] <= MOST_BLOCKS
        and 1 <= shape[2] <= MOST_HEADS
        and shape[3] == shape[4]
        and shape[3] in (length, length + 1)
    )
    if not fits:
        raise ValueError(
            f"stacks[{name!r}].weights must have shape [{length + 1}, L, H, P, P] with "
            f"P of {length} or {length + 1}, L up to {MOST_BLOCKS} and H up to "
            f"{MOST_HEADS}, got {list(shape)}"
        )
    if not ((weights >= 0) & (weights <= 1)).all():
        raise ValueError(
            f"stacks[{name!r}].weights must lie in 0 to 1, got "
            f"{weights.min()}..{weights.max()}"
        )
    wanted = (*shape[:1], shape[3])
    for field, part in (("items", items), ("chances", chances)):
        if part.shape != items.shape or part.shape[:2] != wanted or part.ndim != 3:
            raise ValueError(
                f"stacks[{name!r}].{field} must have shape [{wanted[0]}, {wanted[1]}, "
                f"n], got {list(part.shape)}"
            )
    if not 1 <= items.shape[2] <= MOST_ITEMS or items.dtype.kind not in "iu":
        raise ValueError(
            f"stacks[{name!r}].items must hold 1 to {MOST_ITEMS} numbers for each "
            f"place, got {items.dtype} {list(items.shape)}"
        )
    if not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError(
            f"stacks[{name!r}].chances must lie in 0 to 1, got "
            f"{chances.min()}..{chances.max()}"
        )
    return Stack(
        weights.astype(np.float32),
        items.astype(np.int64),
        chances.astype(np.float32),
    )


def _with_names(stacks: list[Stack], names: list[str]) -> tuple[list[Stack], list[str]]:
    """Return the stacks with their items numbered anew, and the names of these."""
    used = np.unique(np.concatenate([stack.items.ravel() for stack in stacks]))
    if used[0] < 0 or used[-1] >= len(names):
        raise ValueError(
            f"names must name every item, 0 to {used[-1]}, got {len(names)} names and "
            f"items {used[0]}..{used[-1]}"
        )
    again = [
        stack._replace(items=np.searchsorted(used, stack.items)) for stack in stacks
    ]
    return again, [str(names[item]) for item in used]
