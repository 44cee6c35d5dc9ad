"""The still figure of the comparison explorer: a line for each test."""

from collections.abc import Sequence

from seqviz.explorers.core.svg import circle, color, cut, path, text, wide_drawing
from seqviz.figures.numbers import with_sign

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 700, 90, 190, 46, 30


def draw(
    tests: Sequence[tuple[float, float, float]],
    names: tuple[str, str],
    reach: float,
    metric: str,
    total: int,
    words: str,
) -> str:
    """Return the figure as an SVG.

    Args:
        tests: mean and ends of each interval; the last asks everybody.
        names: who is ahead on the right of 0, and who on the left.
        reach: where the scale ends on both sides.
        metric: what is compared.
        total: all users.
        words: the figure in a sentence.
    """
    wide = _WIDTH - _LEFT - _RIGHT
    bottom = _TOP + len(tests) * _ROW

    def across(x: float) -> float:
        return _LEFT + wide * (min(max(x, -reach), reach) + reach) / (2 * reach)

    everybody = tests[-1][0]
    shapes = [
        text(_LEFT, 16, f"← {cut(names[1], 24)} ahead", "ink-soft"),
        text(
            _LEFT + wide, 16, f"{cut(names[0], 24)} ahead →", "ink-soft", anchor="end"
        ),
        path(f"M{across(0):.1f} {_TOP - 14}V{bottom}", stroke=color("line")),
        path(
            f"M{across(everybody):.1f} {_TOP - 14}V{bottom}",
            stroke=color("accent"),
            stroke_dasharray="4 4",
        ),
    ]
    for number, (mean, low, high) in enumerate(tests):
        y = _TOP + number * _ROW + 8
        last = number == len(tests) - 1
        name = f"all {total:,}" if last else f"test {number + 1}"
        shapes += [
            text(0, y + 5, name, bold=last),
            path(
                f"M{across(low):.1f} {y}H{across(high):.1f}",
                stroke=color("accent" if last else "ink"),
                stroke_width=4,
            ),
            circle(across(mean), y, 6, fill=color("accent" if last else "ink")),
            text(_WIDTH - _RIGHT + 14, y + 5, verdict(low, high, names), bold=last),
        ]
    label = f"difference in {metric}: {names[0]} less {names[1]}"
    shapes.append(
        text(_LEFT + wide / 2, bottom + 34, label, "ink-soft", anchor="middle")
    )
    for x in (-reach, 0.0, reach):
        anchor = {-reach: "start", reach: "end"}.get(x, "middle")
        shapes.append(
            text(across(x), bottom + 16, _number(x), "ink-soft", anchor=anchor)
        )
    return wide_drawing(_WIDTH, bottom + 42, shapes, words)


def verdict(low: float, high: float, names: tuple[str, str]) -> str:
    """Return who wins, or that nobody does."""
    if low > 0:
        return f"→ {cut(names[0], 20)}"
    return f"← {cut(names[1], 20)}" if high < 0 else "– cannot tell"


def _number(x: float) -> str:
    return with_sign(x, 2) if x else "0"
