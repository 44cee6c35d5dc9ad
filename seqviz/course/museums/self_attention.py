"""Tests of self-attention within visits: of five layers one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for self-attention within visits"
TEXT = """\
Somebody hands you `layer`, a function of `behaviors` `[B, T, 3]`, `mask` `[B, T]`, True
where a click is real, and `session` `[B, T]`, the number of the visit of each click. It
returns `[B, T, 4]`, what each click reads. It should have six properties: a later click
changes nothing for an earlier one; another visit changes nothing, nor does padding; a
visit in which a click comes several times reads as if it came once; a click reads
itself, so the first of a visit is not zero; and the rows of padding are zeros.

Call `layer` on inputs that you make up. Return True if it has all six, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = "behaviors [B, T, 3], mask [B, T], session [B, T] -> [B, T, 4]"
VERSION = "layer"


def versions(generator):
    """Return the right one, and the room of those that read the wrong clicks."""
    W = torch.randn(3, 4, generator=generator)

    def layer(attend):
        return lambda behaviors, mask, session: attend(behaviors @ W, mask, session)

    return rooms_of(
        "self-attention/session",
        "looks-ahead reads-only-later reads-other-visits reads-only-other-visits "
        "reads-padding padding-reads not-itself mask-after-the-softmax "
        "softmax-over-the-queries uniform-empty-row nan-empty-row",
        layer,
    )


def solution(layer):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    behaviors, mask = torch.randn(2, 5, 3), torch.ones(2, 5, dtype=torch.bool)
    session = torch.tensor([[1, 1, 2, 2, 2]] * 2)
    padding, off = torch.full((2, 2, 3), 2.0), torch.zeros(2, 2, dtype=torch.bool)

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = layer(behaviors, mask, session)
    later, earlier_visit = behaviors.clone(), behaviors.clone()
    later[:, 4] += 1
    earlier_visit[:, :2] += 1
    padded = layer(
        torch.cat([padding, behaviors, padding], 1),
        torch.cat([off, mask, off], 1),
        torch.cat([session[:, :2], session, session[:, 3:]], 1),  # numbers of visits
    )
    alike = layer(behaviors[:, :1].expand(2, 5, 3), mask, session)
    once = layer(behaviors[:, :1], mask[:, :1], session[:, :1])
    return (
        same(plain[:, :4], layer(later, mask, session)[:, :4])
        and same(plain[:, 2:], layer(earlier_visit, mask, session)[:, 2:])
        and same(plain, padded[:, 2:7])
        and same(padded[:, [0, 1, 7, 8]], torch.zeros(2, 4, 4))
        and same(alike, once)
        and not same(plain[:, 0], torch.zeros(2, 4))
    )
