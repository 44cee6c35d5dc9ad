"""Still figures in the one look of the book: tokens, Matplotlib and Plotly."""

from seqviz.figures import tokens

__all__ = ["tokens"]
