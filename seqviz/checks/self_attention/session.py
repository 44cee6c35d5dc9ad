"""What a behavior reads within its visit, without looking ahead."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def _same(session: Tensor) -> Tensor:
    return session[:, :, None] == session[:, None]  # [B, T, T]


def _earlier(mask: Tensor) -> Tensor:
    length = mask.shape[1]
    return torch.ones(length, length, dtype=torch.bool).tril()  # [T, T]


def _readable(mask: Tensor, session: Tensor) -> Tensor:
    return mask[:, :, None] & mask[:, None] & _earlier(mask) & _same(session)


def _scores(behaviors: Tensor) -> Tensor:
    return behaviors @ behaviors.mT * behaviors.shape[-1] ** -0.5  # [B, T, T]


def _read(behaviors: Tensor, weights: Tensor) -> Tensor:
    return weights @ behaviors  # [B, T, E]


def reference(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    """``[B, T, E], [B, T], [B, T] -> [B, T, E]``."""
    return _read(
        behaviors, masked_softmax(_scores(behaviors), _readable(mask, session))
    )


def cases(generator: Generator) -> Iterator[Case]:
    """One visit, several, padding that bears a visit's number, empty histories."""

    def draw(name: str, B: int, T: int, visits: int, real: float = 1.0) -> Case:
        start = torch.randint(visits, (B, T), generator=generator)
        inputs = {
            "behaviors": 1.5 * torch.randn(B, T, 4, generator=generator),
            "mask": torch.rand(B, T, generator=generator) < real,
            "session": start.sort(1).values,
        }
        return Case(name, inputs)

    yield draw("several visits", 3, 6, 3)
    yield draw("one visit", 2, 5, 1)
    padded = draw("padded histories", 6, 6, 2, real=0.7)
    padded.inputs["mask"][:, 3] = True
    yield padded
    empty = draw("an empty history", 3, 6, 2, real=0.8)
    empty.inputs["mask"][:, 0] = True
    empty.inputs["mask"][1] = False
    yield empty
    yield draw("one behavior", 2, 1, 1)
    yield draw("one user", 1, 5, 2)
    yield padded.strided()
    yield padded.cast(torch.float64)
    yield padded.cast(torch.float16)


def _looks_ahead(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    pairs = mask[:, :, None] & mask[:, None]
    return _read(behaviors, masked_softmax(_scores(behaviors), pairs & _same(session)))


def _only_later(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    pairs = mask[:, :, None] & mask[:, None] & _same(session)
    return _read(
        behaviors, masked_softmax(_scores(behaviors), pairs & _earlier(mask).mT)
    )


def _other_visits(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    pairs = mask[:, :, None] & mask[:, None]
    return _read(behaviors, masked_softmax(_scores(behaviors), pairs & _earlier(mask)))


def _earlier_visits(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    pairs = mask[:, :, None] & mask[:, None] & _earlier(mask)
    return _read(behaviors, masked_softmax(_scores(behaviors), pairs & ~_same(session)))


def _no_keys(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    pairs = mask[:, :, None] & _earlier(mask) & _same(session)
    return _read(behaviors, masked_softmax(_scores(behaviors), pairs))


def _no_queries(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    pairs = mask[:, None] & _earlier(mask) & _same(session)
    return _read(behaviors, masked_softmax(_scores(behaviors), pairs))


def _strictly(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    length = mask.shape[1]
    itself = torch.eye(length, dtype=torch.bool)
    return _read(
        behaviors,
        masked_softmax(_scores(behaviors), _readable(mask, session) & ~itself),
    )


def _after(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    weights = _scores(behaviors).softmax(-1) * _readable(mask, session)
    return _read(behaviors, weights)


def _columns(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    return _read(
        behaviors, masked_softmax(_scores(behaviors), _readable(mask, session), dim=1)
    )


def _uniform(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    lowest = torch.finfo(behaviors.dtype).min
    scores = _scores(behaviors).masked_fill(~_readable(mask, session), lowest)
    return _read(behaviors, scores.softmax(-1))


def _nan(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    hidden = ~_readable(mask, session)
    scores = _scores(behaviors).masked_fill(hidden, -torch.inf)
    return _read(behaviors, scores.softmax(-1))


def _no_scale(behaviors: Tensor, mask: Tensor, session: Tensor) -> Tensor:
    scores = behaviors @ behaviors.mT
    return _read(behaviors, masked_softmax(scores, _readable(mask, session)))


EXERCISE = Exercise(
    name="self-attention/session",
    title="Within one visit",
    minutes=15,
    difficulty="core",
    inputs={"behaviors": "B T E", "mask": "B T", "session": "B T"},
    output="B T E",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("behaviors",),
    mistakes=(
        Mistake(
            "looks-ahead",
            "a behavior reads later ones of its visit: the causal mask is missing.",
            _looks_ahead,
        ),
        Mistake(
            "reads-only-later",
            "the triangle is on the wrong side: row t may read the columns up to t.",
            _only_later,
        ),
        Mistake(
            "reads-other-visits",
            "a behavior reads earlier visits too. Which pairs bear the same number?",
            _other_visits,
        ),
        Mistake(
            "reads-only-other-visits",
            "you leave out exactly the pairs of the same visit.",
            _earlier_visits,
        ),
        Mistake(
            "reads-padding",
            "padding is read: it may bear the number of a visit. The mask belongs to "
            "the columns as well.",
            _no_keys,
        ),
        Mistake(
            "padding-reads",
            "the rows of padding are not empty: that is the query mask.",
            _no_queries,
        ),
        Mistake(
            "not-itself",
            "a behavior may read itself: the diagonal belongs to the causal mask.",
            _strictly,
        ),
        Mistake(
            "mask-after-the-softmax",
            "the weights no longer sum to 1: what is left out had its share in the "
            "softmax. Leave it out before.",
            _after,
        ),
        Mistake(
            "softmax-over-the-queries",
            "the softmax runs over who reads. It belongs over "
            "what is read, the last axis.",
            _columns,
        ),
        Mistake(
            "no-scale",
            "these are plain inner products: divide the scores by the root of E.",
            _no_scale,
        ),
        Mistake(
            "uniform-empty-row",
            "only the rows of padding are wrong: a row of equal large negative "
            "numbers has a uniform softmax. They should be zeros.",
            _uniform,
        ),
        Mistake(
            "nan-empty-row",
            "the rows of padding are NaN: a softmax of nothing but minus infinity. "
            "They should be zeros.",
            _nan,
        ),
    ),
)
