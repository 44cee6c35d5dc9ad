"""The exercises of the dual-attention chapter."""

from . import interest, pooling, through

EXERCISES = (pooling.EXERCISE, through.EXERCISE, interest.EXERCISE)
