"""AUC within users: weighted by how much each was shown."""

import torch

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="core, about 20 minutes",
    practice="a weighted metric within users",
    shapes="scores [N], clicked [N], users [N] -> []",
    vary="equal scores",
    without={"float16": "scores that differ would become equal"},
    gradients=(),
)


def reference(
    scores,
    clicked,
    users,
    tie=0.5,
    one_class=None,  # what a user gets who clicked everything or nothing
    weight=lambda click: len(click),
):
    total, weights = 0, 0
    for user in users.unique():
        part = auc(scores[users == user], clicked[users == user], tie)
        part = one_class if part is None else part
        if part is not None:
            share = weight(clicked[users == user])
            total, weights = total + share * part, weights + share
    return torch.as_tensor(total / weights).to(scores)


def auc(scores, clicked, tie=0.5):
    """The share of pairs in the right order; None without a pair."""
    gap = scores[clicked][:, None] - scores[~clicked]
    if not gap.numel():
        return None
    return (gap > 0).to(scores).mean() + tie * (gap == 0).to(scores).mean()


def cases():
    def draw(N=40, most=4, rate=0.5):
        users = torch.randint(0, most, (N,)).square()
        clicked = torch.rand(N) < rate
        # Rows with which the weighted mean exists and users differ.
        users[:5] = 7
        clicked[:5] = torch.tensor([True, False, True, False, False])
        return torch.randn(N), clicked, users

    yield "several users", *draw()
    scores, clicked, users = draw(most=5, rate=0.4)
    clicked[users == 1], clicked[users == 4] = True, False
    yield "users who clicked everything or nothing", scores, clicked, users
    scores, *rest = draw()
    yield "equal scores", scores.round(), *rest
    scores, *rest = draw(N=20, most=3)
    yield "one score for everything", torch.full_like(scores, 0.3), *rest
    scores, clicked, users = draw()
    far = scores + 100 * (users % 3)
    yield "users with scores of other sizes", far, clicked, users
    yield "many users", *draw(N=200, most=40)
    scores, clicked, users = draw(N=12, most=1)
    yield "one user", scores, clicked, torch.full_like(users, 3)


@mistake(symptom="the AUC over all rows at once")
def all_in_one_pool(scores, clicked):
    """you compare clicks of one user with misses of another: this is the plain AUC. A
    user never sees the other's page; compare within users."""
    return auc(scores, clicked)


@mistake(weight=lambda click: 1)
def every_user_alike():
    """every user counts alike: one with two items shown as much as one with two
    hundred. Weigh each by the number of items she was shown."""


@mistake(weight=lambda click: int(click.sum()))
def weighted_by_clicks():
    """you weigh a user by her clicks, not by what she was shown, clicked or not."""


@mistake(weight=lambda click: int(click.sum() * (~click).sum()))
def weighted_by_pairs():
    """you count all pairs together: a user who was shown twice as much has four times
    the pairs. Take the AUC of each user first, then the mean weighted by what was
    shown."""


@mistake(symptom="a number that users without a click pull to one half", one_class=0.5)
def one_class_as_one_half():
    """a user who clicked everything or nothing gets one half: she pulls the mean
    towards chance and says nothing about the order. Leave her and her weight out."""


@mistake(one_class=0.0)
def one_class_as_zero():
    """a user who clicked everything or nothing adds nothing above the line, but her
    weight still stands below it. Leave her out of both."""


@mistake(one_class=1.0)
def one_class_as_one():
    """a user who clicked everything or nothing counts as perfectly ordered. There is
    nothing to order: leave her out."""


@mistake(tie=0.0)
def ties_lost():
    """only equal scores are wrong: a click and a miss with the same score are counted
    as wrongly ordered. Such a pair counts one half."""


@mistake(tie=1.0)
def ties_won():
    """only equal scores are wrong: a click and a miss with the same score are counted
    as rightly ordered. A model that says the same of everything would be perfect. Such
    a pair counts one half."""


@mistake(clicked=torch.logical_not)
def upside_down():
    """your number is one minus the right one: a pair is in order when the clicked item
    has the higher score."""


@rule
def between_0_and_1(result):
    """your GAUC is {:.3g}; it lies between 0 and 1."""
    return None if -1e-6 <= result <= 1 + 1e-6 else result
