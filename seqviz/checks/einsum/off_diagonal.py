"""How alike are different interests?"""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 10 minutes",
    practice="reading a diagonal with a repeated letter",
    shapes="similarity [B, K, K] -> [B]",
    vary="eight interests",
    without={"K": "one interest has no pair"},
)


def reference(similarity, own="bkk->b"):
    K = similarity.shape[1]
    total = torch.einsum("bkl->b", similarity)
    return (total - torch.einsum(own, similarity)) / (K * (K - 1))


def cases():
    def draw(B, K):
        interests = torch.randn(B, K, 6)
        return interests @ interests.mT

    yield "three interests", draw(5, 3)
    yield "eight interests", draw(4, 8)
    yield "two interests", draw(5, 2)
    yield "as many users as interests", draw(4, 4)
    yield "a matrix that is not symmetric", torch.randn(3, 4, 4)


@mistake(symptom="a mean that changes with the diagonal")
def diagonal_kept(similarity):
    """you average the whole matrix: an interest that meets itself is still in it."""
    return similarity.mean((1, 2))


@mistake
def diagonal_alone(similarity):
    """you average the diagonal, where an interest meets itself, not the rest."""
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


@mistake(symptom="a mean that is too small")
def divided_by_all(right, similarity):
    """the sum is right and the mean too small: you divide by all K times K entries,
    though the K on the diagonal are gone."""
    K = similarity.shape[1]
    return right * (K - 1) / K


@mistake(right=lambda right: right * 2)
def divided_by_half():
    """the mean is twice too large: both triangles are divided by the size of one."""


@mistake
def one_triangle(similarity):
    """you average one triangle. That is the same while the matrix is symmetric; where
    it is not, half of the entries are missing."""
    return reference(2 * similarity.triu())


@mistake
def sum_instead_of_mean(right, similarity):
    """you return the sum of the entries off the diagonal. Divide it by their number."""
    K = similarity.shape[1]
    return right * (K * (K - 1))


@mistake(right=lambda right: right.mean().expand_as(right))
def mean_over_the_batch():
    """all users get the same number: you average over the batch as well."""
