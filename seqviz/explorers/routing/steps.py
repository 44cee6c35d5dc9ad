"""Routing by agreement on plain arrays, iteration by iteration.

The lines of ``route`` are those that the page repeats in JavaScript.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from seqviz.explorers.core.arrays import masked_softmax, upright
from seqviz.explorers.core.codec import to_numpy
from seqviz.explorers.core.svg import MAX_INTERESTS

MAX_WIDTH = 128


@dataclass(frozen=True)
class Routing:
    """What one form of routing starts from, for one history.

    Args:
        votes: ``[T, K, E]``, what each behavior says of each interest; ``[T, E]`` where
            all interests share the votes.
        first_logits: ``[T, K]``, in the order of the history; None: zeros. Needed with
            votes ``[T, E]``.
        active: ``[K]``, bool, the interests that take part; None: all.

    Padding may hold anything.

    Example:
        >>> from seqviz.layers import DynamicRouting
        >>> layer = DynamicRouting(4, num_interests=2, max_length=3)
        >>> routing = Routing.of(layer, torch.randn(3, 4))
        >>> list(routing.first_logits.shape)
        [3, 2]
    """

    votes: Any
    first_logits: Any = None
    active: Any = None

    @classmethod
    def of(cls, layer: Any, behaviors: Any, mask: Any = None) -> "Routing":
        """Read a ``DynamicRouting`` layer on one history.

        Args:
            layer: in either form; its ``first_logits`` go by recency and are brought
                into the order of the history.
            behaviors: tensor ``[T, E]`` or ``[1, T, E]``.
            mask: bool tensor ``[T]`` or ``[1, T]``, True = real; None: all are.

        Raises:
            ValueError: for more than one history.
        """
        batch = behaviors if behaviors.ndim == 3 else behaviors[None]
        if len(batch) != 1:
            raise ValueError(
                "behaviors must be one history, [T, E] or [1, T, E], got "
                f"{list(behaviors.shape)}"
            )
        real = batch.new_ones(batch.shape[:2]).bool() if mask is None else mask
        real = real.reshape(1, -1)
        later = to_numpy(real.flip(1).cumsum(1).flip(1)[0], "mask") - 1
        logits = to_numpy(layer.first_logits, "first_logits")
        return cls(
            votes=layer.votes(batch, real)[0],
            first_logits=logits[np.maximum(later, 0)],
            active=layer.active(real)[0],
        )


class Step(NamedTuple):
    """One iteration.

    The logits ``[T, K]``, their softmax over the interests ``[T, K]``, and the squashed
    sums of the votes ``[K, E]``.
    """

    logits: np.ndarray
    coupling: np.ndarray
    interests: np.ndarray


def route(
    votes: np.ndarray, logits: np.ndarray, active: np.ndarray, iterations: int
) -> list[Step]:
    """Return the first logits with interests of 0, then every iteration, in float64.

    Args:
        votes: ``[T, K, E]``.
        logits: ``[T, K]``, the first ones.
        active: ``[K]``, bool.
    """
    votes, logits = votes.astype(np.float64), logits.astype(np.float64)
    steps = [Step(logits, masked_softmax(logits, active), np.zeros(votes.shape[1:]))]
    for _ in range(iterations):
        coupling = masked_softmax(logits, active)
        interests = _squash(np.einsum("tk,tke->ke", coupling, votes))
        steps.append(Step(logits, coupling, interests))
        logits = logits + np.einsum("tke,ke->tk", votes, interests)
    return steps


def _squash(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors * (length / (1 + length**2))


def check_routing(routing: Any, name: str, mask: np.ndarray) -> Routing:
    """Return votes ``[T, K, E]`` and logits ``[T, K]`` of the real behaviors, float32.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.
    """
    if not isinstance(routing, Routing):
        raise TypeError(
            f"{name} must be a Routing (Routing.of(layer, behaviors, mask) reads a "
            f"layer), got {type(routing).__name__}"
        )
    votes, length = to_numpy(routing.votes, f"{name}.votes"), len(mask)
    if votes.ndim not in (2, 3) or len(votes) != length:
        raise ValueError(
            f"{name}.votes must have shape [T, K, E] or [T, E] with T = {length} like "
            f"the history, got {list(votes.shape)}"
        )
    shared = votes.ndim == 2
    if shared and routing.first_logits is None:
        raise ValueError(
            f"{name}.first_logits must be given with votes [T, E]: equal logits would "
            "never part interests that share their votes"
        )
    first = (
        np.zeros(votes.shape[:2])
        if routing.first_logits is None
        else to_numpy(routing.first_logits, f"{name}.first_logits")
    )
    count = first.shape[-1] if shared and first.ndim == 2 else votes.shape[1]
    if first.shape != (length, count):
        expected = f"[{length}, {'K' if shared else count}]"
        raise ValueError(
            f"{name}.first_logits must have shape [T, K] = {expected}, got "
            f"{list(first.shape)}"
        )
    for what, size, low, high in (
        ("interests", count, 1, MAX_INTERESTS),
        ("numbers a vote", votes.shape[-1], 2, MAX_WIDTH),
    ):
        if not low <= size <= high:
            raise ValueError(f"{name} must have {low} to {high} {what}, got {size}")
    if shared:
        votes = np.repeat(votes[:, None], count, 1)
    votes, first = votes[mask].astype(np.float32), first[mask].astype(np.float32)
    for what, array in (("votes", votes), ("first_logits", first)):
        if not np.isfinite(array).all():
            raise ValueError(
                f"{name}.{what} must be finite at every real behavior, got NaN or "
                "infinity"
            )
    return Routing(votes, first, _check_active(routing.active, name, count))


def _check_active(active: Any, name: str, count: int) -> np.ndarray:
    if active is None:
        return np.ones(count, dtype=bool)
    array = to_numpy(active, f"{name}.active")
    if array.dtype != bool:
        raise TypeError(f"{name}.active must be bool, got {array.dtype}")
    if array.shape != (count,) or not array.any():
        raise ValueError(
            f"{name}.active must have shape [K] = [{count}] with one True or more, got "
            f"{array.tolist()}"
        )
    return array


class Plane(NamedTuple):
    """Where votes and interests are drawn: at ``axes @ vector``, 0 in the middle.

    ``rim`` is the length of the longest vote in the plane, 1 or more: votes are drawn
    on this scale, interests on that of length 1. ``shares`` is the part of the squared
    length that the plane shows, of the last interests and of the votes.
    """

    axes: np.ndarray
    rim: float
    shares: tuple[float, float]


def plane_of(votes: np.ndarray, steps: list[Step]) -> Plane:
    """Return the two directions in which the interests of all iterations are longest.

    Where they span fewer than two, votes ``[T, K, E]`` add theirs. The largest
    component of each direction is made positive.
    """
    flat = votes.reshape(-1, votes.shape[-1]).astype(np.float64)
    scale = float(np.linalg.norm(flat, axis=1).max())
    interests = np.concatenate([step.interests for step in steps[1:]])
    rows = np.concatenate([interests, 1e-3 * flat / (scale or 1.0)])
    _, spread, directions = np.linalg.svd(rows, full_matrices=False)
    axes = np.zeros((2, flat.shape[1]))
    kept = directions[:2][spread[:2] > 1e-9 * max(spread[0], 1e-9)]
    axes[: len(kept)] = kept
    axes = upright(axes)

    def share(vectors: np.ndarray) -> float:
        whole = float((vectors**2).sum())
        return (
            min(1.0, float(((vectors @ axes.T) ** 2).sum()) / whole) if whole else 1.0
        )

    longest = float(np.linalg.norm(flat @ axes.T, axis=1).max())
    shares = share(steps[-1].interests), share(flat)
    return Plane(axes.astype(np.float32), max(1.0, longest), shares)
