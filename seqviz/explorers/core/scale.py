"""The one sequential scale of the book as colors, for the page and still figures."""

from collections.abc import Sequence

from seqviz.figures import tokens


def palette(steps: int = 9) -> list[str]:
    """Return the colors from the lowest to the highest number, evenly spaced."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    colors = colormaps[tokens.SEQUENTIAL]
    return [to_hex(colors(step / (steps - 1))) for step in range(steps)]


def tint(share: float, palette: Sequence[str]) -> str:
    """Return the color at ``share`` (0 to 1) of the palette; "" for exactly 0."""
    return color_at(share, palette) if share > 0 else ""


def color_at(share: float, palette: Sequence[str]) -> str:
    """Return the color at ``share`` (0 to 1) of the palette as ``#rrggbb``."""
    place = min(max(share, 0), 1) * (len(palette) - 1)
    low = min(int(place), len(palette) - 2)
    ends = [
        [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        for color in palette[low : low + 2]
    ]
    mixed = [round(a + (b - a) * (place - low)) for a, b in zip(*ends, strict=True)]
    return "#" + "".join(f"{part:02x}" for part in mixed)
