"""Words that a comparison has to carry, or the page is not built."""

import math

import pandas as pd

from seqviz.experiments.compare import Comparison

_UP = {"better", "more", "higher", "above", "larger", "further", "ahead"}
_DOWN = {"worse", "less", "fewer", "lower", "below", "smaller", "behind"}
_NEITHER = {"alike", "not told apart"}


class NotCarried(AssertionError):
    """The numbers do not carry the word.

    Example:
        >>> nothing = Comparison(0.001, -0.01, 0.012, p_value=0.8)
        >>> try:
        ...     claim("better", nothing)
        ... except NotCarried as error:
        ...     print("not carried")
        not carried
    """


def claim(word: str, comparison: Comparison, *, digits: int = 3) -> str:
    """Return a word with its numbers, "better (+0.031, 0.018 to 0.044)".

    An interval is of one comparison alone, the word of all that were corrected with it.
    Where the two disagree the corrected p-value stands beside them.

    Args:
        word: better, more, higher, above, larger, further, ahead; worse, less, fewer,
            lower, below, smaller, behind; or alike, not told apart.
        comparison: of what the sentence speaks of with what it is compared with; where
            there are several, one of ``corrected``.
        digits: after the point, as :func:`interval` has them.

    Raises:
        NotCarried: the interval or the p-value does not carry the word.
        ValueError: another word.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> with_it, without = rng.normal(0.3, 0.1, 500), rng.normal(0.2, 0.1, 500)
        >>> claim("better", compare(with_it, without), digits=2)
        'better (+0.10, 0.09 to 0.12)'
    """
    for words, mark in ((_UP, "+"), (_DOWN, "−"), (_NEITHER, "")):
        if word in words:
            if comparison.mark != mark:
                raise NotCarried(f"{word!r} is not carried by {comparison}")
            said = interval(comparison, digits)
            if not mark and not comparison.low <= 0 <= comparison.high:
                said += f"; p = {comparison.p_value:.2g} after Holm"
            return f"{word} ({said})"
    raise ValueError(f"word must be one that a test can carry, got {word!r}")


def interval(comparison: Comparison, digits: int = 3) -> str:
    """Return "+0.031, 0.018 to 0.044": a difference and its 95% interval.

    A dash where there is none: a table's row of what the others are compared with.
    Where one of the three would round to 0 they get a digit more, or two, so that an
    end keeps its sign.

    Args:
        comparison: a difference with its interval.
        digits: after the point.

    Example:
        >>> interval(Comparison(0.031, 0.018, 0.044, p_value=0.001))
        '+0.031, 0.018 to 0.044'
        >>> interval(Comparison(0.42, -0.03, 0.87, p_value=0.07), digits=1)
        '+0.42, -0.03 to 0.87'
    """
    numbers = comparison[:3]
    if math.isnan(comparison.difference):
        return "–"
    enough = (
        d for d in range(digits, digits + 3) if all(round(x, d) for x in numbers if x)
    )
    digits = next(enough, digits)
    difference, low, high = (round(x, digits) + 0.0 for x in numbers)  # no -0.0
    return f"{difference:+.{digits}f}, {low:.{digits}f} to {high:.{digits}f}"


def comparison_in(table: pd.DataFrame, model: str) -> Comparison:
    """Return what a row of ``StoredStudy.table`` holds; its p-value is corrected.

    Raises:
        KeyError: the table has no such row.

    Example:
        >>> import pandas as pd
        >>> row = {"difference": 0.031, "low": 0.018, "high": 0.044, "p": 0.001}
        >>> table = pd.DataFrame([row], index=["ComiRec-SA"])
        >>> interval(comparison_in(table, "ComiRec-SA"))
        '+0.031, 0.018 to 0.044'
    """
    return Comparison(*table.loc[model, ["difference", "low", "high", "p"]])
