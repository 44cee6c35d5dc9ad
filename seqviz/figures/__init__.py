"""Still figures in the one look of the book: tokens, Matplotlib and Plotly."""

from seqviz.figures import tokens
from seqviz.figures.display import show, use_style
from seqviz.figures.histories import show_history
from seqviz.figures.tokens import ink_on, interest_color, interest_sign

use_style()

__all__ = [
    "ink_on",
    "interest_color",
    "interest_sign",
    "show",
    "show_history",
    "tokens",
    "use_style",
]
