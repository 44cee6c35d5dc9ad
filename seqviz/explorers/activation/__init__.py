"""A candidate on its way through the embedding plane: what the learned score reads."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.activation import still
from seqviz.explorers.activation.unit import (
    MAX_WIDTH,
    DenseLayer,
    check_unit,
    dense_layers,
    for_page,
    scores,
)
from seqviz.explorers.core.arrays import masked_softmax, project
from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_mask, check_names
from seqviz.explorers.core.scale import palette

__all__ = ["ActivationExplorer", "DenseLayer", "dense_layers"]

MOST_BEHAVIORS, MOST_CANDIDATES, MOST_BESIDE = 20, 60, 3
#: The map is this much wider than high.
ASPECT = 1.25
DEFAULT_CAPTION = (
    "The map shows items in two directions of their embedding; its color is the "
    "weight of the chosen behavior for a candidate at that place. Move the candidate: "
    "which bars grow, and what happens to their sum?"
)


class ActivationExplorer(Explorer):
    """Shows the learned weights of a history for a candidate that can be moved.

    The page computes the local activation unit itself: an MLP over
    ``[q, k, q - k, q * k]``, raw or through a softmax. Beside it stand mechanisms
    whose score is an inner product, ``keys @ q``, through a softmax.

    Args:
        history: T names, 1 to 20.
        behaviors: ``[T, E]``, E from 2 to 32.
        candidates: the names of M items to jump to, 1 to 60.
        candidate_vectors: ``[M, E]``.
        unit: the layers of the local activation unit, the first with 4E inputs.
        mask: ``[T]``, bool, True = real; padding is left away.
        beside: name to keys ``[T, E]``, up to 3; scale and matrices of a trained
            attention go into its keys. None: target attention and dual attention
            without matrices, ``X / sqrt(E)`` and
            ``softmax(X X^T / sqrt(E)) X / sqrt(E)``.
        name: what the unit's mechanism is called.
        candidate: the item to begin with.
        behavior: the behavior whose weight the map shows.
        surface: the mechanism that the map shows, 0 for the unit.
        softmax: whether the unit's scores begin behind a softmax.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``candidate``, ``point``, ``behavior``, ``surface`` and ``softmax``
    follow the page and may be set from Python. ``point`` is the place ``[x, y]`` in the
    plane to which the candidate was moved, ``[]`` while it is the item itself. A moved
    candidate keeps what its item has outside the plane.

    Example:
        >>> draw = np.random.default_rng(0).normal
        >>> unit = torch.nn.Sequential(  # reads [q, k, q - k, q * k], E = 2
        ...     torch.nn.Linear(8, 4), torch.nn.Sigmoid(), torch.nn.Linear(4, 1)
        ... )
        >>> figure = ActivationExplorer(
        ...     ["boots", "tent"],
        ...     draw(size=(2, 2)),
        ...     ["lamp"],
        ...     draw(size=(1, 2)),
        ...     dense_layers(unit),
        ... )
        >>> list(figure.weights())
        ['DIN', 'target attention', 'dual attention']
    """

    candidate = traitlets.Int(0).tag(sync=True)
    point = traitlets.List(traitlets.Float()).tag(sync=True)
    behavior = traitlets.Int(0).tag(sync=True)
    surface = traitlets.Int(0).tag(sync=True)
    softmax = traitlets.Bool(False).tag(sync=True)

    history = traitlets.List(traitlets.Unicode()).tag(sync=True)
    candidates = traitlets.List(traitlets.Unicode()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    behaviors = traitlets.Dict().tag(sync=True)
    vectors = traitlets.Dict().tag(sync=True)
    unit = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: Keys ``[T, E]`` of the mechanisms beside the unit.
    beside = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: The plane: a place is ``axes @ (vector - mean)``.
    axes = traitlets.Dict().tag(sync=True)
    mean = traitlets.Dict().tag(sync=True)
    share = traitlets.Float().tag(sync=True)
    #: The ends of the map, ``[[left, right], [bottom, top]]``.
    frame = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    #: Colors from the lowest to the highest weight, evenly spaced.
    palette = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        history: Sequence[str],
        behaviors: Any,
        candidates: Sequence[str],
        candidate_vectors: Any,
        unit: Sequence[DenseLayer],
        *,
        mask: Any = None,
        beside: Mapping[str, Any] | None = None,
        name: str = "DIN",
        candidate: int = 0,
        behavior: int = 0,
        surface: int = 0,
        softmax: bool = False,
        title: str = "A learned score is not a similarity",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        vectors = _check_vectors(candidate_vectors, "candidate_vectors", None)
        read = _check_vectors(behaviors, "behaviors", vectors.shape[1])
        titles = check_names(history, "history", len(read))
        items = check_names(candidates, "candidates", len(vectors))
        real = check_mask(mask, (len(read),), "the history")
        for what, count, most in (
            ("history", int(real.sum()), MOST_BEHAVIORS),
            ("candidates", len(items), MOST_CANDIDATES),
        ):
            if not 1 <= count <= most:
                raise ValueError(f"{what} must hold 1 to {most} items, got {count}")
        self._unit = check_unit(unit, vectors.shape[1])
        self._behaviors, self._vectors = read[real], vectors
        given = _plain(self._behaviors) if beside is None else _check_beside(beside)
        if name in given:
            raise ValueError(f"name must differ from those in beside, got {name!r}")
        self._keys = []
        for other, values in given.items():
            keys = _check_vectors(values, f"beside[{other!r}]", vectors.shape[1])
            keys = keys if beside is None or len(keys) != len(real) else keys[real]
            if keys.shape != self._behaviors.shape:
                raise ValueError(
                    f"beside[{other!r}] must have the shape of behaviors "
                    f"{list(read.shape)}, got {list(keys.shape)}"
                )
            self._keys.append(keys)
        stacked = np.vstack([vectors, self._behaviors])
        self._plane = project(stacked)
        super().__init__(
            title=title,
            caption=caption,
            history=[text for text, kept in zip(titles, real, strict=True) if kept],
            candidates=items,
            names=[str(name), *map(str, given)],
            behaviors=encode(self._behaviors),
            vectors=encode(vectors),
            unit=for_page(self._unit),
            beside=[encode(keys) for keys in self._keys],
            axes=encode(self._plane.axes),
            mean=encode(self._plane.mean),
            share=self._plane.share,
            frame=_frame(self.places(stacked)),
            palette=palette(),
            candidate=candidate,
            behavior=behavior,
            surface=surface,
            softmax=softmax,
        )

    def places(self, vectors: np.ndarray) -> np.ndarray:
        """Return where vectors ``[..., E]`` lie in the plane, ``[..., 2]``."""
        plane = self._plane
        return (vectors.astype(np.float64) - plane.mean) @ plane.axes.T.astype(
            np.float64
        )

    def query(self) -> np.ndarray:
        """Return the vector ``[E]`` of the present candidate, in float64."""
        own = self._vectors[self.candidate].astype(np.float64)
        if not self.point:
            return own
        return own + (np.array(self.point) - self.places(own)) @ self._plane.axes

    def weights(self, query: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Return the weights ``[..., T]`` of queries ``[..., E]`` by mechanism.

        Without a query those of the present candidate. In float64.
        """
        asking = self.query() if query is None else np.asarray(query, np.float64)
        logits = [scores(self._unit, asking, self._behaviors)]
        logits += [asking @ keys.T.astype(np.float64) for keys in self._keys]
        rows = [
            values if not place and not self.softmax else masked_softmax(values, True)
            for place, values in enumerate(logits)
        ]
        return dict(zip(self.names, rows, strict=True))

    def still(self) -> str:
        """Return the map and the bars of the present candidate as an SVG."""
        columns, rows = still.GRID
        (left, right), (low, high) = self.frame
        x = left + (np.arange(columns) + 0.5) * (right - left) / columns
        y = high - (np.arange(rows) + 0.5) * (high - low) / rows
        own = self._vectors[self.candidate].astype(np.float64)
        gap = np.stack(np.meshgrid(x, y), -1) - self.places(own)  # [rows, columns, 2]
        weights = self.weights(own + gap @ self._plane.axes)
        shown = self.names[self.surface]
        return still.draw(
            weights[shown][..., self.behavior],
            self.weights(),
            self.weights(self._vectors),
            self.history,
            self.candidates[self.candidate] + (" (moved)" if self.point else ""),
            {
                "items": self.places(self._vectors),
                "history": self.places(self._behaviors),
                "candidate": self.places(self.query()),
            },
            self.frame,
            self.behavior,
            shown,
            self.palette,
        )

    @traitlets.validate("candidate", "behavior", "surface")
    def _check_place(self, proposal: Any) -> int:
        most = {
            "candidate": len(self._vectors) - 1,
            "behavior": len(self._behaviors) - 1,
            "surface": len(self._keys),
        }
        return check_range(proposal, 0, most[proposal["trait"].name])

    @traitlets.validate("point")
    def _check_point(self, proposal: Any) -> list[float]:
        value = proposal["value"]
        if value and (len(value) != 2 or not np.isfinite(value).all()):
            raise traitlets.TraitError(
                f"point must be two finite numbers, or [] at the item, got {value}"
            )
        return value


def _plain(behaviors: np.ndarray) -> dict[str, np.ndarray]:
    """Return the keys ``[T, E]`` of target and dual attention without matrices."""
    X = behaviors.astype(np.float64)
    root = X.shape[1] ** 0.5
    own = masked_softmax(X @ X.T / root, True)
    return {"target attention": X / root, "dual attention": own @ X / root}


def _check_beside(beside: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(beside, Mapping) or len(beside) > MOST_BESIDE:
        raise ValueError(
            f"beside must map up to {MOST_BESIDE} names to keys, got {beside!r}"
        )
    return beside


def _check_vectors(values: Any, name: str, width: int | None) -> np.ndarray:
    """Return vectors as float32 ``[count, E]``."""
    array = to_numpy(values, name).astype(np.float32)
    if array.ndim != 2 or not len(array):
        raise ValueError(
            f"{name} must have shape [count, E] with one row or more, got "
            f"{list(array.shape)}"
        )
    if width is None and not 2 <= array.shape[1] <= MAX_WIDTH:
        raise ValueError(
            f"{name} must be 2 to {MAX_WIDTH} numbers wide, got {array.shape[1]}"
        )
    if width is not None and array.shape[1] != width:
        raise ValueError(
            f"{name} must be E = {width} numbers wide like candidate_vectors, got "
            f"{array.shape[1]}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity")
    return array


def _frame(places: np.ndarray) -> list[list[float]]:
    """Return the ends of a map of ``ASPECT`` around the places ``[count, 2]``."""
    low, high = places.min(0), places.max(0)
    middle = (low + high) / 2
    tall = 1.25 * max(high[1] - low[1], (high[0] - low[0]) / ASPECT) or 1.0
    half = np.array([ASPECT * tall / 2, tall / 2])
    return np.stack([middle - half, middle + half], 1).round(6).tolist()
