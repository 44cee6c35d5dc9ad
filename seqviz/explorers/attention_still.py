"""The still figure of the attention explorer, and the arithmetic it shows."""

from collections.abc import Sequence
from hashlib import sha256
from html import escape
from textwrap import shorten

import numpy as np

from seqviz.explorers.scale import tint
from seqviz.figures import tokens

DEFAULT_CAPTION = (
    "A row of the heat map is a query, a column is a behavior that it may read. Pick "
    "a query: the bars under the tiles are its row. Lower the temperature: which bar "
    "takes everything, and which query changes its mind least?"
)
PADDING = "padding"

_WIDTH, _LABEL, _FACE, _GAP, _TILE = 700, 190, 44, 8, 110
_COLUMNS = (_WIDTH + _GAP) // (_TILE + _GAP)
_HATCH = (
    '<pattern id="{id}" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><path d="M0 0V6" stroke="{ink}"/></pattern>'
)


def masked_softmax(logits: np.ndarray, readable: np.ndarray) -> np.ndarray:
    """Return weights ``[Q, T]``: softmax over the readable, exactly 0 elsewhere."""
    top = np.where(readable, logits, -np.inf).max(axis=1, keepdims=True, initial=-1e300)
    weights = np.where(readable, np.exp(np.minimum(logits - top, 0)), 0.0)
    total = weights.sum(axis=1, keepdims=True)
    return weights / np.where(total > 0, total, 1)


def named(titles: Sequence[str], real: np.ndarray) -> list[str]:
    """Return the titles with padding called padding."""
    return [
        title if kept else PADDING for title, kept in zip(titles, real, strict=True)
    ]


def heights(
    length: int, num_queries: int, asking: int, switches: int
) -> tuple[int, int]:
    """Return the height of the live figure in a column of 330 and of 700 pixels.

    Args:
        length: T.
        num_queries: Q.
        asking: how many queries have tiles of their own, 0 where the behaviors ask.
        switches: how many masks can be switched.
    """
    tiles = -(-length // 3) * 66 + 54
    if asking:
        tiles += -(-asking // 3) * 56 + 20

    def heat(width: float) -> float:
        return 89 + num_queries * min(32.0, max(16.0, (width - 112) / length))

    wide = 222 + (48 if switches > 1 else 0) + max(tiles, heat(321))
    return round(354 + tiles + heat(316)), round(wide)


def draw(
    weights: np.ndarray,
    readable: np.ndarray,
    titles: Sequence[str],
    asking: Sequence[str],
    query: int,
    palette: Sequence[str],
) -> str:
    """Return an SVG: the tiles with the bars of one query, and the whole heat map.

    Args:
        weights: ``[Q, T]``.
        readable: ``[Q, T]``, bool.
        titles: T names.
        asking: Q names.
        query: the row whose bars are drawn.
        palette: colors from low to high.
    """
    words = sentence(asking[query], weights[query], titles)
    mark = f"sv-hatch-{sha256(words.encode() + weights.tobytes()).hexdigest()[:8]}"
    shapes = [_HATCH.format(id=mark, ink=_color("hatch")), _text(0, 14, words)]
    full = float(weights[query].max(initial=0)) or 1.0
    top = 30
    for place, title in enumerate(titles):
        x = (place % _COLUMNS) * (_TILE + _GAP)
        y = top + (place // _COLUMNS) * (_FACE + 22)
        length = (_TILE - 4) * float(weights[query, place]) / full
        shapes.append(
            f'<g transform="translate({x} {y})"><rect x=".5" y=".5" '
            f'width="{_TILE - 1}" height="{_FACE - 1}" rx="6" fill="none" '
            f'stroke="{_color("line")}"/>{_text(7, 17, str(place + 1), "ink-soft")}'
            f"{_text(7, 35, shorten(title, 14, placeholder='…'))}"
            f'<rect x="2" y="{_FACE + 4}" width="{length:.1f}" height="6" '
            f'fill="{_color("ink")}"/></g>'
        )
    top += -(-len(titles) // _COLUMNS) * (_FACE + 22) + 22
    cell = min(26.0, (_WIDTH - _LABEL) / len(titles))
    for key in range(len(titles)):
        x = _LABEL + cell * (key + 0.5)
        shapes.append(
            f'<text x="{x:.1f}" y="{top - 5}" font-size="12" text-anchor="middle" '
            f'fill="{_color("ink-soft")}">{key + 1}</text>'
        )
    highest = float(weights.max(initial=0)) or 1.0
    for row, name in enumerate(asking):
        y = top + row * cell
        label = f"{row + 1} {shorten(name, 24, placeholder='…')}"
        shapes.append(_text(0, y + cell / 2 + 4, label, bold=row == query))
        for key in range(len(titles)):
            fill = (
                f"url(#{mark})"
                if not readable[row, key]
                else tint(weights[row, key] / highest, palette)
            )
            if fill:
                shapes.append(
                    f'<rect x="{_LABEL + key * cell:.1f}" y="{y:.1f}" '
                    f'width="{cell - 1:.1f}" height="{cell - 1:.1f}" fill="{fill}"/>'
                )
    y = top + len(asking) * cell + 20
    shapes.append(_legend(y, highest, palette, mark, bool((~readable).any())))
    tall = round(y + 16)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {tall}" '
        f'width="{_WIDTH}" height="{tall}" role="img" aria-label="{escape(words)}" '
        f'font-family="sans-serif" font-size="13">\n' + "\n".join(shapes) + "\n</svg>"
    )


def sentence(query: str, row: np.ndarray, titles: Sequence[str]) -> str:
    """Return what a query reads: its three largest weights in words."""
    order = [int(key) for key in np.argsort(-row, kind="stable")[:3] if row[key] > 0]
    if not order:
        return f"Query {query}: nothing to read, every weight is 0."
    parts = [f"{row[key]:.0%} on {titles[key]}" for key in order]
    return f"Query {query}: {', '.join(parts)}."


def _legend(
    y: float, highest: float, palette: Sequence[str], mark: str, masked: bool
) -> str:
    steps = 24
    shapes = [
        f'<rect x="{_LABEL + 5 * n}" y="{y - 9}" width="5" height="10" '
        f'fill="{tint((n + 1) / steps, palette)}"/>'
        for n in range(steps)
    ]
    shapes += [
        _text(_LABEL - 70, y, "weight  0", "ink-soft", 12),
        _text(_LABEL + 5 * steps + 6, y, f"{highest:.2g}", "ink-soft", 12),
    ]
    if masked:
        x = _LABEL + 5 * steps + 60
        shapes += [
            f'<rect x="{x}" y="{y - 9}" width="16" height="10" fill="url(#{mark})"/>',
            _text(x + 22, y, "masked", "ink-soft", 12),
        ]
    return "".join(shapes)


def _text(
    x: float, y: float, text: str, ink: str = "ink", size: int = 13, bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x}" y="{y:.0f}" font-size="{size}"{weight} fill="{_color(ink)}">'
        f"{escape(text)}</text>"
    )


def _color(name: str) -> str:
    return f"var(--sv-{name},{tokens.LIGHT[name]})"
