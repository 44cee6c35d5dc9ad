"""The graph of a session, grown click by click, and the list that comes of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_array, check_names
from seqviz.explorers.session_graph import still
from seqviz.explorers.session_graph.reading import SHAPES, Reading, read

__all__ = ["SessionGraphExplorer"]

MOST_CLICKS, MOST_SHELF, MOST_WIDTH, MOST_HOPS, SHOWN = 12, 8, 64, 3, 5
COUNTING = ("as often as done", "once")
DEFAULT_CAPTION = (
    "Left: the items that she may click; an arrow for each step that she has done, on "
    "the right downwards, on the left upwards, as wide as its share of all that leaves "
    "the item. Right: her clicks with their weights in the read-out, and the best "
    "items. Click an item to go on, take a click back: which arrow moves the list?"
)


class SessionGraphExplorer(Explorer):
    """Grows the graph of a session click by click, and lets SR-GNN read it.

    The page builds the graph and runs the model itself, so that any session of the
    shelf's items can be tried.

    Args:
        weights: of the model, as ``SRGNN.state_dict()`` names them; E is at most 64.
        titles: N names, of item 1, 2, ...
        shelf: 2 to 8 different item ids that can be clicked.
        session: the ids to begin with, 0 to 12 of the shelf's.
        hops: how often the nodes hear their neighbors, 0 to 3.
        counted: how an edge counts: 0 as often as it was done, 1 once.
        title, caption: see :class:`Explorer`.

    Items are compared by the cosine, as by a model with a temperature.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``session``, ``hops`` and ``counted`` follow the page and may be set from
    Python.

    Example:
        >>> from seqviz.models import SRGNN
        >>> model = SRGNN(num_items=3, embedding_dim=4)
        >>> titles = ["boots", "tent", "lamp"]
        >>> figure = SessionGraphExplorer(
        ...     model.state_dict(), titles, shelf=[1, 2], session=[1, 2, 1]
        ... )
        >>> figure.reading().weights.shape, figure.reading().scores.shape
        ((3,), (3,))
    """

    session = traitlets.List(traitlets.Int()).tag(sync=True)
    hops = traitlets.Int(1).tag(sync=True)
    counted = traitlets.Int(0).tag(sync=True)

    first = traitlets.List(traitlets.Int()).tag(sync=True)
    shelf = traitlets.List(traitlets.Int()).tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    counting = traitlets.List(traitlets.Unicode()).tag(sync=True)
    most = traitlets.Int(MOST_CLICKS).tag(sync=True)
    shown = traitlets.Int(SHOWN).tag(sync=True)

    def __init__(
        self,
        weights: Mapping[str, Any],
        titles: Sequence[str],
        *,
        shelf: Sequence[int],
        session: Sequence[int] = (),
        hops: int = 1,
        counted: int = 0,
        title: str = "The graph grows click by click",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        self._net = _check_weights(weights)
        count = len(self._net["embedding.weight"]) - 1
        self._shelf = _check_shelf(shelf, count)
        first = [int(item) for item in session]
        super().__init__(
            title=title,
            caption=caption,
            titles=check_names(titles, "titles", count),
            shelf=self._shelf,
            weights={name: encode(part) for name, part in self._net.items()},
            counting=list(COUNTING),
            shown=min(SHOWN, count),
            first=first,
            session=first,
            hops=hops,
            counted=counted,
        )

    def reading(self) -> Reading:
        """Return what the model makes of the present session."""
        return read(self._net, self.session, bool(self.counted), self.hops)

    def still(self) -> str:
        """Return the graph, the weights and the best items, in HTML."""
        return still.draw(
            self.session, self._shelf, self.titles, self.reading(), self.shown
        )

    @traitlets.validate("session")
    def _check_session(self, proposal: Any) -> list[int]:
        ids = proposal["value"]
        if len(ids) > MOST_CLICKS or not set(ids) <= set(self._shelf):
            raise traitlets.TraitError(
                f"session must hold 0 to {MOST_CLICKS} of the shelf's items "
                f"{self._shelf}, got {ids}"
            )
        return ids

    @traitlets.validate("hops", "counted")
    def _check_number(self, proposal: Any) -> int:
        most = {"hops": MOST_HOPS, "counted": len(COUNTING) - 1}
        return check_range(proposal, 0, most[proposal["trait"].name])


def _check_weights(weights: Any) -> dict[str, np.ndarray]:
    """Return float32 arrays of the names and shapes of ``SHAPES``."""
    if not isinstance(weights, Mapping):
        raise TypeError(
            f"weights must map names to arrays, got {type(weights).__name__}"
        )
    missing = [name for name in SHAPES if name not in weights]
    if missing:
        raise ValueError(
            f"weights must hold {missing[0]!r}, as SRGNN.state_dict() with num_steps "
            f"of at least 1, got {sorted(weights)}"
        )
    found = {name: to_numpy(weights[name], f"weights[{name!r}]") for name in SHAPES}
    table = found["embedding.weight"]
    if table.ndim != 2 or len(table) < 3 or not 1 <= table.shape[1] <= MOST_WIDTH:
        raise ValueError(
            "weights['embedding.weight'] must have shape [N + 1, E] with N of at least "
            f"2 and E of at most {MOST_WIDTH}, got {list(table.shape)}"
        )
    sizes = {"N + 1": len(table), "1": 1}
    for name, shape in SHAPES.items():
        width = table.shape[1]
        expected = [sizes[n] if isinstance(n, str) else n * width for n in shape]
        found[name] = check_array(found[name], f"weights[{name!r}]", expected)
    return found


def _check_shelf(shelf: Sequence[int], count: int) -> list[int]:
    ids = [int(item) for item in shelf]
    if not 2 <= len(ids) <= MOST_SHELF or len(set(ids)) < len(ids):
        raise ValueError(
            f"shelf must hold 2 to {MOST_SHELF} different item ids, got {ids}"
        )
    if min(ids) < 1 or max(ids) > count:
        raise ValueError(f"shelf must lie in 1..{count}, got {min(ids)}..{max(ids)}")
    return ids
