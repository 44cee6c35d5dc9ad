"""Dice over sequences of unequal length: the statistics of the real positions."""

import torch

from seqviz.checks.engine import Task, marks, mistake, rule

TASK = Task(
    label="core, about 20 minutes",
    practice="statistics of the real positions",
    shapes="s [B, T, D], mask [B, T], alpha [D] -> [B, T, D]",
    vary="an empty history",
    without={"float16": "a variance in half precision is too coarse to compare"},
    no_gradient={
        "one real position in the batch": "a root at variance 0, up to eps",
        "nothing but padding": "a root at variance 0, up to eps",
    },
)


def statistics(s, mask):
    """Mean and variance of each unit over the real positions, both ``[D]``."""
    padding, count = ~mask[..., None], mask.sum().clamp(min=1)
    mean = s.masked_fill(padding, 0.0).sum((0, 1)) / count
    return mean, (s - mean).masked_fill(padding, 0.0).square().sum((0, 1)) / count


def standardized(s, mean, variance):
    return ((s - mean) / (variance + 1e-8).sqrt()).sigmoid()


def reference(s, mask, alpha, statistics=statistics, gate=standardized, padding=0.0):
    share = gate(s, *statistics(s, mask))
    passed = share * s + (1 - share) * alpha * s
    return torch.where(mask[..., None], passed, padding * passed)


def cases():
    def draw(*rows, D=3):
        mask = marks(*rows)
        spread = torch.rand(D) * 2 + 0.5
        s = torch.randn(*mask.shape, D) * spread + torch.randn(D)
        return s, mask, torch.rand(D)

    padded = ".xx.x", "..xxx", ".x..x", "....x", "xxxxx", "xx.xx"
    yield "full histories", *draw("xxxxx", "xxxxx")
    yield "padded histories", *draw(*padded)
    s, mask, alpha = draw(*padded)
    s[~mask] = 1000.0
    yield "large numbers under the padding", s, mask, alpha
    yield "an empty history", *draw(*padded, ".....")
    yield "one real position in the batch", *draw(".....", "...x.")
    yield "nothing but padding", *draw(".....", ".....")
    yield "one unit", *draw("xxxxx", "xx.xx", D=1)


@mistake(
    seen_in="torch-rechub 0.9.0", symptom="other numbers in a batch with more padding"
)
def padding_moves_the_statistics(s, mask):
    """mean and variance count the padding too: the same behavior gets another
    activation in a batch with more padding. Only real positions count."""
    for seen in s, s.masked_fill(~mask[..., None], 0.0):
        found = seen.mean((0, 1)), seen.var((0, 1), correction=0)
        yield {"statistics": lambda *_, found=found: found}


@mistake(symptom="numbers that are close, but not equal")
def unbiased_variance(s, mask):
    """your variance divides by one less than the number of positions. That is the
    estimate for a sample; Dice takes the plain average of the squares."""
    (mean, variance), n = statistics(s, mask), mask.sum()
    return {"statistics": lambda *_: (mean, variance * n / (n - 1).clamp(min=1))}


@mistake(gate=lambda *given: 1 - standardized(*given))
def alpha_on_the_wrong_side():
    """the two branches are exchanged: a value far above the mean should pass unchanged,
    one far below should be multiplied by alpha."""


@mistake(gate=lambda s, mean, var: ((s - mean) / (var + 1e-8)).sigmoid())
def divided_by_the_variance():
    """you divide by the variance, not by its root, the standard deviation."""


@mistake(seen_in="torch-rechub 0.9.0")
def summed_variance(mask):
    """your variance is the sum of the squares: it grows with the batch, and the gate
    comes near one half everywhere. Take the mean of the squares."""
    return {"gate": lambda s, mean, var: standardized(s, mean, var * mask.sum())}


@mistake(seen_in="RecBole")
def not_standardized(alpha):
    """your gate is the sigmoid of the value itself. In Dice it is standardized first,
    with the mean and the standard deviation of its unit: the step moves with the
    data."""
    for kept in alpha, 0 * alpha:
        yield {"gate": lambda s, *_: s.sigmoid(), "alpha": kept}


@mistake(alpha=torch.zeros_like)
def no_alpha():
    """alpha has no say in your result: a value below the mean still passes, multiplied
    by alpha."""


@mistake
def alpha_alone(s, mask, alpha):
    """below the mean you give alpha itself. It is a slope: it multiplies the value."""
    gate = standardized(s, *statistics(s, mask))
    return (gate * s + (1 - gate) * alpha).masked_fill(~mask[..., None], 0.0)


@mistake
def one_mean_for_all_units(s, mask):
    """you take one mean and one variance over all units. Each of the D has its own."""
    flat = s.flatten(1)[..., None], mask.repeat_interleave(s.shape[-1], 1)
    return {"statistics": lambda *_: statistics(*flat)}


@mistake
def statistics_of_one_user(s, mask, alpha):
    """each user is standardized alone. The statistics of Dice run over all real
    positions of the batch together."""
    rows = zip(s.split(1), mask.split(1), strict=True)
    return torch.cat([reference(*row, alpha) for row in rows])


@mistake
def statistics_of_one_place(s, mask, alpha):
    """each place in the sequence is standardized alone. The statistics of Dice run over
    users and places together."""
    places = zip(s.split(1, 1), mask.split(1, 1), strict=True)
    return torch.cat([reference(*place, alpha) for place in places], 1)


@mistake(padding=1.0)
def padding_passes():
    """the real positions are right, but padding comes out with a value, not 0."""


@mistake
def nan_without_positions(s, mask, alpha):
    """only the batch of nothing but padding is wrong: the mean of no number is NaN, and
    NaN times a mask of 0 is NaN. It should give zeros."""
    real = s[mask]  # [positions, D]
    found = real.mean(0), (real - real.mean(0)).square().mean(0)
    return reference(s, mask, alpha, lambda *_: found, padding=1.0) * mask[..., None]


@rule
def zero_on_padding(result, mask):
    """padding should give 0."""
    return result[~mask].any()
