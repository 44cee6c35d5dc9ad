"""Scores of every head at once, with the heads behind the time axis."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(query: Tensor, key: Tensor) -> Tensor:
    """``[B, Q, H, E], [B, T, H, E] -> [B, H, Q, T]``."""
    return torch.einsum("bqhe,bthe->bhqt", query, key)


def cases(generator: Generator) -> Iterator[Case]:
    """Queries and keys as a projection leaves them, cut into heads."""

    def draw(name: str, B: int, Q: int, T: int, H: int, E: int) -> Case:
        inputs = {
            "query": torch.randn(B, Q, H, E, generator=generator),
            "key": torch.randn(B, T, H, E, generator=generator),
        }
        return Case(name, inputs)

    plain = draw("three queries, five keys", 2, 3, 5, 4, 6)
    yield plain
    yield draw("as many queries as keys", 2, 5, 5, 3, 4)
    yield draw("as many queries as heads", 2, 3, 5, 3, 4)
    yield draw("one head", 2, 3, 5, 1, 4)
    yield draw("one query", 2, 1, 5, 3, 4)
    yield draw("one user", 1, 3, 5, 2, 4)
    yield plain.strided()
    yield plain.cast(torch.float64)
    yield plain.cast(torch.float16)


def _mixed_heads(query: Tensor, key: Tensor) -> Tensor:
    return torch.einsum("bqhe,btge->bhqt", query, key)


def _mixed_batch(query: Tensor, key: Tensor) -> Tensor:
    return torch.einsum("bqhe,cthe->bhqt", query, key)


def _reshaped(query: Tensor, key: Tensor) -> Tensor:
    B, Q, H, E = query.shape
    T = key.shape[1]
    return query.reshape(B, H, Q, E) @ key.reshape(B, H, T, E).mT


def _reshaped_result(query: Tensor, key: Tensor) -> Tensor:
    B, Q, H, _ = query.shape
    result = torch.einsum("bqhe,bthe->bqht", query, key)
    return result.reshape(B, H, Q, key.shape[1])


def _summed_apart(query: Tensor, key: Tensor) -> Tensor:
    return torch.einsum("bqhe,bthf->bhqt", query, key)


def _scaled(query: Tensor, key: Tensor) -> Tensor:
    return reference(query, key) / query.shape[-1] ** 0.5


EXERCISE = Exercise(
    name="einsum/head-scores",
    title="Scores of all heads, heads last",
    minutes=10,
    difficulty="core",
    inputs={"query": "B Q H E", "key": "B T H E"},
    output="B H Q T",
    reference=reference,
    cases=cases,
    dtype_of="query",
    gradients=("query", "key"),
    mistakes=(
        Mistake(
            "mixes-the-heads",
            "each head of the queries meets every head of the keys: the head axis of "
            "the keys is summed away. It needs the same letter in all three places.",
            _mixed_heads,
        ),
        Mistake(
            "mixes-the-batch",
            "each user's scores hold the keys of every user: the batch axis of the "
            "keys is summed away.",
            _mixed_batch,
        ),
        Mistake(
            "reshaped-inputs",
            "the shape fits, but the numbers belong to other heads: a reshape to "
            "[B, H, T, E] keeps the order in memory. Name the axes in the order in "
            "which they come and let the letters move them.",
            _reshaped,
            seen_in="ports of multi-head attention",
        ),
        Mistake(
            "reshaped-result",
            "the scores are right, but they stand in other places: you compute "
            "[B, Q, H, T] and reshape it. Ask for the axes in the right order instead.",
            _reshaped_result,
        ),
        Mistake(
            "sums-each-side-alone",
            "a score is a sum over products of equal coordinates. Yours multiplies the "
            "sum of the query by the sum of the key: their last axes have two letters.",
            _summed_apart,
        ),
        Mistake(
            "scaled",
            "the scores are too small by a factor: you divide by the square root of "
            "the width. The plain inner products are asked for.",
            _scaled,
        ),
    ),
)
