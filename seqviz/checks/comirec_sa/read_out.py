"""The interest that training reads out: the nearest to the target."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from seqviz.layers import read_out as reference

from ..exercise import Case, Exercise, Mistake


def cases(generator: Generator) -> Iterator[Case]:
    """Multiples of 1/4, so that products are exact even in float16."""

    def quarters(*shape: int) -> Tensor:
        return torch.randint(-8, 9, shape, generator=generator) / 4

    def draw(name: str, B: int, K: int, E: int) -> Case:
        while True:
            inputs = {"interests": quarters(B, K, E), "target": quarters(B, E)}
            scores = _scores(**inputs)
            best = scores.amax(1, keepdim=True)
            tied = ((scores == best).sum(1) > 1).any()  # would have two right answers
            # "Always the first" and "one for all" must not mean the same.
            first = scores.sum(0).argmax() == 0 and K > 1
            if not tied and not first:
                return Case(name, inputs)

    several = draw("several users", 24, 3, 4)
    yield several
    yield draw("one user", 1, 3, 4)
    yield draw("one interest", 2, 1, 4)
    empty = draw("an empty history (all interests 0)", 7, 3, 4)
    empty.inputs["interests"][2] = 0
    yield Case(empty.name, empty.inputs, gradients=False)
    yield several.strided()
    yield several.cast(torch.float64)
    yield several.cast(torch.float16)


def _scores(interests: Tensor, target: Tensor) -> Tensor:
    return torch.einsum("bke,be->bk", interests, target)


def _pick(interests: Tensor, best: Tensor) -> Tensor:
    return interests[torch.arange(len(best)), best]


def _farthest(interests: Tensor, target: Tensor) -> Tensor:
    return _pick(interests, _scores(interests, target).argmin(1))


def _largest_absolute(interests: Tensor, target: Tensor) -> Tensor:
    return _pick(interests, _scores(interests, target).abs().argmax(1))


def _longest(interests: Tensor, target: Tensor) -> Tensor:
    return _pick(interests, interests.norm(dim=-1).argmax(1))


def _mixture(interests: Tensor, target: Tensor) -> Tensor:
    weights = _scores(interests, target).softmax(1)
    return torch.einsum("bk,bke->be", weights, interests)


def _first(interests: Tensor, target: Tensor) -> Tensor:
    return interests[:, 0]


def _one_for_all(interests: Tensor, target: Tensor) -> Tensor:
    return interests[:, _scores(interests, target).sum(0).argmax()]


def _one_for_all_by_place(interests: Tensor, target: Tensor) -> Tensor:
    place = _scores(interests, target).argmax()  # over [B, K] at once
    return interests[:, place % interests.shape[1]]


def _cosine(interests: Tensor, target: Tensor) -> Tensor:
    return _pick(interests, _scores(F.normalize(interests, dim=-1), target).argmax(1))


def _distance(interests: Tensor, target: Tensor) -> Tensor:
    return _pick(interests, (interests - target[:, None]).norm(dim=-1).argmin(1))


def _largest_coordinates(interests: Tensor, target: Tensor) -> Tensor:
    return interests.amax(1)


def _all_pairs(interests: Tensor, target: Tensor) -> Tensor:
    return interests[:, _scores(interests, target).argmax(1)]


def _is_an_interest(result: Tensor, interests: Tensor, target: Tensor) -> str | None:
    found = (result[:, None] == interests).all(-1).any(1)  # [B]
    if found.all():
        return None
    return (
        f"the result of user {int((~found).nonzero()[0])} is none of her interests: "
        f"choose one of them, unchanged."
    )


def _right_interest(result: Tensor, interests: Tensor, target: Tensor) -> str | None:
    scores = _scores(interests.double(), target.double())
    got = (result.double() * target.double()).sum(-1)
    wrong = got < scores.amax(1) - 1e-6
    row = int(wrong.int().argmax())
    return (
        f"you choose another interest for {int(wrong.sum())} of {len(wrong)} users: "
        f"for user {row} yours has the inner product {float(got[row]):.3g} with the "
        f"target, the best has {float(scores[row].max()):.3g}."
    )


EXERCISE = Exercise(
    name="comirec-sa/read-out",
    title="Read out the nearest interest, without a loop",
    minutes=10,
    difficulty="core",
    inputs={"interests": "B K E", "target": "B E"},
    output="B E",
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
            "one-for-the-batch",
            "every user gets the same interest number: the choice is made once for "
            "the batch. Make it row by row, over the axis K.",
            _one_for_all,
            also=(_one_for_all_by_place,),
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
            "you get [B, B, E]: indexing with a slice and the chosen numbers gives "
            "every user the choices of all users. Pair each row with its own number.",
            _all_pairs,
        ),
    ),
)
