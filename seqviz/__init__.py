"""Sequence attention for recommenders: data, layers, models, figures, checks."""

from seqviz.runtime import start

__all__ = ["start"]
