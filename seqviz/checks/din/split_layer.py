"""The first layer of the activation unit, part by part, for many candidates."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake


def reference(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    """``[B, M, E], [B, T, E], [D, F], [D] -> [B, M, T, D]`` with F = 4E."""
    own, other, difference, product = weight.chunk(4, 1)  # [D, E] each
    own, other = own + difference, other - difference
    return _sum(candidates, behaviors, own, other, product) + bias


def cases(generator: Generator) -> Iterator[Case]:
    """Few and many candidates, one behavior, one unit, other number types."""

    def draw(name: str, B: int, M: int, T: int, E: int, D: int) -> Case:
        inputs = {
            "candidates": torch.randn(B, M, E, generator=generator),
            "behaviors": torch.randn(B, T, E, generator=generator),
            "weight": torch.randn(D, 4 * E, generator=generator) * (4 * E) ** -0.5,
            "bias": torch.randn(D, generator=generator),
        }
        return Case(name, inputs)

    plain = draw("several candidates", 2, 3, 5, 4, 6)
    yield plain
    yield draw("one candidate", 2, 1, 5, 4, 6)
    yield draw("as many candidates as behaviors", 2, 5, 5, 4, 6)
    yield draw("one behavior", 2, 3, 1, 4, 6)
    yield draw("one user", 1, 3, 5, 4, 6)
    yield draw("as many units as numbers in a vector", 2, 3, 5, 4, 4)
    yield draw("one unit", 2, 3, 5, 4, 1)
    yield plain.strided()
    yield plain.cast(torch.float64)
    yield plain.cast(torch.float16)


def _sum(
    candidates: Tensor, behaviors: Tensor, own: Tensor, other: Tensor, product: Tensor
) -> Tensor:
    """What candidate, behavior and their product add, by matrices ``[D, E]``."""
    return (
        (candidates @ own.T)[:, :, None]  # [B, M, 1, D]
        + (behaviors @ other.T)[:, None]  # [B, 1, T, D]
        + torch.einsum("bme,bte,he->bmth", candidates, behaviors, product)
    )


def _no_difference(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    own, other, _, product = weight.chunk(4, 1)
    return _sum(candidates, behaviors, own, other, product) + bias


def _difference_added(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    own, other, difference, product = weight.chunk(4, 1)
    own, other = own + difference, other + difference
    return _sum(candidates, behaviors, own, other, product) + bias


def _difference_turned(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    own, other, difference, product = weight.chunk(4, 1)
    own, other = own - difference, other + difference
    return _sum(candidates, behaviors, own, other, product) + bias


def _product_third(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    own, other, product, difference = weight.chunk(4, 1)
    own, other = own + difference, other - difference
    return _sum(candidates, behaviors, own, other, product) + bias


def _roles_exchanged(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    own, other, difference, product = weight.chunk(4, 1)
    own, other = other + difference, own - difference
    return _sum(candidates, behaviors, own, other, product) + bias


def _interleaved(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    own, other, difference, product = (weight[:, part::4] for part in range(4))
    own, other = own + difference, other - difference
    return _sum(candidates, behaviors, own, other, product) + bias


def _product_of_projections(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    own, other, difference, product = weight.chunk(4, 1)
    own, other = own + difference, other - difference
    linear = _sum(candidates, behaviors, own, other, torch.zeros_like(product))
    asks, has = candidates @ product.T, behaviors @ product.T  # [B, M or T, D]
    return linear + asks[:, :, None] * has[:, None] + bias


def _inner_product(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    own, other, difference, product = weight.chunk(4, 1)
    own, other = own + difference, other - difference
    linear = _sum(candidates, behaviors, own, other, torch.zeros_like(product))
    inner = candidates @ behaviors.mT  # [B, M, T]
    return linear + inner[..., None] * product.sum(1) + bias


def _no_product(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    own, other, difference, product = weight.chunk(4, 1)
    own, other = own + difference, other - difference
    return _sum(candidates, behaviors, own, other, torch.zeros_like(product)) + bias


def _no_bias(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    return reference(candidates, behaviors, weight, torch.zeros_like(bias))


def _four_biases(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    return reference(candidates, behaviors, weight, 4 * bias)


def _two_biases(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    return reference(candidates, behaviors, weight, 2 * bias)


def _three_biases(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    return reference(candidates, behaviors, weight, 3 * bias)


def _activated(
    candidates: Tensor, behaviors: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    return reference(candidates, behaviors, weight, bias).sigmoid()


EXERCISE = Exercise(
    name="din/split-layer",
    title="The first layer without its input",
    minutes=25,
    difficulty="project",
    inputs={
        "candidates": "B M E",
        "behaviors": "B T E",
        "weight": "D F",
        "bias": "D",
    },
    output="B M T D",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("candidates", "behaviors", "weight", "bias"),
    mistakes=(
        Mistake(
            "no-difference",
            "the third block of the weight has no say in your result. What it does to "
            "q minus k, it does to q and, with a minus, to k.",
            _no_difference,
        ),
        Mistake(
            "difference-added",
            "the third block acts on q minus k: for the behavior it counts with a "
            "minus.",
            _difference_added,
        ),
        Mistake(
            "difference-turned-round",
            "the third block acts on q minus k; yours acts on k minus q. The signs of "
            "both are turned round.",
            _difference_turned,
        ),
        Mistake(
            "product-before-difference",
            "you take the third block for the product and the fourth for the "
            "difference. The order is q, k, difference, product.",
            _product_third,
        ),
        Mistake(
            "roles-exchanged",
            "the first block acts on the candidate, the second on the behavior: yours "
            "are exchanged.",
            _roles_exchanged,
        ),
        Mistake(
            "interleaved",
            "you take every fourth column of the weight. The blocks stand one after "
            "the other, each E columns wide.",
            _interleaved,
        ),
        Mistake(
            "product-of-projections",
            "the fourth block acts on the product of the two vectors. You apply it to "
            "each of the two and multiply after: that is another number, for it holds "
            "products of entries that never met.",
            _product_of_projections,
        ),
        Mistake(
            "inner-product",
            "you sum the product over the embedding before the weight sees it. Each "
            "entry of the product has a weight of its own in each unit.",
            _inner_product,
        ),
        Mistake(
            "no-product",
            "the fourth block has no say in your result. It is the one part that needs "
            "candidate and behavior together.",
            _no_product,
        ),
        Mistake(
            "no-bias",
            "the bias is missing.",
            _no_bias,
        ),
        Mistake(
            "bias-more-than-once",
            "the bias is added with more than one part. A layer adds it once.",
            _four_biases,
            also=(_two_biases, _three_biases),
        ),
        Mistake(
            "activated-already",
            "your numbers have been through the activation already. The layer ends "
            "before it: any real number may come out.",
            _activated,
        ),
    ),
)
