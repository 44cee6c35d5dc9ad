"""The mean similarity of different interests: the diagonal of a batch of matrices."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="How alike are different interests?",
    difficulty="core",
    minutes=10,
    shapes="similarity [B, K, K] -> [B]",
    gradients=("similarity",),
    vary="eight interests",
)


def reference(similarity, own="bkk->b"):
    K = similarity.shape[1]
    total = torch.einsum("bkl->b", similarity)
    return (total - torch.einsum(own, similarity)) / (K * (K - 1))


def cases():
    """Inner products of interests: the diagonal is not 1."""

    def draw(name, B, K):
        interests = torch.randn(B, K, 6)
        return Case(name, {"similarity": interests @ interests.mT})

    yield draw("three interests", 5, 3)
    yield draw("eight interests", 4, 8)
    yield draw("two interests", 5, 2)
    yield draw("as many users as interests", 4, 4)
    yield draw("one user", 1, 3)
    yield Case("a matrix that is not symmetric", {"similarity": torch.randn(3, 4, 4)})


@mistake
def diagonal_kept(similarity):
    """you average the whole matrix: the diagonal, where an interest meets itself, is
    still in it."""
    return similarity.mean((1, 2))


@mistake
def diagonal_alone(similarity):
    """you average the diagonal, where an interest meets itself. The other entries are
    asked for."""
    return similarity.diagonal(dim1=1, dim2=2).mean(1)


@mistake
def diagonal_taken_for_one(similarity):
    """you subtract 1 for every interest, which is right for cosines only. Here the
    diagonal holds squared lengths: subtract what stands there."""
    K = similarity.shape[1]
    return (similarity.sum((1, 2)) - K) / (K * (K - 1))


@mistake(own="bkk->")
def diagonal_of_the_whole_batch():
    """you subtract the diagonals of all users from the sum of each: the batch axis of
    the diagonal is summed away. It needs its letter after the arrow."""


@mistake
def divided_by_all(right, similarity):
    """the sum is right and the mean too small: you divide by all K times K entries,
    though the K on the diagonal are gone."""
    K = similarity.shape[1]
    return right * (K - 1) / K


@mistake
def divided_by_half(right):
    """the mean is twice too large: you divide the sum over both triangles by the number
    of entries of one."""
    return right * 2


@mistake
def one_triangle(similarity):
    """you average one triangle. That is the same while the matrix is symmetric; where
    it is not, half of the entries are missing."""
    return reference(2 * similarity.triu())


@mistake
def sum_instead_of_mean(right, similarity):
    """you return the sum over the entries off the diagonal. Divide it by their
    number."""
    K = similarity.shape[1]
    return right * (K * (K - 1))


@mistake
def mean_over_the_batch(right):
    """all users get the same number: you average over the batch as well."""
    return right.mean().expand_as(right)
