"""The exercises of the dual-attention chapter."""

from seqviz.checks.dual_attention import interest, pooling, through

EXERCISES = (pooling.EXERCISE, through.EXERCISE, interest.EXERCISE)
