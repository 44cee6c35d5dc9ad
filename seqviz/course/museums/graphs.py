"""Tests of a reader of session graphs: of five one is right."""

import torch

from seqviz.checks.graphs.museum import readers

TITLE = "Tests for a reader of session graphs"
TEXT = """\
Somebody hands you `reader`, a function of the items of a session in the order of the
clicks, `ids` `[B, T]` from 1 to 9, where 0 is padding. It builds the graph of each
session, reads it from the latest click, and returns `[B, E]`. It should have six
properties: padding in front changes nothing, nor does padding behind, nor do the other
sessions of the batch; two detours from an item and back to it may change places, since
the graph stays the same; a loop that is gone the other way gives something else; and an
empty session gives zeros.

Call `reader` on sessions that you make up. Return True if it has all six, else False.
It is a function of a tensor, and you may not see its code.
"""
TAKES = "ids [B, T] -> [B, E]"
VERSION = "reader"

versions = readers


def solution(reader):
    """Return whether it is the right one."""
    sessions = [[1, 2, 1, 3, 1, 4, 5, 1], [3, 7, 3, 1, 3, 5, 4, 3]]
    ids = torch.tensor([*sessions, [6, 4, 6, 2, 6, 8, 9, 6], [9, 1, 9, 4, 9, 7, 2, 9]])
    padding = torch.zeros(4, 2, dtype=torch.long)

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = reader(ids)
    alone = torch.cat([reader(ids[[b]]) for b in range(4)])
    detours = ids[:, [0, 3, 2, 1, 4, 5, 6, 7]]
    other_way = ids[:, [0, 1, 2, 3, 4, 6, 5, 7]]
    empty = reader(padding)
    return (
        same(plain, reader(torch.cat([padding, ids], 1)))
        and same(plain, reader(torch.cat([ids, padding], 1)))
        and same(plain, alone)
        and same(plain, reader(detours))
        and not same(plain, reader(other_way))
        and same(empty, torch.zeros_like(empty))
    )
