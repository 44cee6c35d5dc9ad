"""The exercises of the target-attention chapter."""

from . import itself, scores, seen

EXERCISES = (scores.EXERCISE, itself.EXERCISE, seen.EXERCISE)
