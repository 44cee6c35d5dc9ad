"""Sketches of a model: boxes with words, and arrows between them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqviz.figures import tokens

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Point = tuple[float, float]


class Sketch:
    """An empty sheet for boxes, arrows and words, to be shown as ``sketch.figure``.

    Args:
        size: width and height in inches.
        x, y: the ends of the two axes, which are not drawn.

    Example:
        >>> sketch = Sketch(size=(6, 2), x=(0, 3), y=(0, 1))
        >>> sketch.figure.get_size_inches().tolist()
        [6.0, 2.0]
    """

    figure: "Figure"

    def __init__(self, size: Point, x: Point, y: Point) -> None:
        import matplotlib.pyplot as plt

        self.figure, self.axis = plt.subplots(figsize=size)
        self.axis.set(xlim=x, ylim=y)
        self.axis.axis("off")

    def box(
        self, place: Point, words: str, *, strong: bool = False, wide: bool = False
    ) -> None:
        """A box around words: in ink if ``strong``, with more room if ``wide``."""
        edge = tokens.LIGHT["ink" if strong else "line"]
        style = f"round,pad={0.45 if wide else 0.35}"
        box = {"boxstyle": style, "facecolor": "none", "edgecolor": edge}
        self.axis.text(*place, words, ha="center", va="center", bbox=box)

    def words(self, place: Point, words: str, side: str = "left") -> None:
        """Words that begin at the place (``left``), end there (``right``) or center."""
        self.axis.text(*place, words, ha=side, va="center")

    def arrow(self, start: Point, end: Point, *, faint: bool = False) -> None:
        """An arrow from one point to another."""
        ink = tokens.LIGHT["line" if faint else "ink"]
        style = {"arrowstyle": "->", "color": ink}
        self.axis.annotate("", end, start, arrowprops=style)

    def line(self, points: Sequence[Point], *, dotted: bool = False) -> None:
        """A thin line through the points, behind everything."""
        style = ":" if dotted else "-"
        self.axis.plot(
            *zip(*points, strict=True),
            style,
            color=tokens.LIGHT["line"],
            linewidth=1,
            zorder=0,
        )
