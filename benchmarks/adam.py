"""What the optimizer costs: three ways to run the same Adam, and its small numbers."""

from collections.abc import Callable, Iterator

import torch

from benchmarks.cases import case
from benchmarks.timing import Clock, Row, Sizes, compare


@case("adam")
def variants(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Fused Adam against the others, on one table."""
    size = f"Adam on {sizes.table:,} x {sizes.dim}"
    for name, options in [("default", {}), ("foreach", {"foreach": True})]:
        yield compare(
            f"{size}, fused against {name}",
            _step(sizes, fused=True),
            _step(sizes, **options),
            repeats,
            clock=clock,
        )
    yield compare(
        f"{size}, fused, no item met for 1,000 steps, denormals off against on",
        _step(sizes, mean=1e-41, flush=True, fused=True),
        _step(sizes, mean=1e-41, fused=True),
        repeats,
        clock=clock,
    )


def _step(
    sizes: Sizes, mean: float | None = None, flush: bool = False, **options: bool
) -> Callable[[], None]:
    """One optimizer step; ``mean`` is where Adam's mean of the gradients stands.

    Without gradients that mean shrinks by a tenth a step. It passes 1e-38 after some
    700 steps and stays there, a denormal number, for good.
    """
    table = torch.nn.Parameter(torch.randn(sizes.table, sizes.dim))
    optimizer = torch.optim.Adam([table], 1e-3, **options)
    table.grad = torch.randn_like(table)
    optimizer.step()
    if mean is not None:
        table.grad.zero_()
        optimizer.state[table]["exp_avg"].fill_(mean)

    def step() -> None:
        torch.set_flush_denormal(flush)
        optimizer.step()
        torch.set_flush_denormal(False)

    return step
