"""Tests of a memory: of five recurrent layers one is right."""

import torch

from seqviz.checks.memory.museum import layers

TITLE = "Tests for a memory"
TEXT = """\
Somebody hands you `layer`, a function of `behaviors` `[B, T, 3]` and `mask` `[B, T]`,
True where a click is real, that returns `[B, H]`. A memory has five properties: padding
in front of a history changes nothing, nor does padding behind it, nor do the other
users of the batch; the order of the clicks does; and an empty history gives zeros.

Call `layer` on inputs that you make up. Return True if it has all five, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = "behaviors [B, T, 3], mask [B, T] -> [B, H]"
VERSION = "layer"

versions = layers


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
    turned = layer(behaviors.flip(1), mask)
    empty = layer(padding, off)
    return (
        same(plain, front)
        and same(plain, back)
        and same(plain, alone)
        and not same(plain, turned)
        and same(empty, torch.zeros_like(empty))
    )
