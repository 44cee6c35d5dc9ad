"""Dice over a batch of padded sequences: the statistics are those of the real ones."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake

_EPS = 1e-8


def reference(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    """``[B, T, F], [B, T], [F] -> [B, T, F]``."""
    mean, variance = _statistics(s, mask)
    return _blend(s, _gate(s, mean, variance), alpha, mask)


def cases(generator: Generator) -> Iterator[Case]:
    """Padding at any place, none at all, one real position, no real position."""

    def draw(name: str, B: int, T: int, F: int, real: float = 1.0) -> Case:
        s = torch.randn(B, T, F, generator=generator)
        spread = torch.rand(F, generator=generator) * 2 + 0.5
        return Case(
            name,
            {
                "s": s * spread + torch.randn(F, generator=generator),
                "mask": torch.rand(B, T, generator=generator) < real,
                "alpha": torch.rand(F, generator=generator),
            },
        )

    def padded(name: str) -> Case:
        case = draw(name, 6, 5, 3, real=0.6)
        case.inputs["mask"][:, -1] = True
        case.inputs["mask"][:4, 0] = False
        return case

    yield draw("full histories", 2, 5, 3)
    yield padded("padded histories")
    loud = padded("large numbers under the padding")
    loud.inputs["s"][~loud.inputs["mask"]] = 1000.0
    yield loud
    empty = padded("an empty history")
    empty.inputs["mask"][2] = False
    yield empty
    one = padded("one real position in the batch")
    one.inputs["mask"][:] = False
    one.inputs["mask"][1, 3] = True
    # At variance 0 the gradient is that of a root at 0, up to eps.
    yield Case(one.name, one.inputs, gradients=False)
    nothing = padded("nothing but padding")
    nothing.inputs["mask"][:] = False
    yield Case(nothing.name, nothing.inputs, gradients=False)
    yield draw("one user", 1, 5, 3)
    yield draw("one unit", 2, 5, 1, real=0.8)
    yield empty.strided()
    yield empty.cast(torch.float64)


def _statistics(s: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of each unit over the real positions, both ``[F]``."""
    real = mask[..., None]
    count = mask.sum().clamp(min=1)
    mean = s.masked_fill(~real, 0.0).sum((0, 1)) / count
    variance = (s - mean).masked_fill(~real, 0.0).square().sum((0, 1)) / count
    return mean, variance


def _gate(s: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    return ((s - mean) / (variance + _EPS).sqrt()).sigmoid()


def _blend(s: Tensor, gate: Tensor, alpha: Tensor, mask: Tensor) -> Tensor:
    blended = gate * s + (1 - gate) * alpha * s
    return blended.masked_fill(~mask[..., None], 0.0)


def _padding_counts(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    mean, variance = s.mean((0, 1)), s.var((0, 1), correction=0)
    return _blend(s, _gate(s, mean, variance), alpha, mask)


def _zeros_count(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    zeroed = s.masked_fill(~mask[..., None], 0.0)
    mean, variance = zeroed.mean((0, 1)), zeroed.var((0, 1), correction=0)
    return _blend(s, _gate(s, mean, variance), alpha, mask)


def _unbiased(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    mean, variance = _statistics(s, mask)
    count = mask.sum()
    variance = variance * count / (count - 1).clamp(min=1)
    return _blend(s, _gate(s, mean, variance), alpha, mask)


def _exchanged(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    gate = _gate(s, *_statistics(s, mask))
    return _blend(s, 1 - gate, alpha, mask)


def _no_root(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    mean, variance = _statistics(s, mask)
    return _blend(s, ((s - mean) / (variance + _EPS)).sigmoid(), alpha, mask)


def _summed(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    mean, variance = _statistics(s, mask)
    return _blend(s, _gate(s, mean, variance * mask.sum()), alpha, mask)


def _plain_sigmoid(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    return _blend(s, s.sigmoid(), alpha, mask)


def _no_alpha(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    gate = _gate(s, *_statistics(s, mask))
    return _blend(s, gate, torch.zeros_like(alpha), mask)


def _swish(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    return _blend(s, s.sigmoid(), torch.zeros_like(alpha), mask)


def _alpha_bare(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    gate = _gate(s, *_statistics(s, mask))
    return (gate * s + (1 - gate) * alpha).masked_fill(~mask[..., None], 0.0)


def _one_for_all_units(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    units = s.shape[-1]
    mean, variance = _statistics(
        s.flatten(1)[..., None], mask.repeat_interleave(units, 1)
    )
    return _blend(s, _gate(s, mean, variance), alpha, mask)


def _user_by_user(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    rows = [reference(s[b : b + 1], mask[b : b + 1], alpha) for b in range(s.shape[0])]
    return torch.cat(rows)


def _place_by_place(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    places = [
        reference(s[:, t : t + 1], mask[:, t : t + 1], alpha) for t in range(s.shape[1])
    ]
    return torch.cat(places, 1)


def _padding_kept(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    gate = _gate(s, *_statistics(s, mask))
    return gate * s + (1 - gate) * alpha * s


def _nan_without_positions(s: Tensor, mask: Tensor, alpha: Tensor) -> Tensor:
    real = s[mask]  # [positions, F]
    mean = real.mean(0)
    gate = _gate(s, mean, (real - mean).square().mean(0))
    return (gate * s + (1 - gate) * alpha * s) * mask[..., None]


def _finite(result: Tensor, s: Tensor, mask: Tensor, alpha: Tensor) -> str | None:
    if not result.isfinite().all():
        return "your result is NaN or infinite."
    if (result[~mask] != 0).any():
        return "padding should give 0."
    return None


EXERCISE = Exercise(
    name="din/dice",
    title="Dice over sequences of unequal length",
    minutes=20,
    difficulty="core",
    inputs={"s": "B T F", "mask": "B T", "alpha": "F"},
    output="B T F",
    reference=reference,
    cases=cases,
    dtype_of="s",
    gradients=("s", "alpha"),
    properties=(_finite,),
    mistakes=(
        Mistake(
            "padding-moves-the-statistics",
            "mean and variance count the padding too: the same behavior gets another "
            "activation in a batch with more padding. Only real positions count.",
            _padding_counts,
            also=(_zeros_count,),
            seen_in="torch-rechub 0.9.0",
        ),
        Mistake(
            "unbiased-variance",
            "your variance divides by one less than the number of positions. That is "
            "the estimate for a sample; Dice takes the plain average of the squares.",
            _unbiased,
        ),
        Mistake(
            "alpha-on-the-wrong-side",
            "the two branches are exchanged: a value far above the mean should pass "
            "unchanged, one far below should be multiplied by alpha.",
            _exchanged,
        ),
        Mistake(
            "divided-by-the-variance",
            "you divide by the variance. To bring the spread to 1, divide by its root, "
            "the standard deviation.",
            _no_root,
        ),
        Mistake(
            "summed-variance",
            "your variance is the sum of the squares: it grows with the batch, and the "
            "gate comes near one half everywhere. Take the mean of the squares.",
            _summed,
            seen_in="torch-rechub 0.9.0",
        ),
        Mistake(
            "not-standardized",
            "your gate is the sigmoid of the value itself. In Dice it first has the "
            "mean of its unit taken away and is divided by the standard deviation: the "
            "step moves with the data.",
            _plain_sigmoid,
            also=(_swish,),
            seen_in="RecBole",
        ),
        Mistake(
            "no-alpha",
            "alpha has no say in your result: a value below the mean still passes, "
            "multiplied by alpha.",
            _no_alpha,
        ),
        Mistake(
            "alpha-alone",
            "below the mean you give alpha itself. It is a slope: it multiplies the "
            "value.",
            _alpha_bare,
        ),
        Mistake(
            "one-mean-for-all-units",
            "you take one mean and one variance over all units. Each unit has its "
            "own: F of each.",
            _one_for_all_units,
        ),
        Mistake(
            "statistics-of-one-user",
            "each user is standardized alone. The statistics of Dice run over all real "
            "positions of the batch together.",
            _user_by_user,
        ),
        Mistake(
            "statistics-of-one-place",
            "each place in the sequence is standardized alone. The statistics of Dice "
            "run over users and places together.",
            _place_by_place,
        ),
        Mistake(
            "padding-passes",
            "the real positions are right, but padding comes out with a value. It "
            "should be 0.",
            _padding_kept,
        ),
        Mistake(
            "nan-without-positions",
            "only the batch of nothing but padding is wrong: the mean of no number is "
            "NaN, and NaN times a mask of 0 is NaN. It should give zeros.",
            _nan_without_positions,
        ),
    ),
)
