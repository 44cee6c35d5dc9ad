"""Tests of a cloze's reader: of five one is right."""

import torch

from seqviz.checks.next_item.museum import readers

TITLE = "Tests for a cloze"
TEXT = """\
Somebody hands you `reader`, a function of `behaviors` `[B, T, 4]` with $T$ at most 9,
`mask` `[B, T]`, True where a click is real, and `place`, a number: the click that is
hidden. It returns `[B, H]`, what a cloze tells of it. It should have five properties:
padding in front changes nothing (the place moves with it); nor do the other users of
the batch; nor does the item that is hidden; a later item does; and so do two earlier
items that change places.

Call `reader` on inputs that you make up. Return True if it has all five, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = "behaviors [B, T, 4], mask [B, T], place -> [B, H]"
VERSION = "reader"

versions = readers


def solution(reader):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    behaviors, mask = torch.randn(3, 5, 4), torch.ones(3, 5, dtype=torch.bool)
    padding, off = torch.full((3, 3, 4), 2.0), torch.zeros(3, 3, dtype=torch.bool)
    hidden, later = behaviors.clone(), behaviors.clone()
    hidden[:, 2] = hidden[:, 2].flip(-1) + 1
    later[:, 3] = later[:, 3].flip(-1) + 1
    swapped = behaviors[:, [1, 0, 2, 3, 4]]

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = reader(behaviors, mask, 2)
    front = reader(torch.cat([padding, behaviors], 1), torch.cat([off, mask], 1), 5)
    alone = torch.cat([reader(behaviors[[b]], mask[[b]], 2) for b in range(3)])
    return (
        same(plain, front)
        and same(plain, alone)
        and same(plain, reader(hidden, mask, 2))
        and not same(plain, reader(later, mask, 2))
        and not same(plain, reader(swapped, mask, 2))
    )
