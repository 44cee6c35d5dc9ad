"""Label-aware attention with power 2, for several labels of each user."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def reference(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    """``[B, K, E], [B, M, E], [B, K] -> [B, M, E]``."""
    scores = _scores(interests, target)
    return _read(scores * scores.abs(), interests, active)


def cases(generator: Generator) -> Iterator[Case]:
    """Scores of both signs, missing interests with loud vectors."""

    def draw(name: str, B: int, K: int, M: int, E: int, own: float = 1.0) -> Case:
        active = torch.rand(B, K, generator=generator) < own
        active[:, 0] = True
        if own < 1:
            active[0, -1] = False
        return Case(
            name,
            {
                "interests": 0.7 * torch.randn(B, K, E, generator=generator),
                "target": torch.randn(B, M, E, generator=generator),
                "active": active,
            },
        )

    first = draw("scores of both signs", 2, 3, 4, 5)
    first.inputs["interests"].abs_()
    first.inputs["target"].abs_()
    yield Case("positive scores", first.inputs)
    yield draw("scores of both signs", 2, 3, 4, 5)
    fewer = draw("users with fewer interests", 4, 4, 3, 5, own=0.5)
    yield fewer
    zero = draw("a target that is zero", 3, 3, 2, 5)
    zero.inputs["target"][1, 0] = 0
    yield zero
    yield draw("one label", 3, 3, 1, 5)
    yield draw("as many labels as interests", 2, 4, 4, 5, own=0.7)
    yield fewer.strided()
    yield fewer.cast(torch.float64)
    yield fewer.cast(torch.float16)


def _scores(interests: Tensor, target: Tensor) -> Tensor:
    return torch.einsum("bke,bme->bmk", interests, target)


def _read(logits: Tensor, interests: Tensor, active: Tensor) -> Tensor:
    return masked_softmax(logits, active[:, None]) @ interests


def _unsigned(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    return _read(_scores(interests, target).square(), interests, active)


def _no_power(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    return _read(_scores(interests, target), interests, active)


def _cut_off(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    scores = _scores(interests, target).clamp(min=0)
    return _read(scores.square(), interests, active)


def _over_labels(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    scores = _scores(interests, target)
    weights = (scores * scores.abs()).softmax(1) * active[:, None]
    return weights @ interests


def _all_interests(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    return reference(interests, target, torch.ones_like(active))


def _late(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    scores = _scores(interests, target)
    weights = (scores * scores.abs()).softmax(2) * active[:, None]
    return weights @ interests


def _zero_scores(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    scores = _scores(interests, target) * active[:, None]
    return (scores * scores.abs()).softmax(2) @ interests


def _power_last(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    weights = masked_softmax(_scores(interests, target), active[:, None])
    return weights.square() @ interests


def _sign_last(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    scores = _scores(interests, target)
    weights = masked_softmax(scores.square(), active[:, None])
    return (weights * scores.sign()) @ interests


def _hard(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    scores = _scores(interests, target)
    best = scores.masked_fill(~active[:, None], -torch.inf).argmax(2)
    return F.one_hot(best, interests.shape[1]).to(interests) @ interests


def _scaled(interests: Tensor, target: Tensor, active: Tensor) -> Tensor:
    scores = _scores(interests, target) / interests.shape[2] ** 0.5
    return _read(scores * scores.abs(), interests, active)


EXERCISE = Exercise(
    name="routing/label-aware",
    title="Many labels at once",
    minutes=20,
    difficulty="core",
    inputs={"interests": "B K E", "target": "B M E", "active": "B K"},
    output="B M E",
    reference=reference,
    cases=cases,
    dtype_of="interests",
    mistakes=(
        Mistake(
            "sign-forgotten",
            "a square forgets the sign: an interest that the label fits worst gets "
            "the largest weight. Give the sign back before the softmax.",
            _unsigned,
            seen_in="deepmatch 0.3.2, and the published formula",
        ),
        Mistake(
            "no-power",
            "these are the weights of the plain scores: the power is missing.",
            _no_power,
        ),
        Mistake(
            "negative-scores-cut-off",
            "all negative scores count as 0, so the worst interest weighs as much as "
            "an indifferent one. They keep their size, with a minus.",
            _cut_off,
        ),
        Mistake(
            "over-the-labels",
            "your softmax runs over the labels. For each label the interests compete.",
            _over_labels,
        ),
        Mistake(
            "power-after-the-softmax",
            "you raise the weights to the power, not the scores: they no longer sum "
            "to 1.",
            _power_last,
        ),
        Mistake(
            "sign-after-the-softmax",
            "the sign comes back too late: a negative score has taken a large weight, "
            "and its interest is now subtracted.",
            _sign_last,
        ),
        Mistake(
            "hard-choice",
            "you take the best interest alone. With power 2 the others keep a weight.",
            _hard,
        ),
        Mistake(
            "divided-by-the-root-of-the-width",
            "the scores are divided by the root of the width. Label-aware attention "
            "does not: the power does the sharpening.",
            _scaled,
        ),
        Mistake(
            "absent-interests-count",
            "interests that the user does not have get a weight.",
            _all_interests,
        ),
        Mistake(
            "absent-taken-out-late",
            "absent interests are set to 0 after the softmax, and what they had taken "
            "is lost. Take them out before it.",
            _late,
        ),
        Mistake(
            "absent-with-score-zero",
            "an absent interest has score 0 in your version. It still gets a weight, "
            "and more than one with a negative score.",
            _zero_scores,
        ),
    ),
)
