"""A session as a graph: a node for each different item, an edge for each step."""

from typing import NamedTuple

import torch
from torch import Tensor

from seqviz.arguments import require_ids

SHIFT = 2**32  # two numbers in one, which sorts by the first


class SessionGraph(NamedTuple):
    """The graphs of B sessions side by side: G nodes and J edges in one block.

    No edge joins two sessions, so the B graphs are one graph, and a step over it takes
    them all. Nodes are sorted by session, then by item.

    Example:
        >>> graph = session_graph(torch.tensor([[7, 8, 7, 9]]))
        >>> graph.source, graph.target  # 7 to 8, 7 to 9, 8 to 7
        (tensor([0, 0, 1]), tensor([1, 2, 0]))
    """

    items: Tensor
    """int64 ``[G]``: the item of each node."""
    row: Tensor
    """int64 ``[G]``: the session of each node."""
    clicks: Tensor
    """int64 ``[G]``: how often it was clicked."""
    nodes: Tensor
    """int64 ``[B, T]``: the node of each click, -1 at padding."""
    latest: Tensor
    """int64 ``[B]``: the node of the latest click, -1 without one."""
    source: Tensor
    """int64 ``[J]``: the node where an edge begins."""
    target: Tensor
    """int64 ``[J]``: the node where it ends."""
    steps: Tensor
    """int64 ``[J]``: how often she went this way."""
    outgoing: Tensor
    """float32 ``[J]``: the edge's share of all that leaves its source."""
    incoming: Tensor
    """float32 ``[J]``: the edge's share of all that enters its target."""


def session_graph(item_ids: Tensor, *, count_repeats: bool = True) -> SessionGraph:
    """``[B, T]`` ids to the graphs of B sessions.

    Each click that follows another is a step from the one's node to the other's, to
    itself where an item is clicked twice in a row. Padding, 0, is no click, on either
    side or between. A session of one click is a node without edges, an empty one has no
    node.

    Args:
        item_ids: ``[B, T]``, 0 is padding.
        count_repeats: an edge weighs as often as she went that way, as in the paper;
            False counts each edge once, as the authors' code and RecBole do.

    Raises:
        TypeError, ValueError: ``item_ids`` are no whole numbers, negative, not of two
            dimensions, or T is 0.

    Source: Wu et al. 2019 (arXiv 1811.00855), section 3.2.

    Example:
        >>> graph = session_graph(torch.tensor([[7, 8, 7, 9]]))
        >>> graph.items, graph.clicks  # 7 was clicked twice
        (tensor([7, 8, 9]), tensor([2, 1, 1]))
    """
    if item_ids.dim() != 2 or not item_ids.shape[1]:
        raise ValueError(
            "item_ids must have shape [B, T] with T of at least 1, got "
            f"{list(item_ids.shape)}"
        )
    item_ids = require_ids("item_ids", item_ids, 0, SHIFT - 1)
    mask = item_ids != 0
    row = mask.nonzero()[:, 0]  # [V], of each click
    key, node, clicks = (row * SHIFT + item_ids[mask]).unique(
        return_inverse=True, return_counts=True
    )  # [G], [V], [G]
    nodes = torch.full_like(item_ids, -1).masked_scatter(mask, node)
    later = mask.flip(1).cumsum(1).flip(1)
    latest = nodes.masked_fill(later != 1, -1).amax(1)
    same = row[1:] == row[:-1]
    pair, steps = (node[:-1] * SHIFT + node[1:])[same].unique(return_counts=True)
    source, target = pair // SHIFT, pair % SHIFT
    weight = steps.float() if count_repeats else torch.ones_like(steps).float()
    none = weight.new_zeros(key.shape)
    leaves = none.index_add(0, source, weight)  # [G]
    enters = none.index_add(0, target, weight)
    return SessionGraph(
        key % SHIFT,
        key // SHIFT,
        clicks,
        nodes,
        latest,
        source,
        target,
        steps,
        weight / leaves[source],
        weight / enters[target],
    )
