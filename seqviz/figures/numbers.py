"""Numbers as the figures and tables write them; ``words.js`` writes the same.

A number below one has its 0 before the point, one below zero a true minus, and what
rounds to 0 has no sign.
"""

from decimal import ROUND_HALF_UP, Decimal


def fixed(x: float, places: int) -> str:
    """Return a number with so many digits behind its point.

    Example:
        >>> fixed(-0.0625, 3), fixed(-0.0004, 3)
        ('−0.063', '0.000')
    """
    # A tie goes away from 0, as in the page.
    return unsigned_zero(
        str(Decimal(float(x)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
    )


def with_sign(x: float, places: int) -> str:
    """Return the same with its sign.

    Example:
        >>> with_sign(0.024, 3), with_sign(0, 1)
        ('+0.024', '0.0')
    """
    text = fixed(x, places)
    return text if text.startswith("−") or float(text) == 0 else f"+{text}"


def unsigned_zero(number: str) -> str:
    """Return a written number with a true minus, or none where only zeros are left.

    Example:
        >>> unsigned_zero("-0.00"), unsigned_zero("+0.0%"), unsigned_zero("-1.50")
        ('0.00', '0.0%', '−1.50')
    """
    if not number.strip("+-0.,%"):
        return number.lstrip("+-")
    return number.replace("-", "−", 1) if number.startswith("-") else number
