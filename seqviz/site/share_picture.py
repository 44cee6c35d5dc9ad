"""The picture that a shared link shows: the figure of the front page, 1200 by 630.

It is drawn from the state that the page carries, so it shows the numbers of this build.
"""

import json
import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seqviz.explorers.core.arrays import masked_softmax
from seqviz.explorers.core.codec import decode
from seqviz.explorers.one_list.still import pick
from seqviz.figures import interest_color, interest_sign, tokens

SIZE = (1200, 630)
NAME = "share.png"
_STATE = re.compile(
    r"data-module=\"one_list\".*?class=\"sv-state\">(.*?)</script>", re.S
)


class Front(NamedTuple):
    """What the figure of the front page shows."""

    clicks: list[str]
    weights: np.ndarray
    """``[K, T]``"""
    listed: list[tuple[str, int]]
    """Names, each with the interest that it stands there for."""


def front(html: str) -> Front | None:
    """Read the figure of a page; None where there is none."""
    found = _STATE.search(html)
    if found is None:
        return None
    state = json.loads(found[1])
    ids, logits, vectors = (
        decode(state[name]) for name in ("item_ids", "logits", "vectors")
    )
    weights = masked_softmax(logits.astype(np.float64), ids > 0)
    titles = state["titles"]
    listed = pick(ids, weights, vectors, state["length"])
    real = np.flatnonzero(ids > 0)
    return Front(
        [titles[ids[t]] for t in real],
        weights[:, real],
        [(titles[item], interest) for item, interest in listed],
    )


def write(out: Path, title: str) -> None:
    """Write the picture of a built site, where its front page has the figure."""
    page = out / "intro.html"
    shown = front(page.read_text(encoding="utf-8")) if page.exists() else None
    if shown:
        draw(out / NAME, title, shown)


def draw(path: Path, title: str, shown: Front) -> None:
    """Write the picture: the clicks, the weights below them, the list."""
    import matplotlib.pyplot as plt
    from matplotlib.patches import FancyBboxPatch, Rectangle

    ink, soft = tokens.LIGHT["ink"], tokens.LIGHT["ink-soft"]
    figure = plt.figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), layout="none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, SIZE[0]), ylim=(SIZE[1], 0))
    axis.axis("off")
    say = partial(axis.text, va="center")
    say(60, 78, title, size=30, weight="bold", color=ink)
    asks = "A runnable book. Touch a click: what does the list lose?"
    say(60, 132, asks, size=19, color=soft)
    step = (SIZE[0] - 120) / max(len(shown.clicks), 1)
    wide = step - 18
    full = float(shown.weights.max(initial=0)) or 1.0
    for t, name in enumerate(shown.clicks):
        left = 60 + t * step
        tile = FancyBboxPatch(
            (left, 185),
            wide,
            74,
            boxstyle="round,pad=0,rounding_size=8",
            facecolor=tokens.LIGHT["tile"],
            edgecolor=tokens.LIGHT["line"],
        )
        axis.add_patch(tile)
        words = "\n".join(name.split(" ", 1)) if len(name) > 14 else name
        say(left + wide / 2, 222, words, size=15, color=ink, ha="center")
        for k, weight in enumerate(shown.weights[:, t]):
            top, color = 276 + 26 * k, interest_color(k)
            say(left + 2, top + 8, interest_sign(k), size=11, color=color)
            length = weight / full * (wide - 26)
            axis.add_patch(Rectangle((left + 24, top), length, 16, color=color))
    bottom = 276 + 26 * len(shown.weights) + 40
    say(60, bottom, "The list", size=19, weight="bold", color=ink)
    for place, (name, interest) in enumerate(shown.listed[:6]):
        x, y = 60 + 370 * (place % 3), bottom + 48 + 44 * (place // 3)
        sign, color = interest_sign(interest), interest_color(interest)
        say(x, y, sign, size=16, color=color)
        say(x + 30, y, name, size=18, color=ink)
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)
