"""The exercises of the DIN chapter."""

from seqviz.checks.din import activation_input, dice, gauc, pooling, split_layer

EXERCISES = (
    activation_input.EXERCISE,
    pooling.EXERCISE,
    dice.EXERCISE,
    gauc.EXERCISE,
    split_layer.EXERCISE,
)
