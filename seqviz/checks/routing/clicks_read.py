"""The other collapse: how many clicks an interest reads."""

import torch

from seqviz.checks.engine import Task, mistake, some
from seqviz.checks.engine.softmaxes import shared_out

TASK = Task(
    label="project, about 30 minutes",
    practice="an entropy of shares",
    shapes="coupling [B, K, T] -> [B, K]",
    dtype_of="coupling",
    vary="an interest that reads nothing",
)


def entropy(shares):
    return torch.special.entr(shares.double()).sum(-1).to(shares)


def reference(coupling, shares=shared_out, entropy=entropy, nothing=0.0):
    number = entropy(shares(coupling)).exp()
    return number.masked_fill((coupling == 0).all(-1), nothing)


def cases():
    def draw(B=2, K=3, T=5, real=1.0):
        mask = some(B, T, real)
        return (2 * torch.randn(B, K, T)).softmax(1) * mask[:, None]

    yield "full histories", draw()
    yield "padded histories", draw(B=4, T=6, real=0.6)
    single = draw()
    single[0, 1] = torch.tensor([0.0, 0.0, 0.7, 0.0, 0.0])
    yield "an interest that reads one click", single
    silent = draw(B=3, real=0.7)
    silent[1, 2], silent[2] = 0, 0
    yield "an interest that reads nothing", silent
    yield "as many interests as clicks", draw(K=4, T=4)


@mistake(
    symptom="numbers that change when a row is doubled",
    shares=lambda coupling: coupling,
)
def row_not_divided():
    """the entropy is taken of the coupling as it stands. Its rows do not sum to 1:
    divide each by its sum first."""


@mistake(shares=lambda coupling: shared_out(coupling, over=(1, 2)))
def divided_by_the_whole():
    """you divide by the sum over all interests of the user. Each interest has a row of
    its own to make shares of."""


@mistake
def divided_by_the_largest(coupling):
    """you divide the sum of the row by its largest share: another number of clicks,
    which looks at one click only. Asked is the one by entropy."""
    return coupling.sum(-1) / coupling.amax(-1).clamp(min=1e-4)


@mistake
def no_exponential(coupling):
    """this is the entropy. Its exponential is a number of clicks."""
    return entropy(shared_out(coupling))


@mistake(right=lambda right: right ** (1 / torch.log(torch.tensor(2.0))).to(right))
def two_bases():
    """you take the logarithm to base 2 and the exponential to base e: take one base."""


@mistake(right=lambda right: torch.where(right == 0, 0.0, 1 / right).to(right))
def sign_of_the_entropy():
    """your numbers are below 1: the minus of the entropy is missing."""


@mistake(entropy=lambda shares: -shares.square().sum(-1).clamp(min=1e-4).log())
def inverse_sum_of_squares():
    """you take 1 over the sum of the squared shares: another effective number, which
    counts small shares less. Asked is the one by entropy."""


@mistake
def sum_of_the_row(coupling):
    """you sum the row: that is how much the interest got, from however many clicks."""
    return coupling.sum(-1)


@mistake
def positive_shares_counted(coupling):
    """you count every click with a share above 0, however small it is."""
    return (coupling > 0).sum(-1).to(coupling)


@mistake(shares=lambda coupling: coupling.softmax(-1))
def softmax_again():
    """the coupling has been through a softmax. Another one pulls the shares together
    and gives padding a part."""


@mistake(
    symptom="NaN where a share is 0",
    entropy=lambda shares: -(shares * shares.log()).sum(-1),
)
def nan_at_zero():
    """where a share is 0 you have 0 times its logarithm, NaN. The limit is 0."""


@mistake(shares=lambda coupling: coupling / coupling.sum(-1, True), nothing=torch.nan)
def nan_for_nothing():
    """only an interest that reads nothing is wrong: its row is divided by 0."""


@mistake(nothing=1.0)
def one_for_nothing():
    """only an interest that reads nothing is wrong: it reads no click, not one."""
