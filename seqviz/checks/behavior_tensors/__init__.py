"""The exercises of "Behavior as tensors", from a mean to a split without a leak."""

from . import last, mean, pad, sessions, split

EXERCISES = (
    mean.EXERCISE,
    last.EXERCISE,
    pad.EXERCISE,
    sessions.EXERCISE,
    split.EXERCISE,
)
