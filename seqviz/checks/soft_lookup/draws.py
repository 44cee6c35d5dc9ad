"""A score-function loss whose draws judge one another."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="project, about 40 minutes",
    practice="learning from draws, with a baseline",
    shapes="loss [B, M], log_probability [B, M] -> []",
)


def mean_of_others(loss):
    return (loss.sum(1, keepdim=True) - loss) / (loss.shape[1] - 1)


def nothing(log_probability):
    return log_probability - log_probability.detach()  # 0, with a gradient


def reference(loss, log_probability, baseline=mean_of_others, sign=1, moves=nothing):
    advantage = sign * (loss - baseline(loss)).detach()
    return (loss + advantage * moves(log_probability)).mean()


def cases():
    def draw(B=3, M=4, least=1.0):
        loss = torch.randn(B, M).abs() + least
        return loss, (torch.rand(B, M) * 0.9 + 0.05).log()

    yield "several draws", *draw()
    yield "two draws", *draw(M=2)
    yield "losses far from zero", *draw(least=20.0)


@mistake(symptom="no gradient for `log_probability`")
def loss_alone(loss):
    """no gradient reaches the log-probabilities, so the weights would never learn which
    draw was the better one."""
    return loss.mean()


@mistake(baseline=lambda loss: 0.0)
def no_baseline():
    """each draw is judged by its bare loss: on average that is right, but the spread is
    large. Judge it against the other draws of its question."""


@mistake(baseline=lambda loss: loss.mean(1, keepdim=True))
def own_draw_in_the_baseline():
    """a draw's own loss is part of its baseline: the gradient shrinks by a factor of
    (M - 1) / M. Leave the draw itself out of the mean."""


@mistake(baseline=torch.mean)
def baseline_over_the_batch():
    """the baseline is a mean over all questions: an easy question then looks like a
    good draw. Take the mean within each question."""


@mistake(sign=-1)
def sign():
    """a draw with a small loss becomes less likely: the sign is wrong."""


@mistake(
    symptom="a value that is not the mean loss",
    moves=lambda log_probability: log_probability,
)
def value_moves():
    """the gradient is right, but the value is no longer the mean loss, so a learning
    curve would lie. Add something that is 0 and has a gradient."""


@mistake
def product_alone(loss, log_probability):
    """you return loss times log-probability: its value means nothing. The value should
    be the mean loss, and the loss needs its own gradient too."""
    return (loss.detach() * log_probability).mean()


@mistake(loss=torch.detach)
def loss_without_gradient():
    """the log-probabilities learn, but the loss is cut off: what was read does not."""


@mistake
def sum_(loss, right):
    """you return a sum: the result should be the mean over questions and draws."""
    return right * loss.numel()
