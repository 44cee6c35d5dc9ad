"""A sixth score: minus the squared distance of query and key."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(query: Tensor, key: Tensor) -> Tensor:
    """``[B, Q, E], [B, T, E] -> [B, Q, T]``."""
    return -_differences(query, key).square().sum(-1)


def cases(generator: Generator) -> Iterator[Case]:
    """Multiples of 1/4, so that the squares are exact even in float16."""

    def draw(name: str, B: int, Q: int, T: int, E: int) -> Case:
        shapes = {"query": (B, Q, E), "key": (B, T, E)}
        return Case(
            name,
            {
                part: torch.randint(-8, 9, shape, generator=generator) / 4
                for part, shape in shapes.items()
            },
        )

    several = draw("several queries", 2, 3, 5, 4)
    yield several
    yield draw("one query", 3, 1, 5, 4)
    yield draw("one behavior", 2, 3, 1, 4)
    yield draw("vectors of width 1", 2, 3, 5, 1)
    same = draw("a query that equals a key", 2, 3, 5, 4)
    same.inputs["query"][0, 1] = same.inputs["key"][0, 2]
    yield same
    yield several.strided()
    yield several.cast(torch.float64)
    yield several.cast(torch.float16)


def _differences(query: Tensor, key: Tensor) -> Tensor:
    return query[:, :, None] - key[:, None]  # [B, Q, T, E]


def _positive(query: Tensor, key: Tensor) -> Tensor:
    return -reference(query, key)


def _root(query: Tensor, key: Tensor) -> Tensor:
    return -(-reference(query, key)).sqrt()


def _mean(query: Tensor, key: Tensor) -> Tensor:
    return -_differences(query, key).square().mean(-1)


def _dot(query: Tensor, key: Tensor) -> Tensor:
    return query @ key.mT


def _sum_first(query: Tensor, key: Tensor) -> Tensor:
    return -_differences(query, key).sum(-1).square()


def _absolute(query: Tensor, key: Tensor) -> Tensor:
    return -_differences(query, key).abs().sum(-1)


def _half_cross(query: Tensor, key: Tensor) -> Tensor:
    lengths = query.square().sum(-1)[..., None] + key.square().sum(-1)[:, None]
    return query @ key.mT - lengths


def _not_above_zero(result: Tensor, query: Tensor, key: Tensor) -> str | None:
    if result.max() <= 0:
        return None
    return (
        f"one of your scores is {float(result.max()):.3g}: minus a squared distance is "
        f"0 at most, where query and key are the same."
    )


EXERCISE = Exercise(
    name="soft-lookup/distance",
    title="Score by distance",
    minutes=5,
    difficulty="warm-up",
    inputs={"query": "B Q E", "key": "B T E"},
    output="B Q T",
    reference=reference,
    cases=cases,
    dtype_of="query",
    gradients=("query", "key"),
    properties=(_not_above_zero,),
    mistakes=(
        Mistake(
            "positive",
            "your score grows with the distance, so the farthest behavior gets the "
            "largest weight. A score says how well two vectors fit.",
            _positive,
        ),
        Mistake(
            "root",
            "you took the square root: that is minus the distance. The task asks for "
            "minus its square, whose gradient also exists where the two are equal.",
            _root,
        ),
        Mistake(
            "mean",
            "you average over the E coordinates: the squares should be added up.",
            _mean,
        ),
        Mistake(
            "dot-product",
            "this is the dot product: it also grows when the key gets longer, however "
            "far away it is then.",
            _dot,
        ),
        Mistake(
            "square-of-the-sum",
            "you add up the differences first and square the sum: a difference of +1 "
            "and one of -1 then cancel. Square each coordinate, then add.",
            _sum_first,
        ),
        Mistake(
            "absolute-values",
            "you add up absolute differences: that is another distance. Square them.",
            _absolute,
        ),
        Mistake(
            "half-the-cross-term",
            "you multiplied the square out, and the term with query and key is there "
            "once: it occurs twice.",
            _half_cross,
        ),
    ),
)
