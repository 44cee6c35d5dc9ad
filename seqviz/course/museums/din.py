"""Tests of a pooling with two kinds of weights: of five layers one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for a pooling with two kinds of weights"
TEXT = """\
Somebody hands you `layer`, a function of `behaviors` `[B, T, 3]`, `mask` `[B, T]`, True
where a click is real, and `use_softmax` `[B]`, True for users whose weights go through
a softmax. It returns `[B, 3]`. It should have six properties: padding changes nothing;
the other users change nothing; under the softmax, a history that comes twice in a row
gives what it gives once, and clicks that are all the same give that click; with raw
weights, a history that comes twice gives twice as much; and an empty history gives
zeros, with both kinds of weights.

Call `layer` on inputs that you make up. Return True if it has all six, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = "behaviors [B, T, 3], mask [B, T], use_softmax [B] -> [B, 3]"
VERSION = "layer"


def versions(generator):
    """Return the right one, and the room of those with wrong weights."""
    w = torch.randn(3, generator=generator)

    def layer(pool):
        return lambda behaviors, mask, use_softmax: pool(
            (behaviors @ w).tanh() + 0.5, behaviors, mask, use_softmax
        )

    return rooms_of(
        "din/pooling",
        "ignores-the-mask raw-weights-of-padding mask-after-softmax "
        "padding-as-logit-zero large-negative-raw-weight kinds-exchanged "
        "softmax-for-everybody raw-for-everybody strength-lost inverted-mask "
        "uniform-empty-row nan-empty-row",
        layer,
    )


def solution(layer):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    behaviors, mask = torch.randn(4, 5, 3), torch.ones(4, 5, dtype=torch.bool)
    soft = torch.tensor([True, False, True, False])
    padding, off = torch.full((4, 2, 3), 2.0), torch.zeros(4, 2, dtype=torch.bool)

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = layer(behaviors, mask, soft)
    padded = layer(torch.cat([padding, behaviors], 1), torch.cat([off, mask], 1), soft)
    alone = [layer(behaviors[[b]], mask[[b]], soft[[b]]) for b in range(4)]
    twice = layer(torch.cat([behaviors] * 2, 1), torch.cat([mask] * 2, 1), soft)
    alike = layer(behaviors[:, :1].expand(4, 5, 3), mask, soft)
    empty = layer(padding, off, soft)
    return (
        same(plain, padded)
        and same(plain, torch.cat(alone))
        and same(plain[soft], twice[soft])
        and same(2 * plain[~soft], twice[~soft])
        and same(alike[soft], behaviors[soft, 0])
        and same(empty, torch.zeros_like(empty))
    )
