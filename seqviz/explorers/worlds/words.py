"""Numbers and verdicts of the worlds explorer, as the page writes them."""

from decimal import ROUND_HALF_UP, Decimal

#: By mark: the sign of a verdict, and its word.
SIGNS = {1: "▲", -1: "▼", 0: "–"}
WORDS = {1: "better", -1: "worse", 0: "cannot tell"}


def short(x: float) -> str:
    """Return a number with three digits behind the point and no 0 before it: ".024"."""
    # A tie goes away from 0, as in the page.
    text = str(Decimal(float(x)).quantize(Decimal("0.001"), ROUND_HALF_UP))
    digits = text.lstrip("-").removeprefix("0")
    return f"−{digits}" if text.startswith("-") and digits != ".000" else digits


def signed(x: float) -> str:
    """Return the same with its sign: "+.024"."""
    text = short(x)
    return text if text.startswith("−") or text == ".000" else f"+{text}"


def interval(difference: float, low: float, high: float) -> str:
    """Return "+.024 (.010 to .038)"."""
    return f"{signed(difference)} ({short(low)} to {short(high)})"


def verdict(mark: int, name: str, against: str) -> str:
    """Return who is better, or that nobody can tell."""
    return f"{name if mark > 0 else against} is better" if mark else "cannot tell"
