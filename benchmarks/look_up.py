"""Rows of a table and their gradient, against torch's own embedding."""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.cases import case
from benchmarks.timing import Clock, Row, Sizes, compare
from seqviz.layers.look_up import look_up

Way = Callable[[Tensor, Tensor], Tensor]


@case("look-up")
def look_ups(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Forward and backward of one batch of histories, in a small and a large table."""
    for items, dim in (
        (sizes.shop, sizes.shop_dim),
        (sizes.small_catalog, sizes.dim),
        (sizes.items, sizes.dim),
    ):
        table = torch.randn(items + 1, dim, requires_grad=True)
        ids = torch.randint(0, items + 1, (sizes.batch, sizes.lengths[-1]))
        gradient = torch.randn(*ids.shape, dim)

        def step(way: Way, table=table, ids=ids, gradient=gradient) -> Tensor:
            return torch.autograd.grad(way(table, ids), table, gradient)[0]

        torch.testing.assert_close(step(look_up), step(_embedding))
        yield compare(
            f"look-up in {items:,} items, E {dim}, T {ids.shape[1]}, and its gradient, "
            "torch's embedding",
            lambda step=step: step(look_up),
            lambda step=step: step(_embedding),
            repeats,
            clock=clock,
        )


def _embedding(table: Tensor, ids: Tensor) -> Tensor:
    return F.embedding(ids, table, padding_idx=0)
