"""A Plotly chart as HTML that the page draws when it comes into view."""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqviz.figures import tokens

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Height in CSS pixels of a chart that does not say its own.
HEIGHT = 360

#: No buttons, and the wheel scrolls the page.
CONFIG = {"displayModeBar": False, "scrollZoom": False}

#: The table of numbers under a chart stops here.
MOST_ROWS = 40

_DRAW = (Path(__file__).parent / "chart.js").read_text(encoding="utf-8")


def chart_html(figure: "go.Figure", alt: str) -> str:
    """Return the chart as a box with its description, to be drawn by ``charts.js``.

    The box carries the traces and the layout in the light colors; the page knows the
    template and swaps the token colors. Below it stands a table of the numbers, open
    where the chart is not drawn (print, no JavaScript) and folded where it is.
    """
    spec = json.loads(figure.to_json())
    layout = spec.get("layout", {})
    layout.pop("template", None)
    layout.pop("width", None)
    height = layout.get("height", HEIGHT)
    data = json.dumps(
        {"data": spec["data"], "layout": {**layout, "height": height}},
        separators=(",", ":"),
    ).replace("<", "\\u003c")
    return (
        f'<div class="sv-chart-box" role="img" aria-label="{_label(alt)}" '
        f'style="height: {height}px"></div>'
        f'<script type="application/json" class="sv-chart-spec">{data}</script>'
        f"{numbers_html(figure)}"
    )


def drawn_html(figure: "go.Figure", alt: str) -> str:
    """Return the chart with all that draws it, for Colab: no page helps there.

    Plotly, 2 MB when packed, is in it: nothing is asked of another host, and a saved
    notebook shows the chart again. Where no script runs, the numbers stand open.
    """
    spec = json.loads(neutral(figure).to_json())
    spec["layout"].setdefault("height", HEIGHT)
    text = json.dumps({**spec, "config": {**CONFIG, "responsive": True}})
    name = f"sv-chart-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    data = text.replace("<", "\\u003c")
    return (
        f'<div id="{name}" role="img" aria-label="{_label(alt)}"></div>'
        f"{numbers_html(figure)}"
        f'<script type="module">\nconst PLOTLY = "{_plotly_packed()}";\n'
        f'const NAME = "{name}";\nconst SPEC = {data};\n{_DRAW}</script>'
    )


@cache
def _plotly_packed() -> str:
    from plotly.offline import get_plotlyjs

    packed = gzip.compress(get_plotlyjs().encode(), mtime=0)
    return base64.b64encode(packed).decode("ascii")


def neutral(figure: "go.Figure") -> "go.Figure":
    """Return a copy for hosts whose theme is not known: legible on white and black."""
    import plotly.graph_objects as go

    text = figure.to_json()
    for name, color in tokens.NEUTRAL.items():
        text = text.replace(tokens.LIGHT[name], color)
    copy = go.Figure(json.loads(text))
    copy.update_layout(template=tokens.plotly_template(tokens.NEUTRAL))
    return copy


def numbers_html(figure: "go.Figure", folded: bool = False) -> str:
    """Return the numbers of a chart as a table in a fold; nothing when it has none."""
    head, rows = _table(figure)
    if not rows:
        return ""
    left_out = max(0, len(rows) - MOST_ROWS)
    note = f"<p>The first {MOST_ROWS} of {len(rows)} rows.</p>" if left_out else ""
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    columns = map(_texts, zip(*rows[:MOST_ROWS], strict=True))
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>"
        for row in zip(*columns, strict=True)
    )
    return (
        f'<details class="sv-numbers"{"" if folded else " open"}>'
        "<summary>The numbers</summary>"
        '<div class="sv-scroll"><table class="dataframe">'
        f"<thead><tr>{cells}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div>{note}</details>"
    )


def _table(figure: "go.Figure") -> tuple[list[str], list[tuple[Any, ...]]]:
    x_name = figure.layout.xaxis.title.text or "x"
    y_name = figure.layout.yaxis.title.text or "y"
    rows: list[tuple[Any, ...]] = []
    matrix = labeled = False
    for number, trace in enumerate(figure.data, start=1):
        name = trace.name or f"series {number}"
        if trace.type == "heatmap" and trace.z is not None:
            matrix = True
            z = [list(row) for row in trace.z]
            columns = _values(trace.x) or list(range(len(z[0]) if z else 0))
            labels = _values(trace.y) or list(range(len(z)))
            for label, row in zip(labels, z, strict=False):
                rows += [
                    (label, column, value)
                    for column, value in zip(columns, row, strict=False)
                ]
        elif hasattr(trace, "x") and hasattr(trace, "y"):
            xs, ys = _values(trace.x), _values(trace.y)
            xs = xs or list(range(len(ys)))
            said = getattr(trace, "text", None)
            words = [] if isinstance(said, str) else _values(said)
            labeled = labeled or bool(words)
            rows += zip(words or [name] * len(xs), xs, ys, strict=False)
    if matrix:
        return [y_name, x_name, "value"], rows
    if labeled:
        return ["point", x_name, y_name], rows
    if len(figure.data) == 1:
        return [x_name, y_name], [row[1:] for row in rows]
    return ["series", x_name, y_name], rows


def _label(alt: str) -> str:
    return escape(" ".join(alt.split()), quote=True)


def _values(values: Iterable[Any] | None) -> list[Any]:
    return [] if values is None else list(values)


def _texts(column: Sequence[Any]) -> list[str]:
    """Return the cells of a column: its numbers have equally many decimals."""
    numbers = [float(value) for value in column if isinstance(value, Real)]
    short = [f"{number:.4g}" for number in numbers]
    form = ".4g"
    if not any("e" in text for text in short):
        form = f".{max((len(text.partition('.')[2]) for text in short), default=0)}f"
    return [
        format(float(value), form) if isinstance(value, Real) else str(value)
        for value in column
    ]
