"""How attention flows through a stack: from one place back to the history."""

import numpy as np


def flow(weights: np.ndarray, place: int) -> np.ndarray:
    """Return what reaches a place, from the output down to the input: ``[L + 1, P]``.

    Row 0 is 1 at the place itself. Each further row is the one before times the
    weights of a block, the last block first: the shares of the outputs of the block
    below, and in the last row those of the history. Residuals are left out.

    Args:
        weights: ``[L, P, P]``, of each block, a row for who reads.
        place: who asks.

    Source: attention rollout, Abnar and Zuidema 2020 (arXiv 2005.00928), section 3,
    without its half for the residual.
    """
    rows = [np.eye(weights.shape[1])[place]]
    for block in weights[::-1].astype(np.float64):
        rows.append(rows[-1] @ block)
    return np.stack(rows)
