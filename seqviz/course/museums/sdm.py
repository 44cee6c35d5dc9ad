"""Tests of an SDM: of five versions one is right."""

from functools import partial, update_wrapper

import torch

from seqviz.checks.sdm.museum import models

TITLE = "Tests for an SDM"
TEXT = """\
Somebody hands you `model`, a function of a session `clicks` `[B, T, 3]`, its `mask`
`[B, T]`, True where a click is real, and what came before it, `past` `[B, L, 3]`, with
-1 in all three numbers where there is nothing. It returns `[B, E]`. An SDM has five
properties: padding in front of the session changes nothing, nor does padding behind it;
the order of the clicks does; so does the past; and somebody without a click and without
a past gets a number in every entry.

Call `model` on inputs that you make up; the past is positive where there is one. Return
True if it has all five, else False. It is a function of tensors, and you may not see
its code.
"""
TAKES = "clicks [B, T, 3], mask [B, T], past [B, L, 3] -> [B, E]"
VERSION = "model"

_IN_TRAINING_ALONE = ("never_trained", "all_frozen", "empty_class")


def versions(generator):
    """Return the right one, and the rooms of those whose numbers show a fault."""
    right, weights, rooms = models(generator)
    shown = [
        [
            update_wrapper(partial(one, weights), one)
            for one in room
            if one.__name__ not in _IN_TRAINING_ALONE
        ]
        for room in rooms
    ]
    return partial(right, weights), shown


def solution(model):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    clicks, mask = torch.randn(3, 5, 3), torch.ones(3, 5, dtype=torch.bool)
    past, other = 2 * torch.rand(2, 3, 4, 3)
    padding, off = torch.full((3, 3, 3), 2.0), torch.zeros(3, 3, dtype=torch.bool)

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = model(clicks, mask, past)
    front = model(torch.cat([padding, clicks], 1), torch.cat([off, mask], 1), past)
    back = model(torch.cat([clicks, padding], 1), torch.cat([mask, off], 1), past)
    nobody = model(padding, off, torch.full((3, 4, 3), -1.0))
    return (
        same(plain, front)
        and same(plain, back)
        and not same(plain, model(clicks.flip(1), mask, past))
        and not same(plain, model(clicks, mask, other))
        and bool(nobody.isfinite().all())
    )
