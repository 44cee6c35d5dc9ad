"""Tests of target attention over a history that grows: of five layers one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for target attention over a history that grows"
TEXT = """\
Somebody hands you `layer`, a function of `items` `[B, M, 3]`, shown one after another,
of `clicks` `[B, T, 3]`, the oldest first, and of `seen` `[B, M]`: how many of the
clicks had happened when an item was shown. It returns `[B, M, 3]`: for each item a
weighted mean of those clicks. It should have five properties: a click that came after
an item was shown changes nothing for it; the latest click before does; the other items
change nothing; where all clicks are the same, an item reads that click; and an item
that was shown before the first click reads zeros.

Call `layer` on inputs that you make up. Return True if it has all five, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = "items [B, M, 3], clicks [B, T, 3], seen [B, M] -> [B, M, 3]"
VERSION = "layer"


def versions(generator):
    """Return the right one, and the room of those that read the wrong clicks."""
    W_Q, W_K = torch.randn(2, 3, 3, generator=generator)

    def layer(attend):
        return lambda items, clicks, seen: attend(
            (items @ W_Q).tanh(), (clicks @ W_K).tanh(), clicks, seen.long()
        )

    return rooms_of(
        "target-attention/seen",
        "reads-the-future one-too-many one-too-few only-the-future one-cut-for-all "
        "mask-after-softmax reads-the-keys nan-before-the-first-click "
        "uniform-before-the-first-click",
        layer,
    )


def solution(layer):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    items, clicks = torch.randn(2, 3, 3), torch.randn(2, 5, 3)
    seen = torch.tensor([[1, 2, 4]] * 2)

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = layer(items, clicks, seen)
    fifth, second = clicks.clone(), clicks.clone()
    fifth[:, 4] += 2
    second[:, 1] += 2
    changed = layer(items, second, seen)
    middle = layer(items[:, 1:2], clicks, seen[:, 1:2])
    alike = layer(items, clicks[:, :1].expand(2, 5, 3), seen)
    nothing = layer(items, clicks, 0 * seen)
    return (
        same(plain, layer(items, fifth, seen))
        and same(plain[:, 0], changed[:, 0])
        and not same(plain[:, 1], changed[:, 1])
        and same(plain[:, 1:2], middle)
        and same(alike, clicks[:, :1])
        and same(nothing, torch.zeros_like(nothing))
    )
