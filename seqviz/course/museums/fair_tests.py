"""Tests of a recall that is fair to ties: of five one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for a recall that is fair to ties"
TEXT = """\
Somebody hands you `measure`, a function of `scores` `[B, N]`, of `relevant` `[B, N]`,
True for the true items, and of `n`, the length of the list. It returns `[B]`: the
recall that is expected if equal scores stand in a random order. It should have five
properties: the order of the columns changes nothing; where all scores are equal, each
item is in the list with the chance n/N, and so is the recall; where all scores differ,
it is the plain recall; a tie below the list changes nothing, nor does one within it;
and where one place is left for two equals, each has half a chance of it.

Call `measure` on scores that you make up. Return True if it has all five, else False.
It is a function of tensors, and you may not see its code.
"""
TAKES = "scores [B, N], relevant [B, N], n -> [B]"
VERSION = "measure"


def versions(_):
    """Return the right one, and the room of those that settle ties wrongly."""
    return rooms_of(
        "fair-tests/ties",
        "ties-won ties-lost ties-by-place middle-rank one-half-for-a-tie "
        "whole-list-shared not-clamped divided-by-the-list",
    )


def solution(measure):
    """Return whether it is the right one."""
    relevant = torch.tensor([[True, False, True, False, False, False]])

    def recall(*scores, n=2):
        return float(measure(torch.tensor([scores]), relevant, n))

    def near(one, other):
        return abs(one - other) < 0.001  # False for NaN

    turned = measure(
        torch.tensor([[9.0, 5.0, 5.0, 5.0, 1.0, 0.0]]).flip(1), relevant.flip(1), 2
    )
    tied = recall(9.0, 5.0, 5.0, 5.0, 1.0, 0.0)
    return (
        near(float(turned), tied)
        and near(recall(1.0, 1.0, 1.0, 1.0, 1.0, 1.0), 2 / 6)
        and near(recall(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, n=5), 5 / 6)
        and near(recall(9.0, 8.0, 1.0, 7.0, 6.0, 5.0), 1 / 2)
        and near(recall(9.0, 3.0, 8.0, 3.0, 3.0, 3.0), 1)
        and near(recall(9.0, 2.0, 9.0, 1.0, 0.0, 0.0, n=3), 1)
        and near(recall(9.0, 5.0, 5.0, 1.0, 0.0, 0.0), 3 / 4)
        and near(tied, (1 + 1 / 3) / 2)
    )
