"""One training in several processes: a part of each batch, a part of each table."""

from collections.abc import Iterable, Iterator

import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from seqviz.data import Batch, ClickBatch
from seqviz.experiments.shards import ShardedTable
from seqviz.layers.embedding_table import EmbeddingTable


class RankedModel(nn.Module):
    """A model that is trained by all ranks together, with ``fit`` in each of them.

    Its tables are shared out by rows (``ShardedTable``), all else is the same in every
    rank (``DistributedDataParallel``). With the batches of ``RankBatches`` and one seed
    the losses are those of one process, but for rounding: negatives are drawn from
    torch's generator, which ``fit`` sets to the same seed in every rank.

    ::

        dist.init_process_group()  # under torchrun
        model = RankedModel(ComiRecSA(num_items, sampler=sampler))
        fit(model, RankBatches(batches(...)), seed=0)

    Args:
        model: the same in every rank; it is changed. Its loss reads its tables by rows.
        group: the processes; all if not given.

    Attributes:
        model: the model, with sharded tables.

    Example:
        >>> from seqviz.models import MeanPooling
        >>> from torch import distributed as dist
        >>> alone = dict(store=dist.HashStore(), rank=0, world_size=1)  # or torchrun
        >>> dist.init_process_group("gloo", **alone)
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> from seqviz.layers import NegativeSampler
        >>> sampler = NegativeSampler(torch.ones(241).index_fill(0, torch.tensor(0), 0))
        >>> model = RankedModel(MeanPooling(240, 8, sampler=sampler))
        >>> fit(model, batches(train, 64, 20), epochs=1, progress=False).best_epoch
        1
        >>> dist.destroy_process_group()
    """

    def __init__(
        self, model: nn.Module, group: dist.ProcessGroup | None = None
    ) -> None:
        super().__init__()
        for name, table in list(model.named_modules()):
            if isinstance(table, EmbeddingTable):
                above, _, last = name.rpartition(".")
                setattr(model.get_submodule(above), last, ShardedTable(table, group))
        self.parallel = loss = _Loss(model)
        shared = {
            name: parameter
            for name, parameter in loss.named_parameters()
            if not name.endswith(".shard")
        }
        # the shards differ between the ranks, and no buffer is trained
        own = [name for name, _ in loss.named_parameters() if name not in shared]
        own += [name for name, _ in loss.named_buffers()]
        DistributedDataParallel._set_params_and_buffers_to_ignore_for_model(loss, own)
        if any(parameter.requires_grad for parameter in shared.values()):
            self.parallel = DistributedDataParallel(loss, process_group=group)

    @property
    def model(self) -> nn.Module:
        """The model, with sharded tables."""
        inner = self.parallel
        return (inner if isinstance(inner, _Loss) else inner.module).model

    def forward(self, *inputs: Tensor) -> Tensor:
        """What the model returns; all ranks together."""
        return self.model(*inputs)

    def loss(self, batch: Batch | ClickBatch) -> Tensor:
        """The loss of this rank's part of a batch."""
        return self.parallel(batch)


class RankBatches:
    """This rank's part of each batch: every R-th row, from its own number on.

    Up to R - 1 rows at the end of a batch are left out, so that all ranks have as many.

    Args:
        train: the same batches in every rank.
        group: the processes; all if not given.

    Example:
        >>> from torch import distributed as dist
        >>> alone = dict(store=dist.HashStore(), rank=0, world_size=1)  # or torchrun
        >>> dist.init_process_group("gloo", **alone)
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> rows = batches(train, 64, 20)
        >>> len(list(RankBatches(rows))) == len(rows)  # one rank alone has all
        True
        >>> dist.destroy_process_group()
    """

    def __init__(
        self,
        train: Iterable[Batch | ClickBatch],
        group: dist.ProcessGroup | None = None,
    ) -> None:
        self.train = train
        self.rank = dist.get_rank(group)
        self.ranks = dist.get_world_size(group)

    def __iter__(self) -> Iterator[Batch | ClickBatch]:
        for batch in self.train:
            rows = len(batch[0]) // self.ranks * self.ranks
            if rows:
                part = slice(self.rank, rows, self.ranks)
                yield batch._make(column[part] for column in batch)


class _Loss(nn.Module):
    """What is wrapped: a module whose call is the loss."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Batch | ClickBatch) -> Tensor:
        return self.model.loss(batch)
