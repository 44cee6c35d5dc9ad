"""One read-out for each of M targets: the nearest interest."""

import torch
import torch.nn.functional as F

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="core, about 15 minutes",
    practice="a choice for each target, without a loop",
    shapes="interests [B, K, E], target [B, M, E] -> [B, M, E]",
    gradients=("interests",),
    no_gradient={"an empty history (all interests 0)": "all interests tie"},
)


def scores_of(interests, target):
    return torch.einsum("bke,bme->bmk", interests, target)


def reference(interests, target, score=scores_of):
    return pick(interests, score(interests, target).argmax(2))


def pick(interests, best):
    """``[B, K, E], [B, M] -> [B, M, E]``."""
    return interests[torch.arange(len(best))[:, None], best]


def cases():
    def quarters(*shape):
        return torch.randint(-8, 9, shape) / 4

    def draw(B=12, M=2, K=3, E=4):
        while True:
            interests, target = quarters(B, K, E), quarters(B, M, E)
            scores = scores_of(interests, target)
            best = scores.amax(2, keepdim=True)
            tied = ((scores == best).sum(2) > 1).any()  # would have two right answers
            # "Always the first" and "one for all" must not mean the same.
            first = scores.sum((0, 1)).argmax() == 0 and K > 1
            if not tied and not first:
                return interests, target

    yield "several targets", *draw()
    yield "as many targets as interests", *draw(B=5, M=3)
    yield "one target", *draw(M=1)
    interests, target = draw(B=7)
    interests[2] = 0
    yield "an empty history (all interests 0)", interests, target


@mistake(target=torch.neg)
def farthest():
    """you choose the interest with the smallest inner product: that is the farthest
    one. A larger inner product means nearer."""


@mistake(score=lambda *given: scores_of(*given).abs())
def absolute_value():
    """you compare sizes and not signs: an interest that points away from the target has
    a large negative inner product and is the wrong one."""


@mistake
def longest(interests, target):
    """you choose the longest interest: the target plays no part in the choice."""
    best = interests.norm(dim=-1).argmax(1, keepdim=True)  # [B, 1]
    return pick(interests, best.expand(target.shape[:2]))


@mistake
def mixture(interests, target):
    """you blend the interests by a softmax: the result is none of them. The read-out is
    a hard choice of one."""
    weights = scores_of(interests, target).softmax(2)
    return torch.einsum("bmk,bke->bme", weights, interests)


@mistake
def always_the_first(interests, target):
    """you return interest 0 of every user: the choice has to follow the target."""
    return interests[:, :1].expand_as(target)


@mistake(symptom="the same interest for all targets of a user")
def one_for_the_user(target, interests):
    """all M targets of a user get the same interest. Each target makes a choice of its
    own: keep the axis of the targets when you compare."""
    yield {"target": target.sum(1, keepdim=True).expand_as(target)}
    yield {"target": target[:, :1].expand_as(target)}
    best = scores_of(interests, target).amax(1).argmax(1, keepdim=True)
    yield pick(interests, best.expand(target.shape[:2]))


@mistake
def one_for_the_batch(interests, target):
    """every user gets the same interest numbers: the choice is made once for the batch.
    Make it row by row, over the axis K."""
    yield interests[:, scores_of(interests, target).sum(0).argmax(1)]
    best = scores_of(interests, target).sum((0, 1)).argmax()
    yield interests[:, best[None].expand(target.shape[1])]


@mistake
def targets_chosen_by_interests(interests, target):
    """it is the wrong way round: each interest chooses its nearest target. Each target
    should choose its nearest interest."""
    return reference(target, interests)  # [B, K, E]


@mistake(score=lambda k, target: scores_of(F.normalize(k, dim=-1), target))
def cosine():
    """you choose by the angle: the lengths of the interests are divided out. The
    read-out compares plain inner products, in which length counts."""


@mistake
def distance(interests, target):
    """you choose by the distance: nearest here means the largest inner product, as in
    the score of an item. The two differ where lengths differ."""
    apart = interests[:, None] - target[:, :, None]  # [B, M, K, E]
    return {"score": lambda *_: -apart.norm(dim=-1)}


@mistake
def largest_coordinates(interests, target):
    """you take the maximum of each coordinate by itself: that stitches a new vector
    from several interests. First choose one, then take all of it."""
    return interests.amax(1, keepdim=True).expand_as(target)


@mistake(symptom="a result of shape [B, B, M, E]")
def all_pairs(interests, target):
    """you get [B, B, M, E]: indexing with a slice and the chosen numbers gives every
    user the choices of all users. Pair each row with its own numbers."""
    return interests[:, scores_of(interests, target).argmax(2)]


@rule
def is_an_interest(result, interests):
    """the result of user {}, target {} is none of her interests: choose one of them,
    unchanged."""
    found = (result[:, :, None] == interests[:, None]).all(-1).any(2)  # [B, M]
    return None if found.all() else tuple((~found).nonzero()[0])


@rule
def is_the_nearest(result, interests, target):
    """you choose another interest for {} of {} targets: for user {}, target {} yours
    has the inner product {:.3g} with it, the best has {:.3g}."""
    best = scores_of(interests.double(), target.double()).amax(2)  # [B, M]
    got = (result.double() * target.double()).sum(-1)
    wrong = got < best - 1e-6
    at = divmod(int(wrong.int().argmax()), wrong.shape[1])
    return wrong.sum(), wrong.numel(), *at, got[at], best[at]
