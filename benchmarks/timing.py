"""Two ways to do the same work, timed turn by turn."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

Clock = Callable[[], float]
RATE = 1e-3


class Sizes(NamedTuple):
    """How large the cases are."""

    items: int = 50_000
    dim: int = 64
    interests: int = 4
    batch: int = 256
    negatives: int = 10
    shared_negatives: int = 1_024
    small_catalog: int = 4_000
    catalogs: tuple[int, int, int] = (50_000, 1_000_000, 5_000_000)
    log_users: int = 12_500  # a million events
    log_items: int = 20_000
    shop: int = 240
    shop_dim: int = 16
    shop_length: int = 30
    shop_batch: int = 512
    lengths: tuple[int, ...] = (20, 50)
    queries: int = 4_000
    users: int = 512
    lists: int = 1_000
    top: int = 50
    table: int = 60_000
    quality_seconds: float = 180.0

    @classmethod
    def tiny(cls) -> "Sizes":
        """Large enough to run every line, too small to say anything."""
        return cls(
            items=300,
            dim=8,
            batch=8,
            negatives=3,
            shared_negatives=16,
            small_catalog=100,
            catalogs=(300, 400, 500),
            log_users=30,
            log_items=300,
            lengths=(5,),
            queries=20,
            users=20,
            lists=20,
            table=200,
            quality_seconds=0.0,
        )


class Row(NamedTuple):
    """One line of the table: milliseconds, and theirs over ours."""

    case: str
    ours: float
    theirs: float
    ratio: float
    low: float
    high: float


def compare(
    case: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    steps: int,
    warm_up: int = 3,
    clock: Clock = time.perf_counter,
) -> Row:
    """Time ``ours`` and ``theirs`` in turns and compare each pair.

    A pair runs within milliseconds, so a noisy neighbor slows both. Who goes first
    alternates.

    Returns:
        Medians of both times; median and quartiles of the pairs' ratios.
    """
    for _ in range(min(warm_up, steps)):
        ours(), theirs()
    times: list[tuple[float, float]] = []
    for step in range(steps):
        if step % 2:
            second, first = _milliseconds(theirs, clock), _milliseconds(ours, clock)
        else:
            first, second = _milliseconds(ours, clock), _milliseconds(theirs, clock)
        times.append((first, second))
    ratios = [second / first for first, second in times]
    # twice each, as quartiles need two values: the quartiles stay where they are
    low, _, high = statistics.quantiles(ratios * 2, method="inclusive")
    mine, other = (statistics.median(column) for column in zip(*times, strict=True))
    return Row(case, mine, other, statistics.median(ratios), low, high)


def training(
    model: nn.Module,
    loss: Callable[[nn.Module, Any], Tensor],
    batches: Iterator[Any],
    *,
    fused: bool | None = None,
    detect_anomaly: bool = False,
) -> Callable[[], None]:
    """A function to time: forward, backward and Adam on the next of the batches."""
    optimizer = torch.optim.Adam(model.parameters(), RATE, fused=fused)

    def step() -> None:
        with torch.autograd.set_detect_anomaly(detect_anomaly):
            optimizer.zero_grad(set_to_none=True)
            loss(model, next(batches)).backward()
            optimizer.step()

    return step


def _milliseconds(work: Callable[[], object], clock: Clock) -> float:
    start = clock()
    work()
    return 1e3 * (clock() - start)
