"""Dice over a batch of padded sequences: the statistics are those of the real ones."""

import torch

from seqviz.checks.engine import Case, Task, marks, mistake, rule

TASK = Task(
    title="Dice over sequences of unequal length",
    difficulty="core",
    minutes=20,
    shapes="s [B, T, D], mask [B, T], alpha [D] -> [B, T, D]",
    gradients=("s", "alpha"),
    vary="an empty history",
    without={"float16": "a variance in half precision is too coarse to compare"},
)


def reference(s, mask, alpha, gate=None):
    gate = gate_of(s, *statistics(s, mask)) if gate is None else gate
    return (gate * s + (1 - gate) * alpha * s).masked_fill(~mask[..., None], 0.0)


def statistics(s, mask):
    """Mean and variance of each unit over the real positions, both ``[D]``."""
    padding, count = ~mask[..., None], mask.sum().clamp(min=1)
    mean = s.masked_fill(padding, 0.0).sum((0, 1)) / count
    return mean, (s - mean).masked_fill(padding, 0.0).square().sum((0, 1)) / count


def gate_of(s, mean, variance):
    return ((s - mean) / (variance + 1e-8).sqrt()).sigmoid()


def cases():
    def draw(name, *rows, D=3, gradients=True):
        mask = marks(*rows)
        spread = torch.rand(D) * 2 + 0.5
        inputs = {
            "s": torch.randn(*mask.shape, D) * spread + torch.randn(D),
            "mask": mask,
            "alpha": torch.rand(D),
        }
        return Case(name, inputs, gradients)

    padded = ".xx.x", "..xxx", ".x..x", "....x", "xxxxx", "xx.xx"
    yield draw("full histories", "xxxxx", "xxxxx")
    yield draw("padded histories", *padded)
    loud = draw("large numbers under the padding", *padded)
    loud.inputs["s"][~loud.inputs["mask"]] = 1000.0
    yield loud
    yield draw("an empty history", *padded, ".....")
    # At variance 0 the gradient is that of a root at 0, up to eps.
    yield draw("one real position in the batch", ".....", "...x.", gradients=False)
    yield draw("nothing but padding", ".....", ".....", gradients=False)
    yield draw("one user", "xxxxx")
    yield draw("one unit", "xxxxx", "xx.xx", D=1)


@mistake(seen_in="torch-rechub 0.9.0")
def padding_moves_the_statistics(s, mask):
    """mean and variance count the padding too: the same behavior gets another
    activation in a batch with more padding. Only real positions count."""
    yield {"gate": gate_of(s, s.mean((0, 1)), s.var((0, 1), correction=0))}
    zeroed = s.masked_fill(~mask[..., None], 0.0)
    yield {"gate": gate_of(s, zeroed.mean((0, 1)), zeroed.var((0, 1), correction=0))}


@mistake
def unbiased_variance(s, mask):
    """your variance divides by one less than the number of positions. That is the
    estimate for a sample; Dice takes the plain average of the squares."""
    mean, variance = statistics(s, mask)
    count = mask.sum()
    return {"gate": gate_of(s, mean, variance * count / (count - 1).clamp(min=1))}


@mistake
def alpha_on_the_wrong_side(s, mask):
    """the two branches are exchanged: a value far above the mean should pass unchanged,
    one far below should be multiplied by alpha."""
    return {"gate": 1 - gate_of(s, *statistics(s, mask))}


@mistake
def divided_by_the_variance(s, mask):
    """you divide by the variance. To bring the spread to 1, divide by its root, the
    standard deviation."""
    mean, variance = statistics(s, mask)
    return {"gate": ((s - mean) / (variance + 1e-8)).sigmoid()}


@mistake(seen_in="torch-rechub 0.9.0")
def summed_variance(s, mask):
    """your variance is the sum of the squares: it grows with the batch, and the gate
    comes near one half everywhere. Take the mean of the squares."""
    mean, variance = statistics(s, mask)
    return {"gate": gate_of(s, mean, variance * mask.sum())}


@mistake(seen_in="RecBole")
def not_standardized(s, alpha):
    """your gate is the sigmoid of the value itself. In Dice it first has the mean of
    its unit taken away and is divided by the standard deviation: the step moves with
    the data."""
    yield {"gate": s.sigmoid()}
    yield {"gate": s.sigmoid(), "alpha": 0 * alpha}


@mistake
def no_alpha(alpha):
    """alpha has no say in your result: a value below the mean still passes, multiplied
    by alpha."""
    return {"alpha": 0 * alpha}


@mistake
def alpha_alone(s, mask, alpha):
    """below the mean you give alpha itself. It is a slope: it multiplies the value."""
    gate = gate_of(s, *statistics(s, mask))
    return (gate * s + (1 - gate) * alpha).masked_fill(~mask[..., None], 0.0)


@mistake
def one_mean_for_all_units(s, mask):
    """you take one mean and one variance over all units. Each unit has its own: D of
    each."""
    flat = s.flatten(1)[..., None], mask.repeat_interleave(s.shape[-1], 1)
    return {"gate": gate_of(s, *statistics(*flat))}


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


@mistake
def padding_passes(s, mask, alpha):
    """the real positions are right, but padding comes out with a value. It should be
    0."""
    gate = gate_of(s, *statistics(s, mask))
    return gate * s + (1 - gate) * alpha * s


@mistake
def nan_without_positions(s, mask, alpha):
    """only the batch of nothing but padding is wrong: the mean of no number is NaN, and
    NaN times a mask of 0 is NaN. It should give zeros."""
    real = s[mask]  # [positions, D]
    gate = gate_of(s, real.mean(0), (real - real.mean(0)).square().mean(0))
    return (gate * s + (1 - gate) * alpha * s) * mask[..., None]


@rule
def finite_and_zero_on_padding(result, mask):
    if not result.isfinite().all():
        return "your result is NaN or infinite."
    if result[~mask].any():
        return "padding should give 0."
