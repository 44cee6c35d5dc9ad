"""Numbers and verdicts of the worlds explorer, as the page writes them."""

from seqviz.figures.numbers import fixed, with_sign

#: By mark: the sign of a verdict, and its word.
SIGNS = {1: "▲", -1: "▼", 0: "–"}
WORDS = {1: "better", -1: "worse", 0: "not told apart"}


def short(x: float) -> str:
    """Return a number with three digits behind the point: "0.024"."""
    return fixed(x, 3)


def signed(x: float) -> str:
    """Return the same with its sign: "+0.024"."""
    return with_sign(x, 3)


def interval(difference: float, low: float, high: float) -> str:
    """Return "+0.024 (0.010 to 0.038)"."""
    return f"{signed(difference)} ({short(low)} to {short(high)})"


def verdict(mark: int, name: str, against: str) -> str:
    """Return who is better, or that nobody can tell."""
    return f"{name if mark > 0 else against} is better" if mark else "not told apart"
