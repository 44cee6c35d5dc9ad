"""What the head of a page does before its style is read.

It asks for the faces of the first words, and lets the page open with what its window
shows (``opening.js``); the theme's script comes after that.
"""

import json
import re
from pathlib import Path

from seqviz.figures import fonts

#: What the first window has -> the face that it is set in, below ``_static``.
FACES: dict[str, str] = {
    "": f"fonts/{fonts.UPRIGHT.file}",
    "<em>": f"fonts/{fonts.ITALIC.file}",
    "<code": f"fonts/{fonts.MONO.file}",
    "<pre>": f"fonts/{fonts.MONO.file}",
    'class="katex"': "katex/fonts/KaTeX_Main-Regular.woff2",
    "mathnormal": "katex/fonts/KaTeX_Math-Italic.woff2",
    "mathbf": "katex/fonts/KaTeX_Main-Bold.woff2",
    "mathcal": "katex/fonts/KaTeX_Caligraphic-Regular.woff2",
}

_ROOT = re.compile(r"<html\b[^>]*\bdata-content_root=\"([^\"]*)\"")
_THEME = re.compile(
    r"<script[^>]*src=\"([^\"]*/pydata-sphinx-theme\.js[^\"]*)\"[^>]*></script>\s*"
)
_CHARSET = re.compile(r"<meta charset=\"utf-8\"\s*/?>")
_ARTICLE = re.compile(r"<article class=\"bd-article\".*?</article>", re.S)
_FOLDED = re.compile(r"<details\b.*?</details>", re.S)
_WORDS = re.compile(r">([^<]+)")
#: Letters in the first window.
_FIRST = 1000
# Without what says why, which is for the source.
_OPENING = re.sub(
    r"^ *(?://.*\n)?",
    "",
    Path(__file__).with_name("opening.js").read_text(encoding="utf-8"),
    flags=re.M,
)


def begin(html: str) -> str:
    """Return a page with its first script; one that has it stays as it is."""
    root, theme = _ROOT.search(html), _THEME.search(html)
    if root is None or theme is None:
        return html
    files = json.dumps([f"{root[1]}_static/{file}" for file in faces(html)])
    # Not plain links: for a page opened from the disk Chromium calls them errors.
    asking = (
        f'if (location.protocol !== "file:") for (const href of {files}) '
        'document.head.append(Object.assign(document.createElement("link"), { href, '
        'rel: "preload", as: "font", type: "font/woff2", crossOrigin: "" }));'
    )
    first = f'<script data-later="{theme[1]}">\n{asking}\n{_OPENING}</script>'
    html = _THEME.sub("", html)
    return _CHARSET.sub(lambda charset: f"{charset[0]}\n{first}", html, count=1)


def faces(html: str) -> list[str]:
    """Return the files of the faces that the first window of a page is set in."""
    article = _ARTICLE.search(html)
    seen = _FOLDED.sub("", article[0]) if article else ""
    letters = 0
    for words in _WORDS.finditer(seen):
        letters += len(words[1].strip())
        if letters > _FIRST:
            seen = seen[: words.start()]
            break
    return list(dict.fromkeys(file for mark, file in FACES.items() if mark in seen))
