"""Memory that fades: gates and cell over a history, and what the last state knows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_names
from seqviz.explorers.core.scale import palette
from seqviz.explorers.memory import still
from seqviz.explorers.memory.steps import BANDS, GATES, Memory, Trace, check_memory, run

__all__ = ["Memory", "MemoryExplorer"]

MOST_BEHAVIORS, MOST_ITEMS, MOST_LAYERS, MOST_LABELS, WIDEST = 16, 60, 4, 12, 64
DEFAULT_CAPTION = (
    "Each band is a gate, the cell or the state: a column is a step, a row is one of "
    "its numbers. Below, how strongly the last state still depends on each behavior, "
    "and what a probe reads from it. Drag a behavior to the end, or change it: which "
    "layer notices what came first?"
)


class MemoryExplorer(Explorer):
    """Shows a history going through recurrent layers, one layer at a time.

    The page runs the layers itself, step by step, and their slopes back.

    Args:
        history: T places in ``titles``, oldest first, 1 to 16.
        titles: the items that a behavior may be changed to, up to 60.
        vectors: ``[N, E]``, theirs.
        layers: name to :class:`Memory`, 1 to 4.
        labels: C names of what the probes read, such as categories, up to 12.
        label_of: ``[N]``, the place in ``labels`` of each item.
        layer: the place of the layer to begin with.
        behavior: the one to begin with.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``history``, ``layer`` and ``behavior`` follow the page and may be set
    from Python.

    Example:
        >>> from seqviz.layers import LSTM
        >>> figure = MemoryExplorer(
        ...     [0, 1, 1],
        ...     ["boots", "tent"],
        ...     np.eye(2),
        ...     {"LSTM": Memory.of(LSTM(2, 3), torch.nn.Linear(3, 2))},
        ...     labels=["feet", "camp"],
        ...     label_of=[0, 1],
        ... )
        >>> list(figure.trace().bands), figure.trace().bands["cell"].shape
        (['forget', 'input', 'output', 'cell', 'state'], (3, 3))
    """

    history = traitlets.List(traitlets.Int()).tag(sync=True)
    layer = traitlets.Int(0).tag(sync=True)
    behavior = traitlets.Int(0).tag(sync=True)

    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    label_of = traitlets.List(traitlets.Int()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    vectors = traitlets.Dict().tag(sync=True)
    #: For each name: kind, bands and weights.
    layers = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: The bands that lie between 0 and 1.
    gates = traitlets.List(traitlets.Unicode()).tag(sync=True)
    scale = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        history: Sequence[int],
        titles: Sequence[str],
        vectors: Any,
        layers: Mapping[str, Memory],
        *,
        labels: Sequence[str],
        label_of: Sequence[int],
        layer: int = 0,
        behavior: int = 0,
        title: str = "A state remembers what its gates let it keep",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        names = check_names(titles, "titles", len(list(titles)))
        if not 1 <= len(names) <= MOST_ITEMS:
            raise ValueError(f"titles must hold 1 to {MOST_ITEMS}, got {len(names)}")
        table = to_numpy(vectors, "vectors").astype(np.float32)
        if table.ndim != 2 or len(table) != len(names):
            raise ValueError(
                f"vectors must have shape [{len(names)}, E], got {list(table.shape)}"
            )
        if not np.isfinite(table).all():
            raise ValueError("vectors must be finite")
        words = check_names(labels, "labels", len(list(labels)))
        if not 1 <= len(words) <= MOST_LABELS:
            raise ValueError(f"labels must hold 1 to {MOST_LABELS}, got {len(words)}")
        if not isinstance(layers, Mapping) or not 1 <= len(layers) <= MOST_LAYERS:
            raise ValueError(
                f"layers must map 1 to {MOST_LAYERS} names to a Memory, got {layers!r}"
            )
        of = [int(place) for place in label_of]
        if len(of) != len(names) or not all(0 <= one < len(words) for one in of):
            raise ValueError(
                f"label_of must hold {len(names)} places in labels, got {of}"
            )
        self._table = table
        self._memories = [
            check_memory(memory, f"layers[{name!r}]", table.shape[1], len(words))
            for name, memory in layers.items()
        ]
        for name, memory in zip(layers, self._memories, strict=True):
            if memory.state_weight.shape[1] > WIDEST:
                raise ValueError(
                    f"layers[{name!r}] must be at most {WIDEST} wide, got "
                    f"{memory.state_weight.shape[1]}"
                )
        super().__init__(
            title=title,
            caption=caption,
            titles=names,
            labels=words,
            label_of=of,
            names=[str(name) for name in layers],
            vectors=encode(table),
            layers=[self._sent(memory) for memory in self._memories],
            gates=sorted(GATES),
            scale=palette(17),
            history=self._checked([int(place) for place in history]),
            layer=layer,
            behavior=behavior,
        )

    @staticmethod
    def _sent(memory: Memory) -> dict[str, Any]:
        arrays = {
            name: None if value is None else encode(value)
            for name, value in memory._asdict().items()
            if name != "kind"
        }
        return {"kind": memory.kind, "bands": list(BANDS[memory.kind]), **arrays}

    def trace(self, layer: int | None = None) -> Trace:
        """Return the present history through a layer (the present one).

        A :class:`Trace` holds ``bands``, a name to ``[T, H]``; ``known [C]``, what the
        probe reads; ``slopes [T]``, the norm of the last state's derivative by each
        behavior.
        """
        memory = self._memories[self.layer if layer is None else layer]
        return run(memory, self._table[self.history])

    def still(self) -> str:
        """Return the bands' means, the slopes and the probe, in HTML."""
        there = {self.label_of[place] for place in self.history}
        return still.draw(
            self.trace(),
            [self.titles[place] for place in self.history],
            self.labels,
            there,
            self.names[self.layer],
        )

    @traitlets.validate("layer", "behavior")
    def _check_place(self, proposal: Any) -> int:
        most = {"layer": len(self._memories) - 1, "behavior": len(self.history) - 1}
        return check_range(proposal, 0, most[proposal["trait"].name])

    @traitlets.validate("history")
    def _check_history(self, proposal: Any) -> list[int]:
        return self._checked(proposal["value"])

    def _checked(self, places: list[int]) -> list[int]:
        if not 1 <= len(places) <= MOST_BEHAVIORS:
            raise traitlets.TraitError(
                f"history must hold 1 to {MOST_BEHAVIORS} behaviors, got {len(places)}"
            )
        most = len(self._table) - 1
        if not all(0 <= place <= most for place in places):
            raise traitlets.TraitError(
                f"history must hold places of titles, 0 to {most}, got {places}"
            )
        return places
