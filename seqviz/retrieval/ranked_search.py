"""One catalog in several processes: each searches its share, all get the whole list."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from seqviz.arguments import require_whole
from seqviz.retrieval.search import ItemSearch


class RankedSearch:
    """``ItemSearch`` over all ranks: item ``i`` lies in rank ``i`` modulo their number.

    With a search that compares all items, every rank gets the list of one process, but
    for the order of equal scores; ``candidates`` takes either. All ranks have to ask
    together, with the same queries.

    ::

        dist.init_process_group()  # under torchrun
        search = RankedSearch(item_vectors, "flat")
        scores, ids = search.top(query, 50)

    Args:
        item_vectors: ``[N + 1, E]``, the same in every rank; row 0 is padding. Only the
            rank's own rows are copied, so they may lie in a file that is mapped.
        method: as of ``ItemSearch``.
        group: the processes; all if not given.
        **options: of ``ItemSearch``, for the index of each rank.

    Attributes:
        num_items: N, of all ranks.

    Raises:
        TypeError, ValueError: what ``ItemSearch`` raises, or fewer items than ranks.

    Example:
        >>> from torch import distributed as dist
        >>> alone = dict(store=dist.HashStore(), rank=0, world_size=1)  # or torchrun
        >>> dist.init_process_group("gloo", **alone)
        >>> search = RankedSearch(torch.randn(101, 8))
        >>> list(search.top(torch.randn(3, 8), 5)[1].shape)
        [3, 5]
        >>> dist.destroy_process_group()
    """

    def __init__(
        self,
        item_vectors: Tensor,
        method: str = "exact",
        *,
        group: dist.ProcessGroup | None = None,
        **options: Any,
    ) -> None:
        self.group = group
        self.rank, self.ranks = dist.get_rank(group), dist.get_world_size(group)
        if item_vectors.dim() != 2 or len(item_vectors) <= self.ranks:
            raise ValueError(
                "item_vectors must be [N + 1, E] with an item for each of the "
                f"{self.ranks} ranks, got {list(item_vectors.shape)}"
            )
        self.num_items = len(item_vectors) - 1
        # the items of rank r are r, r + R, ...; of rank 0 R, 2 R, ...
        self._first = self.rank or self.ranks
        rows = item_vectors.detach()[self._first :: self.ranks]
        padding = rows.new_zeros(1, rows.shape[1])
        self._own = ItemSearch(torch.cat([padding, rows]), method, **options)

    @torch.no_grad()
    def top(self, query: Tensor, n: int) -> tuple[Tensor, Tensor]:
        """Scores and ids ``[Q, n]``, the same in every rank; see ``ItemSearch.top``.

        Raises:
            TypeError, ValueError: as there.
        """
        require_whole(high=self.num_items, n=n)
        few = min(n, self._own.num_items)
        scores, rows = self._own.top(query, few)
        ids = (rows - 1) * self.ranks + self._first
        # as wide in every rank: the shares differ by one item
        wide = min(n, -(-self.num_items // self.ranks))
        shape = (len(query), wide)
        mine = scores.new_full(shape, -torch.inf), ids.new_zeros(shape)
        mine[0][:, :few], mine[1][:, :few] = scores, ids.where(rows > 0, 0)
        scores, ids = (torch.cat(self._gathered(part), dim=1) for part in mine)
        ids, order = ids.sort(dim=1, stable=True)  # of equal scores the lowest id
        scores, best = scores.gather(1, order).sort(dim=1, descending=True, stable=True)
        return scores[:, :n], ids.gather(1, best)[:, :n]

    def _gathered(self, part: Tensor) -> list[Tensor]:
        """The part of every rank."""
        parts = [torch.empty_like(part) for _ in range(self.ranks)]
        dist.all_gather(parts, part.contiguous(), group=self.group)
        return parts
