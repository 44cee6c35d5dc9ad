"""A chapter on paper: its pages, its outline, nothing beyond an edge."""

import os
import re
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from seqviz.site import paper, pdf
from seqviz.site.contents import pages

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("SEQVIZ_SITE", ROOT / "_build" / "html"))
NAME = "interests/diversity"
RICH = "interests/comirec_sa"  # formulas, wide tables, an explorer, a chart, folds


def read(name):
    return paper.read(SITE, [page for page in pages() if page.name == name])


@pytest.fixture(scope="module")
def chapters():
    return read(NAME)


@pytest.fixture(scope="module")
def file(browser, chapters):
    return pdf.printed(browser, SITE, chapters)


@pytest.fixture(scope="module")
def printed(file):
    return PdfReader(BytesIO(file))


def _titles(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from _titles(entry)
        else:
            yield entry


def test_the_outline_leads_through_the_chapter(printed, chapters):
    found = list(_titles(printed.outline))
    titles = [entry.title.replace("\xa0", " ") for entry in found]
    sections = chapters[0].text.count("<h3")
    assert "Serving and diversity" in titles
    assert len(titles) >= sections + 3  # and the contents, the part, the chapter
    numbers = [printed.get_destination_page_number(entry) for entry in found]
    assert numbers == sorted(numbers)
    assert numbers[-1] > 5


def test_the_contents_give_the_page_that_is_printed_on_it(file, printed, chapters):
    begins = pdf.begins(file, chapters)[NAME]
    contents = " ".join(printed.pages[1].extract_text().split())
    assert re.search(rf"Serving and diversity\s*{begins}\b", contents)
    assert re.search(rf"\b{begins}\b", printed.pages[begins - 1].extract_text())


def test_links_lead_to_places_of_the_file_or_out_of_it(printed):
    named = printed.named_destinations
    inside = 0
    for page in printed.pages:
        for one in page.get("/Annots") or ():
            link = one.get_object()
            if "/Dest" in link:
                assert link["/Dest"] in named
                inside += 1
            elif "/A" in link:
                address = link["/A"].get("/URI", "")
                assert "127.0.0.1" not in address
    assert inside > 1


def test_nothing_goes_beyond_the_edge_of_paper(browser):
    """As the browser lays it out for paper, and so does a page printed by its menu."""
    context = browser.new_context(viewport={"width": paper.COLUMN, "height": 1100})
    page = context.new_page()
    document = paper.document(read(RICH), **pdf.about())
    with pdf.served(SITE, document) as address:
        pdf.open_document(page, address)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 635, "height": 935})  # 168 mm by 255
    wide = page.evaluate(
        """() => [...document.querySelectorAll('article :is(table, svg, pre, figure,'
          + ' .katex-html, .sv-still, p, li)')].filter((e) => e.checkVisibility())
          .map((e) => [e.getBoundingClientRect().right, e.outerHTML.slice(0, 90)])
          .filter(([right]) => right > innerWidth + 2)"""
    )
    folded = page.evaluate(
        """() => [...document.querySelectorAll('article details')].filter((e) =>
          !e.matches('.above-input, .sv-numbers')
          && !e.lastElementChild.checkVisibility({ contentVisibilityAuto: true }))
          .map((e) => e.outerHTML.slice(0, 90))"""
    )
    charts = page.locator(".sv-chart[data-drawn]").count()
    useless = "article :is(.sv-controls, .headerlink, .hide > summary, .copybtn)"
    seen = page.locator(useless).filter(visible=True)
    assert seen.count() == 0
    assert charts == page.locator(".sv-chart").count() > 0
    context.close()
    assert wide == []
    assert folded == []
