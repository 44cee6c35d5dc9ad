"""How many clicks an interest reads: the effective number of a row of the coupling."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="The other collapse",
    difficulty="project",
    minutes=30,
    shapes="coupling [B, K, T] -> [B, K]",
    dtype_of="coupling",
    vary="an interest that reads nothing",
)


def reference(coupling, shares=None, nothing=0.0):
    shares = shares_of(coupling) if shares is None else shares
    number = entropy(shares).exp()
    return number.masked_fill((coupling == 0).all(-1), nothing)


def shares_of(coupling, over=-1):
    total = coupling.sum(over, keepdim=True)
    return coupling / total.masked_fill(total == 0, 1.0)


def entropy(shares):
    return torch.special.entr(shares.double()).sum(-1).to(shares)


def cases():
    """Shares over the interests, padding, an interest that reads nothing."""

    def draw(name, B=2, K=3, T=5, real=1.0):
        mask = torch.rand(B, T) < real
        mask[:, -1] = True
        if real < 1:
            mask[0, 0] = False
        coupling = (2 * torch.randn(B, K, T)).softmax(1) * mask[:, None]
        return Case(name, {"coupling": coupling})

    yield draw("full histories")
    yield draw("padded histories", B=4, T=6, real=0.6)
    single = draw("an interest that reads one click")
    single.inputs["coupling"][0, 1] = torch.tensor([0.0, 0.0, 0.7, 0.0, 0.0])
    yield single
    silent = draw("an interest that reads nothing", B=3, real=0.7)
    silent.inputs["coupling"][1, 2] = 0
    silent.inputs["coupling"][2] = 0
    yield silent
    yield draw("one click", T=1)
    yield draw("as many interests as clicks", K=4, T=4)


@mistake
def row_not_divided(coupling):
    """the entropy is taken of the coupling as it stands. Its rows do not sum to 1:
    divide each by its sum first."""
    return {"shares": coupling}


@mistake
def divided_by_the_whole(coupling):
    """you divide by the sum over all interests of the user. Each interest has a row of
    its own to make shares of."""
    return {"shares": shares_of(coupling, over=(1, 2))}


@mistake
def divided_by_the_largest(coupling):
    """you divide the sum of the row by its largest share: another number of clicks,
    which looks at one click only. Asked is the one by entropy."""
    return coupling.sum(-1) / coupling.amax(-1).clamp(min=1e-4)


@mistake
def no_exponential(coupling):
    """this is the entropy. Its exponential is a number of clicks."""
    return entropy(shares_of(coupling))


@mistake
def two_bases(right):
    """you take the logarithm to base 2 and then the exponential to base e. One base for
    both."""
    return right ** (1 / torch.log(torch.tensor(2.0))).to(right)


@mistake
def sign_of_the_entropy(right):
    """your numbers are below 1: the minus of the entropy is missing."""
    return torch.where(right == 0, 0.0, 1 / right).to(right)


@mistake
def inverse_sum_of_squares(coupling):
    """you take 1 over the sum of the squared shares: another effective number, which
    counts small shares less. Asked is the one by entropy."""
    number = 1 / shares_of(coupling).square().sum(-1).clamp(min=1e-4)
    return number.masked_fill((coupling == 0).all(-1), 0.0)


@mistake
def sum_of_the_row(coupling):
    """you sum the row: that is how much the interest got, from however many clicks."""
    return coupling.sum(-1)


@mistake
def positive_shares_counted(coupling):
    """you count every click with a share above 0, however small it is."""
    return (coupling > 0).sum(-1).to(coupling)


@mistake
def softmax_again(coupling):
    """the coupling has been through a softmax. Another one pulls the shares together
    and gives padding a part."""
    return {"shares": coupling.softmax(-1)}


@mistake
def nan_at_zero(coupling):
    """where a share is 0 you have 0 times the logarithm of 0, which is NaN. Its limit
    is 0."""
    shares = shares_of(coupling)
    number = (-(shares * shares.log()).sum(-1)).exp()
    return number.masked_fill((coupling == 0).all(-1), 0.0)


@mistake
def nan_for_nothing(coupling):
    """only an interest that reads nothing is wrong: its row is divided by 0."""
    return {"shares": coupling / coupling.sum(-1, keepdim=True), "nothing": torch.nan}


@mistake(nothing=1.0)
def one_for_nothing():
    """only an interest that reads nothing is wrong: the exponential of 0 is 1, but it
    reads no click."""
