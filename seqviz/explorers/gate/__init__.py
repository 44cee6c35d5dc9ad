"""Session and past in one gate: entry by entry, and item by item."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_names
from seqviz.explorers.gate import still
from seqviz.explorers.gate.mixing import FUSIONS, Mixed, mix

__all__ = ["GateExplorer"]

MOST_SESSIONS, MOST_CLICKS, MOST_WIDTH = 6, 12, 64
MOST_ATTRIBUTES, MOST_VALUES, SHOWN = 5, 3, 8
DEFAULT_CAPTION = (
    "Left: what she clicks now and what her past holds, with the weights that she "
    "gives to each. Right: the gate, a column for each entry, full where the session "
    "decides; under it the best items, their scores split into what the session and "
    "what the past bring. Swap the session: where does the gate open, and whose items "
    "come?"
)


class GateExplorer(Explorer):
    r"""Shows how a gate mixes the sessions of a user with her past.

    The page repeats the last step of the model:
    :math:`o = g \odot s + (1 - g) \odot p`, and an item's score is its inner product
    with o. It may put another mixture in the place of the gate.

    Args:
        sessions: name to the names of the clicks, 1 to 6 sessions of 1 to 12 clicks.
        weights: for each session the weights of its clicks.
        past: attribute to the weights of its values by their names, 1 to 5 attributes;
            the three largest of each are shown.
        short: ``[S, E]``, what each session was read into; E is at most 64.
        long: ``[E]``, what the past was read into; or ``[S, E]``.
        gate: ``[S, E]``, from 0 to 1.
        items: ``[N, E]``, the vectors that are compared with the mixture.
        titles: N names.
        session, fusion: the ones to begin with; fusion is 0 (the gate) to 3.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``session`` and ``fusion`` follow the page and may be set from Python.

    Example:
        >>> figure = GateExplorer(
        ...     {"shoes": ["boots", "sandals"]},
        ...     [[0.7, 0.3]],
        ...     {"category": {"camping": 1.0}},
        ...     short=[[1.0, 0.0]],
        ...     long=[0.0, 1.0],
        ...     gate=[[0.25, 0.5]],
        ...     items=[[1.0, 0.0], [0.0, 1.0]],
        ...     titles=["running shoes", "tent"],
        ... )
        >>> figure.mixed().output.tolist()
        [0.25, 0.5]
    """

    session = traitlets.Int(0).tag(sync=True)
    fusion = traitlets.Int(0).tag(sync=True)

    fusions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: The clicks of each session, and their weights.
    clicks = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    weights = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    #: For each attribute its name and the pairs (value, weight).
    past = traitlets.List().tag(sync=True)
    short = traitlets.Dict().tag(sync=True)
    long = traitlets.Dict().tag(sync=True)
    gate = traitlets.Dict().tag(sync=True)
    items = traitlets.Dict().tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shown = traitlets.Int(SHOWN).tag(sync=True)

    def __init__(
        self,
        sessions: Mapping[str, Sequence[str]],
        weights: Sequence[Any],
        past: Mapping[str, Mapping[str, float]],
        *,
        short: Any,
        long: Any,
        gate: Any,
        items: Any,
        titles: Sequence[str],
        session: int = 0,
        fusion: int = 0,
        title: str = "The gate decides whose items come",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        clicks = _check_sessions(sessions)
        self._short = _check_vectors(short, "short", len(clicks))
        count, width = self._short.shape
        if not 1 <= width <= MOST_WIDTH:
            raise ValueError(f"short must have 1 to {MOST_WIDTH} entries, got {width}")
        rows = np.ndim(long) == 1
        self._long = _check_vectors([long] if rows else long, "long", None, width)
        if len(self._long) not in (1, count):
            raise ValueError(
                f"long must have shape [E] or [{count}, E], got "
                f"{list(self._long.shape)}"
            )
        self._long = np.broadcast_to(self._long, self._short.shape)
        self._gate = _check_vectors(gate, "gate", count, width)
        if ((self._gate < 0) | (self._gate > 1)).any():
            raise ValueError(
                f"gate must lie in 0 to 1, got {self._gate.min()}..{self._gate.max()}"
            )
        self._items = _check_vectors(items, "items", None, width)
        super().__init__(
            title=title,
            caption=caption,
            fusions=list(FUSIONS),
            names=[str(name) for name in sessions],
            clicks=clicks,
            weights=_check_weights(weights, clicks),
            past=_check_past(past),
            short=encode(self._short),
            long=encode(self._long),
            gate=encode(self._gate),
            items=encode(self._items),
            titles=check_names(titles, "titles", len(self._items)),
            shown=min(SHOWN, len(self._items)),
            session=session,
            fusion=fusion,
        )

    def mixed(self) -> Mixed:
        """Return what the present fusion makes of the present session."""
        row = self.session
        return mix(
            self._gate[row], self._short[row], self._long[row], self._items, self.fusion
        )

    def still(self) -> str:
        """Return the gate and the best items of the present session, in HTML."""
        row = self.session
        return still.draw(
            self.names[row],
            self.clicks[row],
            self.fusions[self.fusion],
            self.mixed(),
            self.titles,
            self.shown,
        )

    @traitlets.validate("session", "fusion")
    def _check_place(self, proposal: Any) -> int:
        most = {"session": len(self._short) - 1, "fusion": len(FUSIONS) - 1}
        return check_range(proposal, 0, most[proposal["trait"].name])


def _check_sessions(sessions: Any) -> list[list[str]]:
    if not isinstance(sessions, Mapping) or not 1 <= len(sessions) <= MOST_SESSIONS:
        raise ValueError(
            f"sessions must map 1 to {MOST_SESSIONS} names to clicks, got {sessions!r}"
        )
    clicks = []
    for name, own in sessions.items():
        listed = check_names(own, f"sessions[{name!r}]", len(list(own)))
        if not 1 <= len(listed) <= MOST_CLICKS:
            raise ValueError(
                f"sessions[{name!r}] must hold 1 to {MOST_CLICKS} clicks, got "
                f"{len(listed)}"
            )
        clicks.append(listed)
    return clicks


def _check_vectors(
    values: Any, name: str, count: int | None, width: int | None = None
) -> np.ndarray:
    """Return float32 ``[count, width]``, all finite; None: of any size."""
    array = to_numpy(values, name).astype(np.float32)
    expected = [count or "N", width or "E"]
    fits = array.ndim == 2 and len(array) > 0
    if fits and count is not None:
        fits = len(array) == count
    if fits and width is not None:
        fits = array.shape[1] == width
    if not fits:
        raise ValueError(
            f"{name} must have shape [{expected[0]}, {expected[1]}], got "
            f"{list(array.shape)}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array


def _check_weights(weights: Any, clicks: list[list[str]]) -> list[list[float]]:
    rows = [to_numpy(row, "weights").astype(np.float64) for row in weights]
    sizes = [len(own) for own in clicks]
    if [row.shape for row in rows] != [(size,) for size in sizes]:
        raise ValueError(
            f"weights must hold a number for each click, {sizes}, got "
            f"{[list(row.shape) for row in rows]}"
        )
    for row in rows:
        _require_shares("weights", row)
    return [row.round(6).tolist() for row in rows]


def _check_past(past: Any) -> list[dict[str, Any]]:
    if not isinstance(past, Mapping) or not 1 <= len(past) <= MOST_ATTRIBUTES:
        raise ValueError(
            f"past must map 1 to {MOST_ATTRIBUTES} attributes to the weights of their "
            f"values, got {past!r}"
        )
    found = []
    for name, values in past.items():
        if not isinstance(values, Mapping):
            raise TypeError(
                f"past[{name!r}] must map values to weights, got {values!r}"
            )
        weights = np.array([float(weight) for weight in values.values()])
        _require_shares(f"past[{name!r}]", weights)
        order = np.argsort(-weights, kind="stable")[:MOST_VALUES]
        words = [str(value) for value in values]
        kept = [[words[i], round(float(weights[i]), 6)] for i in order]
        found.append({"name": str(name), "values": kept, "count": len(words)})
    return found


def _require_shares(name: str, weights: np.ndarray) -> None:
    if not ((weights >= 0) & (weights <= 1)).all():
        raise ValueError(f"{name} must lie in 0 to 1, got {weights.tolist()}")
