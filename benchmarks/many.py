"""Several small trainings at once against one after the other."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import nn

from benchmarks.cases import case
from benchmarks.timing import Clock, Row, Sizes, compare
from seqviz.data import Batch
from seqviz.experiments import fit, fit_many
from seqviz.models import MIND, ComiRecDR, ComiRecSA, MeanPooling

MODELS = 4
STEPS = 4


@case("many")
def many(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """A few steps of four models of the shop's size; theirs is `fit` in a loop."""
    items, dim, K, T = sizes.shop, sizes.shop_dim, sizes.interests, sizes.shop_length
    for name, make in {
        "one vector": partial(MeanPooling, items, dim),
        "ComiRec-SA": partial(ComiRecSA, items, dim, K),
        "ComiRec-DR": partial(ComiRecDR, items, dim, K, T),
        "MIND": partial(MIND, items, dim, K, T),
    }.items():
        train = [_batches(sizes, seed) for seed in range(MODELS)]
        yield compare(
            f"{MODELS} x {STEPS} steps of {name}, {items} items, ours: fit_many, "
            "theirs: fit one after the other",
            partial(_together, make, train),
            partial(_apart, make, train),
            max(1, repeats // 5),
            warm_up=1,
            clock=clock,
        )


def _batches(sizes: Sizes, seed: int) -> list[Batch]:
    draw = torch.Generator().manual_seed(seed)
    shape = STEPS, sizes.shop_batch, sizes.shop_length
    ids = torch.randint(1, sizes.shop + 1, shape, generator=draw)
    return [Batch(i, i != 0, i[:, 0], i[:, :1], i[:, 0], i[:, 0]) for i in ids]


def _together(make: Callable[[], nn.Module], train: list[list[Batch]]) -> None:
    models = [make() for _ in train]
    fit_many(models, train, epochs=1, device="cpu", progress=False)


def _apart(make: Callable[[], nn.Module], train: list[list[Batch]]) -> None:
    for batches in train:
        fit(make(), batches, epochs=1, device="cpu", progress=False)
