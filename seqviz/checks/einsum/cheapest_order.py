"""The cost of a chain of three matrices in the cheaper of its two orders."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    """``[N], [N], [N], [N] -> [N]``: multiplications of ``ab,bc,cd`` to ``ad``."""
    return torch.minimum(_left(a, b, c, d), _right(a, b, c, d))


def cases(generator: Generator) -> Iterator[Case]:
    """Sizes of axes as whole numbers in float64: their products stay exact."""

    def draw(name: str, count: int, most: int) -> Case:
        sizes = torch.randint(1, most + 1, (4, count), generator=generator).double()
        return Case(name, dict(zip("abcd", sizes, strict=True)))

    yield draw("small sizes", 12, 9)
    yield draw("large sizes", 40, 500)
    yield Case(
        "attention without a softmax, T = 1000 and E = 16",
        {
            name: torch.tensor([size], dtype=torch.float64)
            for name, size in zip("abcd", (1000, 16, 1000, 16), strict=True)
        },
    )
    yield draw("one chain", 1, 9)


def _left(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return a * b * c + a * c * d


def _right(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return b * c * d + a * b * d


def _at_once(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return a * b * c * d


def _at_once_twice(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return 2 * a * b * c * d


def _dearer(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return torch.maximum(_left(a, b, c, d), _right(a, b, c, d))


def _first_product(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return torch.minimum(a * b * c, b * c * d)


def _numbers_held(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return torch.minimum(a * c, b * d)


EXERCISE = Exercise(
    name="einsum/cheapest-order",
    title="The cheaper of two orders",
    minutes=25,
    difficulty="project",
    inputs={"a": "N", "b": "N", "c": "N", "d": "N"},
    output="N",
    reference=reference,
    cases=cases,
    mistakes=(
        Mistake(
            "left-to-right",
            "you count the order from left to right only. Where the right-hand "
            "product is small, starting there is cheaper.",
            _left,
            seen_in="torch.einsum without opt_einsum",
        ),
        Mistake(
            "right-to-left",
            "you count the order from right to left only. Where the left-hand product "
            "is small, starting there is cheaper.",
            _right,
        ),
        Mistake(
            "all-at-once",
            "you count one loop over all four letters. Two matrices at a time need "
            "two loops over three letters each: b or c is gone after the first.",
            _at_once,
            also=(_at_once_twice,),
        ),
        Mistake(
            "dearer-order",
            "you return the dearer of the two orders.",
            _dearer,
        ),
        Mistake(
            "second-product-left-out",
            "you count the first product of each order and forget the second one.",
            _first_product,
        ),
        Mistake(
            "counts-cells",
            "you count the cells of the tensor in the middle. Each of them costs as "
            "many multiplications as the letter that is summed is long.",
            _numbers_held,
        ),
    ),
)
