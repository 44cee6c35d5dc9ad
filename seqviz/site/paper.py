"""The whole book as one document to print: cover, contents, every page.

It is made from the finished pages of ``_build/html``. One document, since then the
outline, the links between chapters and the tags for readers of screens come from the
browser that prints it, and each face is in the file once.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from typing import NamedTuple

from seqviz.site.contents import Page

#: The width of a column on paper, in the pixels of its style sheet.
COLUMN = 794

# To the last end: an entry of the reading map is an article, too.
_ARTICLE = re.compile(r"<article class=\"bd-article\">(.*)</article>", re.S)
_TITLE = re.compile(r"<h1>(.*?)<a class=\"headerlink\"", re.S)
_EXPLORER = re.compile(
    r"<div class=\"sv-stage\">.*?(?P<still><div class=\"sv-still\".*?)"
    r"</div>\s*<script[^>]*class=\"sv-state\"[^>]*>.*?</script>",
    re.S,
)
_USELESS = re.compile(
    r"<script(?![^>]*sv-chart-spec)[^>]*>.*?</script>|<a class=\"headerlink\".*?</a>",
    re.S,
)
_HEADING = re.compile(r"(</?h)([1-5])\b")
# An id and whatever names one.
_ID = re.compile(r"\b(id|for|aria-labelledby|aria-describedby)=\"([^\"]+)\"")
_IN_SVG = re.compile(r"\b(xlink:href=\"|url\()#")
_LINK = re.compile(r"(<a\b[^>]*?) href=\"([^\"]*)\"")
_SOURCE = re.compile(r"\bsrc=\"(?!data:|https?:)([^\"]*)\"")


class Chapter(NamedTuple):
    """A page of the book on paper.

    Attributes:
        name: the page's, as in ``_toc.yml``.
        title: its heading, as HTML.
        part: the part that it stands in.
        text: its article as it stands in the whole document.
        still: its first figure that can be touched, as it stands still; or "".
    """

    name: str
    title: str
    part: str | None
    text: str
    still: str

    @property
    def anchor(self) -> str:
        """The id of the chapter in the document."""
        return anchor(self.name)


def anchor(name: str, part: str = "") -> str:
    """Return the id in the document of a page, or of a place in it."""
    return f"{name.replace('/', '.')}--{part}" if part else name.replace("/", ".")


def with_own_ids(html: str, name: str) -> str:
    """Return HTML whose ids, and what names them, begin with a name."""
    html = _ID.sub(
        lambda found: (
            f'{found[1]}="'
            + " ".join(anchor(name, one) for one in found[2].split())
            + '"'
        ),
        html,
    )
    return _IN_SVG.sub(lambda found: f"{found[1]}#{anchor(name, '')}--", html)


def still(html: str) -> str:
    """Return the first figure that can be touched, as it stands still; or ""."""
    figure = _EXPLORER.search(html)
    return figure["still"] if figure else ""


def read(site: Path, contents: Sequence[Page]) -> list[Chapter]:
    """Return the chapters of a built book, ready to stand in one document.

    Raises:
        ValueError: a page has no article or no title.
    """
    names = {page.name for page in contents}
    return [
        _chapter(page, (site / f"{page.name}.html").read_text("utf-8"), names)
        for page in contents
    ]


def document(
    chapters: Sequence[Chapter],
    *,
    title: str,
    about: Mapping[str, str],
    styles: Sequence[str],
    scripts: Sequence[str] = (),
    numbers: Mapping[str, int] | None = None,
) -> str:
    """Return the document.

    Args:
        chapters: in order.
        title: of the book.
        about: the lines of the cover below the title: authors, version, license.
        styles: addresses of style sheets.
        scripts: addresses of scripts.
        numbers: the page number on which each chapter begins, by its name. The
            contents leave their places empty without.
    """
    head = "".join(f'<link rel="stylesheet" href="{escape(one)}">' for one in styles)
    head += "".join(f'<script defer src="{escape(one)}"></script>' for one in scripts)
    heads = "".join(
        f"@page p{place} {{ @top-left {{ content: {_quoted(chapter.title)} }} }}\n"
        f"#{_css(chapter.anchor)} {{ page: p{place} }}\n"
        for place, chapter in enumerate(chapters)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en" data-theme="light" data-content_root="./">'
        f'<head><meta charset="utf-8"><title>{escape(title)}</title>{head}'
        f'<style>{heads}</style></head>\n<body class="sv-paper">'
        f"{_cover(chapters, title, about)}{_contents(chapters, numbers or {})}"
        f'<main class="bd-content">{_text(chapters)}</main></body></html>\n'
    )


def _chapter(page: Page, html: str, names: set[str]) -> Chapter:
    article = _ARTICLE.search(html)
    title = _TITLE.search(article[1]) if article else None
    if article is None or title is None:
        raise ValueError(
            f"a page must have an article with a title, got {page.name} without"
        )
    text = _EXPLORER.sub(r'<div class="sv-stage">\g<still></div>', article[1])
    text = _USELESS.sub("", text)
    text = with_own_ids(text, page.name)
    text = _LINK.sub(lambda found: found[1] + _href(found[2], page.name, names), text)
    folder = posixpath.dirname(page.name)
    text = _SOURCE.sub(
        lambda found: f'src="{posixpath.normpath(posixpath.join(folder, found[1]))}"',
        text,
    )
    text = _HEADING.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", text)
    return Chapter(page.name, title[1].strip(), page.part, text, still(article[1]))


def _href(address: str, here: str, names: set[str]) -> str:
    """Return the address of a link in the document; nothing for a file of the site."""
    if re.match(r"[a-z]+:", address):
        return f' href="{address}"'
    file, _, part = address.partition("#")
    name = here
    if file:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(here), file))
        name = name.removesuffix(".html")
    return f' href="#{anchor(name, part)}"' if name in names else ""


def _cover(chapters: Sequence[Chapter], title: str, about: Mapping[str, str]) -> str:
    still = next((one.still for one in chapters if one.still), "")
    lines = "".join(
        f'<p class="sv-{escape(kind)}">{escape(line)}</p>'
        for kind, line in about.items()
    )
    return (
        f'<header class="sv-cover"><p class="sv-name">{escape(title)}</p>'
        f"{still}{lines}</header>\n"
    )


def _contents(chapters: Sequence[Chapter], numbers: Mapping[str, int]) -> str:
    lines: list[str] = []
    for part, chapter in _with_parts(chapters):
        if part:
            lines.append(f'<li class="sv-caption">{escape(part)}</li>')
        lines.append(
            f'<li><a href="#{chapter.anchor}"><span>{chapter.title}</span>'
            f'<span class="sv-number">{numbers.get(chapter.name, "")}</span></a></li>'
        )
    return (
        '<nav class="sv-contents"><h1>Contents</h1><ol>'
        + "".join(lines)
        + "</ol></nav>\n"
    )


def _with_parts(chapters: Sequence[Chapter]) -> Iterator[tuple[str | None, Chapter]]:
    """Each chapter with the part that begins with it, if one does."""
    before = None
    for chapter in chapters:
        yield (chapter.part if chapter.part != before else None), chapter
        before = chapter.part


def _text(chapters: Sequence[Chapter]) -> str:
    found: list[str] = []
    for part, chapter in _with_parts(chapters):
        caption = f'<h1 class="sv-caption">{escape(part)}</h1>' if part else ""
        found.append(
            f'<article class="bd-article" id="{chapter.anchor}">{caption}'
            f"{chapter.text}</article>\n"
        )
    return "".join(found)


def _quoted(title: str) -> str:
    words = unescape(re.sub(r"<[^>]+>", "", title))
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _css(name: str) -> str:
    return name.replace(".", "\\.")
