"""The still figures of a report, as SVG in the colors of its page."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from seqviz.figures import tokens
from seqviz.figures.svg import themed_svg
from seqviz.report.description import Description, day
from seqviz.report.verdict import NAME, Verdict

INK, SOFT, LINE = (tokens.LIGHT[name] for name in ("ink", "ink-soft", "line"))


def lead_chart(verdict: Verdict) -> str:
    """Each method's difference to the leader with its interval; "" with one method."""
    rows = [row for row in verdict.rows if row.gap is not None][::-1]
    if not rows:
        return ""
    figure = Figure(figsize=(6.4, 0.9 + 0.28 * len(rows)))
    axes = figure.subplots()
    for place, row in enumerate(rows):
        sound = bool(row.gap.mark) and not row.method.cut_off
        color = INK if sound else SOFT
        axes.plot([row.gap.low, row.gap.high], [place] * 2, color=color)
        filled = color if sound else tokens.PAGE_IN_SVG
        axes.plot(
            [row.gap.difference], [place], "o", color=color, mfc=filled, mec=color
        )
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_yticks(range(len(rows)), [row.method.name for row in rows])
    axes.tick_params(axis="y", labelcolor=INK, length=0)
    axes.grid(axis="x")
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"{NAME}, less that of {verdict.leader.name}")
    words = ", ".join(f"{r.method.name} {r.gap.difference:+.3f}" for r in rows[::-1])
    return themed_svg(figure, f"Differences to {verdict.leader.name}: {words}.")


def time_chart(description: Description, moments: Sequence[int]) -> str:
    """The events over time, with the two moments at which the log was cut."""
    figure = Figure(figsize=(6.4, 2.4))
    axes = figure.subplots()
    begins, events = description.begins, description.events
    width = begins[1] - begins[0]
    axes.bar(begins, events, width=0.85 * width, align="edge", color=LINE)
    for place, name in zip(moments, ("validation", "test"), strict=False):
        axes.axvline(place, color=INK, linewidth=1, linestyle="--")
        axes.annotate(
            f"{name} ", (place, 1.02), xycoords=("data", "axes fraction"),
            ha="right" if name == "validation" else "left", color=INK, fontsize=9.75,
        )  # fmt: skip
    ticks = np.linspace(begins[0], begins[-1] + width, 4)
    axes.set_xticks(ticks, [day(tick) for tick in ticks])
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel(f"events in {_stretch(width)}")
    return themed_svg(
        figure,
        f"Events over time, from {day(begins[0])}: {int(events.min()):,} to "
        f"{int(events.max()):,} in {_stretch(width)}.",
    )


def _stretch(seconds: float) -> str:
    """A length of time in the unit that suits it: "6.2 days"."""
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} seconds"


def popularity_chart(description: Description) -> str:
    """Which share of the events the most frequent items hold."""
    figure = Figure(figsize=(6.4, 2.4))
    axes = figure.subplots()
    shares = description.popularity.cumsum() / description.popularity.sum()
    items = np.arange(1, len(shares) + 1) / len(shares)
    few = np.unique(np.linspace(0, len(shares) - 1, 200).astype(int))
    axes.plot(np.append(0, items[few]), np.append(0, shares[few]), color=INK)
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle="--")
    axes.annotate("all items alike", (0.72, 0.6), color=SOFT, fontsize=9.75)
    axes.set(
        xlabel="share of the items, the most frequent first", ylabel="share of events"
    )
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.yaxis.set_major_formatter("{x:.0%}")
    half = float(items[int(np.searchsorted(shares, 0.5))])
    return themed_svg(figure, f"{half:.1%} of the items hold half of the events.")
