"""Numbers as the figures and tables write them; ``words.js`` writes the same.

A number below one has its 0 before the point, one below zero a true minus, and what
rounds to 0 has no sign.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

#: A hyphen that stands for a minus: a number follows, and no word or digit precedes.
_HYPHEN = re.compile(r"(?<![^\s(\[“±])-(?=\.?\d)")


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


def minus(text: str) -> str:
    """Return a text whose negative numbers have a minus in the place of a hyphen.

    Example:
        >>> minus("lower (-0.2, -0.3 to -0.1), on 2026-11-29")
        'lower (−0.2, −0.3 to −0.1), on 2026-11-29'
    """
    return _HYPHEN.sub("−", text)
