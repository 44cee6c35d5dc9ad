"""What folds on the finished pages: the code of a cell, a hint, an error, a solution.

Three extensions write it in three ways, one of them with a script. Here each becomes an
element that folds by itself, and all look alike.
"""

import re
from collections.abc import Callable

#: What the head of a folded part of a cell says.
_HEADS = {"source": "Code", "output": "Output", "outputs": "Output"}

_Found = re.Match[str]
_WAYS: tuple[tuple[re.Pattern[str], str | Callable[[_Found], str]], ...] = (
    # myst-nb
    (
        re.compile(
            r"<summary>\s*<span class=\"collapsed[^>]*>Show code cell (\w+)</span>\s*"
            r"<span class=\"expanded[^>]*>[^<]*</span>\s*</summary>"
        ),
        lambda found: f"<summary>{_HEADS[found[1]]}</summary>",
    ),
    # sphinx-design
    (
        re.compile(
            r"<details class=\"[^\"]*sd-dropdown[^>]*>\s*<summary[^>]*>\s*"
            r"<span class=\"sd-summary-text\">(.*?)</span>"
            r"<span class=\"sd-summary-state.*?</summary>\s*"
            r"<div class=\"sd-summary[^>]*>",
            re.S,
        ),
        r'<details class="sv-fold"><summary>\1</summary><div>',
    ),
    (re.compile(r"<p class=\"sd-card-text\">"), "<p>"),
    # sphinx-exercise, folded by sphinx-togglebutton where that is installed
    (
        re.compile(
            r"<div class=\"solution dropdown admonition\" (id=\"[^\"]*\")>\s*"
            r"<p class=\"admonition-title\">(.*?)<a [^>]*>(.*?)</a></p>\s*"
            r"<section>(.*?)</section>\s*</div>",
            re.S,
        ),
        r'<details class="sv-fold" \1><summary>\2\3</summary>\4</details>',
    ),
)


def plain(html: str) -> str:
    """Return a page in which all that folds is written in one way.

    Doing it twice changes nothing.
    """
    for pattern, fold in _WAYS:
        html = pattern.sub(fold, html)
    return html
