"""The reading map on Chromium: whole without a script, chosen from with one."""

from pathlib import Path

import pytest
from accessible import axe_report
from serving import serve

import seqviz.site
from seqviz.figures import fonts, tokens
from seqviz.site.reading_map import CLOSING, body, controls, opening, read_map

SITE = Path(seqviz.site.__file__).parent
MAP = read_map(SITE.parents[1] / "book" / "systems" / "map.yml")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page as Sphinx makes it, the text of the entries left as it is."""
    folder = tmp_path_factory.mktemp("map")
    style = tokens.css() + (SITE / "page.css").read_text(encoding="utf-8")
    (folder / "page.css").write_text(fonts.css() + style, encoding="utf-8")
    fonts.write(folder / "fonts")
    script = (SITE / "page.js").read_text(encoding="utf-8")
    (folder / "page.js").write_text(script, encoding="utf-8")
    entries = "".join(
        f"{opening(one)}<p>{body(one, MAP.words)}</p>{CLOSING}" for one in MAP.systems
    )
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Map</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="page.css">'
        '<script src="page.js" defer></script>'
        "<style>body { background: var(--sv-page); color: var(--sv-ink) }</style>"
        "</head><body><main><h1>Map</h1>"
        f"{controls(MAP)}{entries}</main></body></html>",
        encoding="utf-8",
    )
    url, stop = serve(folder)
    yield f"{url}/index.html"
    stop()


def visible(page):
    names = page.locator(".sv-system:visible h2").all_inner_texts()
    return [name.removesuffix("#") for name in names]


def fitting(**chosen):
    return [
        one.name
        for one in MAP.systems
        if all(key in getattr(one, name) for name, key in chosen.items())
    ]


def test_without_a_script_every_system_is_there(new_page, address):
    page = new_page(java_script_enabled=False)
    page.goto(address)
    assert page.locator(".sv-system:visible").count() == len(MAP.systems)
    assert page.locator(".sv-map-choices").is_hidden()


def test_choices_hide_what_does_not_fit(new_page, address):
    page = new_page()
    page.goto(address)
    assert visible(page) == fitting()
    page.get_by_label("Question").select_option("retrieve")
    assert visible(page) == fitting(ask="retrieve")
    page.get_by_label("What changes").select_option("vectors")
    wanted = fitting(ask="retrieve", changes="vectors")
    assert visible(page) == wanted
    status = page.locator("[role=status]")
    assert status.inner_text() == f"{len(wanted)} of {len(MAP.systems)} systems"
    page.get_by_label("Data").select_option("words")
    assert visible(page) == []
    assert status.inner_text() == "No system fits. Set one choice back to any."
    for name in ("Question", "What changes", "Data"):
        page.get_by_label(name).select_option("")
    page.get_by_label("Name").fill("rec-")
    assert visible(page) == ["ComiRec-SA", "ComiRec-DR"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1000])
def test_axe_finds_nothing_and_nothing_overflows(new_page, address, width, theme):
    page = new_page(viewport={"width": width, "height": 800})
    page.goto(address)
    page.evaluate("t => document.documentElement.dataset.theme = t", theme)
    assert axe_report(page) == ""
    overflow = "() => document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(overflow) <= 0
    sizes = page.locator(".sv-map-choices select, .sv-map-choices input").all()
    assert all(one.bounding_box()["height"] >= 44 for one in sizes)
