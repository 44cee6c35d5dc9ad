"""A very little shop for the explorer that learns: 40 items, 60 people."""

import numpy as np

from seqviz.explorers.learning.shop import LearningShop

N = 40


def learning_shop(people=60, held_out=20, most=8):
    """Return a shop whose people like 2 of 8 shelves each."""
    rng = np.random.default_rng(3)

    def clicks(length):
        shelves = rng.choice(8, size=2, replace=False)
        return 1 + 5 * rng.choice(shelves, size=length) + rng.integers(0, 5, length)

    rows = [clicks(n).tolist() for n in rng.integers(1, 16, people)]
    last = [
        (clicks(n).tolist(), clicks(3).tolist()) for n in rng.integers(1, 12, held_out)
    ]
    return LearningShop(N, rows, last, most=most)
