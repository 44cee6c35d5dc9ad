"""The AUC of each user, weighted by how much she was shown."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake


def reference(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    """``[N], [N], [N] -> []``."""
    return _gauc(scores, clicked, users)


def cases(generator: Generator) -> Iterator[Case]:
    """Equal and unequal users, users of one class, ties, ids with gaps."""

    def draw(name: str, N: int, most: int, rate: float = 0.5) -> Case:
        users = torch.randint(0, most, (N,), generator=generator).square()
        clicked = torch.rand(N, generator=generator) < rate
        # Two rows with which the weighted mean exists and users differ.
        users[:5] = torch.tensor([7, 7, 7, 7, 7])
        clicked[:5] = torch.tensor([True, False, True, False, False])
        return Case(
            name,
            {
                "scores": torch.randn(N, generator=generator),
                "clicked": clicked,
                "users": users,
            },
        )

    yield draw("several users", 40, 4)
    one_class = draw("users who clicked everything or nothing", 40, 5, rate=0.4)
    one_class.inputs["clicked"][one_class.inputs["users"] == 1] = True
    one_class.inputs["clicked"][one_class.inputs["users"] == 4] = False
    yield one_class
    tied = draw("equal scores", 40, 4)
    tied.inputs["scores"] = tied.inputs["scores"].round()
    yield tied
    flat = draw("one score for everything", 20, 3)
    flat.inputs["scores"][:] = 0.3
    yield flat
    scaled = draw("users with scores of other sizes", 40, 4)
    scaled.inputs["scores"] += 100 * (scaled.inputs["users"] % 3)
    yield scaled
    yield draw("many users", 200, 40)
    one = draw("one user", 12, 1)
    one.inputs["users"][:] = 3
    yield one
    yield tied.cast(torch.float64)


def _gauc(
    scores: Tensor,
    clicked: Tensor,
    users: Tensor,
    *,
    tie: float = 0.5,
    one_class: float | None = None,
    weight: str = "shown",
) -> Tensor:
    """The weighted mean of the users' AUC; ``one_class`` is what the others get."""
    total, weights = scores.new_zeros(()), scores.new_zeros(())
    for user in users.unique():
        score, click = scores[users == user], clicked[users == user]
        part = _auc(score, click, tie)
        if part is None:
            if one_class is None:
                continue
            part = scores.new_tensor(one_class)
        share = {"shown": len(click), "one": 1, "clicks": int(click.sum())}[weight]
        total, weights = total + share * part, weights + share
    return total / weights.clamp(min=1e-12)


def _auc(scores: Tensor, clicked: Tensor, tie: float = 0.5) -> Tensor | None:
    """The share of pairs in the right order; None without a pair."""
    gap = scores[clicked][:, None] - scores[~clicked]
    if not gap.numel():
        return None
    return (gap > 0).to(scores).mean() + tie * (gap == 0).to(scores).mean()


def _pooled(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    return _auc(scores, clicked)


def _plain_mean(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    return _gauc(scores, clicked, users, weight="one")


def _by_clicks(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    return _gauc(scores, clicked, users, weight="clicks")


def _half(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    return _gauc(scores, clicked, users, one_class=0.5)


def _zero(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    return _gauc(scores, clicked, users, one_class=0.0)


def _perfect(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    return _gauc(scores, clicked, users, one_class=1.0)


def _ties_lost(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    return _gauc(scores, clicked, users, tie=0.0)


def _ties_won(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    return _gauc(scores, clicked, users, tie=1.0)


def _reversed(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    return _gauc(scores, ~clicked, users)


def _pair_weights(scores: Tensor, clicked: Tensor, users: Tensor) -> Tensor:
    same = users[:, None] == users
    pairs = same & clicked[:, None] & ~clicked
    gap = scores[:, None] - scores
    right = (gap > 0).to(scores) + 0.5 * (gap == 0).to(scores)
    return right[pairs].mean()


def _between_0_and_1(
    result: Tensor, scores: Tensor, clicked: Tensor, users: Tensor
) -> str | None:
    if not result.isfinite():
        return "your GAUC is NaN or infinite: a user without a pair divides 0 by 0."
    if not -1e-6 <= float(result) <= 1 + 1e-6:
        return f"your GAUC is {float(result):.3g}; it lies between 0 and 1."
    return None


EXERCISE = Exercise(
    name="din/gauc",
    title="AUC within users",
    minutes=20,
    difficulty="core",
    inputs={"scores": "N", "clicked": "N", "users": "N"},
    output="",
    reference=reference,
    cases=cases,
    properties=(_between_0_and_1,),
    mistakes=(
        Mistake(
            "all-in-one-pool",
            "you compare clicks of one user with misses of another: this is the plain "
            "AUC. A user never sees the other's page; compare within users.",
            _pooled,
        ),
        Mistake(
            "every-user-alike",
            "every user counts alike: one with two items shown as much as one with two "
            "hundred. Weigh each by the number of items she was shown.",
            _plain_mean,
        ),
        Mistake(
            "weighted-by-clicks",
            "you weigh a user by her clicks. The weight is what she was shown, clicked "
            "or not.",
            _by_clicks,
        ),
        Mistake(
            "weighted-by-pairs",
            "you count all pairs together: a user who was shown twice as much has four "
            "times the pairs. Take the AUC of each user first, then the mean weighted "
            "by what she was shown.",
            _pair_weights,
        ),
        Mistake(
            "one-class-as-one-half",
            "a user who clicked everything or nothing gets one half: she pulls the "
            "mean towards chance without saying anything about the order. Leave her "
            "out, her weight too.",
            _half,
        ),
        Mistake(
            "one-class-as-zero",
            "a user who clicked everything or nothing adds nothing above the line, but "
            "her weight still stands below it. Leave her out of both.",
            _zero,
        ),
        Mistake(
            "one-class-as-one",
            "a user who clicked everything or nothing counts as perfectly ordered. "
            "There is nothing to order: leave her out.",
            _perfect,
        ),
        Mistake(
            "ties-lost",
            "only equal scores are wrong: a click and a miss with the same score are "
            "counted as wrongly ordered. Such a pair counts one half.",
            _ties_lost,
        ),
        Mistake(
            "ties-won",
            "only equal scores are wrong: a click and a miss with the same score are "
            "counted as rightly ordered. A model that says the same of everything "
            "would be perfect. Such a pair counts one half.",
            _ties_won,
        ),
        Mistake(
            "upside-down",
            "your number is one minus the right one: a pair is in order when the "
            "clicked item has the higher score.",
            _reversed,
        ),
    ),
)
