"""Self-attention that knows the days: what is long ago counts less."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def _scores(behaviors: Tensor) -> Tensor:
    return behaviors @ behaviors.mT * behaviors.shape[-1] ** -0.5  # [B, T, T]


def _fading(days: Tensor, like: Tensor) -> Tensor:
    gap = (days[:, :, None] - days[:, None]).clamp(min=0)  # [B, T, T]
    return gap.to(like.dtype).log1p()


def _earlier(mask: Tensor) -> Tensor:
    length = mask.shape[1]
    return torch.ones(length, length, dtype=torch.bool).tril()  # [T, T]


def _readable(mask: Tensor) -> Tensor:
    return mask[:, :, None] & mask[:, None] & _earlier(mask)


def _read(behaviors: Tensor, scores: Tensor, readable: Tensor) -> Tensor:
    return masked_softmax(scores, readable) @ behaviors


def reference(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    """``[B, T, E], [B, T], [B, T] -> [B, T, E]``."""
    scores = _scores(behaviors) - _fading(days, behaviors)
    return _read(behaviors, scores, _readable(mask))


def cases(generator: Generator) -> Iterator[Case]:
    """Days apart, all on one day, padding, empty histories."""

    def draw(name: str, B: int, T: int, last: int = 40, real: float = 1.0) -> Case:
        days = torch.randint(last, (B, T), generator=generator)
        inputs = {
            "behaviors": 1.5 * torch.randn(B, T, 4, generator=generator),
            "mask": torch.rand(B, T, generator=generator) < real,
            "days": days.sort(1).values.float(),
        }
        return Case(name, inputs)

    yield draw("full histories", 2, 5)
    yield draw("clicks of one day", 2, 5, last=1)
    padded = draw("padded histories", 6, 6, real=0.7)
    padded.inputs["mask"][:, 3] = True
    yield padded
    empty = draw("an empty history", 3, 6, real=0.8)
    empty.inputs["mask"][:, 0] = True
    empty.inputs["mask"][1] = False
    yield empty
    yield draw("one behavior", 2, 1)
    yield draw("one user", 1, 5)
    yield padded.strided()
    yield padded.cast(torch.float64)
    yield padded.cast(torch.float16)


def _no_clock(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    return _read(behaviors, _scores(behaviors), _readable(mask))


def _old_first(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    scores = _scores(behaviors) + _fading(days, behaviors)
    return _read(behaviors, scores, _readable(mask))


def _days_themselves(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    gap = (days[:, :, None] - days[:, None]).clamp(min=0).to(behaviors.dtype)
    return _read(behaviors, _scores(behaviors) - gap, _readable(mask))


def _places(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    places = torch.arange(mask.shape[1]).to(days).expand_as(days)
    return reference(behaviors, mask, places)


def _from_the_end(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    fading = _fading(days, behaviors)[:, -1:]  # [B, 1, T]
    return _read(behaviors, _scores(behaviors) - fading, _readable(mask))


def _after(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    weights = masked_softmax(_scores(behaviors), _readable(mask))
    return weights / _fading(days, behaviors).exp() @ behaviors


def _scores_divided(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    scores = _scores(behaviors) / _fading(days, behaviors).exp()
    return _read(behaviors, scores, _readable(mask))


def _looks_ahead(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    scores = _scores(behaviors) - _fading(days, behaviors)
    return _read(behaviors, scores, mask[:, :, None] & mask[:, None])


def _reads_padding(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    scores = _scores(behaviors) - _fading(days, behaviors)
    return _read(behaviors, scores, mask[:, :, None] & _earlier(mask))


def _padding_reads(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    scores = _scores(behaviors) - _fading(days, behaviors)
    return _read(behaviors, scores, mask[:, None] & _earlier(mask))


def _no_scale(behaviors: Tensor, mask: Tensor, days: Tensor) -> Tensor:
    scores = behaviors @ behaviors.mT - _fading(days, behaviors)
    return _read(behaviors, scores, _readable(mask))


EXERCISE = Exercise(
    name="self-attention/clock",
    title="Self-attention with a clock",
    minutes=25,
    difficulty="project",
    inputs={"behaviors": "B T E", "mask": "B T", "days": "B T"},
    output="B T E",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("behaviors",),
    mistakes=(
        Mistake(
            "no-clock",
            "the days change nothing: every click counts as if it were of today.",
            _no_clock,
        ),
        Mistake(
            "old-clicks-first",
            "the sign is wrong: what is long ago counts more. The number is to be "
            "taken away from the score.",
            _old_first,
        ),
        Mistake(
            "no-logarithm",
            "you take the days away from the score as they are, so that a week ago is "
            "almost nothing. The weight should fall as 1 over 1 + gap: which number "
            "has that as its exponential?",
            _days_themselves,
        ),
        Mistake(
            "counts-clicks",
            "you use the places in the history: this counts clicks, not days.",
            _places,
        ),
        Mistake(
            "from-the-latest-day",
            "you count the days back from the latest click for everybody. The gap is "
            "that between who reads and who is read.",
            _from_the_end,
        ),
        Mistake(
            "fades-after-the-softmax",
            "the weights no longer sum to 1: they are made smaller after the softmax. "
            "Bring the gap into the score.",
            _after,
        ),
        Mistake(
            "divides-the-score",
            "you divide the score by 1 + gap. That pulls it towards 0, which makes a "
            "negative score larger. Divide the exponential of it.",
            _scores_divided,
        ),
        Mistake(
            "looks-ahead",
            "a behavior reads later ones: the causal mask is missing.",
            _looks_ahead,
        ),
        Mistake(
            "reads-padding",
            "padding is read: the mask belongs to the columns as well.",
            _reads_padding,
        ),
        Mistake(
            "padding-reads",
            "the rows of padding are not empty: that is the query mask.",
            _padding_reads,
        ),
        Mistake(
            "no-scale",
            "these are plain inner products: divide them by the root of E before the "
            "days come in.",
            _no_scale,
        ),
    ),
)
