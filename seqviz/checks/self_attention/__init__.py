"""The exercises of the self-attention chapter."""

from . import heads, latest, session

EXERCISES = (latest.EXERCISE, session.EXERCISE, heads.EXERCISE)
