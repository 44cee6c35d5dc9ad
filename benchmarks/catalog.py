"""A training step where the catalog is large: what is read is what it costs."""

from collections.abc import Callable, Iterator
from itertools import cycle

import torch

from benchmarks.cases import case
from benchmarks.rechub import Step, bare
from benchmarks.timing import RATE, Clock, Row, Sizes, compare
from benchmarks.training import match_trainer
from seqviz.data import Batch
from seqviz.experiments.model_adam import ModelAdam
from seqviz.layers import NegativeSampler
from seqviz.models import ComiRecSA

POOL = 20  # batches that are gone through over and over


@case("catalog")
def catalogs(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Our sampled loss by rows: beside itself, dense Adam and torch-rechub's step."""
    small, middle, large = sizes.catalogs
    length, name = sizes.lengths[-1], "step, T {}, {:,} items, ours: by rows, {}"
    for items in (middle, large):
        yield compare(
            name.format(length, items, f"ours at {small:,} items"),
            our_step(sizes, items),
            our_step(sizes, small),
            repeats,
            clock=clock,
        )
    for items in (small, middle):
        yield compare(
            name.format(length, items, "the same by dense Adam"),
            our_step(sizes, items),
            our_step(sizes, items, "dense"),
            max(1, repeats // 3),
            clock=clock,
        )
    yield compare(
        name.format(length, middle, "torch-rechub's own trainer"),
        our_step(sizes, middle),
        their_step(sizes, middle),
        max(1, repeats // 3),
        warm_up=1,
        clock=clock,
    )


def our_step(sizes: Sizes, items: int, way: str = "rows") -> Callable[[], None]:
    """What ``fit`` does with a batch."""
    model = ComiRecSA(
        items,
        sizes.dim,
        sizes.interests,
        sampler=NegativeSampler.log_uniform(torch.arange(items + 1).flip(0)),
        num_negatives=sizes.shared_negatives,
    )
    optimizer = ModelAdam(model, RATE, way)
    optimizer.open()
    made = steps(sizes, items)

    def step() -> None:
        model.zero_grad(set_to_none=True)
        model.loss(next(made).batch).backward()
        optimizer.step()

    return step


def their_step(sizes: Sizes, items: int) -> Callable[[], None]:
    """``MatchTrainer``'s, see the case "as_shipped"."""
    return match_trainer(bare(sizes, items), steps(sizes, items))


def steps(sizes: Sizes, items: int) -> Iterator[Step]:
    """Full histories of uniform ids: nothing is read twice, as far as it goes."""
    made = []
    for _ in range(POOL):
        ids = torch.randint(1, items + 1, (sizes.batch, sizes.lengths[-1]))
        target_ids = torch.randint(1, items + 1, (sizes.batch,))
        negatives = torch.randint(1, items + 1, (sizes.batch, sizes.negatives))
        zeros = torch.zeros_like(target_ids)
        batch = Batch(ids, ids != 0, target_ids, target_ids[:, None], zeros, zeros)
        made.append(Step(batch, negatives))
    return cycle(made)
