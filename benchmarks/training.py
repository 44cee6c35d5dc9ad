"""A training step of ComiRec-SA: forward, backward, Adam."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn
from torch_rechub.trainers import MatchTrainer

from benchmarks.cases import case
from benchmarks.rechub import (
    Step,
    check_same,
    models,
    our_loss,
    steps,
    their_loss,
)
from benchmarks.timing import Clock, Row, Sizes, compare, training
from seqviz.layers import NegativeSampler
from seqviz.models import ComiRecSA


@case("identical")
def identical(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """The same negatives, shapes, gradients and optimizer on both sides."""
    check_same(sizes)
    for length in sizes.lengths:
        made = partial(steps, sizes, length, sizes.items)
        for name, fused in [("default", None), ("fused", True)]:
            ours, theirs = models(sizes, sizes.items)
            yield compare(
                f"step, T {length}, identical work, Adam {name}",
                training(ours, our_loss, made(), fused=fused),
                training(theirs, their_loss, made(), fused=fused),
                repeats,
                clock=clock,
            )


@case("as_shipped")
def as_shipped(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """The same loss and batches, each in the loop of its own trainer.

    ``fit`` makes a fused Adam. ``MatchTrainer`` makes torch's default Adam with weight
    decay 1e-5, adds a regularization loss (0 by default) and reads the loss twice.
    """
    for length in sizes.lengths:
        ours, theirs = models(sizes, sizes.items)
        yield compare(
            f"step, T {length}, identical loss, each trainer's own Adam",
            training(ours, our_loss, steps(sizes, length, sizes.items), fused=True),
            match_trainer(theirs, steps(sizes, length, sizes.items)),
            repeats,
            clock=clock,
        )


@case("recommended")
def recommended(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Other work than theirs: what this book trains with against what theirs does."""
    for length in sizes.lengths:
        _, theirs = models(sizes, sizes.items)
        popularity = torch.arange(sizes.items + 1).flip(0)
        ours = ComiRecSA(
            sizes.items,
            sizes.dim,
            sizes.interests,
            sampler=NegativeSampler.log_uniform(popularity),
            num_negatives=sizes.shared_negatives,
        )
        yield compare(
            f"step, T {length}, ours: {sizes.shared_negatives:,} shared negatives, "
            "log-Q",
            training(ours, _own_loss, steps(sizes, length, sizes.items), fused=True),
            match_trainer(theirs, steps(sizes, length, sizes.items)),
            repeats,
            clock=clock,
        )
    items = sizes.small_catalog
    _, theirs = models(sizes, items)
    ours = ComiRecSA(items, sizes.dim, sizes.interests)
    yield compare(
        f"step, T {length}, {items:,} items, ours: full softmax",
        training(ours, _own_loss, steps(sizes, length, items), fused=True),
        match_trainer(theirs, steps(sizes, length, items)),
        repeats,
        clock=clock,
    )


def _own_loss(model: ComiRecSA, step: Step) -> Tensor:
    return model.loss(step.batch)


def match_trainer(model: nn.Module, batches: Iterator[Step]) -> Callable[[], None]:
    """The body of ``MatchTrainer.train_one_epoch`` without its bar and loader."""
    trainer = MatchTrainer(model, mode=2)

    def step() -> None:
        now = next(batches)
        labels = torch.zeros_like(now.batch.target_ids)
        loss = trainer.criterion(model(now.features()), labels)
        loss = loss + trainer.reg_loss_fn(model)
        model.zero_grad()
        loss.backward()
        trainer.optimizer.step()
        loss.item(), loss.item()

    return step
