"""The exercises of the chapter on capsule routing."""

from . import clicks_read, coupling, iteration, label_aware, squash

EXERCISES = (
    squash.EXERCISE,
    coupling.EXERCISE,
    iteration.EXERCISE,
    label_aware.EXERCISE,
    clicks_read.EXERCISE,
)
