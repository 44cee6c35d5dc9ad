"""Repairs to the finished pages of the theme.

The theme draws its few icons with 1.5 MB of Font Awesome; here each is one line of
SVG in the page.
"""

import re

from seqviz.site import early, folds, formulas, frames

#: Font Awesome's name -> strokes on a grid of 24 by 24.
ICONS: dict[str, str] = {
    "angle-left": "M15 5l-7 7 7 7",
    "angle-right": "M9 5l7 7-7 7",
    "arrow-up": "M12 20V4M5 11l7-7 7 7",
    "bars": "M4 6h16M4 12h16M4 18h16",
    "circle-half-stroke": "M12 3a9 9 0 100 18 9 9 0 000-18zM12 3v18M15 5v14M18 7v10",
    "code": "M8 6l-6 6 6 6M16 6l6 6-6 6",
    "download": "M12 4v11M7 10l5 5 5-5M4 20h16",
    "expand": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
    "file": "M6 3h8l4 4v14H6zM14 3v4h4",
    "file-pdf": "M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h6",
    "github": "M8 6l-6 6 6 6M16 6l6 6-6 6",
    "lightbulb": "M12 3a9 9 0 100 18 9 9 0 000-18zM12 8v5M12 16v.5",
    "list": "M4 6h.5M4 12h.5M4 18h.5M9 6h11M9 12h11M9 18h11",
    "magnifying-glass": "M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l5 5",
    "moon": "M20 14A8.5 8.5 0 1110 4a7 7 0 0010 10z",
    "outdent": "M4 6h16M10 12h10M4 18h16M6 9l-3 3 3 3",
    "pencil": "M4 20l1-4L16 5l3 3L8 19z",
    "pencil-alt": "M4 20l1-4L16 5l3 3L8 19z",
    "play": "M7 5l12 7-12 7z",
    "rocket": "M7 5l12 7-12 7z",
    "sun": (
        "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M2 12h2M20 12h2"
        "M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5"
    ),
    "xmark": "M6 6l12 12M18 6L6 18",
}

_ICON = re.compile(
    r"<(?P<tag>i|span) class=\"(?P<before>[^\"]*?)\bfa[srb]?(?:-solid|-brands)?\s+"
    r"fa-(?P<name>[a-z-]+)(?P<after>[^\"]*)\"(?P<rest>[^>]*)></(?P=tag)>"
)
#: Bootstrap: its menus are a few lines of page.js, a title says what its tips would.
#: The theme puts its tabs on every page.
SCRIPTS_OF_NO_PAGE = ("bootstrap.js", "design-tabs.js")
_DROPPED = (
    *(
        re.compile(rf"<(?:script|link)\b[^>]*/{re.escape(name)}[^>]*>(?:</script>)?\s*")
        for name in SCRIPTS_OF_NO_PAGE
    ),
    re.compile(r"<script[^>]*src=\"[^\"]*/fontawesome\.js[^\"]*\"[^>]*></script>\s*"),
    re.compile(r"<link[^>]*href=\"[^\"]*(?:vendor/fontawesome)[^>]*>\s*"),
    # The theme's own script, asked for before the style: no first look needs it.
    re.compile(r"<!-- Pre-loaded scripts[^>]*-->\s*"),
    re.compile(r"<link rel=\"preload\" as=\"script\"[^>]*>\s*"),
    # KaTeX repeats the source of each formula; no reader hears or sees it. HTML knows
    # the namespace of what is left, which has but one meaning.
    re.compile(r"<annotation encoding=\"application/x-tex\">[^<]*</annotation>"),
    re.compile(r"(?<=<math) xmlns=\"[^\"]*\"|</?semantics>"),
    # Sphinx, docutils and the theme each add one: the last stays.
    re.compile(r"<meta name=\"viewport\"[^>]*>\s*(?=.*<meta name=\"viewport\")", re.S),
    # The title and the contents again, for paper: ours has its own, and the search
    # would quote them.
    re.compile(
        r"<div id=\"jb-print-docs-body\".*?(?=<article class=\"bd-article\")", re.S
    ),
    # One for each exercise of a page; nothing leads there.
    re.compile(r"(?<=<section) id=\"(?:exercise|solution)-content\""),
    # Classes that no style asks for, or by which theme and Bootstrap undo each other.
    re.compile(r"(?<=[\w-]) docutils container(?=\")|(?<=<code class=\")docutils "),
    re.compile(r" class=\"reference internal\"|(?<=class=\")reference internal "),
    re.compile(r"<style[^>]*>\s*\.dataframe\b[^<]*</style>\s*"),
    # What follows on a listing's first line needs no mark before it.
    re.compile(r"(?<=<pre>)<span></span>(?=.)"),
)
# Only the page of the search looks into the index of all words.
_SEARCH = re.compile(
    r"<script src=\"[^\"]*(?:searchtools|language_data|searchindex)\.js\"></script>\s*"
)
_RESULTS = 'id="search-results"'
# These wait until the page is there, in their order; the first sets what lines in the
# page change.
_SCRIPT = re.compile(
    r"<script (?!defer)(?=[^>]*src=)(?![^>]*documentation_options|[^>]*defer=)"
    r"(?=[^>]*_static/)"
)
_OPTIONS = re.compile(
    r"<script src=\"[^\"]*_static/documentation_options\.js[^\"]*\"></script>"
)
# The theme's start without a choice of the reader: its script calls an empty mode an
# error, and until it runs a dark page would be light.
_THEME = (
    (
        'dataset.mode = localStorage.getItem("mode") || "";',
        'dataset.mode = localStorage.getItem("mode") || "auto";',
    ),
    (
        'dataset.theme = localStorage.getItem("theme") || "";',
        (
            'dataset.theme = localStorage.getItem("theme") || (matchMedia('
            '"(prefers-color-scheme: dark)").matches ? "dark" : "light");'
        ),
    ),
)
# What axe-core reports of the theme, of docutils (findings/axe-citations.sh) and of
# pandas.
_ACCESSIBLE = (
    # The title of the book stands outside every landmark.
    (
        '<div id="pst-primary-sidebar" class="bd-sidebar-primary bd-sidebar">',
        '<div id="pst-primary-sidebar" role="navigation" aria-label="Book" '
        'class="bd-sidebar-primary bd-sidebar">',
    ),
    # A list whose children are no list items; a role that ARIA has given up.
    ('<div role="list" class="citation-list">', '<div class="citation-list">'),
    (' role="doc-biblioentry"', ""),
    # It is called by what stands in it.
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    # The corner of a data frame is a header of nothing.
    ("<th></th>", "<td></td>"),
)
# A summary holds no paragraph, and a style stands in the head.
_SUMMARY = re.compile(r"<summary\b[^>]*>.*?</summary>", re.S)
_PARAGRAPH = re.compile(r"(</?)p\b")
_STYLE = re.compile(r"<style(?: type=\"text/css\"| scoped)?>(.*?)</style>\s*", re.S)

# The legend of a chapter lies above the page wherever it stands. Within the text the
# search would quote it.
_LEGEND = re.compile(r"(<div id=\"sv-legend\".*?</p></div>)(.*)(?=</body>)", re.S)

# Names, brackets, spaces and operators look like plain text: most marks of a listing
# or a signature. They stand inside each other.
_PLAIN_TOKEN = re.compile(r"<span class=\"(?:n|o|p|w|nn|pre)\">([^<]*)</span>")
# A shape is read as one word.
_SHAPE = re.compile(r"(?<=<code class=\"literal notranslate\">)\[[^\]<]*\](?=</code>)")
# On a page the tokens are always there.
_FALLBACK = re.compile(r"\bvar\((--sv-[\w-]+),\s*(?:#[0-9a-f]{6}|sans-serif)\)")
# What is as it stands, and the blanks that begin a line anywhere else.
_INDENT = re.compile(r"(<(pre|script|style|textarea)\b.*?</\2>)|\s*\n\s*", re.S)


def finish(html: str) -> str:
    """Return a finished page, accessible, its icons inline, without what is no use.

    Finishing a page twice changes nothing.
    """
    for pattern in _DROPPED:
        html = pattern.sub("", html)
    for theirs, ours in (*_THEME, *_ACCESSIBLE):
        html = html.replace(theirs, ours)
    if _RESULTS not in html:
        html = _SCRIPT.sub("<script defer ", _SEARCH.sub("", html))
    html = _SUMMARY.sub(lambda found: _PARAGRAPH.sub(r"\1span", found[0]), html)
    html = _LEGEND.sub(r"\2\1", html)
    html = frames.plain(folds.plain(_styles_to_head(html)))
    html = formulas.keep(formulas.part(html))
    html = _FALLBACK.sub(r"var(\1)", html)
    marked = 1
    while marked:
        html, marked = _PLAIN_TOKEN.subn(r"\1", html)
    html = _SHAPE.sub(lambda found: found[0].replace(" ", "&nbsp;"), html)
    html = _INDENT.sub(lambda found: found[1] or "\n", html)
    return _ICON.sub(_inline_icon, early.begin(html))


def with_options(html: str, options: str) -> str:
    """Return a page with the options of Sphinx's scripts in it: no file to wait for."""
    return _OPTIONS.sub(lambda _: f"<script>{options.strip()}</script>", html)


def _styles_to_head(html: str) -> str:
    head, end, body = html.partition("</head>")
    found = dict.fromkeys(style.strip() for style in _STYLE.findall(body))
    rules = "\n".join(filter(None, found))
    style = f"<style>\n{rules}\n</style>\n" if rules else ""
    return head + style + end + _STYLE.sub("", body) if end else html


def _inline_icon(match: re.Match[str]) -> str:
    path = ICONS.get(match["name"])
    if path is None:
        raise ValueError(
            f"the theme asks for the icon fa-{match['name']}, which "
            "seqviz.site.page.ICONS does not draw: add its strokes there"
        )
    kept = " ".join((match["before"] + re.sub(r"\bfa-\w+", "", match["after"])).split())
    tag = match["tag"]
    return (
        f'<{tag} class="{f"{kept} " if kept else ""}sv-icon" aria-hidden="true"'
        f'{match["rest"].rstrip()}><svg viewBox="0 0 24 24"><path d="{path}"/></svg>'
        f"</{tag}>"
    )
