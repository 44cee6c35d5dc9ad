"""The arithmetic of the gate explorer: mix two vectors, score items, split a score."""

from typing import NamedTuple

import numpy as np

#: How the page may mix, in the order of its buttons.
FUSIONS = ("the gate", "half of each", "session alone", "past alone")


class Mixed(NamedTuple):
    """What a mixture retrieves; N items."""

    gate: np.ndarray
    """``[E]``: the share of the session in each entry."""
    output: np.ndarray
    """``[E]``."""
    from_session: np.ndarray
    """``[N]``: the part of each score that the session brings."""
    from_past: np.ndarray
    """``[N]``: the rest."""
    order: np.ndarray
    """``[N]``: the items, best first; of equal scores the one given first."""


def mix(
    gate: np.ndarray,
    short: np.ndarray,
    long: np.ndarray,
    items: np.ndarray,
    fusion: int = 0,
) -> Mixed:
    """Mix session and past and split every score in two, in float64.

    Args:
        gate, short, long: ``[E]``.
        items: ``[N, E]``.
        fusion: a place in ``FUSIONS``.
    """
    short, long, items = (np.asarray(x, np.float64) for x in (short, long, items))
    share = np.asarray(gate, np.float64)
    if fusion:
        share = np.full_like(share, (0.5, 1.0, 0.0)[fusion - 1])
    session, past = share * short, (1 - share) * long
    from_session, from_past = items @ session, items @ past
    order = np.argsort(-(from_session + from_past), kind="stable")
    return Mixed(share, session + past, from_session, from_past, order)
