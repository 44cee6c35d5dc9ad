r"""Planted returns: she comes back to an item, and it is known what that says.

A session has seven clicks. Of an item *a* and what she looked at after it, two rules:

``"followed"``: three pairs, then back to the first item of the first or second pair.
What followed it then follows again.

.. math:: a_1 b_1\; a_2 b_2\; a_3 b_3\; a_j \;\to\; b_j, \qquad j \in \{1, 2\}

``"latest"``: one item and three detours from it. The latest detour comes again.

.. math:: a\, b_1\, a\, b_2\, a\, b_3\, a \;\to\; b_3

All items of a session are different and drawn evenly, so that nothing but the session
itself says what comes next. Under ``"followed"`` the graph of the session has one edge
from :math:`a_j`, to the truth. Under ``"latest"`` the graph is the same whatever the
order of the detours: who reads the graph alone is right in one of three.
"""

from typing import NamedTuple

import numpy as np

from seqviz.arguments import require_choice, require_whole
from seqviz.data.examples import Examples
from seqviz.data.ragged import Ragged

RULES = ("followed", "latest")
PAIRS, CLICKS = 3, 7


class PlantedReturns(NamedTuple):
    """n sessions, and what else could have come.

    Example:
        >>> planted_returns(100)._fields
        ('examples', 'others')
    """

    examples: Examples
    """Seven clicks, then the next item."""
    others: np.ndarray
    """int64 ``[n, 2]``: what follows the other items, or the earlier detours."""


def planted_returns(
    num_sessions: int, *, rule: str = "followed", num_items: int = 240, seed: int = 0
) -> PlantedReturns:
    """Draw sessions by a rule at the head of :mod:`seqviz.data.planted_returns`.

    Args:
        num_sessions: n.
        rule: "followed" or "latest".
        num_items: N, at least 6.
        seed: of the draws.

    Raises:
        TypeError, ValueError: a number is not whole or out of range, or the rule is
            another word.

    Example:
        >>> sessions = planted_returns(100, seed=0)
        >>> len(sessions.examples), sessions.others.shape
        (100, (100, 2))
    """
    require_whole(num_sessions=num_sessions)
    require_whole(low=2 * PAIRS, num_items=num_items)
    require_whole(low=0, seed=seed)
    require_choice(RULES, rule=rule)
    rng = np.random.default_rng(seed)
    n, row = num_sessions, np.arange(num_sessions)
    drawn = 1 + rng.random((n, num_items)).argsort(1)[:, : 2 * PAIRS]
    a, b = drawn[:, :PAIRS], drawn[:, PAIRS:]  # [n, 3] each
    if rule == "followed":
        place = rng.integers(PAIRS - 1, size=n)
    else:
        a = np.repeat(a[:, :1], PAIRS, axis=1)
        place = np.full(n, PAIRS - 1)
    pairs = np.stack([a, b], 2).reshape(n, 2 * PAIRS)
    rows = np.column_stack([pairs, a[row, place], b[row, place]])  # [n, 8]
    begins = row * rows.shape[1]
    cuts = begins + CLICKS
    examples = Examples(
        row,
        np.zeros(n, np.int64),
        Ragged(rows.ravel(), begins, cuts),
        Ragged(rows.ravel(), cuts, cuts + 1),
    )
    others = b[np.arange(PAIRS) != place[:, None]].reshape(n, PAIRS - 1)
    return PlantedReturns(examples, others)
