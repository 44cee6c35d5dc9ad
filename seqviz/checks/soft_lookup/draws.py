"""Several draws a question: each one's baseline is the mean of the others."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="A score-function loss whose draws judge one another",
    difficulty="project",
    minutes=40,
    shapes="loss [B, M], log_probability [B, M] -> []",
    gradients=("loss", "log_probability"),
)


def reference(loss, log_probability, baseline=None, sign=1, moves=None):
    baseline = mean_of_the_others(loss) if baseline is None else baseline
    advantage = sign * (loss - baseline).detach()
    # 0, with a gradient
    nothing = log_probability - log_probability.detach() if moves is None else moves
    return (loss + advantage * nothing).mean()


def mean_of_the_others(loss):
    return (loss.sum(1, keepdim=True) - loss) / (loss.shape[1] - 1)


def cases():
    def draw(name, B=3, M=4, least=1.0):
        loss = torch.randn(B, M).abs() + least
        probability = torch.rand(B, M) * 0.9 + 0.05
        return Case(name, {"loss": loss, "log_probability": probability.log()})

    yield draw("several draws")
    yield draw("two draws", M=2)
    yield draw("one question", B=1)
    yield draw("losses far from zero", least=20.0)


@mistake
def loss_alone(loss):
    """no gradient reaches the log-probabilities, so the weights would never learn which
    draw was the better one."""
    return loss.mean()


@mistake(baseline=0.0)
def no_baseline():
    """each draw is judged by its bare loss: on average that is right, but the spread is
    large. Judge it against the other draws of its question."""


@mistake
def own_draw_in_the_baseline(loss):
    """a draw's own loss is part of its baseline: the gradient shrinks by a factor of
    (M - 1) / M. Leave the draw itself out of the mean."""
    return {"baseline": loss.mean(1, keepdim=True)}


@mistake
def baseline_over_the_batch(loss):
    """the baseline is a mean over all questions: an easy question then looks like a
    good draw. Take the mean within each question."""
    return {"baseline": loss.mean()}


@mistake(sign=-1)
def sign():
    """a draw with a small loss becomes less likely: the difference of loss and baseline
    has the wrong sign."""


@mistake
def value_moves(log_probability):
    """the gradient is right, but the value is no longer the mean loss, so a learning
    curve would lie. Add something that is 0 and has a gradient."""
    return {"moves": log_probability}


@mistake
def product_alone(loss, log_probability):
    """you return loss times log-probability: its value means nothing. The value should
    be the mean loss, and the loss needs its own gradient too."""
    return (loss.detach() * log_probability).mean()


@mistake
def loss_without_gradient(loss):
    """the log-probabilities learn, but the loss itself is cut off: what was read could
    not be trained."""
    return {"loss": loss.detach()}


@mistake
def sum_(loss, right):
    """you return a sum: the result should be the mean over questions and draws."""
    return right * loss.numel()
