"""The still figure of the alignment explorer: the matrix and what is given back."""

from collections.abc import Sequence
from html import escape

from seqviz.explorers.alignment.reading import Reading
from seqviz.explorers.core.scale import tint
from seqviz.explorers.core.svg import color, cut, drawing, rect, text

_QUESTION, _CELL, _HIGH, _ANSWER = 110, 34, 24, 170


def draw(
    reading: Reading,
    history: Sequence[int],
    questions: Sequence[str],
    answers: Sequence[str],
    name: str,
    palette: Sequence[str],
) -> str:
    """Return an SVG: a row a question, a column a click, the answer at its end.

    Args:
        history: the clicks that are read, as places of items.
        name: of the reader.
        palette: colors from weight 0 to 1.
    """
    count = len(history)
    words = sentence(reading, name)
    shapes = [text(0, 14, words)]
    top = 56
    shapes.append(text(0, top - 6, "question ↓ click →", "ink-soft", size=12))
    for t in range(count):
        x = _QUESTION + _CELL * (t + 0.5)
        shapes.append(
            text(x, top - 6, str(t + 1), "ink-soft", size=12, anchor="middle")
        )
    for row, question in enumerate(reading.asked):
        y = top + row * _HIGH
        shapes.append(text(0, y + 16, cut(questions[question], 15)))
        for t, weight in enumerate(reading.weights[row]):
            frame = {"fill": tint(float(weight), palette) or "none"}
            if history[t] // len(answers) == question:
                frame |= {"stroke": color("ink"), "stroke_width": 2}
            x = _QUESTION + t * _CELL
            shapes.append(rect(x + 2, y + 2, _CELL - 4, _HIGH - 4, **frame))
        said = f"{answers[reading.answers[row]]}, {_verdict(reading, row)}"
        shapes.append(text(_QUESTION + count * _CELL + 10, y + 16, said))
    clicks = ", ".join(
        f"{t + 1} {questions[place // len(answers)]} {answers[place % len(answers)]}"
        for t, place in enumerate(history)
    )
    return (
        f'<div class="sv-drawn" role="img" aria-label="{escape(words)}">\n'
        + drawing(
            _QUESTION + count * _CELL + _ANSWER,
            top + count * _HIGH + 8,
            shapes,
            style="max-width:100%",
        )
        + f'\n<p class="sv-hint">Clicks: {escape(clicks)}.</p></div>'
    )


def sentence(reading: Reading, name: str) -> str:
    """Return how much a reader gives back."""
    count = int((reading.answers == reading.right).sum())
    return f"{name}: {count} of {len(reading.right)} clicks are given back."


def _verdict(reading: Reading, row: int) -> str:
    return "right" if reading.answers[row] == reading.right[row] else "wrong"
