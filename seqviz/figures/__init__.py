"""Still figures in the one look of the book: tokens, Matplotlib and Plotly."""

from seqviz.figures import tokens
from seqviz.figures.display import show, use_style
from seqviz.figures.histories import show_history
from seqviz.figures.sketches import Sketch
from seqviz.figures.tables import show_table
from seqviz.figures.tokens import ink_on, interest_color, interest_sign
from seqviz.figures.weights import draw_bars, draw_weights

use_style()

__all__ = [
    "Sketch",
    "draw_bars",
    "draw_weights",
    "ink_on",
    "interest_color",
    "interest_sign",
    "show",
    "show_history",
    "show_table",
    "tokens",
    "use_style",
]
