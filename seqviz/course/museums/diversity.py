"""Tests of a measure of diversity: of five one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for a measure of diversity"
TEXT = """\
Somebody hands you `measure`, a function of the `categories` `[B, n]` of the items in a
list, from 1 to 9, where 0 is an empty place. It returns `[B]`, the share of the pairs
of items that differ in their category. It should have five properties: the order of the
list changes nothing; empty places change nothing; a list whose items all differ has 1,
one whose items are all alike has 0; and of four items of two categories, two and two
give more than three and one.

Call `measure` on lists that you make up. Return True if it has all five, else False. It
is a function of a tensor, and you may not see its code.
"""
TAKES = "categories [B, n] -> [B]"
VERSION = "measure"


def versions(_):
    """Return the right one, and the room of those that count wrongly."""
    return rooms_of(
        "diversity/share",
        "empty-place-as-a-category divided-by-all-places neighbors-only "
        "an-item-with-itself pairs-that-agree pair-once-divided-twice "
        "pair-twice-divided-once number-of-categories",
        lambda share: lambda categories: share(categories.long()),
    )


def solution(measure):
    """Return whether it is the right one."""
    lists = torch.tensor([[1, 2, 3, 4], [5, 5, 5, 5], [1, 1, 2, 2], [1, 2, 2, 2]])
    empty = torch.zeros(4, 2, dtype=torch.long)

    def same(one, other):
        return bool(((one - other).abs() < 0.001).all())  # False for NaN

    plain = measure(lists)
    return (
        same(plain, measure(lists[:, [0, 2, 1, 3]]))
        and same(plain, measure(torch.cat([lists, empty], 1)))
        and same(plain[:2], torch.tensor([1.0, 0.0]))
        and bool(plain[2] > plain[3] + 0.001)
    )
