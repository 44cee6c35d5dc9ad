"""Sequence attention for recommenders: data, layers, models, figures, checks."""

from typing import TYPE_CHECKING

from seqviz.start import silence_bars, start

if TYPE_CHECKING:
    from pathlib import Path

    from seqviz.report import Saved

silence_bars()

__all__ = ["load", "start"]


def load(folder: "str | Path") -> "Saved":
    """Load the model that ``python -m seqviz report`` has left in a folder.

    Example:
        >>> try:
        ...     load("nowhere")
        ... except FileNotFoundError as error:
        ...     print(str(error).split(";")[0])
        folder must hold config.json, and nowhere does not
    """
    from seqviz.report import load

    return load(folder)
