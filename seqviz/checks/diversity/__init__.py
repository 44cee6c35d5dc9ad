"""The exercises of the diversity chapter."""

from . import gains, places, share

EXERCISES = (share.EXERCISE, gains.EXERCISE, places.EXERCISE)
