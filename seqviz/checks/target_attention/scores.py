"""The scores of a flat log of shown items, each against the clicks of its own user."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    """``[P, E], [P], [B, T, E] -> [P, T]``."""
    return _plain(candidates, user, behaviors) * candidates.shape[-1] ** -0.5


def cases(generator: Generator) -> Iterator[Case]:
    """A log in any order, users without a row in it, other number types."""

    def draw(name: str, P: int, B: int, T: int, E: int) -> Case:
        inputs = {
            "candidates": torch.randn(P, E, generator=generator),
            "user": torch.randint(0, B, (P,), generator=generator),
            "behaviors": torch.randn(B, T, E, generator=generator),
        }
        return Case(name, inputs)

    plain = draw("a log in no order", 7, 3, 5, 4)
    plain.inputs["user"] = torch.tensor([2, 0, 1, 1, 0, 2, 0])
    yield plain
    square = draw("as many shown items as users", 3, 3, 5, 4)
    square.inputs["user"] = torch.tensor([1, 2, 0])
    yield square
    quiet = draw("a user without a shown item", 4, 3, 5, 2)
    quiet.inputs["user"] = torch.tensor([2, 2, 0, 2])
    yield quiet
    yield draw("one shown item", 1, 3, 5, 4)
    yield draw("one behavior", 7, 3, 1, 4)
    yield draw("one user", 3, 1, 5, 4)
    yield draw("wide vectors", 4, 2, 5, 64)
    yield plain.strided()
    yield plain.cast(torch.float64)
    yield plain.cast(torch.float16)


def _plain(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    return torch.einsum("pe,pte->pt", candidates, behaviors[user])


def _divided_by_width(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    return _plain(candidates, user, behaviors) / candidates.shape[-1]


def _multiplied(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    return _plain(candidates, user, behaviors) * candidates.shape[-1] ** 0.5


def _scaled_by_length(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    return _plain(candidates, user, behaviors) / behaviors.shape[1] ** 0.5


def _softmax(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    return reference(candidates, user, behaviors).softmax(-1)


def _cosine(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    return _plain(
        candidates / candidates.norm(dim=-1, keepdim=True),
        user,
        behaviors / behaviors.norm(dim=-1, keepdim=True),
    )


def _in_turn(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    return reference(candidates, torch.arange(len(user)) % len(behaviors), behaviors)


def _in_blocks(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    block = torch.arange(len(user)) * len(behaviors) // len(user)
    return reference(candidates, block, behaviors)


def _sorted(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    return reference(candidates, user.sort().values, behaviors)


def _order_by_user(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    return reference(candidates, user, behaviors)[user.argsort(stable=True)]


def _from_one(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    return reference(candidates, user - 1, behaviors)


def _all_users(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    scores = torch.einsum("pe,bte->pt", candidates, behaviors)
    return scores * candidates.shape[-1] ** -0.5


def _mean_first(candidates: Tensor, user: Tensor, behaviors: Tensor) -> Tensor:
    mean = behaviors.mean(1, keepdim=True).expand_as(behaviors)
    return reference(candidates, user, mean)


EXERCISE = Exercise(
    name="target-attention/scores",
    title="A log of shown items",
    minutes=10,
    difficulty="warm-up",
    inputs={"candidates": "P E", "user": "P", "behaviors": "B T E"},
    output="P T",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("candidates", "behaviors"),
    mistakes=(
        Mistake(
            "user-not-used",
            "shown items meet the clicks of other people: you take the histories in "
            "their own order. Whose clicks row p has to meet stands in `user`.",
            _in_turn,
            also=(_in_blocks,),
        ),
        Mistake(
            "log-in-another-order",
            "your rows are sorted by user, the log is not: row p of the result "
            "belongs to row p of the log.",
            _order_by_user,
            also=(_sorted,),
        ),
        Mistake(
            "users-counted-from-one",
            "every shown item meets the user before its own: rows are counted from 0 "
            "here, nothing has to be taken off.",
            _from_one,
        ),
        Mistake(
            "adds-over-the-users",
            "each shown item is compared with the clicks of all users, and the "
            "results are added. It has one user: pick her history first.",
            _all_users,
        ),
        Mistake(
            "no-scale",
            "these are the plain inner products: they grow with the width of the "
            "vectors. Bring their spread back to about 1.",
            _plain,
        ),
        Mistake(
            "divided-by-the-width",
            "you divide by E, which is too much: the spread of an inner product grows "
            "with the root of the number of terms.",
            _divided_by_width,
        ),
        Mistake(
            "multiplied-by-the-root",
            "the root of E is on the wrong side: your scores grow with the width "
            "twice over. They should be made smaller.",
            _multiplied,
        ),
        Mistake(
            "scaled-by-the-history",
            "you divide by the root of T: the scale belongs to the axis that is "
            "summed over, and that is the embedding.",
            _scaled_by_length,
        ),
        Mistake(
            "weights-instead-of-scores",
            "these are weights already: they sum to 1 over the behaviors. The scores "
            "come before that and may be any real number.",
            _softmax,
        ),
        Mistake(
            "cosine",
            "you divide by the lengths of the vectors: this is the cosine. The scaled "
            "inner product keeps the lengths and divides by one number for all.",
            _cosine,
        ),
        Mistake(
            "mean-of-the-history",
            "all behaviors of a user get one score: the history is averaged before "
            "the candidate has asked. Compare first, behavior by behavior.",
            _mean_first,
        ),
    ),
)
