"""Tests of a funnel's measure: of five one is right."""

import torch

from seqviz.checks.funnel.museum import funnels

TITLE = "Tests for a measure of a funnel"
TEXT = """\
Somebody hands you `measure`, a function of what each of $K$ interests retrieved,
`items` `[B, K, n]`, item numbers from 1, each row the nearest first; how near they are,
`near` `[B, K, n]`; the ranker's `scores` `[I]`, one for each item number and one for 0;
and the items that were clicked afterwards, `truths` `[B, R]`, where 0 is padding. It
returns `[B]`: the recall of the four candidates that the ranker likes best.

A right measure counts what no interest retrieved as lost, however much the ranker likes
it. Clicks that nobody retrieved lower it in proportion. An interest that is there twice
changes nothing, nor do two interests that change places. The ranker's scores turned
round change it.

Call `measure` on lists that you make up. Return True if it has these five properties,
else False. It is a function of tensors, and you may not see its code.
"""
TAKES = "items [B, K, n], near [B, K, n], scores [I], truths [B, R] -> [B]"
VERSION = "measure"


def versions(_):
    """Return the right one and the rooms of those with a fault: nothing is drawn."""
    return funnels()


def solution(measure):
    """Return whether it is the right one."""
    items = torch.tensor([[[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]])
    near = torch.tensor([[[0.9, 0.7, 0.5, 0.3, 0.1], [0.8, 0.6, 0.4, 0.2, 0.0]]])
    scores = torch.zeros(14)
    scores[1:11] = torch.tensor([1, 3, 5, 7, 9, 2, 4, 6, 8, 10.0])
    scores[11:] = 20.0  # what nobody retrieved
    truths, lost = torch.tensor([[10, 9, 8]]), torch.tensor([[11, 12, 13]])

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = measure(items, near, scores, truths)
    never = measure(items, near, scores, lost)
    half = measure(items, near, scores, torch.cat([truths, lost], 1))
    twice = measure(items.repeat(1, 2, 1), near.repeat(1, 2, 1), scores, truths)
    swapped = measure(items.flip(1), near.flip(1), scores, truths)
    turned = measure(items, near, -scores, truths)
    return (
        same(never, torch.zeros_like(never))
        and same(half, plain / 2)
        and same(twice, plain)
        and same(swapped, plain)
        and not same(turned, plain)
    )
