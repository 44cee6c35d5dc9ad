"""Words that a comparison has to carry, or the page is not built."""

from seqviz.experiments.compare import Comparison

_UP = {"better", "more", "higher", "above", "larger", "further", "ahead"}
_DOWN = {"worse", "less", "fewer", "lower", "below", "smaller", "behind"}
_NEITHER = {"alike", "not told apart"}


class NotCarried(AssertionError):
    """The numbers do not carry the word."""


def claim(word: str, comparison: Comparison, *, digits: int = 3) -> str:
    """Return a word with its numbers, "better (+0.031, 0.018 to 0.044)".

    Args:
        word: better, more, higher, above, larger, further, ahead; worse, less, fewer,
            lower, below, smaller, behind; or alike, not told apart.
        comparison: of what the sentence speaks of with what it is compared with; where
            there are several, one of ``corrected``.
        digits: after the point.

    Raises:
        NotCarried: the interval or the p-value does not carry the word.
        ValueError: another word.
    """
    for words, mark in ((_UP, "+"), (_DOWN, "−"), (_NEITHER, "")):
        if word in words:
            if comparison.mark != mark:
                raise NotCarried(f"{word!r} is not carried by {comparison}")
            return f"{word} ({interval(comparison, digits)})"
    raise ValueError(f"word must be one that a test can carry, got {word!r}")


def interval(comparison: Comparison, digits: int = 3) -> str:
    """Return "+0.031, 0.018 to 0.044": a difference and its 95% interval."""
    difference, low, high, _ = comparison
    return f"{difference:+.{digits}f}, {low:.{digits}f} to {high:.{digits}f}"
