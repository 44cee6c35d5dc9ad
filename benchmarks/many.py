"""Several small trainings, and their evaluation, at once against one by one.

What that is against the loop before ``fit_many`` was written (7cec0d6, 2026-11-21) had
to be measured by hand, in a worktree of that commit: on 2026-11-30, an x86-64 server
(AMD EPYC), one thread, other work beside it, so processor time, each in a process of
its own, turn by turn. The shop's 49,797 examples in batches of 512, E 16, K 4, recall
on 200 users after each of three epochs; seconds an epoch of one model, the loop of
7cec0d6, ``fit`` now, ``fit_many`` of eight (of 16: .062 for one vector):

    one vector   .332   .320   .082
    ComiRec-SA  1.920   .502   .182

Metrics of four ComiRec-SA, seconds for 1,000 users, ``evaluate`` of 7cec0d6 against
``evaluate_each``: .110 and .053 (240 items; .036 of it are the scores and their best
50), 5.0 and 3.3 (50,000 items, E 64).
"""

from collections.abc import Callable, Iterator
from functools import partial

import torch

from benchmarks.cases import case
from benchmarks.retrieval import examples
from benchmarks.timing import Clock, Row, Sizes, compare
from seqviz.data import Batch, Examples
from seqviz.experiments import evaluate_each, evaluate_users, fit, fit_many
from seqviz.models import ComiRecSA, MeanPooling, Retriever

MODELS = 8
STEPS = 16
CHECKPOINTS = 4


@case("many")
def many(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """A few steps of eight models of the shop's size; theirs is `fit` in a loop."""
    items, dim, K = sizes.shop, sizes.shop_dim, sizes.interests
    train = _batches(sizes)
    for name, make in {
        "one vector": partial(MeanPooling, items, dim, temperature=0.1),
        "ComiRec-SA": partial(ComiRecSA, items, dim, K, temperature=0.1),
        "ComiRec-SA, nearest": partial(
            ComiRecSA, items, dim, K, temperature=0.1, nearest=True
        ),
    }.items():
        yield compare(
            f"{MODELS} x {STEPS} steps of {name}, {items} items, ours: fit_many, "
            "theirs: fit one after the other",
            partial(_together, make, train),
            partial(_apart, make, train),
            max(1, repeats // 5),
            warm_up=1,
            clock=clock,
        )


@case("checkpoints")
def checkpoints(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Every user's metrics of four models of the shop's size and of a large one."""
    for items, dim in ((sizes.shop, sizes.shop_dim), (sizes.items, sizes.dim)):
        data = examples(sizes._replace(items=items))
        models = [
            ComiRecSA(items, dim, sizes.interests, temperature=0.1)
            for _ in range(CHECKPOINTS)
        ]
        yield compare(
            f"{CHECKPOINTS} models of {items:,} items, {len(data)} users, ours: "
            "evaluate_each, theirs: evaluate_users one after the other",
            partial(evaluate_each, models, data),
            partial(_each_alone, models, data),
            max(1, repeats // 5),
            warm_up=1,
            clock=clock,
        )


def _each_alone(models: list[Retriever], data: Examples) -> None:
    for model in models:
        evaluate_users(model, data)


def _batches(sizes: Sizes) -> list[Batch]:
    draw = torch.Generator().manual_seed(0)
    shape = STEPS, sizes.shop_batch, sizes.shop_length
    ids = torch.randint(1, sizes.shop + 1, shape, generator=draw)
    return [Batch(i, i != 0, i[:, 0], i[:, :1], i[:, 0], i[:, 0]) for i in ids]


def _together(make: Callable[[], Retriever], train: list[Batch]) -> None:
    models = [make() for _ in range(MODELS)]
    fit_many(models, [train] * MODELS, epochs=1, device="cpu", progress=False)


def _apart(make: Callable[[], Retriever], train: list[Batch]) -> None:
    for _ in range(MODELS):
        fit(make(), train, epochs=1, device="cpu", progress=False)
