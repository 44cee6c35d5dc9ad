"""Sequence attention for recommenders: data, layers, models, figures, checks."""

from seqviz.start import silence_bars, start

silence_bars()

__all__ = ["start"]
