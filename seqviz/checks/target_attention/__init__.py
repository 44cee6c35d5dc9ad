"""The exercises of the target-attention chapter."""

from seqviz.checks.target_attention import itself, scores, seen

EXERCISES = (scores.EXERCISE, itself.EXERCISE, seen.EXERCISE)
