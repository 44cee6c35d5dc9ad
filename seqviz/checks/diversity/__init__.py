"""The exercises of the diversity chapter."""

from seqviz.checks.diversity import gains, places, share

EXERCISES = (share.EXERCISE, gains.EXERCISE, places.EXERCISE)
