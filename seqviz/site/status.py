"""The status page: how each chapter ran when the book was built, and what it weighs.

The page holds a place; its table is filled in when all pages are finished, since only
then are their weights known.
"""

import gzip
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from seqviz.site.contents import Page
from seqviz.site.day import in_words

_BEGIN, _END = "<!-- status -->", "<!-- end of status -->"
#: What a page shows until it is filled in.
PLACE = f"{_BEGIN}{_END}"
_FILLED = re.compile(f"{_BEGIN}.*?{_END}", re.S)
# What the first cell of a chapter says of itself: seqviz.start.
_SAID = re.compile(r"(seqviz \S+ · torch \S+ · Python \S+ · [^·\n]+) · seed \d+")


class Run(NamedTuple):
    """How a chapter ran.

    Attributes:
        seconds: from its first cell to its last.
        ended: when.
        said: versions and device, as its first cell prints them; or "".
    """

    seconds: float
    ended: datetime
    said: str


def runs(cache: Path) -> dict[str, Run]:
    """Return the runs that an execution cache holds, by the path of the source."""
    from jupyter_cache import get_cache

    store = get_cache(cache)
    found = {}
    for record in store.list_cache_records():
        notebook = store.get_cache_bundle(record.pk).nb
        found[str(record.uri)] = Run(
            record.data.get("execution_seconds", 0.0),
            record.created,
            said(notebook),
        )
    return found


def said(notebook: Mapping[str, Any]) -> str:
    """Return what the first cell of an executed notebook says of itself; or ""."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            text = output.get("text", "") or output.get("data", {}).get("text/plain")
            found = _SAID.search(text or "")
            if found:
                return found[1]
    return ""


def table(
    site: Path,
    contents: Sequence[Page],
    ran: Mapping[str, Run],
    titles: Mapping[str, str],
) -> str:
    """Return the table, and above it what all chapters ran with, as HTML.

    Args:
        site: the finished pages.
        contents: the pages in order.
        ran: the runs of the sources that run.
        titles: of the pages, by name.
    """
    # By its place in the book: the cache may have moved with its folder.
    by_place = {_place(source): run for source, run in ran.items()}
    rows = []
    ran_with: dict[str, list[str]] = {}
    for page in contents:
        path = site / f"{page.name}.html"
        if not path.is_file():
            continue
        html = path.read_bytes()
        run = by_place.get(_place(str(page.source)))
        title = escape(titles[page.name])
        if run and run.said:
            ran_with.setdefault(run.said, []).append(title)
        cells = (
            f"{run.seconds:.0f}" if run else "",
            f"{run.ended:%Y-%m-%d}" if run else "",
            f"{len(gzip.compress(html, 6)) / 1000:.0f}",
        )
        rows.append(
            f'<tr><th scope="row"><a href="{escape(page.name)}.html">{title}</a></th>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    heads = ("page", "seconds", "ran on", "KB")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f"<p>Built on {in_words(date.today())}. {_versions(ran_with)}</p>\n"
        '<div class="pst-scrollable-table-container"><table class="table sv-status">'
        f"<thead><tr>{head}</tr></thead>\n<tbody>"
        + "\n".join(rows)
        + "</tbody></table>"
        "</div>"
    )


def _versions(ran_with: Mapping[str, Sequence[str]]) -> str:
    """Say with what the chapters ran: once, and by name for those that differ."""
    if not ran_with:
        return ""
    most, *others = sorted(ran_with, key=lambda said: -len(ran_with[said]))
    said = [f"The chapters ran with {escape(most)}."]
    said += [f"With {escape(one)}: {', '.join(ran_with[one])}." for one in others]
    return " ".join(said)


def fill(html: str, shown: str) -> str:
    """Return a page with the table in its place, over the last build's."""
    return _FILLED.sub(lambda _: f"{_BEGIN}{shown}{_END}", html)


def _place(source: str) -> str:
    return "/".join(Path(source).parts[-2:])
