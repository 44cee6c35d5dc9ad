"""SR-GNN on one session in NumPy, as the page computes it: graph, weights, scores."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

#: The weights that are read, by their names in ``SRGNN.state_dict()``, and their shapes
#: in E and N.
SHAPES = {
    "embedding.weight": ("N + 1", 1),
    "step.incoming.weight": (1, 1),
    "step.outgoing.weight": (1, 1),
    "step.cell.weight_ih": (3, 2),
    "step.cell.weight_hh": (3, 1),
    "step.cell.bias_ih": (3,),
    "step.cell.bias_hh": (3,),
    "read_out.of_latest.weight": (1, 1),
    "read_out.of_latest.bias": (1,),
    "read_out.of_click.weight": (1, 1),
    "read_out.question.weight": ("1", 1),
    "read_out.join.weight": (1, 2),
}


class Edge(NamedTuple):
    """A step from one item to another."""

    source: int
    target: int
    steps: int
    """How often she went this way."""
    outgoing: float
    """Its share of all that leaves the source."""
    incoming: float
    """Its share of all that enters the target."""


class Reading(NamedTuple):
    """What the model makes of a session."""

    edges: list[Edge]
    weights: np.ndarray
    """``[T]``: of each click in the read-out."""
    scores: np.ndarray
    """``[N]``: of item 1, 2, ...; cosines."""


def edges_of(session: Sequence[int], once: bool) -> list[Edge]:
    """The edges of a session, in the order in which she first went them."""
    steps: dict[tuple[int, int], int] = {}
    for pair in zip(session[:-1], session[1:], strict=True):
        steps[pair] = steps.get(pair, 0) + 1
    weight = dict.fromkeys(steps, 1) if once else steps
    leaves: dict[int, int] = {}
    enters: dict[int, int] = {}
    for (source, target), size in weight.items():
        leaves[source] = leaves.get(source, 0) + size
        enters[target] = enters.get(target, 0) + size
    return [
        Edge(*pair, steps[pair], size / leaves[pair[0]], size / enters[pair[1]])
        for pair, size in weight.items()
    ]


def read(
    net: Mapping[str, np.ndarray], session: Sequence[int], once: bool, hops: int
) -> Reading:
    """Read a session of item ids, in float64.

    Args:
        net: the weights of ``SHAPES``.
        session: ids, oldest first; none gives scores of 0.
        once: whether a step that was done twice weighs as one.
        hops: how often the nodes hear their neighbors.
    """
    net = {name: np.asarray(part, np.float64) for name, part in net.items()}
    items = net["embedding.weight"][1:]
    edges = edges_of(session, once)
    if not len(session):
        return Reading(edges, np.zeros(0), np.zeros(len(items)))
    nodes = sorted(set(session))
    place = {item: number for number, item in enumerate(nodes)}
    states = net["embedding.weight"][nodes] * items.shape[1] ** 0.5  # [G, E]
    for _ in range(hops):
        states = _step(net, states, edges, place)
    clicks = states[[place[item] for item in session]]  # [T, E]
    latest = clicks[-1]
    asked = latest @ net["read_out.of_latest.weight"].T
    asked = asked + net["read_out.of_latest.bias"]
    asked = asked + clicks @ net["read_out.of_click.weight"].T  # [T, E]
    weights = _sigmoid(asked) @ net["read_out.question.weight"][0]  # [T]
    joined = np.concatenate([latest, weights @ clicks])
    output = net["read_out.join.weight"] @ joined
    return Reading(edges, weights, _unit(items) @ _unit(output))


def _step(
    net: Mapping[str, np.ndarray],
    states: np.ndarray,
    edges: Sequence[Edge],
    place: Mapping[int, int],
) -> np.ndarray:
    """``[G, E]`` to ``[G, E]``: every node hears its neighbors."""
    enters, leaves = np.zeros_like(states), np.zeros_like(states)
    for edge in edges:
        source, target = place[edge.source], place[edge.target]
        enters[target] += edge.incoming * states[source]
        leaves[source] += edge.outgoing * states[target]
    heard = np.concatenate(
        [
            enters @ net["step.incoming.weight"].T,
            leaves @ net["step.outgoing.weight"].T,
        ],
        1,
    )
    given = heard @ net["step.cell.weight_ih"].T + net["step.cell.bias_ih"]
    kept = states @ net["step.cell.weight_hh"].T + net["step.cell.bias_hh"]
    (r, z, n), (own_r, own_z, own_n) = np.split(given, 3, 1), np.split(kept, 3, 1)
    keep = _sigmoid(z + own_z)
    new = np.tanh(n + _sigmoid(r + own_r) * own_n)
    return (1 - keep) * new + keep * states


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length, length, 1)
