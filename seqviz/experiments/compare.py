r"""Is one recommender better than another? Paired over users, with luck as a level.

Two recommenders are asked about the same users, so their difference is taken user by
user. Training has luck of its own: with S seeds each of them is a row.

.. math:: d_{su} = a_{su} - b_{su}, \qquad
   \bar d = \mu + \underbrace{\bar u}_{\text{which users}}
           + \underbrace{\bar s}_{\text{which seeds}}

The users' part is drawn by the bootstrap; there are hundreds of them. The rows are few,
and a bootstrap of three rows is too sure of itself: their part is Student's t with
S - 1 degrees of freedom, times the standard error that the rows add to the users'.

With three rows an interval nearly keeps its 95%, but a p-value far below .05 comes up
several times too often (the chapter on fair tests counts it). So a mark after Holm
speaks of these worlds, not of the next one.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

LEVEL = 0.05  # of a test
_BLOCK = 256  # draws at a time, which bounds the memory to [256, U]


class Comparison(NamedTuple):
    """A paired difference of means with its 95% interval.

    Attributes:
        difference: mean of ``a`` less mean of ``b``.
        low: lower end of the interval.
        high: upper end.
        p_value: two-sided, for no difference.

    Example:
        >>> found = Comparison(difference=0.031, low=0.018, high=0.044, p_value=0.001)
        >>> interval(found)
        '+0.031, 0.018 to 0.044'
    """

    difference: float
    low: float
    high: float
    p_value: float

    @property
    def mark(self) -> str:
        """The sign, "+" or "−", of what is carried: p under .05, zero outside."""
        if self.p_value >= LEVEL or self.low <= 0 <= self.high:
            return ""
        return "+" if self.difference > 0 else "−"

    @property
    def points(self) -> "Comparison":
        """The same in percentage points."""
        return Comparison(*(100 * x for x in self[:3]), self.p_value)


def compare(
    a: np.ndarray | Sequence[np.ndarray],
    b: np.ndarray | Sequence[np.ndarray],
    *,
    users: np.ndarray | Sequence[np.ndarray] | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> Comparison:
    """Compare two recommenders user by user.

    Args:
        a: ``[U]`` values of a metric; or an array ``[S, U]``, a row for each seed; or a
            list of W arrays ``[U_w]`` or ``[S, U_w]``, one for each world (or split) of
            other users; its seeds are averaged, their luck shows between the worlds.
        b: the same of the other; ``[U]`` where it has no seeds (a count has none).
        users: ``[U]`` who each column is, where one person has several: they are drawn
            together; a list of W for worlds. Each column is a person if not given.
        draws: bootstrap samples.
        seed: of the draws.

    With one row the interval is about users only: another seed may give another answer.
    Worlds count alike, however many users each has. A column that is NaN in some row (a
    user without a truth of the kind) is left out.

    Source: bootstrap over users, Efron and Tibshirani 1993, chapters 6 and 13; the
    variance of crossed factors, Owen 2007 (The pigeonhole bootstrap).

    Raises:
        ValueError: the users differ in number, are fewer than two, or a value is
            infinite.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> users = rng.normal(0.2, 0.1, 500)  # the same users twice
        >>> found = compare(users + 0.01, users)
        >>> round(found.difference, 3), found.p_value < 0.05
        (0.01, True)
    """
    rng = np.random.default_rng(seed)
    if isinstance(a, list | tuple) or isinstance(b, list | tuple):
        mean, deviation, rows, spread = _of_worlds(a, b, users, draws, rng)
    else:
        mean, deviation, rows, spread = _of_seeds(a, b, users, draws, rng)
    if rows > 1:
        deviation += spread * rng.standard_t(rows - 1, draws)
    low, high = mean - np.quantile(deviation, [0.975, 0.025])
    beyond = np.mean(deviation >= mean), np.mean(deviation <= mean)
    p_value = min(1.0, 2 * max(min(beyond), 1 / (draws + 1)))
    return Comparison(float(mean), float(low), float(high), float(p_value))


def holm(p_values: Mapping[str, float] | Sequence[float] | pd.Series) -> pd.Series:
    """Return p-values corrected for the number of comparisons in a table.

    The smallest is multiplied by their number m, the next by m - 1, and so on, never
    below the one before and never above 1. Source: Holm 1979.

    Example:
        >>> holm([0.01, 0.04]).tolist()
        [0.02, 0.04]
    """
    p = pd.Series(p_values, dtype=float).sort_values(kind="stable")
    factors = np.arange(len(p), 0, -1)
    corrected = (p * factors).clip(upper=1).cummax()
    return corrected.reindex(pd.Series(p_values, dtype=float).index)


def corrected(comparisons: Mapping[Hashable, Comparison]) -> dict[Any, Comparison]:
    """Return the comparisons with p-values corrected for their number, see ``holm``.

    What one text claims is one family: compare all of it, correct, then speak.

    Example:
        >>> one = Comparison(0.03, 0.01, 0.05, p_value=0.02)
        >>> corrected({"a": one, "b": one})["a"].p_value
        0.04
    """
    p = holm([found.p_value for found in comparisons.values()])
    together = zip(comparisons.items(), p, strict=True)
    return {name: found._replace(p_value=float(q)) for (name, found), q in together}


def _of_seeds(
    a: np.ndarray,
    b: np.ndarray,
    users: np.ndarray | None,
    draws: int,
    rng: np.random.Generator,
) -> tuple[float, np.ndarray, int, float]:
    """Mean, the users' part of its deviation, and how much the S rows add."""
    d, person = _differences(a, b, users)  # [S, U], [U]
    S, U = d.shape
    mean, of_user, of_row = d.mean(), d.mean(0), d.mean(1)
    deviation = _resampled(of_user - mean, person, draws, rng)
    residual = d - of_user - of_row[:, None] + mean
    of_person = np.stack([np.bincount(person, row) for row in residual])  # [S, P]
    P = of_person.shape[1]
    noise = (of_person**2).sum() * P / (P - 1) / (max(S - 1, 1) * S * U**2)
    between = of_row.var(ddof=1) / S - noise if S > 1 else 0.0
    return mean, deviation, S, np.sqrt(max(between, 0.0))


def _of_worlds(
    a: Sequence[np.ndarray],
    b: Sequence[np.ndarray],
    users: Sequence[np.ndarray] | None,
    draws: int,
    rng: np.random.Generator,
) -> tuple[float, np.ndarray, int, float]:
    """Mean, the users' part of its deviation, and how much the W worlds add."""
    if len(a) != len(b):
        raise ValueError(
            f"a and b must hold the same worlds, got {len(a)} and {len(b)}"
        )
    people = [None] * len(a) if users is None else users
    if len(people) != len(a):
        raise ValueError(
            f"users must hold the same worlds as a and b, got {len(people)} and "
            f"{len(a)}"
        )
    worlds = [_differences(*three) for three in zip(a, b, people, strict=True)]
    W = len(worlds)
    d = [values.mean(0) for values, _ in worlds]  # W of [U_w]
    means = np.array([values.mean() for values in d])
    parts = [
        _resampled(values - mean, person, draws, rng)
        for values, mean, (_, person) in zip(d, means, worlds, strict=True)
    ]
    noise = np.mean(
        [
            _of_mean(values - mean, person)
            for values, mean, (_, person) in zip(d, means, worlds, strict=True)
        ]
    )
    noise /= W
    between = means.var(ddof=1) / W - noise if W > 1 else 0.0
    return means.mean(), np.mean(parts, 0), W, np.sqrt(max(between, 0.0))


def _of_mean(centered: np.ndarray, person: np.ndarray) -> float:
    """Variance of the mean of ``[U]`` values that belong to P people."""
    total = np.bincount(person, centered)  # [P]
    P = len(total)
    return float(total @ total * P / (P - 1) / len(centered) ** 2)


def _resampled(
    centered: np.ndarray, person: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Bootstrap deviations ``[draws]`` of the mean of ``[U]`` values with mean 0."""
    size, total = np.bincount(person), np.bincount(person, centered)  # [P]
    P = len(size)
    parts = []
    for block in _blocks(draws):
        drawn = rng.integers(P, size=(block, P))
        parts.append(total[drawn].sum(1) / size[drawn].sum(1))
    return np.concatenate(parts) * np.sqrt(P / (P - 1))


def _differences(
    a: np.ndarray, b: np.ndarray, users: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """``a - b`` as ``[S, U]``, and a number for the person of each column ``[U]``."""
    a, b = (np.atleast_2d(np.asarray(values, dtype=float)) for values in (a, b))
    for name, values in (("a", a), ("b", b)):
        if values.ndim != 2:
            raise ValueError(f"{name} must be [U] or [S, U], got {list(values.shape)}")
        if np.isinf(values).any():
            raise ValueError(f"{name} must be finite or NaN, got infinity")
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"a and b must hold the same users, got {a.shape[1]} and {b.shape[1]}"
        )
    if len(a) != len(b) and 1 not in (len(a), len(b)):
        raise ValueError(
            f"a and b must have the same rows, or one of them one row, "
            f"got {len(a)} and {len(b)}"
        )
    d = a - b
    who = np.arange(d.shape[1]) if users is None else np.asarray(users)
    if who.shape != d.shape[1:]:
        raise ValueError(f"users must be [U] = [{d.shape[1]}], got {list(who.shape)}")
    known = ~np.isnan(d).any(0)
    names, person = np.unique(who[known], return_inverse=True)
    if len(names) < 2:
        raise ValueError(
            f"a and b must share at least 2 users with a value, got {len(names)}"
        )
    return d[:, known], person


def _blocks(total: int) -> list[int]:
    whole, rest = divmod(total, _BLOCK)
    return [_BLOCK] * whole + [rest] * (rest > 0)
