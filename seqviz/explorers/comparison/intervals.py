r"""The interval of a paired difference, with draws that a page can make too.

The same as ``seqviz.experiments.compare``, but the random numbers are hashes of a
counter: Python and the page get the same ones, whatever is drawn before.

.. math:: x \leftarrow x \oplus (x \gg 16), \quad x \leftarrow x \cdot \text{odd},
   \quad \ldots \qquad (\text{the finalizer of MurmurHash3, 32 bits})
"""

from typing import Literal

import numpy as np

#: Bootstrap samples of an interval.
DRAWS = 1000
#: What the interval is about.
OVER = ("seeds", "users", "users and seeds")
Over = Literal["seeds", "users", "users and seeds"]

_STEP, _ODD = 0x9E3779B9, (0x85EBCA6B, 0xC2B2AE35)
_WORD = 0xFFFFFFFF


def uniforms(stream: int, count: int) -> np.ndarray:
    """Return the first numbers of a stream, float64 ``[count]`` between 0 and 1."""
    x = np.arange(1, count + 1, dtype=np.uint64) * _STEP + stream * _ODD[0] & _WORD
    for shift, odd in ((16, _ODD[0]), (13, _ODD[1])):
        x = (x ^ x >> shift) * odd & _WORD
    return ((x ^ x >> 16) + 0.5) / 2.0**32


def picks(count: int, draws: int = DRAWS) -> np.ndarray:
    """Return which of ``count`` users each bootstrap sample holds: ``[draws, count]``.

    They are drawn with replacement.
    """
    places = uniforms(0, draws * count) * count
    return places.astype(np.int64).reshape(draws, count)


def students(freedom: int, draws: int = DRAWS) -> np.ndarray:
    """Return numbers of Student's t distribution, ``[draws]``. Source: Bailey 1994."""
    u, v = uniforms(1, draws), uniforms(2, draws)
    return np.sqrt(freedom * (u ** (-2 / freedom) - 1)) * np.cos(2 * np.pi * v)


def interval(
    d: np.ndarray, over: Over, student: float, picked: np.ndarray
) -> tuple[float, float, float]:
    """Return the mean difference and the ends of its 95% interval.

    Args:
        d: differences ``[S, U]``, a row for each seed.
        over: what could have been others: the seeds, the users, or both.
        student: the .975 quantile of Student's t with S - 1 degrees of freedom; with
            one seed it is not used, and an interval over seeds is a point.
        picked: of ``picks(U)``.
    """
    S, U = d.shape
    mean, of_user, of_seed = d.mean(), d.mean(0), d.mean(1)
    if over == "seeds":
        half = student * of_seed.std(ddof=1) / np.sqrt(S) if S > 1 else 0.0
        return float(mean), float(mean - half), float(mean + half)
    centered = (of_user - mean) * np.sqrt(U / (U - 1))
    deviation = centered[picked].mean(1)
    if S > 1 and over == "users and seeds":
        residual = d - of_user - of_seed[:, None] + mean
        noise = (residual**2).sum() / ((S - 1) * (U - 1)) / (S * U)
        between = max(of_seed.var(ddof=1) / S - noise, 0.0)
        deviation = deviation + np.sqrt(between) * students(S - 1, len(picked))
    low, high = mean - np.quantile(deviation, [0.975, 0.025])
    return float(mean), float(low), float(high)
