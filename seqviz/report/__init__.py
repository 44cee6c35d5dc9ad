"""Anyone's log through every method of the book: a page, and a model to take along.

Needs the extras ``logs`` and ``report``.
"""

from seqviz.report.saved import NotAModel, Saved, load

__all__ = ["NotAModel", "Saved", "load"]
