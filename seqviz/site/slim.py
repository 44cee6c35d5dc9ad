"""One style sheet in the place of the theme's dozen, without the rules of no page.

A rule stays if some page or script holds every class and id that its selector asks
for, a custom property if something reads it. The theme's sheets are written for all
books; most of their rules are for parts that this one does not have.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import tinycss2

#: The whole style of a page.
SHEET = "book.css"
#: Ours: every explorer's, whichever page it stands on.
OWN = "seqviz.css"

_LINK = re.compile(
    r"<link\b[^>]*\bhref=\"([^\"]*_static/([^\"?]+\.css))[^\"]*\"[^>]*>\s*"
)
_NAMED = re.compile(r"\b(?:class|id)=\"([^\"]*)\"")
_WORD = re.compile(r"[\w-]+")
_IMPORT = re.compile(r"@import\s+(?:url\()?[\"']?([^\"')]+)[\"']?\)?\s*;")
_ADDRESS = re.compile(r"url\((['\"]?)(?!data:|/|https?:|#)([^'\")]+)\1\)")
_READ = re.compile(r"\bvar\(\s*(--[\w-]+)")
_SET = re.compile(
    r"(?<=[{;\s])(--[\w-]+)\s*:"
    r"(?:\"[^\"]*\"|'[^']*'|url\([^)]*\)|[^;{}\"'])*(?:;\s*|(?=\}))"
)
#: A text or an address, which stays; a mark with the spaces around it; other spaces.
_TEXT = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_SPACES = re.compile(
    rf"({_TEXT}|url\((?:{_TEXT}|[^)\"'])*\))|\s*([{{}};,>])\s*|(:)\s+|\s+", re.S
)
_INSIDE = {"media", "supports", "layer", "container"}


def sheets(html: str) -> list[str]:
    """Return the style sheets of a page, below ``_static``, in order, each once.

    There are none in a page that has its one already.
    """
    found = list(dict.fromkeys(name for _, name in _LINK.findall(html)))
    return [] if SHEET in found else found


def names(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """Return what pages name or read and every word of scripts.

    A page names classes and ids, and reads custom properties.
    """
    found: set[str] = set()
    for html in pages:
        for text in set(_NAMED.findall(html)):
            found.update(text.split())
        found.update(_READ.findall(html))
    for script in scripts:
        found.update(_WORD.findall(script))
    return found


def join(static: Path, listed: Sequence[str], used: set[str]) -> str:
    """Return the sheets as one, without the rules of no page."""
    css = "\n".join(
        plain(text) if name == OWN else slim(text, used)
        for name in listed
        for text in [_at_home(static, name)]
    )
    return tight(read(css, used))


def slim(css: str, used: set[str]) -> str:
    """Return a style sheet without the rules whose classes or ids nothing has."""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "\n".join(_kept(rules, used))


def read(css: str, used: set[str]) -> str:
    """Return a style sheet without the custom properties that nobody reads."""
    known = used.union(_READ.findall(css))
    kept = _SET.sub(lambda found: found[0] if found[1] in known else "", css)
    return kept if kept == css else read(kept, used)  # what is left out read others


def tight(css: str) -> str:
    r"""Return a style sheet without the spaces that say nothing.

    Example:
        >>> tight('a > b,\n.c { color: red; content: "x ; y"; }')
        'a>b,.c{color:red;content:"x ; y"}'
    """

    def kept(found: re.Match[str]) -> str:
        text, mark, colon = found.groups()
        return text or mark or (":" if colon else " ")

    return _SPACES.sub(kept, css).replace(";}", "}").strip()


def plain(css: str) -> str:
    """Return a style sheet of ours without comments and indents."""
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.S))


def link(html: str, css: str) -> str:
    """Return a page with one link in the place of the others."""
    found = list(_LINK.finditer(html))
    if not found:
        return html
    root = found[0][1].removesuffix(found[0][2])
    mark = hashlib.sha256(css.encode()).hexdigest()[:8]
    link = f'<link href="{root}{SHEET}?v={mark}" rel="stylesheet" />\n'
    start = found[0].start()
    return html[:start] + link + _LINK.sub("", html[start:])


def _kept(rules: Iterable[Any], used: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            chosen = [one for one in _selectors(rule.prelude) if _asked(one) <= used]
            if chosen:
                selectors = ",".join(tinycss2.serialize(one).strip() for one in chosen)
                yield f"{selectors}{{{tinycss2.serialize(rule.content).strip()}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in _INSIDE:
            if rule.content is None:
                yield rule.serialize()
                continue
            inside = tinycss2.parse_rule_list(
                rule.content, skip_comments=True, skip_whitespace=True
            )
            kept = "\n".join(_kept(inside, used))
            if kept:
                head = f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}"
                yield f"{head}{{{kept}}}"
        elif rule.type == "at-rule":
            yield rule.serialize()
        else:
            place = f"line {rule.source_line}"
            raise ValueError(f"a style sheet must hold rules, got at {place} {rule}")


def _selectors(prelude: Sequence[Any]) -> Iterator[list[Any]]:
    one: list[Any] = []
    for token in prelude:
        if token == ",":
            yield one
            one = []
        else:
            one.append(token)
    yield one


def _asked(selector: Sequence[Any]) -> set[str]:
    """Return the classes and ids outside brackets, as in ``:not(…)`` or ``[…]``."""
    asked = {token.value for token in selector if token.type == "hash"}
    for before, token in zip(selector, selector[1:], strict=False):
        if before == "." and token.type == "ident":
            asked.add(token.value)
    return asked


def _at_home(static: Path, name: str) -> str:
    """Return a sheet with those that it imports, its addresses from ``static``."""
    folder = Path(name).parent
    own, *rest = _IMPORT.split((static / name).read_text(encoding="utf-8"))

    def rewritten(css: str) -> str:
        return _ADDRESS.sub(
            lambda found: f"url({found[1]}{_beside(folder, found[2])}{found[1]})", css
        )

    return rewritten(own) + "".join(
        _at_home(static, _beside(folder, imported)) + rewritten(css)
        for imported, css in zip(rest[::2], rest[1::2], strict=True)
    )


def _beside(folder: Path, address: str) -> str:
    return os.path.normpath(folder / address)
