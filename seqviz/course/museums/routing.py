"""Tests of a hand-out to interests: of five layers one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for a hand-out to interests"
TEXT = """\
Somebody hands you `layer`, a function of `clicks` `[B, T, 3]`, `mask` `[B, T]`, True
where a click is real, and `active` `[B, 4]`, True for the interests that a user has. It
returns `[B, 4, T]`: how much of itself each click hands to each interest. It should
have six properties: what a real click hands out is above 0 for each interest that the
user has and sums to 1; padding hands out nothing; an interest that the user does not
have gets nothing; the other clicks change nothing; and a user without any interest has
zeros everywhere.

Call `layer` on inputs that you make up. Return True if it has all six, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = "clicks [B, T, 3], mask [B, T], active [B, 4] -> [B, 4, T]"
VERSION = "layer"


def versions(generator):
    """Return the right one, and the room of those with wrong shares."""
    W = torch.randn(3, 4, generator=generator)

    def layer(hand_out):
        return lambda clicks, mask, active: hand_out(
            (clicks @ W).tanh().mT, mask, active
        )

    return rooms_of(
        "routing/coupling",
        "over-the-clicks over-both-axes no-softmax best-interest-only "
        "padding-hands-out nan-padding padding-shared-evenly "
        "absent-interests-get-a-share share-of-the-absent-lost "
        "logit-zero-instead-of-absent nan-without-interests even-without-interests",
        layer,
    )


def solution(layer):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    clicks, mask = torch.randn(2, 5, 3), torch.ones(2, 5, dtype=torch.bool)
    mask[:, 0] = False
    active = torch.tensor([[True, True, True, True], [True, True, False, False]])

    def same(one, other):
        return bool(((one - other).abs() < 0.001).all())  # False for NaN

    shares = layer(clicks, mask, active)  # [2, 4, 5]
    first = layer(clicks[:, :2], mask[:, :2], active)
    nobody = layer(clicks, mask, torch.zeros_like(active))
    return (
        same(shares.sum(1), mask.float())
        and same(shares[:, :, 0], torch.zeros(2, 4))
        and same(shares[1, 2:], torch.zeros(2, 5))
        and bool((shares[0, :, 1:] > 0).all() and (shares[1, :2, 1:] > 0).all())
        and same(shares[:, :, :2], first)
        and same(nobody, torch.zeros_like(nobody))
    )
