"""Self-attention with a clock: what is long ago counts less."""

import torch

from seqviz.checks.engine import Task, marks, mistake
from seqviz.checks.self_attention.module import looks_ahead, reads_padding  # noqa: F401
from seqviz.checks.self_attention.session import may_read, padding_reads  # noqa: F401
from seqviz.layers import masked_softmax

TASK = Task(
    label="project, about 25 minutes",
    practice="a score that falls with time",
    shapes="behaviors [B, T, E], mask [B, T], days [B, T] -> [B, T, E]",
    gradients=("behaviors",),
    vary="padded histories",
)


def faded(scores, gap, readable):
    return masked_softmax(scores - gap.log1p(), readable)


def reference(behaviors, mask, days, root=0.5, weigh=faded, **may):
    scores = behaviors @ behaviors.mT / behaviors.shape[-1] ** root
    gap = (days[..., None] - days[:, None]).clamp(min=0).to(behaviors)
    return weigh(scores, gap, may_read(mask, **may)) @ behaviors


def cases():
    def draw(*rows, last=40):
        mask = marks(*rows)
        behaviors = 1.5 * torch.randn(*mask.shape, 4)
        return behaviors, mask, torch.randint(last, mask.shape).sort(1).values.float()

    yield "full histories", *draw("xxxxx", "xxxxx")
    yield "clicks of one day", *draw("xxxxx", "xxxxx", last=1)
    padded = ".xxxxx", "xx.xxx", "xxxx..", "x..xx.", "xxxxxx"
    yield "padded histories", *draw(*padded)
    yield "an empty history", *draw("xx.xxx", "......", "xxx.x.")


@mistake(days=torch.zeros_like)
def no_clock():
    """the days change nothing: every click counts as if it were of today."""


@mistake(weigh=lambda s, gap, may: masked_softmax(s + gap.log1p(), may))
def old_clicks_first():
    """the sign is wrong: what is long ago counts more. Take the number away."""


@mistake(
    symptom="weights of almost 0 after a few days",
    weigh=lambda s, gap, may: masked_softmax(s - gap, may),
)
def no_logarithm():
    """you take the days away from the score as they are, so that a week ago is almost
    nothing. The weight should fall as 1 over 1 + gap: which number has that as its
    exponential?"""


@mistake(days=lambda days: torch.arange(days.shape[1]).to(days).expand_as(days))
def counts_clicks():
    """you use the places in the history: this counts clicks, not days."""


@mistake(weigh=lambda s, gap, may: faded(s, gap[:, -1:], may))
def from_the_latest_day():
    """you count the days back from the latest click for everybody. The gap is that
    between who reads and who is read."""


@mistake(
    symptom="weights that sum to less than 1",
    weigh=lambda s, gap, may: masked_softmax(s, may) / (1 + gap),
)
def fades_after_the_softmax():
    """the weights no longer sum to 1: they are made smaller after the softmax. Bring
    the gap into the score."""


@mistake(weigh=lambda s, gap, may: masked_softmax(s / (1 + gap), may))
def divides_the_score():
    """you divide the score by 1 + gap. That pulls it towards 0, which makes a negative
    score larger. Divide the exponential of it."""


@mistake(root=0)
def no_scale():
    """these are plain inner products: divide by the root of E before the days come."""
