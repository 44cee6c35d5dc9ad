"""Self-attention that knows the days: what is long ago counts less."""

import torch

from seqviz.checks.engine import Case, Task, marks, mistake
from seqviz.layers import masked_softmax

TASK = Task(
    title="Self-attention with a clock",
    difficulty="project",
    minutes=25,
    shapes="behaviors [B, T, E], mask [B, T], days [B, T] -> [B, T, E]",
    gradients=("behaviors",),
    vary="padded histories",
)


def faded(scores, gap, readable):
    return masked_softmax(scores - gap.log1p(), readable)


def reference(behaviors, mask, days, readable=None, scale=None, weigh=faded):
    if readable is None:
        readable = (mask[..., None] & mask[:, None]).tril()  # [B, T, T]
    scale = behaviors.shape[-1] ** -0.5 if scale is None else scale
    gap = (days[..., None] - days[:, None]).clamp(min=0).to(behaviors)
    return weigh(behaviors @ behaviors.mT * scale, gap, readable) @ behaviors


def cases():
    def draw(name, *rows, last=40):
        mask = marks(*rows)
        inputs = {
            "behaviors": 1.5 * torch.randn(*mask.shape, 4),
            "mask": mask,
            "days": torch.randint(last, mask.shape).sort(1).values.float(),
        }
        return Case(name, inputs)

    yield draw("full histories", "xxxxx", "xxxxx")
    yield draw("clicks of one day", "xxxxx", "xxxxx", last=1)
    yield draw("padded histories", ".xxxxx", "xx.xxx", "xxxx..", "x..xx.", "xxxxxx")
    yield draw("an empty history", "xx.xxx", "......", "xxx.x.")
    yield draw("one behavior", "x", "x")
    yield draw("one user", "xxxxx")


@mistake
def no_clock(days):
    """the days change nothing: every click counts as if it were of today."""
    return {"days": torch.zeros_like(days)}


@mistake(weigh=lambda s, gap, may: masked_softmax(s + gap.log1p(), may))
def old_clicks_first():
    """the sign is wrong: what is long ago counts more. The number is to be taken away
    from the score."""


@mistake(weigh=lambda s, gap, may: masked_softmax(s - gap, may))
def no_logarithm():
    """you take the days away from the score as they are, so that a week ago is almost
    nothing. The weight should fall as 1 over 1 + gap: which number has that as its
    exponential?"""


@mistake
def counts_clicks(days):
    """you use the places in the history: this counts clicks, not days."""
    return {"days": torch.arange(days.shape[1]).to(days).expand_as(days)}


@mistake(weigh=lambda s, gap, may: faded(s, gap[:, -1:], may))
def from_the_latest_day():
    """you count the days back from the latest click for everybody. The gap is that
    between who reads and who is read."""


@mistake(weigh=lambda s, gap, may: masked_softmax(s, may) / (1 + gap))
def fades_after_the_softmax():
    """the weights no longer sum to 1: they are made smaller after the softmax. Bring
    the gap into the score."""


@mistake(weigh=lambda s, gap, may: masked_softmax(s / (1 + gap), may))
def divides_the_score():
    """you divide the score by 1 + gap. That pulls it towards 0, which makes a negative
    score larger. Divide the exponential of it."""


@mistake
def looks_ahead(mask):
    """a behavior reads later ones: the causal mask is missing."""
    return {"readable": mask[..., None] & mask[:, None]}


@mistake
def reads_padding(mask):
    """padding is read: the mask belongs to the columns as well."""
    return {"readable": mask[..., None].expand(-1, -1, mask.shape[1]).tril()}


@mistake
def padding_reads(mask):
    """the rows of padding are not empty: that is the query mask."""
    return {"readable": mask[:, None].expand(-1, mask.shape[1], -1).tril()}


@mistake(scale=1.0)
def no_scale():
    """these are plain inner products: divide them by the root of E before the days come
    in."""
