"""The exercises of the self-attention chapter."""

from . import clock, heads, latest, session

EXERCISES = (
    latest.EXERCISE,
    session.EXERCISE,
    heads.EXERCISE,
    clock.EXERCISE,
)
