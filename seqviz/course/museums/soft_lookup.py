"""Tests of a look-up that knows the time: of five one is right."""

import torch

from seqviz.course.museums.mistakes import rooms_of

TITLE = "Tests for a look-up that knows the time"
TEXT = """\
Somebody hands you `look_up`, a function of `questions` `[B, Q, 3]`, the times when they
are `asked` `[B, Q]`, `behaviors` `[B, T, 3]`, the times when they `happened` `[B, T]`,
and `mask` `[B, T]`, True where a behavior is real. It returns `[B, Q, 3]`: for each
question a weighted mean of the behaviors before it. It should have six properties: a
behavior after the question changes nothing, nor does one at the very same moment, nor
does padding, whatever its time, nor do the other questions; where all behaviors before
the question are the same, it reads that one; and where there is none, it reads zeros.

Call `look_up` on inputs that you make up. Return True if it has all six, else False. It
is a function of tensors, and you may not see its code.
"""
TAKES = (
    "questions [B, Q, 3], asked [B, Q], behaviors [B, T, 3], happened [B, T], "
    "mask [B, T] -> [B, Q, 3]"
)
VERSION = "look_up"


def versions(generator):
    """Return the right one, and the room of those with wrong weights."""
    W = torch.randn(3, 3, generator=generator)

    def look_up(weigh):
        def read(questions, asked, behaviors, happened, mask):
            scores = torch.einsum("bqe,ef,btf->bqt", questions, W, behaviors)
            weights = weigh(scores.tanh(), asked, happened, mask)
            return torch.einsum("bqt,bte->bqe", weights, behaviors)

        return read

    return rooms_of(
        "soft-lookup/before",
        "mask-after-softmax ignores-the-time ignores-the-mask reads-the-same-moment "
        "reads-the-future uniform-empty-row nan-empty-row softmax-over-queries",
        look_up,
    )


def solution(look_up):
    """Return whether it is the right one."""
    torch.manual_seed(0)
    questions, behaviors = torch.randn(2, 2, 3), torch.randn(2, 4, 3)
    asked = torch.tensor([[4.0, 3.0]] * 2)
    happened = torch.tensor([[1.0, 2.0, 4.0, 5.0]] * 2)  # for 4: before, at, after
    real = torch.ones(2, 4, dtype=torch.bool)
    padding, off = torch.full((2, 1, 3), 2.0), torch.zeros(2, 1, dtype=torch.bool)

    def same(one, other):
        return bool(((one - other).abs() < 0.01).all())  # False for NaN

    plain = look_up(questions, asked, behaviors, happened, real)
    first = look_up(questions[:, :1], asked[:, :1], behaviors, happened, real)
    at, after = behaviors.clone(), behaviors.clone()
    at[:, 2] += 3
    after[:, 3] += 3
    padded = look_up(
        questions,
        asked,
        torch.cat([behaviors, padding], 1),
        torch.cat([happened, torch.zeros(2, 1)], 1),
        torch.cat([real, off], 1),
    )
    alike = torch.cat([behaviors[:, :1].expand(2, 2, 3), behaviors[:, 2:]], 1)
    alike = look_up(questions, asked, alike, happened, real)
    nothing = look_up(questions, 0 * asked, behaviors, happened, real)
    return (
        same(plain, look_up(questions, asked, at, happened, real))
        and same(plain, look_up(questions, asked, after, happened, real))
        and same(plain, padded)
        and same(plain[:, :1], first)
        and same(alike, behaviors[:, :1])
        and same(nothing, torch.zeros_like(nothing))
    )
