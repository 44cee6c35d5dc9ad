"""The input of the local activation unit for many candidates, read by one neuron."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake


def reference(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    """``[B, M, E], [B, T, E], [F] -> [B, M, T]`` with F = 4E."""
    query, key = _pairs(candidates, behaviors)
    return torch.cat([query, key, query - key, query * key], -1) @ weight


def cases(generator: Generator) -> Iterator[Case]:
    """Few and many candidates, one behavior, one user, other number types."""

    def draw(name: str, B: int, M: int, T: int, E: int) -> Case:
        inputs = {
            "candidates": torch.randn(B, M, E, generator=generator),
            "behaviors": torch.randn(B, T, E, generator=generator),
            "weight": torch.randn(4 * E, generator=generator),
        }
        return Case(name, inputs)

    plain = draw("several candidates", 2, 3, 5, 4)
    yield plain
    yield draw("one candidate", 2, 1, 5, 4)
    yield draw("as many candidates as behaviors", 2, 5, 5, 4)
    yield draw("one behavior", 2, 3, 1, 4)
    yield draw("one user", 1, 3, 5, 4)
    yield draw("one number a vector", 2, 3, 5, 1)
    yield plain.strided()
    yield plain.cast(torch.float64)
    yield plain.cast(torch.float16)


def _pairs(candidates: Tensor, behaviors: Tensor) -> tuple[Tensor, Tensor]:
    """Every candidate beside every behavior, both ``[B, M, T, E]``."""
    query = candidates[:, :, None].expand(-1, -1, behaviors.shape[1], -1)
    key = behaviors[:, None].expand(-1, candidates.shape[1], -1, -1)
    return query, key


def _key_first(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    query, key = _pairs(candidates, behaviors)
    return torch.cat([key, query, query - key, query * key], -1) @ weight


def _key_minus_query(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    query, key = _pairs(candidates, behaviors)
    return torch.cat([query, key, key - query, query * key], -1) @ weight


def _roles_exchanged(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    query, key = _pairs(candidates, behaviors)
    return torch.cat([key, query, key - query, query * key], -1) @ weight


def _product_first(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    query, key = _pairs(candidates, behaviors)
    return torch.cat([query, key, query * key, query - key], -1) @ weight


def _interleaved(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    query, key = _pairs(candidates, behaviors)
    parts = torch.stack([query, key, query - key, query * key], -1)
    return parts.flatten(-2) @ weight


def _distance(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    query, key = _pairs(candidates, behaviors)
    return torch.cat([query, key, (query - key).abs(), query * key], -1) @ weight


def _inner_product(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    query, key = _pairs(candidates, behaviors)
    product = (query * key).sum(-1, keepdim=True).expand_as(query)
    return torch.cat([query, key, query - key, product], -1) @ weight


def _outer_difference(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    query, key = _pairs(candidates, behaviors)
    parts = [query, key, query - key, torch.zeros_like(key)]
    return torch.cat(parts, -1) @ weight


def _first_candidate(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    return reference(candidates[:, :1].expand_as(candidates), behaviors, weight)


def _mean_candidate(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    mean = candidates.mean(1, keepdim=True).expand_as(candidates)
    return reference(mean, behaviors, weight)


def _reshaped(candidates: Tensor, behaviors: Tensor, weight: Tensor) -> Tensor:
    logits = reference(candidates, behaviors, weight)
    B, M, T = logits.shape
    return logits.transpose(1, 2).reshape(B, M, T)


EXERCISE = Exercise(
    name="din/activation-input",
    title="Every candidate beside every behavior",
    minutes=10,
    difficulty="warm-up",
    inputs={"candidates": "B M E", "behaviors": "B T E", "weight": "F"},
    output="B M T",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("candidates", "behaviors", "weight"),
    mistakes=(
        Mistake(
            "behavior-first",
            "the behavior stands in the place of the candidate: the first part is q, "
            "the candidate, the second is k, the behavior.",
            _key_first,
            also=(_roles_exchanged,),
        ),
        Mistake(
            "difference-turned-round",
            "your third part is k minus q. A network could learn either, but this "
            "weight was learned for q minus k.",
            _key_minus_query,
        ),
        Mistake(
            "product-before-difference",
            "the last two parts have changed places: the difference is the third, the "
            "product the fourth.",
            _product_first,
        ),
        Mistake(
            "interleaved",
            "your four parts are mixed number by number: first all first entries, "
            "then all second ones. They stand one after the other, each E wide.",
            _interleaved,
        ),
        Mistake(
            "distance-instead-of-difference",
            "your third part has lost its signs: it is the plain difference, below "
            "zero where the behavior is larger.",
            _distance,
        ),
        Mistake(
            "inner-product",
            "your fourth part is one number, summed over the embedding. The product "
            "here stays entry by entry, E numbers wide.",
            _inner_product,
        ),
        Mistake(
            "no-product",
            "the product of the two vectors, entry by entry, has no say in your "
            "result.",
            _outer_difference,
        ),
        Mistake(
            "one-candidate-for-all",
            "every candidate of a user gets the same logits. Each has a vector of its "
            "own: give the candidates and the behaviors an axis each.",
            _first_candidate,
            also=(_mean_candidate,),
        ),
        Mistake(
            "reshaped-result",
            "the shape fits, but the numbers sit in other places: you compute "
            "[B, T, M] and reshape it. Put the two axes in the right order instead.",
            _reshaped,
        ),
    ),
)
