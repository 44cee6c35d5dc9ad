"""Tests of a layer that weighs pairs of fields: of five one is right."""

import torch

from seqviz.checks.jobs.museum import layers

TITLE = "Tests for a layer that weighs pairs of fields"
TEXT = """\
Somebody hands you `layer`, a function of `fields` `[B, F, 3]`, `mask` `[B, F]`, True
where a field is there, and the attention weights `h` `[4]`. It returns `[B, E]`, a sum
over the pairs of fields. It should have five properties: a row gives what it gives
alone; other weights `h` change the output; the order of the fields does not; a field
that is missing does not; and a row without fields gives zeros.

Call `layer` on inputs that you make up. Return True if it has all five, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = "fields [B, F, 3], mask [B, F], h [4] -> [B, E]"
VERSION = "layer"

versions = layers


def solution(layer):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    fields, mask = torch.randn(4, 4, 3) + 0.3, torch.ones(4, 4, dtype=torch.bool)
    h, other = 2 * torch.randn(2, 4)
    missing, off = torch.full((4, 1, 3), 2.0), torch.zeros(4, 1, dtype=torch.bool)

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = layer(fields, mask, h)
    alone = torch.cat([layer(fields[[b]], mask[[b]], h) for b in range(4)])
    fifth = layer(torch.cat([fields, missing], 1), torch.cat([mask, off], 1), h)
    nothing = layer(fields, torch.zeros_like(mask), h)
    return (
        same(plain, alone)
        and not same(plain, layer(fields, mask, other))
        and same(plain, layer(fields.flip(1), mask, h))
        and same(plain, fifth)
        and same(nothing, torch.zeros_like(nothing))
    )
