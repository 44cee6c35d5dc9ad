"""Tests of interests from counts: of five layers one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for interests from counts"
TEXT = """\
Somebody hands you `layer`, a function of `counts` `[B, N+1]`, how often each person
clicked each item, of the items' `vectors` `[N+1, E]`, and of `logits` `[N+1, K]`. It
returns `[B, K, E]`: each interest is a mean of the clicks, weighted by a softmax over
them, in which an item that was clicked three times has three equal terms. It should
have six properties: who clicked one item alone has its vector in each interest; one
more click on one of two items changes something; the logits of one interest change that
one and leave the others; a constant added to all logits changes nothing, however large;
counts that are all doubled change nothing; and who never clicked has zeros.

Call `layer` on inputs that you make up. Return True if it has all six, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = "counts [B, N+1], vectors [N+1, E], logits [N+1, K] -> [B, K, E]"
VERSION = "layer"


def versions(_):
    """Return the right one, and the room of those with wrong weights."""
    return rooms_of(
        "when-several-pay/interests",
        "each-item-once softmax-over-the-catalog softmax-over-the-interests "
        "logits-as-weights divided-by-the-clicks plain-sum the-mean "
        "large-logits-overflow nan-for-nobody",
    )


def solution(layer):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    vectors, logits = torch.randn(5, 3), torch.randn(5, 2)
    counts = torch.zeros(5, 5)
    counts[0, 1:3], counts[1, 1:3] = torch.tensor([[1.0, 1.0], [2.0, 1.0]])
    counts[2, 3] = counts[3, 4] = 1  # one item alone
    other = logits.clone()
    other[1, 1] += 2  # of the second interest alone

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = layer(counts, vectors, logits)
    changed = layer(counts, vectors, other)
    return (
        same(plain[2:4], vectors[3:, None].expand(2, 2, 3))
        and not same(plain[0], plain[1])
        and same(plain[:, 0], changed[:, 0])
        and not same(plain[0, 1], changed[0, 1])
        and same(plain, layer(counts, vectors, logits + 200))
        and same(plain, layer(2 * counts, vectors, logits))
        and same(plain[4], torch.zeros(2, 3))
    )
