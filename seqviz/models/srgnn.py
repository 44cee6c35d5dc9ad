"""SR-GNN: a session is a graph, its nodes talk, the latest click asks them."""

from typing import NamedTuple

import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_whole
from seqviz.data import Batch
from seqviz.layers import (
    GatedGraphStep,
    GraphReadOut,
    SessionGraph,
    full_softmax_loss,
    session_graph,
)
from seqviz.layers.precision import at_least_float32
from seqviz.models.retriever import Retriever


class GraphReading(NamedTuple):
    """What SR-GNN made of a batch.

    Example:
        >>> model = SRGNN(num_items=100, embedding_dim=8)
        >>> reading = model.read(torch.tensor([[7, 8, 7, 9]]))
        >>> list(reading.states.shape), list(reading.weights.shape)  # nodes, clicks
        ([3, 8], [1, 4])
    """

    output: Tensor
    """``[B, E]``: what is compared with the items."""
    weights: Tensor
    """``[B, T]``: of each click in the read-out, 0 at padding."""
    states: Tensor
    """``[G, E]``: the nodes after the last step."""
    graph: SessionGraph


class SRGNN(Retriever):
    """Retrieval with one interest: what the graph of the session says.

    The order of the clicks matters, by their steps and the latest alone: two sessions
    with the same steps, in whatever order, and the same latest click get the same list.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E.
        num_steps: how often the nodes hear their neighbors; 0 leaves the graph out.
        count_repeats: of ``session_graph``.
        **options: of ``Retriever``: temperature, sampler, num_negatives, log_q.

    An empty session gives zeros; a session of one click hears nobody.

    Raises:
        TypeError, ValueError: an argument has a wrong type, shape or range.

    Source: Wu et al. 2019 (arXiv 1811.00855).

    Example:
        >>> model = SRGNN(num_items=100, embedding_dim=8)
        >>> list(model(torch.tensor([[0, 7, 8, 7]])).shape)  # [B, 1, E]
        [1, 1, 8]
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 64,
        num_steps: int = 1,
        *,
        count_repeats: bool = True,
        **options,
    ) -> None:
        super().__init__(num_items, embedding_dim, **options)
        require_whole(low=0, num_steps=num_steps)
        self.num_steps = num_steps
        self.count_repeats = count_repeats
        self.step = GatedGraphStep(embedding_dim) if num_steps else None
        self.read_out = GraphReadOut(embedding_dim)

    def interests(self, item_ids: Tensor) -> Tensor:
        """``[B, T]`` ids to ``[B, 1, E]``."""
        return self.read(item_ids).output[:, None]

    def read(self, item_ids: Tensor) -> GraphReading:
        """All that the model makes of ``[B, T]`` ids."""
        graph = self.graph(item_ids)
        return self._read(graph, self.embedding(graph.items))

    def graph(self, item_ids: Tensor) -> SessionGraph:
        """The graphs of ``[B, T]`` ids."""
        return session_graph(self._checked(item_ids), count_repeats=self.count_repeats)

    def loss(self, batch: Batch, negative_ids: Tensor | None = None) -> Tensor:
        """Mean cross entropy of the next item.

        Args:
            negative_ids: what ``draw`` returned; drawn here if not given.
        """
        if self.sampler is not None:
            return super().loss(batch, negative_ids)
        query = self._scaled(at_least_float32(self.interests_of(batch)[:, 0]))
        return full_softmax_loss(query, self.item_vectors(), batch.target_ids)

    def sampled_loss(
        self, batch: Batch, negative_ids: Tensor, log_probability: Tensor | None = None
    ) -> Tensor:
        """``loss`` against the given items only.

        Args:
            negative_ids: ``[S]`` shared by the batch, or ``[B, S]``.
            log_probability: ``[N + 1]``, see ``sampled_softmax_loss``.
        """
        graph = self.graph(batch.item_ids)
        target_ids = require_ids("target_ids", batch.target_ids, 1, self.num_items)
        negative_ids = require_ids("negative_ids", negative_ids, 1, self.num_items)
        # one look-up: the gradient of each is as large as the whole table
        ids = (graph.items, target_ids, negative_ids)
        vectors = self.embedding(torch.cat([part.flatten() for part in ids]))
        nodes, target, negatives = (
            part.unflatten(0, own.shape)
            for part, own in zip(
                vectors.split([part.numel() for part in ids]), ids, strict=True
            )
        )
        output, target, negatives = map(
            at_least_float32, (self._read(graph, nodes).output, target, negatives)
        )
        with torch.autocast(output.device.type, enabled=False):
            query = self._scaled(output)
            target, negatives = self._normalized(target), self._normalized(negatives)
        return self.against(
            query, target, negatives, target_ids, negative_ids, log_probability
        )

    def _read(self, graph: SessionGraph, vectors: Tensor) -> GraphReading:
        # items have length about 1, the gates expect entries of about 1
        states = vectors * vectors.shape[1] ** 0.5
        for _ in range(self.num_steps):
            states = self.step(states, graph)
        output, weights = self.read_out(states, graph, need_weights=True)
        return GraphReading(output, weights, states, graph)
