"""A word of the glossary says what it means, by mouse, finger and keyboard."""

from pathlib import Path

import pytest
from accessible import axe_report
from docutils.core import publish_parts
from docutils.writers.html5_polyglot import Writer

from seqviz.figures import tokens
from seqviz.site import words
from seqviz.site.glossary import Term

SITE = Path(words.__file__).parent
TERMS = [Term("interest", "兴趣", "one of K vectors", "a")]


class Marking(Writer):
    """The writer of docutils, after the words are marked."""

    def translate(self):
        words.mark(self.document, TERMS, "glossary.html")
        super().translate()


@pytest.fixture
def make(new_page, tmp_path):
    body = publish_parts("One *interest* is read.", writer=Marking())["body"]
    style = tokens.css() + (SITE / "page.css").read_text(encoding="utf-8")
    script = (SITE / "page.js").read_text(encoding="utf-8")
    (tmp_path / "index.html").write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A</title>'
        f'<link rel="icon" href="data:,"><style>{style}</style></head><body>'
        f'<main class="bd-article"><h1>A</h1><p style="height: 500px">Before.</p>'
        f"{body}</main><script>{script}</script></body></html>",
        encoding="utf-8",
    )

    def open_page(**options):
        page = new_page(**options)
        page.goto((tmp_path / "index.html").as_uri())
        return page

    return open_page


def inside(page):
    box = page.locator(".sv-word-box").bounding_box()
    size = page.viewport_size
    assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    assert box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def test_the_keyboard_opens_it_and_comes_back(make):
    page = make(viewport={"width": 900, "height": 700})
    box = page.locator(".sv-word-box")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert (
        box.inner_text().split() == "interest 兴趣 One of K vectors. Glossary".split()
    )
    inside(page)
    assert axe_report(page) == ""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Glossary"
    page.keyboard.press("Escape")
    assert not box.is_visible()
    assert page.evaluate("document.activeElement.matches('a.sv-word')")


def test_a_finger_opens_it_and_closes_it(make):
    page = make(viewport={"width": 380, "height": 560}, has_touch=True)
    page.locator("a.sv-word").tap()
    inside(page)
    link = page.locator(".sv-word-box a")
    assert link.bounding_box()["height"] >= 44
    assert link.get_attribute("href").endswith("glossary.html#term-interest")
    page.touchscreen.tap(20, 20)
    assert not page.locator(".sv-word-box").is_visible()


def test_without_scripts_the_word_leads_to_the_glossary(make):
    page = make(java_script_enabled=False)
    href = page.locator("a.sv-word").get_attribute("href")
    assert href == "glossary.html#term-interest"
