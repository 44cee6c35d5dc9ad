"""The exercises of the self-attention chapter."""

from seqviz.checks.self_attention import clock, heads, latest, session

EXERCISES = (
    latest.EXERCISE,
    session.EXERCISE,
    heads.EXERCISE,
    clock.EXERCISE,
)
