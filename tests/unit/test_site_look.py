"""The page for authors: its parts, and what the end of the build copies into it."""

import re

import pytest

from seqviz.explorers import MODULES
from seqviz.figures import tokens
from seqviz.site import look
from seqviz.site.contents import Page, pages

NAMES = sorted(name for name in MODULES if "." not in name)
TITLES = {"a": "A & B", "b": "B"}


def figure(name, still='<svg id="x"><use href="#x"/></svg>'):
    return (
        f'<figure class="sv-explorer" data-module="{name}">\n<div class="sv-stage">'
        f'<div class="sv-outline">outline</div>\n<div class="sv-still">{still}</div>'
        '</div>\n<script type="application/json" class="sv-state">{}</script>\n'
        "<figcaption>c</figcaption>\n</figure>"
    )


@pytest.fixture
def site():
    chart = '<figure class="sv-chart"><div class="sv-chart-box">chart</div></figure>'
    return {
        "a": figure(NAMES[0]) + chart,
        "b": "".join(map(figure, NAMES)),
    }


def test_every_color_and_sign_is_shown_in_both_themes():
    html = look.colors()
    for palette in (tokens.LIGHT, tokens.DARK):
        for name, color in palette.items():
            assert f"<code>{name}</code>" in html
            assert f"--sv-{name}: {color};" in html
            assert f"</span>{color}</td>" in html
    assert all(sign in look.signs() for sign in tokens.SIGNS)


def test_contrast_is_that_of_wcag():
    assert look.contrast("#000000", "#ffffff") == look.contrast("#ffffff", "#000000")
    assert look.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("name", ["tiles", "controls"])
def test_elements_of_a_part_are_closed(name):
    html = look.PARTS[name]()
    opened = re.findall(r"<(\w+)(?![^>]*/>)", html)
    for tag in set(opened) - {"input", "rect", "path", "circle"}:
        assert html.count(f"</{tag}>") == opened.count(tag), tag


def test_each_state_of_a_tile_is_there():
    html = look.tiles()
    for mark in ("sv-hot", "aria-current", "sv-candidate", "sv-minus", "sv-masked"):
        assert mark in html
    controls = look.controls()
    for mark in ("<select", 'type="radio" checked', 'type="checkbox" checked', "range"):
        assert mark in controls
    assert 'aria-pressed="true"' in controls and 'aria-disabled="true"' in controls


def test_every_explorer_stands_still_where_it_comes_first(site):
    html = look.fill(look.PLACE_OF_STILLS + look.PLACE_OF_A_CHART, site, TITLES)
    for name in NAMES:
        assert html.count(f"<h3><code>{name}</code></h3>") == 1
        assert f'id="{name}--x"' in html
    assert "outline" not in html
    assert html.count('<a href="a.html">A &amp; B</a>') == 1
    assert html.count("sv-chart-box") == 1
    ids = re.findall(r'id="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    assert "On no page" not in html


def test_an_explorer_of_no_page_is_named(site):
    _, *others = NAMES
    html = look.fill(look.PLACE_OF_STILLS, {"a": site["a"]}, TITLES)
    (said,) = re.findall("<p>On no page: .*</p>", html)
    assert re.findall("<code>(.*?)</code>", said) == others


def test_a_page_that_was_filled_is_filled_anew(site):
    place = look.both('<p id="y">text</p>') + look.PLACE_OF_STILLS
    once = look.fill(place, site, TITLES)
    assert look.fill(once, site, TITLES) == once
    assert once.count('<p id="y">') == once.count('<p id="dark--y">') == 1


def test_only_this_page_keeps_out_of_the_search(tmp_path):
    assert [page.name for page in pages() if page.is_for_authors] == ["style"]
    path = tmp_path / "a.md"
    for text, hidden in (
        ("---\nnosearch: true\n---\n# A\n", True),
        ("# A\n\n---\nnosearch: true\n---\n", False),
        ("---\nkernelspec:\n  name: python3\n---\n", False),
        ("---\n---\n", False),
    ):
        path.write_text(text)
        assert Page("a", path, None).is_for_authors is hidden
