"""The interval of a paired difference: by bootstrap, with the draws given."""

import torch

from seqviz.checks.engine import Task, mistake, rule

ENDS = torch.tensor([0.025, 0.975])

TASK = Task(
    label="core, about 20 minutes",
    practice="a paired bootstrap over users",
    shapes="a [U], b [U], picked [draws, U] -> [2]",
    without={"float16": "torch takes no quantile of half precision"},
    gradients=(),
)


def reference(a, b, picked, means=None, ends=ENDS):
    if means is None:
        means = (a - b)[picked].mean(1)
    return means.double().quantile(ends.double()).to(a)


def cases():
    def draw(U, draws, shift=0.1, spread=0.2):
        easy = torch.rand(U)  # some users are easy for both
        a = easy + shift + spread * torch.randn(U)
        b = easy + spread * torch.randn(U)
        return a, b, torch.randint(0, U, (draws, U))

    yield "forty users", *draw(40, 300)
    yield "a loser", *draw(30, 200, shift=-0.3)
    a, b, picked = draw(25, 400)
    yield "users who gain all or nothing", (a > 0.5).float(), (b > 0.5).float(), picked
    yield "many users", *draw(500, 250)
    yield "three users", *draw(3, 100)


@mistake(symptom="an interval that is too wide")
def not_paired(a, b, picked):
    """you draw the users of `a` and of `b` apart. What is easy or hard for both no
    longer cancels, and the interval is too wide. One draw of users serves both."""
    yield {"means": a[picked].mean(1) - b[picked.roll(1, 0)].mean(1)}
    yield {"means": a[picked].mean(1) - b[picked.flip(0)].mean(1)}


@mistake
def two_intervals(a, b, picked, right):
    """you made an interval of each and subtracted the ends. The difference is taken
    first, user by user; then comes the interval."""
    ends = [
        values[picked].mean(1).double().quantile(ENDS.double()) for values in (a, b)
    ]
    yield (ends[0] - ends[1]).to(right)
    yield (ends[0] - ends[1].flip(0)).to(right)


@mistake(symptom="an interval that more users do not make narrower")
def of_users_instead_of_means(a, b):
    """your interval is about single users: it says where their differences lie. Wanted
    is where the mean of so many users lies, so take the mean of each draw first."""
    return {"means": a - b}


@mistake
def without_the_draws(a, b, right):
    """your interval is the mean plus and minus twice its standard error, and `picked`
    was not used. That is close for many users and wrong for few or for skew ones."""
    d = a - b
    error = d.std() / len(d) ** 0.5
    for wide in (1.96, 2.0, 1.959964):
        yield (d.mean() + error * torch.tensor([-wide, wide])).to(right)


@mistake
def spread_of_the_draws(a, b, picked, right):
    """you took the standard deviation of the draws times two. The quantiles say the
    same without supposing a bell shape."""
    means = (a - b)[picked].mean(1)
    for wide in (1.96, 2.0):
        ends = torch.tensor([-wide, wide]) * means.std()
        yield (means.mean() + ends).to(right)
        yield ((a - b).mean() + ends).to(right)


@mistake(ends=torch.tensor([0.05, 0.95]))
def five_percent_on_each_side():
    """your interval leaves out 5% on each side, so it holds 90%. For 95% leave out 2.5%
    on each side."""


@mistake(right=lambda right: -right.flip(0))
def b_less_a():
    """your interval is that of `b` less `a`: the sign is turned round."""


@mistake(right=lambda right: right.flip(0))
def upper_end_first():
    """the ends are exchanged: the lower one comes first."""


@mistake
def draws_of_one_only(a, b, picked):
    """you draw users of one recommender and keep the mean of the other. Both were asked
    by the same users, so the draw moves both."""
    yield {"means": a[picked].mean(1) - b.mean()}
    yield {"means": a.mean() - b[picked].mean(1)}


@rule
def low_below_high(result):
    """your lower end is above the upper one."""
    return result[0] > result[1]
