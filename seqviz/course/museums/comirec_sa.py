"""Tests of a layer with several interests: of five one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for a layer with several interests"
TEXT = """\
Somebody hands you `layer`, a function of `behaviors` `[B, T, 3]` and `mask` `[B, T]`,
True where a click is real, that returns `[B, K, 3]`: each interest is a weighted mean
of the clicks. It should have five properties: padding in front of a history changes
nothing, nor does padding behind it, nor do the other users of the batch, nor does the
order of the clicks; where all clicks are the same, each interest is that click; and an
empty history gives zeros.

Call `layer` on inputs that you make up. Return True if it has all of them, else False.
It is a function of tensors, and you may not see its code.
"""
TAKES = "behaviors [B, T, 3], mask [B, T] -> [B, K, 3]"
VERSION = "layer"


def versions(generator):
    """Return the right one, and the room of those with wrong weights."""
    W1 = torch.randn(3, 8, generator=generator)
    W2 = torch.randn(8, 2, generator=generator)

    def layer(weigh):
        return lambda behaviors, mask: torch.einsum(
            "bkt,bte->bke", weigh((behaviors @ W1).tanh() @ W2, mask), behaviors
        )

    return rooms_of(
        "comirec-sa/weights",
        "softmax-over-interests softmax-over-batch reshape-instead-of-transpose "
        "ignores-the-mask mask-after-softmax padding-as-logit-zero inverted-mask "
        "uniform-empty-row nan-empty-row",
        layer,
    )


def solution(layer):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    behaviors, mask = torch.randn(3, 5, 3), torch.ones(3, 5, dtype=torch.bool)
    padding, off = torch.full((3, 2, 3), 2.0), torch.zeros(3, 2, dtype=torch.bool)

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = layer(behaviors, mask)
    front = layer(torch.cat([padding, behaviors], 1), torch.cat([off, mask], 1))
    back = layer(torch.cat([behaviors, padding], 1), torch.cat([mask, off], 1))
    alone = torch.cat([layer(behaviors[[b]], mask[[b]]) for b in range(3)])
    one_click = layer(behaviors[:, :1].expand(3, 5, 3), mask)
    empty = layer(padding, off)
    return (
        same(plain, front)
        and same(plain, back)
        and same(plain, alone)
        and same(plain, layer(behaviors.flip(1), mask))
        and same(one_click, behaviors[:, :1])
        and same(empty, torch.zeros_like(empty))
    )
