"""A table whose rows lie in several processes, and the exchange of rows."""

from typing import NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor, nn

from seqviz.experiments.row_adam import RowAdam
from seqviz.layers.embedding_table import EmbeddingTable, Reader


class ShardedTable(nn.Module):
    """An ``EmbeddingTable`` of which each of R ranks holds every R-th row.

    Row i lies in rank i mod R, so that frequent items, which often have neighboring
    ids, are shared out. All ranks call it together, each with ids of its own.

    Args:
        table: whose rows are taken: the same in all ranks.
        group: the processes; all if not given.

    Attributes:
        shard: ``[ceil((N - rank) / R), E]``, this rank's rows.
        reader: as in ``EmbeddingTable``.
    """

    reader: Reader | None = None

    def __init__(
        self, table: EmbeddingTable, group: dist.ProcessGroup | None = None
    ) -> None:
        super().__init__()
        self.num_embeddings = table.num_embeddings
        self.embedding_dim = table.embedding_dim
        self.padding_idx = table.padding_idx
        self.group = group
        rank, ranks = dist.get_rank(group), dist.get_world_size(group)
        own = table.weight.detach()[rank::ranks].clone()
        self.shard = nn.Parameter(own, requires_grad=table.weight.requires_grad)

    @property
    def weight(self) -> Tensor:
        """The whole table ``[N, E]``, fetched from all ranks, which ask together.

        Raises:
            RuntimeError: gradients are wanted: none would come back.
        """
        if torch.is_grad_enabled():
            raise RuntimeError(
                "a sharded table is read whole only under torch.no_grad(); train with "
                "a sampler, whose loss reads rows"
            )
        every = torch.arange(self.num_embeddings, device=self.shard.device)
        return self.forward(every)

    def forward(self, ids: Tensor) -> Tensor:
        """Ids ``[...]`` to vectors ``[..., E]``."""
        if self.reader is not None:
            return self.reader(ids)
        if torch.is_grad_enabled() and self.shard.requires_grad:
            raise RuntimeError("only fit, which moves its rows, trains a sharded table")
        rows, place = ids.flatten().unique(return_inverse=True)
        route = Route.of(rows, self.group)
        own = self.shard.detach()[route.asked]
        return route.back(own).index_select(0, place).unflatten(0, ids.shape)


class Route(NamedTuple):
    """Who asks whom for which rows."""

    order: Tensor
    """``[Q]``, the rows that are asked for, by their owner."""
    sent: list[int]
    """How many are asked of each rank."""
    received: list[int]
    """How many each rank asks here."""
    asked: Tensor
    """``[A]``, the rows of the own shard that all ranks ask for, by rank."""
    group: dist.ProcessGroup | None

    @classmethod
    def of(cls, rows: Tensor, group: dist.ProcessGroup | None) -> "Route":
        """Tell the owners of rows ``[Q]`` that they are wanted; all ranks together."""
        ranks = dist.get_world_size(group)
        owner = rows % ranks
        order = owner.argsort(stable=True)
        sent = owner.bincount(minlength=ranks)
        received = torch.empty_like(sent)
        dist.all_to_all_single(received, sent, group=group)
        sent, received = sent.tolist(), received.tolist()
        asked = rows.new_empty(sum(received))
        dist.all_to_all_single(asked, rows[order], received, sent, group=group)
        return cls(order, sent, received, asked // ranks, group)

    def there(self, values: Tensor) -> Tensor:
        """What goes to the owners: ``[Q, E]`` to ``[A, E]``."""
        out = values.new_empty(len(self.asked), values.shape[1])
        dist.all_to_all_single(
            out, values[self.order], self.received, self.sent, group=self.group
        )
        return out

    def back(self, values: Tensor) -> Tensor:
        """What the owners answer: ``[A, E]`` to ``[Q, E]``."""
        out = values.new_empty(len(self.order), values.shape[1])
        dist.all_to_all_single(
            out, values.contiguous(), self.sent, self.received, group=self.group
        )
        return torch.empty_like(out).index_copy_(0, self.order, out)


class ShardedRows:
    """``RowAdam`` of a sharded table: pulls from the owners, pushes to them.

    The loss of a rank is the mean over its part of the batch, and the step that of the
    mean over the ranks, as ``DistributedDataParallel`` takes it for all else.

    Args:
        table: all ranks have the same.
        learning_rate: of ``RowAdam``.
    """

    def __init__(self, table: ShardedTable, learning_rate: float) -> None:
        self.weight = table.shard
        self.group = table.group
        self._own = RowAdam(table.shard, learning_rate)
        self._held: tuple[Tensor, Route, Tensor, Tensor] | None = None

    @torch.no_grad()
    def pull(self, rows: Tensor) -> Tensor:
        """Rows ``[Q]``, each once, to their values ``[Q, E]``."""
        route, own, place = self._route(rows)
        self._held = rows, route, own, place
        return route.back(self._own.pull(own)[place])

    @torch.no_grad()
    def push(self, rows: Tensor, gradient: Tensor) -> None:
        """Take a step: rows ``[Q]``, each once, and this rank's gradients of them."""
        if self._held is not None and self._held[0] is rows:
            _, route, own, place = self._held
        else:
            route, own, place = self._route(rows)
        self._held = None
        parts = route.there(gradient)
        # sums in one order, unlike index_add_ on an accelerator
        whole = torch.sparse_coo_tensor(
            place[None], parts, (len(own), parts.shape[1]), check_invariants=False
        )
        total = whole.coalesce().values() / dist.get_world_size(self.group)
        self._own.push(own, total)

    def catch_up(self) -> None:
        """Bring the rows of this rank up to the last step."""
        self._own.catch_up()

    def _route(self, rows: Tensor) -> tuple[Route, Tensor, Tensor]:
        """The way of the rows, the own rows that are asked for, which of them when."""
        route = Route.of(rows, self.group)
        return route, *route.asked.unique(return_inverse=True)
