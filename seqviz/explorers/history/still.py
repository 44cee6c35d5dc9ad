"""The still figure of the history explorer: the clicks, and a list for each reader."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from seqviz.explorers.core.svg import cut, drawing, text

_WIDTH, _LINE = 200, 20


def draw(
    history: Sequence[int],
    titles: Sequence[str],
    scores: Mapping[str, np.ndarray],
    shown: int,
) -> str:
    """Return the clicks and the lists, an SVG each, so that they wrap."""
    clicks = ", ".join(titles[item - 1] for item in history) or "no click yet"
    words = sentence(history, titles, scores)
    lists = "\n".join(
        _list(name, best(of, shown), titles) for name, of in scores.items() if _says(of)
    )
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(words)}">\n'
        f'<p class="sv-drawn-row"><b>History</b> <span>{escape(clicks)}</span></p>\n'
        f'<div class="sv-drawn-tiles">{lists}</div>\n</div>'
    )


def sentence(
    history: Sequence[int], titles: Sequence[str], scores: Mapping[str, np.ndarray]
) -> str:
    """Return what each reader puts first."""
    count = len(history)
    firsts: dict[int, list[str]] = {}
    for name, of in scores.items():
        if _says(of):
            firsts.setdefault(best(of, 1)[0], []).append(name)
    words = "; ".join(
        f"{titles[item - 1]} ({', '.join(names)})" for item, names in firsts.items()
    )
    return f"{count} click{'s' * (count != 1)}. First come {words}."


def _says(scores: np.ndarray) -> bool:
    """Whether a reader tells the items apart."""
    return bool((scores[1:] != scores[1]).any())


def best(scores: np.ndarray, count: int) -> list[int]:
    """Return the items with the largest scores; ties go to the lower id."""
    order = np.argsort(-scores[1:], kind="stable")
    return (1 + order[:count]).tolist()


def _list(name: str, items: Sequence[int], titles: Sequence[str]) -> str:
    shapes = [text(0, 14, name, bold=True)]
    shapes += [
        text(0, 14 + _LINE * place, cut(f"{place} {titles[item - 1]}", 28))
        for place, item in enumerate(items, 1)
    ]
    return drawing(_WIDTH, _LINE * (len(items) + 1) + 4, shapes, style="max-width:100%")
