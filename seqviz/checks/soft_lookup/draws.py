"""Several draws a question: each one's baseline is the mean of the others."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(loss: Tensor, log_probability: Tensor) -> Tensor:
    """``[B, M], [B, M] -> []``."""
    others = (loss.sum(1, keepdim=True) - loss) / (loss.shape[1] - 1)
    return _surrogate(loss, loss - others, log_probability)


def cases(generator: Generator) -> Iterator[Case]:
    """Two draws and more, losses far from 0, one question."""

    def draw(name: str, B: int, M: int, shift: float = 1.0) -> Case:
        loss = torch.randn(B, M, generator=generator).abs() + shift
        probability = torch.rand(B, M, generator=generator) * 0.9 + 0.05
        return Case(name, {"loss": loss, "log_probability": probability.log()})

    several = draw("several draws", 3, 4)
    yield several
    yield draw("two draws", 3, 2)
    yield draw("one question", 1, 4)
    yield draw("losses far from zero", 3, 4, shift=20.0)
    yield several.strided()
    yield several.cast(torch.float64)
    yield several.cast(torch.float16)


def _surrogate(loss: Tensor, advantage: Tensor, log_probability: Tensor) -> Tensor:
    nothing = log_probability - log_probability.detach()  # 0, with a gradient
    return (loss + advantage.detach() * nothing).mean()


def _loss_alone(loss: Tensor, log_probability: Tensor) -> Tensor:
    return loss.mean()


def _no_baseline(loss: Tensor, log_probability: Tensor) -> Tensor:
    return _surrogate(loss, loss, log_probability)


def _own_draw(loss: Tensor, log_probability: Tensor) -> Tensor:
    return _surrogate(loss, loss - loss.mean(1, keepdim=True), log_probability)


def _over_batch(loss: Tensor, log_probability: Tensor) -> Tensor:
    return _surrogate(loss, loss - loss.mean(), log_probability)


def _sign(loss: Tensor, log_probability: Tensor) -> Tensor:
    others = (loss.sum(1, keepdim=True) - loss) / (loss.shape[1] - 1)
    return _surrogate(loss, others - loss, log_probability)


def _value_moves(loss: Tensor, log_probability: Tensor) -> Tensor:
    others = (loss.sum(1, keepdim=True) - loss) / (loss.shape[1] - 1)
    return (loss + (loss - others).detach() * log_probability).mean()


def _product(loss: Tensor, log_probability: Tensor) -> Tensor:
    return (loss.detach() * log_probability).mean()


def _loss_detached(loss: Tensor, log_probability: Tensor) -> Tensor:
    others = (loss.sum(1, keepdim=True) - loss) / (loss.shape[1] - 1)
    return _surrogate(loss.detach(), loss - others, log_probability)


def _sum(loss: Tensor, log_probability: Tensor) -> Tensor:
    return reference(loss, log_probability) * loss.numel()


EXERCISE = Exercise(
    name="soft-lookup/draws",
    title="A score-function loss whose draws judge one another",
    minutes=40,
    difficulty="project",
    inputs={"loss": "B M", "log_probability": "B M"},
    output="",
    reference=reference,
    cases=cases,
    dtype_of="loss",
    gradients=("loss", "log_probability"),
    mistakes=(
        Mistake(
            "loss-alone",
            "no gradient reaches the log-probabilities, so the weights would never "
            "learn which draw was the better one.",
            _loss_alone,
        ),
        Mistake(
            "no-baseline",
            "each draw is judged by its bare loss: on average that is right, but the "
            "spread is large. Judge it against the other draws of its question.",
            _no_baseline,
        ),
        Mistake(
            "own-draw-in-the-baseline",
            "a draw's own loss is part of its baseline: the gradient shrinks by a "
            "factor of (M - 1) / M. Leave the draw itself out of the mean.",
            _own_draw,
        ),
        Mistake(
            "baseline-over-the-batch",
            "the baseline is a mean over all questions: an easy question then looks "
            "like a good draw. Take the mean within each question.",
            _over_batch,
        ),
        Mistake(
            "sign",
            "a draw with a small loss becomes less likely: the difference of loss and "
            "baseline has the wrong sign.",
            _sign,
        ),
        Mistake(
            "value-moves",
            "the gradient is right, but the value is no longer the mean loss, so a "
            "learning curve would lie. Add something that is 0 and has a gradient.",
            _value_moves,
        ),
        Mistake(
            "product-alone",
            "you return loss times log-probability: its value means nothing. The value "
            "should be the mean loss, and the loss needs its own gradient too.",
            _product,
        ),
        Mistake(
            "loss-without-gradient",
            "the log-probabilities learn, but the loss itself is cut off: what was "
            "read could not be trained.",
            _loss_detached,
        ),
        Mistake(
            "sum",
            "you return a sum: the result should be the mean over questions and draws.",
            _sum,
        ),
    ),
)
