"""Tests of a mean off the diagonal: of five functions one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for a mean off the diagonal"
TEXT = """\
Somebody hands you `measure`, a function of `similarity` `[B, K, K]`, how alike the
interests of each user are. It returns `[B]`: the mean of what stands off the diagonal.
It should have five properties: the diagonal changes nothing; the other users change
nothing; a matrix that holds one number everywhere gives that number; the matrix and its
transpose give the same; and a change above the diagonal counts, as one below it does.

Call `measure` on matrices that you make up. Return True if it has all five, else False.
It is a function of a tensor, and you may not see its code.
"""
TAKES = "similarity [B, K, K] -> [B]"
VERSION = "measure"


def versions(_):
    """Return the right one, and the room of those that take the wrong mean."""
    return rooms_of(
        "einsum/off-diagonal",
        "diagonal-kept diagonal-alone diagonal-taken-for-one "
        "diagonal-of-the-whole-batch divided-by-all divided-by-half one-triangle "
        "sum-instead-of-mean mean-over-the-batch",
    )


def solution(measure):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    similarity = torch.randn(3, 4, 4)
    diagonal = torch.eye(4)

    def same(one, other):
        return bool(((one - other).abs() < 0.001).all())  # False for NaN

    plain = measure(similarity)
    alone = torch.cat([measure(similarity[[b]]) for b in range(3)])
    return (
        same(plain, measure(similarity + 5 * diagonal))
        and same(plain, alone)
        and same(measure(torch.full((2, 4, 4), 3.0)), torch.tensor([3.0, 3.0]))
        and same(plain, measure(similarity.mT))
        and not same(plain, measure(similarity + torch.ones(4, 4).triu(1)))
    )
