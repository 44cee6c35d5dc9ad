"""The exercises of the einsum chapter, from three operands to the order of a chain."""

from seqviz.checks.einsum import cheapest_order, gated, head_scores, off_diagonal, pairs

EXERCISES = (
    gated.EXERCISE,
    head_scores.EXERCISE,
    off_diagonal.EXERCISE,
    pairs.EXERCISE,
    cheapest_order.EXERCISE,
)
