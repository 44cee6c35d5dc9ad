"""For each of M targets the interest that training reads out: the nearest."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake


def reference(interests: Tensor, target: Tensor) -> Tensor:
    """``[B, K, E], [B, M, E] -> [B, M, E]``."""
    return _pick(interests, _scores(interests, target).argmax(2))


def cases(generator: Generator) -> Iterator[Case]:
    """Multiples of 1/4, so that products are exact even in float16."""

    def quarters(*shape: int) -> Tensor:
        return torch.randint(-8, 9, shape, generator=generator) / 4

    def draw(name: str, B: int, M: int, K: int, E: int) -> Case:
        while True:
            inputs = {"interests": quarters(B, K, E), "target": quarters(B, M, E)}
            scores = _scores(**inputs)
            best = scores.amax(2, keepdim=True)
            tied = ((scores == best).sum(2) > 1).any()  # would have two right answers
            # "Always the first" and "one for all" must not mean the same.
            first = scores.sum((0, 1)).argmax() == 0 and K > 1
            if not tied and not first:
                return Case(name, inputs)

    several = draw("several targets", 12, 2, 3, 4)
    yield several
    yield draw("as many targets as interests", 5, 3, 3, 4)
    yield draw("one target", 12, 1, 3, 4)
    yield draw("one user", 1, 2, 3, 4)
    yield draw("one interest", 2, 3, 1, 4)
    empty = draw("an empty history (all interests 0)", 7, 2, 3, 4)
    empty.inputs["interests"][2] = 0
    yield Case(empty.name, empty.inputs, gradients=False)
    yield several.strided()
    yield several.cast(torch.float64)
    yield several.cast(torch.float16)


def _scores(interests: Tensor, target: Tensor) -> Tensor:
    return torch.einsum("bke,bme->bmk", interests, target)


def _pick(interests: Tensor, best: Tensor) -> Tensor:
    """``[B, K, E], [B, M] -> [B, M, E]``."""
    return interests[torch.arange(len(best))[:, None], best]


def _farthest(interests: Tensor, target: Tensor) -> Tensor:
    return _pick(interests, _scores(interests, target).argmin(2))


def _largest_absolute(interests: Tensor, target: Tensor) -> Tensor:
    return _pick(interests, _scores(interests, target).abs().argmax(2))


def _longest(interests: Tensor, target: Tensor) -> Tensor:
    best = interests.norm(dim=-1).argmax(1, keepdim=True)  # [B, 1]
    return _pick(interests, best.expand(target.shape[:2]))


def _mixture(interests: Tensor, target: Tensor) -> Tensor:
    weights = _scores(interests, target).softmax(2)
    return torch.einsum("bmk,bke->bme", weights, interests)


def _first(interests: Tensor, target: Tensor) -> Tensor:
    return interests[:, :1].expand(-1, target.shape[1], -1)


def _one_for_the_user(interests: Tensor, target: Tensor) -> Tensor:
    best = _scores(interests, target).sum(1).argmax(1, keepdim=True)  # [B, 1]
    return _pick(interests, best.expand(target.shape[:2]))


def _of_the_first_target(interests: Tensor, target: Tensor) -> Tensor:
    best = _scores(interests, target)[:, :1].argmax(2)  # [B, 1]
    return _pick(interests, best.expand(target.shape[:2]))


def _of_the_best_pair(interests: Tensor, target: Tensor) -> Tensor:
    best = _scores(interests, target).amax(1).argmax(1, keepdim=True)  # [B, 1]
    return _pick(interests, best.expand(target.shape[:2]))


def _one_for_all(interests: Tensor, target: Tensor) -> Tensor:
    return interests[:, _scores(interests, target).sum(0).argmax(1)]


def _one_for_all_and_everything(interests: Tensor, target: Tensor) -> Tensor:
    best = _scores(interests, target).sum((0, 1)).argmax()
    return interests[:, best[None].expand(target.shape[1])]


def _targets_picked(interests: Tensor, target: Tensor) -> Tensor:
    return _pick(target, _scores(interests, target).argmax(1))  # [B, K, E]


def _cosine(interests: Tensor, target: Tensor) -> Tensor:
    return _pick(interests, _scores(F.normalize(interests, dim=-1), target).argmax(2))


def _distance(interests: Tensor, target: Tensor) -> Tensor:
    apart = interests[:, None] - target[:, :, None]  # [B, M, K, E]
    return _pick(interests, apart.norm(dim=-1).argmin(2))


def _largest_coordinates(interests: Tensor, target: Tensor) -> Tensor:
    return interests.amax(1, keepdim=True).expand_as(target)


def _all_pairs(interests: Tensor, target: Tensor) -> Tensor:
    return interests[:, _scores(interests, target).argmax(2)]


def _is_an_interest(result: Tensor, interests: Tensor, target: Tensor) -> str | None:
    found = (result[:, :, None] == interests[:, None]).all(-1).any(2)  # [B, M]
    if found.all():
        return None
    user, place = (~found).nonzero()[0].tolist()
    return (
        f"the result of user {user}, target {place} is none of her interests: "
        f"choose one of them, unchanged."
    )


def _right_interest(result: Tensor, interests: Tensor, target: Tensor) -> str | None:
    scores = _scores(interests.double(), target.double())
    got = (result.double() * target.double()).sum(-1)  # [B, M]
    wrong = got < scores.amax(2) - 1e-6
    user, place = divmod(int(wrong.int().argmax()), wrong.shape[1])
    return (
        f"you choose another interest for {int(wrong.sum())} of {wrong.numel()} "
        f"targets: for user {user}, target {place} yours has the inner product "
        f"{float(got[user, place]):.3g} with it, the best has "
        f"{float(scores[user, place].max()):.3g}."
    )


EXERCISE = Exercise(
    name="comirec-sa/read-out",
    title="One read-out for each of M targets, without a loop",
    minutes=15,
    difficulty="core",
    inputs={"interests": "B K E", "target": "B M E"},
    output="B M E",
    reference=reference,
    cases=cases,
    dtype_of="interests",
    gradients=("interests",),
    properties=(_is_an_interest, _right_interest),
    mistakes=(
        Mistake(
            "farthest",
            "you choose the interest with the smallest inner product: that is the "
            "farthest one. A larger inner product means nearer.",
            _farthest,
        ),
        Mistake(
            "absolute-value",
            "you compare sizes and not signs: an interest that points away from the "
            "target has a large negative inner product and is the wrong one.",
            _largest_absolute,
        ),
        Mistake(
            "longest",
            "you choose the longest interest: the target plays no part in the choice.",
            _longest,
        ),
        Mistake(
            "mixture",
            "you blend the interests by a softmax: the result is none of them. The "
            "read-out is a hard choice of one.",
            _mixture,
        ),
        Mistake(
            "always-the-first",
            "you return interest 0 of every user: the choice has to follow the target.",
            _first,
        ),
        Mistake(
            "one-for-the-user",
            "all M targets of a user get the same interest. Each target makes a choice "
            "of its own: keep the axis of the targets when you compare.",
            _one_for_the_user,
            also=(_of_the_first_target, _of_the_best_pair),
        ),
        Mistake(
            "one-for-the-batch",
            "every user gets the same interest numbers: the choice is made once for "
            "the batch. Make it row by row, over the axis K.",
            _one_for_all,
            also=(_one_for_all_and_everything,),
        ),
        Mistake(
            "targets-chosen-by-interests",
            "it is the wrong way round: each interest chooses its nearest target. Each "
            "target should choose its nearest interest.",
            _targets_picked,
        ),
        Mistake(
            "cosine",
            "you choose by the angle: the lengths of the interests are divided out. "
            "The read-out compares plain inner products, in which length counts.",
            _cosine,
        ),
        Mistake(
            "distance",
            "you choose by the distance: nearest here means the largest inner product, "
            "as in the score of an item. The two differ where lengths differ.",
            _distance,
        ),
        Mistake(
            "largest-coordinates",
            "you take the maximum of each coordinate by itself: that stitches a new "
            "vector from several interests. First choose one, then take all of it.",
            _largest_coordinates,
        ),
        Mistake(
            "all-pairs",
            "you get [B, B, M, E]: indexing with a slice and the chosen numbers gives "
            "every user the choices of all users. Pair each row with its own numbers.",
            _all_pairs,
        ),
    ),
)
