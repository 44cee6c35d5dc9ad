"""The scores of a whole catalog against every history, by one einsum."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from ..exercise import Case, Exercise, Mistake


def reference(candidates: Tensor, behaviors: Tensor) -> Tensor:
    """``[M, E], [B, T, E] -> [B, M, T]``."""
    scale = candidates.shape[-1] ** -0.5
    return torch.einsum("me,bte->bmt", candidates, behaviors) * scale


def cases(generator: Generator) -> Iterator[Case]:
    """Few and many candidates, one behavior, one user, other number types."""

    def draw(name: str, M: int, B: int, T: int, E: int) -> Case:
        inputs = {
            "candidates": torch.randn(M, E, generator=generator),
            "behaviors": torch.randn(B, T, E, generator=generator),
        }
        return Case(name, inputs)

    plain = draw("several candidates", 3, 2, 5, 4)
    yield plain
    yield draw("one candidate", 1, 2, 5, 4)
    yield draw("as many candidates as users", 3, 3, 5, 4)
    yield draw("one behavior", 3, 2, 1, 4)
    yield draw("one user", 3, 1, 5, 4)
    yield draw("wide vectors", 3, 2, 5, 64)
    yield plain.strided()
    yield plain.cast(torch.float64)
    yield plain.cast(torch.float16)


def _unscaled(candidates: Tensor, behaviors: Tensor) -> Tensor:
    return torch.einsum("me,bte->bmt", candidates, behaviors)


def _divided_by_width(candidates: Tensor, behaviors: Tensor) -> Tensor:
    return _unscaled(candidates, behaviors) / candidates.shape[-1]


def _multiplied(candidates: Tensor, behaviors: Tensor) -> Tensor:
    return _unscaled(candidates, behaviors) * candidates.shape[-1] ** 0.5


def _scaled_by_length(candidates: Tensor, behaviors: Tensor) -> Tensor:
    return _unscaled(candidates, behaviors) / behaviors.shape[1] ** 0.5


def _softmax(candidates: Tensor, behaviors: Tensor) -> Tensor:
    return reference(candidates, behaviors).softmax(-1)


def _cosine(candidates: Tensor, behaviors: Tensor) -> Tensor:
    return torch.einsum(
        "me,bte->bmt",
        candidates / candidates.norm(dim=-1, keepdim=True),
        behaviors / behaviors.norm(dim=-1, keepdim=True),
    )


def _reshaped(candidates: Tensor, behaviors: Tensor) -> Tensor:
    scores = reference(candidates, behaviors).transpose(1, 2).contiguous()
    return scores.reshape(scores.shape[0], scores.shape[2], scores.shape[1])


def _mean_first(candidates: Tensor, behaviors: Tensor) -> Tensor:
    mean = behaviors.mean(1, keepdim=True).expand_as(behaviors)
    return reference(candidates, mean)


EXERCISE = Exercise(
    name="target-attention/scores",
    title="A catalog against every history",
    minutes=5,
    difficulty="warm-up",
    inputs={"candidates": "M E", "behaviors": "B T E"},
    output="B M T",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("candidates", "behaviors"),
    mistakes=(
        Mistake(
            "no-scale",
            "these are the plain inner products: they grow with the width of the "
            "vectors. Bring their spread back to about 1.",
            _unscaled,
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
            "reshaped-result",
            "the shape fits, but the numbers sit in other places: you compute "
            "[B, T, M] and reshape it. Ask for the axes in the right order instead.",
            _reshaped,
        ),
        Mistake(
            "mean-of-the-history",
            "all behaviors of a user get one score: the history is averaged before "
            "the candidate has asked. Compare first, behavior by behavior.",
            _mean_first,
        ),
    ),
)
