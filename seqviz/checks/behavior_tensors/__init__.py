"""The exercises of "Behavior as tensors", from a mean to a split without a leak."""

from seqviz.checks.behavior_tensors import last, mean, pad, sessions, split

EXERCISES = (
    mean.EXERCISE,
    last.EXERCISE,
    pad.EXERCISE,
    sessions.EXERCISE,
    split.EXERCISE,
)
