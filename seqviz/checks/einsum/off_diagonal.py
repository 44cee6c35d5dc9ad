"""The mean similarity of different interests: the diagonal of a batch of matrices."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake


def reference(similarity: Tensor) -> Tensor:
    """``[B, K, K] -> [B]``."""
    K = similarity.shape[1]
    total = torch.einsum("bkl->b", similarity)
    own = torch.einsum("bkk->b", similarity)
    return (total - own) / (K * (K - 1))


def cases(generator: Generator) -> Iterator[Case]:
    """Inner products of interests: the diagonal is not 1."""

    def draw(name: str, B: int, K: int) -> Case:
        interests = torch.randn(B, K, 6, generator=generator)
        return Case(name, {"similarity": interests @ interests.mT})

    yield draw("three interests", 5, 3)
    many = draw("eight interests", 4, 8)
    yield many
    yield draw("two interests", 5, 2)
    yield draw("as many users as interests", 4, 4)
    yield draw("one user", 1, 3)
    uneven = torch.randn(3, 4, 4, generator=generator)
    yield Case("a matrix that is not symmetric", {"similarity": uneven})
    yield many.strided()
    yield many.cast(torch.float64)
    yield many.cast(torch.float16)


def _everything(similarity: Tensor) -> Tensor:
    return similarity.mean((1, 2))


def _diagonal_alone(similarity: Tensor) -> Tensor:
    return torch.einsum("bkk->b", similarity) / similarity.shape[1]


def _ones(similarity: Tensor) -> Tensor:
    K = similarity.shape[1]
    return (torch.einsum("bkl->b", similarity) - K) / (K * (K - 1))


def _over_all(similarity: Tensor) -> Tensor:
    K = similarity.shape[1]
    own = torch.einsum("bkk->b", similarity)
    return (torch.einsum("bkl->b", similarity) - own) / K**2


def _half(similarity: Tensor) -> Tensor:
    return reference(similarity) * 2


def _upper(similarity: Tensor) -> Tensor:
    K = similarity.shape[1]
    return similarity.triu(1).sum((1, 2)) / (K * (K - 1) / 2)


def _not_divided(similarity: Tensor) -> Tensor:
    K = similarity.shape[1]
    return reference(similarity) * (K * (K - 1))


def _batch_mean(similarity: Tensor) -> Tensor:
    return torch.full_like(similarity[:, 0, 0], 1.0) * reference(similarity).mean()


EXERCISE = Exercise(
    name="einsum/off-diagonal",
    title="How alike are different interests?",
    minutes=10,
    difficulty="core",
    inputs={"similarity": "B K K"},
    output="B",
    reference=reference,
    cases=cases,
    dtype_of="similarity",
    gradients=("similarity",),
    mistakes=(
        Mistake(
            "diagonal-kept",
            "you average the whole matrix: the diagonal, where an interest meets "
            "itself, is still in it.",
            _everything,
        ),
        Mistake(
            "diagonal-alone",
            "you average the diagonal, where an interest meets itself. The other "
            "entries are asked for.",
            _diagonal_alone,
        ),
        Mistake(
            "diagonal-taken-for-one",
            "you subtract 1 for every interest, which is right for cosines only. Here "
            "the diagonal holds squared lengths: subtract what stands there.",
            _ones,
        ),
        Mistake(
            "divided-by-all",
            "the sum is right and the mean too small: you divide by all K times K "
            "entries, though the K on the diagonal are gone.",
            _over_all,
        ),
        Mistake(
            "divided-by-half",
            "the mean is twice too large: you divide the sum over both triangles by "
            "the number of entries of one.",
            _half,
        ),
        Mistake(
            "one-triangle",
            "you average one triangle. That is the same while the matrix is "
            "symmetric; where it is not, half of the entries are missing.",
            _upper,
        ),
        Mistake(
            "sum-instead-of-mean",
            "you return the sum over the entries off the diagonal. Divide it by their "
            "number.",
            _not_divided,
        ),
        Mistake(
            "mean-over-the-batch",
            "all users get the same number: you average over the batch as well.",
            _batch_mean,
        ),
    ),
)
