"""The exercises of the chapter on capsule routing."""

from seqviz.checks.routing import clicks_read, coupling, iteration, label_aware, squash

EXERCISES = (
    squash.EXERCISE,
    coupling.EXERCISE,
    iteration.EXERCISE,
    label_aware.EXERCISE,
    clicks_read.EXERCISE,
)
