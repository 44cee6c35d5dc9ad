"""Sequence attention for recommenders: data, layers, models, figures, checks."""

from typing import TYPE_CHECKING

from seqviz.start import silence_bars, start

if TYPE_CHECKING:
    from pathlib import Path

    from seqviz.report import Saved

silence_bars()

__all__ = ["load", "start"]


def load(folder: "str | Path") -> "Saved":
    """Load the model that ``python -m seqviz report`` has left in a folder."""
    from seqviz.report import load

    return load(folder)
