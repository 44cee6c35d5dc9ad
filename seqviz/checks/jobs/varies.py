"""Does the gate look at the input?"""

import torch

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="core, about 15 minutes",
    practice="splitting a variance into two parts",
    shapes="gates [B, G], known [B] -> []",
    without={"float16": "small variances round to 0"},
    no_gradient={"one number everywhere": "0 divided by 0"},
)


def split(gates, correction=0):
    """Within the columns, between them, and in all."""
    means = gates.mean(0)
    rows = len(gates) - correction
    within = (gates - means).square().sum(0).div(max(rows, 1)).mean()
    between = (means - means.mean()).square().mean()
    return within, between


def reference(gates, known, of=split, part=lambda w, b: w / (w + b), nothing=0.0):
    within, between = of(gates[known])
    if within + between <= 0:
        return gates.sum() * 0 + nothing
    return part(within, between)


def cases():
    def draw(spread, offset, B=30, G=4, hidden=6):
        gates = torch.rand(B, G) * spread + torch.linspace(0, offset, G)
        known = torch.ones(B, dtype=torch.bool)
        known[:hidden] = False
        gates[:hidden] += 0.7  # rows that do not count look otherwise
        return gates, known

    yield "gates that move, and differ", *draw(0.5, 0.6)
    yield "gates that hardly move", *draw(0.05, 0.8)
    yield "gates that move alike", *draw(0.6, 0.0)
    yield "two rows", *draw(0.5, 0.6, B=8)
    yield "one gate", *draw(0.5, 0.0, G=1)
    gates, known = draw(0.0, 0.8)
    gates[6:] = torch.tensor([0.0, 0.25, 0.5, 0.75])
    yield "gates that never move", gates, known
    gates, known = draw(0.0, 0.0)
    gates[6:] = 0.5
    yield "one number everywhere", gates, known


@mistake(part=lambda w, b: b / (w + b))
def the_other_part():
    """your number is one minus the right one: you give the share that lies between the
    gates, the one that never moves."""


@mistake(part=lambda w, b: w / b.clamp(min=1e-3))
def within_over_between():
    """you divide by what lies between the gates alone. A share divides by all of it."""


@mistake(part=lambda w, b: w.sqrt() / (w + b).sqrt())
def deviations_instead_of_variances():
    """you compare standard deviations. Variances add up to the whole, deviations do
    not."""


@mistake(part=lambda w, b: w)
def not_divided():
    """you give a variance, not its share of the whole."""


def transposed(gates):
    within, between = split(gates.mT)
    return within, between


@mistake(of=transposed)
def axes_exchanged():
    """you look for what varies between the gates of one row. The question is how one
    gate varies over the rows."""


@mistake(
    symptom="numbers that are close, but not equal",
    of=lambda gates: split(gates, correction=1),
)
def divided_by_one_less():
    """only few rows go wrong: you divide by one less than their number within a gate,
    and by the number elsewhere. Then the parts do not add up."""


@mistake(known=torch.ones_like)
def rows_that_do_not_count():
    """rows where known is false have a say. Leave them out before anything else."""


def mean_of_shares(gates):
    deviation = (gates - gates.mean(0)).square().mean(0)  # [G]
    total = (gates - gates.mean()).square().mean(0)
    share = (deviation / total.clamp(min=1e-9)).mean()
    return share, 1 - share


@mistake(of=mean_of_shares)
def mean_of_the_shares():
    """you take a share for each gate and then their mean: a gate that hardly moves and
    lies near the mean of all counts as much as one that moves. Add the variances up
    first, divide once."""


@mistake(
    of=lambda gates: (
        (gates - gates.mean(0)).abs().mean(),
        (gates.mean(0) - gates.mean()).abs().mean(),
    )
)
def absolute_distances():
    """you take distances where squares are meant. Only squares split into two parts
    that add up."""


@mistake(nothing=1.0)
def nothing_is_one():
    """gates that are one number everywhere have no variance to share out. Here their
    share is 0."""


@mistake(symptom="NaN for gates that never move", nothing=torch.nan)
def nothing_is_nan():
    """gates that are one number everywhere give 0 divided by 0. Here their share is
    0."""


@rule
def a_share(result):
    """your share is {:.3g}; it lies between 0 and 1."""
    return None if -1e-6 <= result <= 1 + 1e-6 else result
