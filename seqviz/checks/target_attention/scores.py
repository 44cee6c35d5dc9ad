"""A log of shown items: each against the clicks of its own user."""

import torch
import torch.nn.functional as F

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="giving each candidate its user's history",
    shapes="candidates [P, E], user [P], behaviors [B, T, E] -> [P, T]",
)


def reference(candidates, user, behaviors, root=0.5):
    scores = torch.einsum("pe,pte->pt", candidates, behaviors[user])
    return scores / candidates.shape[-1] ** root


def cases():
    def draw(*user, B=3, T=5, E=4):
        return torch.randn(len(user), E), user, torch.randn(B, T, E)

    yield "a log in no order", *draw(2, 0, 1, 1, 0, 2, 0)
    yield "as many shown items as users", *draw(1, 2, 0)
    yield "a user without a shown item", *draw(2, 2, 0, 2, E=2)
    yield "one shown item", *draw(1)
    yield "one user", *draw(0, 0, 0, B=1)
    yield "wide vectors", *draw(1, 0, 0, 1, B=2, E=64)


@mistake(symptom="scores with the clicks of other people")
def user_not_used(user, behaviors):
    """shown items meet the clicks of other people: you take the histories in their own
    order. Whose clicks row p has to meet stands in `user`."""
    row = torch.arange(len(user))
    yield {"user": row % len(behaviors)}
    yield {"user": row * len(behaviors) // len(user)}


@mistake
def log_in_another_order(user, right):
    """your rows are sorted by user: row p of the result belongs to row p of the log."""
    yield right[user.argsort(stable=True)]
    yield {"user": user.sort().values}


@mistake(user=lambda user: user - 1)
def users_counted_from_one():
    """every shown item meets the user before its own: rows are counted from 0 here,
    nothing has to be taken off."""


@mistake
def adds_over_the_users(candidates, user, behaviors):
    """each shown item is compared with the clicks of all users, and the results are
    added. It has one user: pick her history first."""
    return {"behaviors": behaviors.sum(0, keepdim=True), "user": 0 * user}


@mistake(symptom="scores that are too large by one factor", root=0)
def no_scale():
    """these are the plain inner products: they grow with the width of the vectors.
    Bring their spread back to about 1."""


@mistake(root=1)
def divided_by_the_width():
    """you divide by E, which is too much: the spread of an inner product grows with the
    root of the number of terms."""


@mistake(root=-0.5)
def multiplied_by_the_root():
    """the root of E is on the wrong side: your scores grow with the width twice over.
    They should be made smaller."""


@mistake
def scaled_by_the_history(candidates, behaviors):
    """you divide by the root of T: the scale belongs to the axis that is summed over,
    and that is the embedding."""
    return {"candidates": candidates / behaviors.shape[1] ** 0.5, "root": 0}


@mistake(right=lambda right: right.softmax(-1))
def weights_instead_of_scores():
    """these are weights already: they sum to 1 over the behaviors. The scores come
    before that and may be any real number."""


@mistake
def cosine(candidates, behaviors):
    """you divide by the lengths of the vectors: this is the cosine. The scaled inner
    product keeps the lengths and divides by one number for all."""
    asked, own = F.normalize(candidates, dim=-1), F.normalize(behaviors, dim=-1)
    return {"candidates": asked, "behaviors": own, "root": 0}


@mistake(behaviors=lambda own: own.mean(1, keepdim=True).expand_as(own))
def mean_of_the_history():
    """all behaviors of a user get one score: the history is averaged before the
    candidate has asked. Compare first, behavior by behavior."""
