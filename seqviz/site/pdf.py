"""``python -m seqviz.site.pdf [chapter ...]``: the built book, or some of it, as a PDF.

Chromium prints it, through Playwright: ``SEQVIZ_CHROMIUM`` names the browser, without
it is Playwright's own.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from seqviz.project import project
from seqviz.site import paper
from seqviz.site.contents import pages
from seqviz.site.day import in_words
from seqviz.site.inputs import ROOT
from seqviz.site.listening import Quiet, listening

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: ms that a step may take: the whole book is some 900 pages.
_LONGEST = 900_000
_STYLES = ("_static/book.css",)
_SCRIPTS = ("_static/seqviz-charts.js", "_static/seqviz-page.js")


def main(given: Sequence[str] | None = None) -> int:
    """Print the book, or the chapters that are named; return the exit status."""
    asked = argparse.ArgumentParser(
        prog="python -m seqviz.site.pdf",
        description="Print the built book into _build/pdf/book.pdf.",
    )
    asked.add_argument("chapter", nargs="*", help="a name of _toc.yml; else the book")
    names = asked.parse_args(given).chapter
    contents = [page for page in pages() if not page.is_for_authors]
    unknown = set(names) - {page.name for page in contents}
    if unknown:
        print(
            f"a chapter must be one of _toc.yml, got {', '.join(sorted(unknown))}",
            file=sys.stderr,
        )
        return 2
    site = ROOT / "_build" / "html"
    chapters = paper.read(
        site, [page for page in contents if not names or page.name in names]
    )
    file = ROOT / "_build" / "pdf" / "book.pdf"
    file.parent.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        file.write_bytes(printed(chromium, site, chapters))
    print(f"The book is at {file}")
    return 0


@contextmanager
def browser() -> Iterator["Browser"]:
    """Start a Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("SEQVIZ_CHROMIUM") or None,
            args=["--no-sandbox", "--disable-gpu"],
        )
        yield chromium
        chromium.close()


def printed(
    chromium: "Browser", site: Path, chapters: Sequence[paper.Chapter]
) -> bytes:
    """Return the PDF of these chapters of a built site.

    It is printed twice: where a chapter begins is known after the first time.
    """
    numbers: dict[str, int] = {}
    context = chromium.new_context(viewport={"width": paper.COLUMN, "height": 1100})
    context.set_default_timeout(_LONGEST)
    try:
        for _ in range(2):
            html = paper.document(chapters, numbers=numbers, **about())
            page = context.new_page()
            with served(site, html) as address:
                open_document(page, address)
                done = page.pdf(
                    outline=True,
                    tagged=True,
                    print_background=True,
                    prefer_css_page_size=True,
                )
            page.close()
            numbers = begins(done, chapters)
        return done
    finally:
        context.close()


def begins(pdf: bytes, chapters: Sequence[paper.Chapter]) -> dict[str, int]:
    """Return the number of the page on which each chapter begins, from 1."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(pdf))
    named = reader.named_destinations
    places = {one.name: named[f"/{one.anchor}"] for one in chapters}
    return {
        name: 1 + reader.get_destination_page_number(place)
        for name, place in places.items()
    }


def about() -> dict[str, Any]:
    """Return what the document says of the book, and the files that it asks for."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return {
        "title": config["title"],
        "about": {
            "authors": config["author"],
            "edition": f"Version {project().version}, {in_words(date.today())}",
            "rights": config["copyright"],
        },
        "styles": _STYLES,
        "scripts": _SCRIPTS,
    }


@contextmanager
def served(site: Path, html: str) -> Iterator[str]:
    """Serve a document among the files of a built site; give its address."""
    content = html.encode()

    class Handler(Quiet, SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/":
                super().do_GET()
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with listening(partial(Handler, directory=str(site))) as address:
        yield f"{address}/"


def open_document(page: "Page", address: str) -> None:
    """Open a document in a page, and draw its charts."""
    page.goto(address, wait_until="load")
    for chart in page.locator(".sv-chart").all():
        chart.scroll_into_view_if_needed()
    page.wait_for_function(
        "[...document.querySelectorAll('.sv-chart')].every((c) => c.dataset.drawn)"
    )
    page.evaluate(
        "document.fonts.ready.then(() => dispatchEvent(new Event('beforeprint')))"
    )


if __name__ == "__main__":
    sys.exit(main())
