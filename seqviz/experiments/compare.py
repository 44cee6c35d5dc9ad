r"""Is one recommender better than another? Paired over users, with seeds as a level.

Two recommenders are asked about the same users, so their difference is taken user by
user. Training has luck of its own: with S seeds (or splits) each of them is a row.

.. math:: d_{su} = a_{su} - b_{su}, \qquad
   \bar d = \mu + \underbrace{\bar u}_{\text{which users}}
           + \underbrace{\bar s}_{\text{which seeds}}

The users' part is drawn by the bootstrap; there are hundreds of them. The rows are few,
and a bootstrap of three rows is too sure of itself: their part is Student's t with
S - 1 degrees of freedom, times the standard error that the rows add to the users'.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

_BLOCK = 256  # draws at a time, which bounds the memory to [256, U]


class Comparison(NamedTuple):
    """A paired difference of means with its 95% interval.

    Attributes:
        difference: mean of ``a`` less mean of ``b``.
        low: lower end of the interval.
        high: upper end.
        p_value: two-sided, for no difference.
    """

    difference: float
    low: float
    high: float
    p_value: float


def compare(
    a: np.ndarray, b: np.ndarray, *, draws: int = 10_000, seed: int = 0
) -> Comparison:
    """Compare two recommenders user by user.

    Args:
        a: ``[U]`` values of a metric, or ``[S, U]`` with a row for each seed or split.
        b: the same of the other; ``[U]`` where it has no seeds (a count has none).
        draws: bootstrap samples.
        seed: of the draws.

    With one row the interval is about users only: another seed may give another answer.

    Source: bootstrap over users, Efron and Tibshirani 1993, chapters 6 and 13; the
    variance of crossed factors, Owen 2007 (The pigeonhole bootstrap).

    Raises:
        ValueError: the users differ in number, are fewer than two, or a value is NaN.
    """
    d = _differences(a, b)  # [S, U]
    S, U = d.shape
    mean, of_user, of_row = d.mean(), d.mean(0), d.mean(1)
    rng = np.random.default_rng(seed)
    centered = (of_user - mean) * np.sqrt(U / (U - 1))
    deviation = np.concatenate(
        [
            rng.multinomial(U, np.full(U, 1 / U), size) @ centered / U
            for size in _blocks(draws)
        ]
    )
    if S > 1:
        residual = d - of_user - of_row[:, None] + mean
        noise = (residual**2).sum() / ((S - 1) * (U - 1)) / (S * U)
        between = max(of_row.var(ddof=1) / S - noise, 0.0)
        deviation += np.sqrt(between) * rng.standard_t(S - 1, draws)
    low, high = mean - np.quantile(deviation, [0.975, 0.025])
    beyond = np.mean(deviation >= mean), np.mean(deviation <= mean)
    p_value = min(1.0, 2 * max(min(beyond), 1 / (draws + 1)))
    return Comparison(float(mean), float(low), float(high), float(p_value))


def holm(p_values: Mapping[str, float] | pd.Series) -> pd.Series:
    """Return p-values corrected for the number of comparisons in a table.

    The smallest is multiplied by their number m, the next by m - 1, and so on, never
    below the one before and never above 1. Source: Holm 1979.
    """
    p = pd.Series(p_values, dtype=float).sort_values(kind="stable")
    factors = np.arange(len(p), 0, -1)
    corrected = (p * factors).clip(upper=1).cummax()
    return corrected.reindex(pd.Series(p_values, dtype=float).index)


def _differences(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = (np.atleast_2d(np.asarray(values, dtype=float)) for values in (a, b))
    for name, values in (("a", a), ("b", b)):
        if values.ndim != 2:
            raise ValueError(f"{name} must be [U] or [S, U], got {list(values.shape)}")
        if not np.isfinite(values).all():
            raise ValueError(f"{name} must be finite, got NaN or infinity")
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"a and b must hold the same users, got {a.shape[1]} and {b.shape[1]}"
        )
    if a.shape[1] < 2:
        raise ValueError(f"a must hold at least 2 users, got {a.shape[1]}")
    if len(a) != len(b) and 1 not in (len(a), len(b)):
        raise ValueError(
            f"a and b must have the same rows, or one of them one row, "
            f"got {len(a)} and {len(b)}"
        )
    return a - b


def _blocks(total: int) -> list[int]:
    whole, rest = divmod(total, _BLOCK)
    return [_BLOCK] * whole + [rest] * (rest > 0)
