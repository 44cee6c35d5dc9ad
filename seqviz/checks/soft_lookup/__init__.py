"""The exercises of the soft look-up chapter, from a one-liner to a small project."""

from seqviz.checks.soft_lookup import backward, before, distance, draws, reach

EXERCISES = (
    distance.EXERCISE,
    reach.EXERCISE,
    before.EXERCISE,
    backward.EXERCISE,
    draws.EXERCISE,
)
