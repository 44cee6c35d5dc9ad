"""What SR-GNN does with the graph of a session: gated steps, then a soft read-out."""

import torch
from torch import Tensor, nn

from seqviz.arguments import require_finite, require_vectors, require_whole
from seqviz.layers.session_graph import SessionGraph


class GatedGraphStep(nn.Module):
    r"""One step of a gated graph network: every node hears its neighbors.

    .. math::
        a_i &= \Big[\sum_j A^{in}_{ij} h_j H_{in},\; \sum_j A^{out}_{ij} h_j H_{out}
        \Big] \\
        h_i' &= \operatorname{GRU}(a_i, h_i)

    with :math:`A^{in}_{ij}` the share of the edge j → i in all that enters i, and
    :math:`A^{out}_{ij}` that of i → j in all that leaves it.

    Args:
        embedding_dim: E.

    Call it with ``states [G, E]``, one for each node, and the ``graph``. It returns the
    next states ``[G, E]``. A node without edges hears zeros. Apply one step several
    times to hear from further away.

    The GRU is torch's: its update gate is the share that a node *keeps*, one minus the
    paper's, and its reset gate acts after the product, as in the authors' code. The
    paper's bias of the messages is part of the GRU's.

    Raises:
        TypeError, ValueError: ``states`` do not fit the graph; on the CPU also NaN or
            infinity.

    Source: Wu et al. 2019 (arXiv 1811.00855), equations 1 to 5; Li et al. 2016 (arXiv
    1511.05493).

    Example:
        >>> graph = session_graph(torch.tensor([[1, 2, 1, 3]]))
        >>> step = GatedGraphStep(embedding_dim=8)
        >>> list(step(torch.randn(3, 8), graph).shape)  # a state for each node
        [3, 8]
    """

    def __init__(self, embedding_dim: int) -> None:
        super().__init__()
        require_whole(embedding_dim=embedding_dim)
        self.incoming = nn.Linear(embedding_dim, embedding_dim, bias=False)
        self.outgoing = nn.Linear(embedding_dim, embedding_dim, bias=False)
        self.cell = nn.GRUCell(2 * embedding_dim, embedding_dim)

    def forward(self, states: Tensor, graph: SessionGraph) -> Tensor:
        """``[G, E]`` to ``[G, E]``."""
        _require_states(states, graph, self.incoming.in_features)
        cell = self.cell
        # a graph of torch's has one way for any number of nodes
        if torch.compiler.is_compiling() or len(states) <= len(cell.weight_ih):
            return cell(self.messages(states, graph), states)
        # many nodes: two products after one another are one, made once for all
        of_before, of_after = cell.weight_ih.chunk(2, 1)  # [3E, E] each
        through = torch.cat(
            [of_before @ self.incoming.weight, of_after @ self.outgoing.weight], 1
        )
        return torch.gru_cell(
            torch.cat(_heard(states, graph), 1),
            states,
            through,
            cell.weight_hh,
            cell.bias_ih,
            cell.bias_hh,
        )

    def messages(self, states: Tensor, graph: SessionGraph) -> Tensor:
        """What each node hears, ``[G, E]`` to ``[G, 2E]``: first who came before."""
        before, after = _heard(states, graph)
        return torch.cat([self.incoming(before), self.outgoing(after)], 1)


class GraphReadOut(nn.Module):
    r"""The session as one vector: its latest click, and all clicks asked by it.

    .. math::
        \alpha_t = q \cdot \sigma(h_T W_1 + h_t W_2 + c), \quad
        s = \Big[h_T,\; \sum_t \alpha_t h_t\Big] W_3

    The sum runs over clicks: an item that was clicked twice counts twice. The weights
    are no shares: they may be negative and sum to anything.

    Args:
        embedding_dim: E.

    Call it with ``states [G, E]`` and the ``graph``. It returns ``[B, E]``, with
    ``need_weights=True`` also ``weights [B, T]``, 0 at padding. An empty session gives
    zeros.

    Raises:
        TypeError, ValueError: ``states`` do not fit the graph; on the CPU also NaN or
            infinity.

    Source: Wu et al. 2019 (arXiv 1811.00855), equations 6 and 7.

    Example:
        >>> graph = session_graph(torch.tensor([[1, 2, 1, 3]]))
        >>> read = GraphReadOut(embedding_dim=8)
        >>> session, weights = read(torch.randn(3, 8), graph, need_weights=True)
        >>> list(session.shape), list(weights.shape)  # [B, E], [B, T]
        ([1, 8], [1, 4])
    """

    def __init__(self, embedding_dim: int) -> None:
        super().__init__()
        require_whole(embedding_dim=embedding_dim)
        self.of_latest = nn.Linear(embedding_dim, embedding_dim)
        self.of_click = nn.Linear(embedding_dim, embedding_dim, bias=False)
        self.question = nn.Linear(embedding_dim, 1, bias=False)
        self.join = nn.Linear(2 * embedding_dim, embedding_dim, bias=False)

    def forward(
        self, states: Tensor, graph: SessionGraph, *, need_weights: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[G, E]`` to ``[B, E]``; and ``[B, T]``."""
        _require_states(states, graph, self.of_click.in_features)
        # the row -1 stands for what is not there
        latest = _with_nothing(states)[graph.latest]  # [B, E]
        asked = self.of_click(states) + self.of_latest(latest).index_select(
            0, graph.row
        )
        weights = self.question(asked.sigmoid())[:, 0]  # [G]
        heavy = (weights * graph.clicks)[:, None] * states
        all_clicks = torch.zeros_like(latest).index_add(0, graph.row, heavy)
        output = self.join(torch.cat([latest, all_clicks], 1))
        if not need_weights:
            return output
        return output, _with_nothing(weights)[graph.nodes]


def _heard(states: Tensor, graph: SessionGraph) -> tuple[Tensor, Tensor]:
    """The shares of the neighbors, before and after each node, ``[G, E]`` each."""
    source, target = graph.source, graph.target
    nothing = torch.zeros_like(states)
    enters = graph.incoming[:, None].to(states) * states.index_select(0, source)
    leaves = graph.outgoing[:, None].to(states) * states.index_select(0, target)
    return nothing.index_add(0, target, enters), nothing.index_add(0, source, leaves)


def _with_nothing(values: Tensor) -> Tensor:
    """One row of zeros more, the last."""
    return torch.cat(
        [values, torch.zeros_like(values[:1]).new_zeros(1, *values.shape[1:])]
    )


def _require_states(states: Tensor, graph: SessionGraph, width: int) -> None:
    require_vectors("states", states, 2, finite=False)
    count = graph.items.shape[0]
    if states.shape[0] != count or states.shape[1] != width:
        raise ValueError(
            f"states must have shape [{count}, {width}], a row for each node, got "
            f"{list(states.shape)}"
        )
    require_finite("states", states)
