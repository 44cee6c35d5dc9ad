"""A training step of ComiRec-SA: forward, backward, Adam."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch_rechub.trainers import MatchTrainer

from benchmarks.rechub import Step, check_same, models, steps, their_loss
from benchmarks.timing import Clock, Row, Sizes, compare
from seqviz.layers import NegativeSampler
from seqviz.models import ComiRecSA

RATE = 1e-3


def identical(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """The same negatives, shapes, gradients and optimizer on both sides."""
    check_same(sizes)
    for length in sizes.lengths:
        for name, fused in [("default", None), ("fused", True)]:
            ours, theirs = models(sizes, sizes.items)
            yield compare(
                f"step, T {length}, identical work, Adam {name}",
                training(
                    ours, sizes, length, lambda m, s: m.sampled_loss(*s), fused=fused
                ),
                training(theirs, sizes, length, their_loss, fused=fused),
                repeats,
                clock=clock,
            )


def as_shipped(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """The same loss and batches, each in the loop of its own trainer.

    ``fit`` makes a fused Adam. ``MatchTrainer`` makes torch's default Adam with weight
    decay 1e-5, adds a regularization loss (0 by default) and reads the loss twice.
    """
    for length in sizes.lengths:
        ours, theirs = models(sizes, sizes.items)
        yield compare(
            f"step, T {length}, identical loss, each trainer's own Adam",
            training(ours, sizes, length, lambda m, s: m.sampled_loss(*s), fused=True),
            _match_trainer(theirs, sizes, length),
            repeats,
            clock=clock,
        )


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
            f"step, T {length}, ours: {sizes.shared_negatives:,} shared negatives, log-Q",
            training(ours, sizes, length, lambda m, s: m.loss(s.batch), fused=True),
            _match_trainer(theirs, sizes, length),
            repeats,
            clock=clock,
        )
    items = sizes.small_catalog
    _, theirs = models(sizes, items)
    ours = ComiRecSA(items, sizes.dim, sizes.interests)
    yield compare(
        f"step, T {length}, {items:,} items, ours: full softmax",
        training(ours, sizes, length, lambda m, s: m.loss(s.batch), items, fused=True),
        _match_trainer(theirs, sizes, length, items),
        repeats,
        clock=clock,
    )


def training(
    model: nn.Module,
    sizes: Sizes,
    length: int,
    loss: Callable[[nn.Module, Step], Tensor],
    items: int | None = None,
    *,
    fused: bool | None,
) -> Callable[[], None]:
    """One step after the other of the same batches, as a function to time."""
    optimizer = torch.optim.Adam(model.parameters(), RATE, fused=fused)
    batches = steps(sizes, length, items or sizes.items)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss(model, next(batches)).backward()
        optimizer.step()

    return step


def _match_trainer(
    model: nn.Module, sizes: Sizes, length: int, items: int | None = None
) -> Callable[[], None]:
    """The body of ``MatchTrainer.train_one_epoch`` without its bar and loader."""
    trainer = MatchTrainer(model, mode=2)
    batches = steps(sizes, length, items or sizes.items)

    def step() -> None:
        now = next(batches)
        target = torch.zeros_like(now.batch.target)
        loss = trainer.criterion(model(now.features()), target)
        loss = loss + trainer.reg_loss_fn(model)
        model.zero_grad()
        loss.backward()
        trainer.optimizer.step()
        loss.item(), loss.item()

    return step
