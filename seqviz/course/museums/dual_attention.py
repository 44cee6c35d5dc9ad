"""Tests of dual attention: of five layers one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for dual attention"
TEXT = """\
Somebody hands you `layer`, a function of `candidates` `[M, 3]`, `behaviors` `[B, T, 3]`
and `mask` `[B, T]`, True where a click is real. The clicks read each other, then each
candidate reads them; it returns `[B, M, 4]`. It should have five properties: padding
changes nothing; the other candidates change nothing; the order of the clicks changes
nothing; another candidate reads something else; and a user without a click has zeros.

Call `layer` on inputs that you make up. Return True if it has all five, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = "candidates [M, 3], behaviors [B, T, 3], mask [B, T] -> [B, M, 4]"
VERSION = "layer"


def versions(generator):
    """Return the right one, and the room of those whose fault numbers show."""
    W = torch.randn(3, 4, generator=generator)

    def layer(attend):
        return lambda candidates, behaviors, mask: attend(
            candidates @ W, behaviors @ W, mask
        )

    return rooms_of(
        "dual-attention/interest",
        "self-attention-over-the-candidates first-step-reads-padding "
        "second-step-reads-padding no-mask causal-first-step "
        "mean-instead-of-the-second-step residual-around-the-second-step",
        layer,
    )


def solution(layer):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    candidates, behaviors = torch.randn(3, 3), torch.randn(2, 5, 3)
    mask = torch.ones(2, 5, dtype=torch.bool)
    padding, off = torch.full((2, 2, 3), 0.5), torch.zeros(2, 2, dtype=torch.bool)

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = layer(candidates, behaviors, mask)
    padded = [torch.cat([padding, behaviors], 1), torch.cat([off, mask], 1)]
    alone = torch.cat([layer(candidates[[m]], behaviors, mask) for m in range(3)], 1)
    nobody = layer(candidates, padding, off)
    return (
        same(plain, layer(candidates, *padded))
        and same(plain, alone)
        and same(plain, layer(candidates, behaviors.flip(1), mask))
        and not same(plain[:, 0], plain[:, 1])
        and same(nobody, torch.zeros_like(nobody))
    )
