"""A day in words, as the book says it everywhere: 28 November 2026."""

from datetime import date


def in_words(day: date) -> str:
    """Return a day in words.

    Example:
        >>> in_words(date(2026, 11, 8))
        '8 November 2026'
    """
    return f"{day.day} {day:%B %Y}"
