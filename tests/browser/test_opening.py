"""A page opens with what its window shows; soon all is there, and without scripts."""

import pytest
from serving import serve

from seqviz.figures import fonts
from seqviz.site import early
from seqviz.site.book import PACKAGE

#: Blocks of a page, in two sections, one within the other.
BLOCKS = 40
HIGH = 300  # px
THEME = '<script defer src="_static/scripts/pydata-sphinx-theme.js"></script>'
# What the first frame shows: it is asked for after the page asked for the same frame.
SHOWN = "[...document.querySelectorAll('p')].filter((p) => p.offsetHeight).length"
COUNT = f"<script>requestAnimationFrame(() => {{ window.first = {SHOWN}; }});</script>"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Serve a long page and a script in the place of the theme's."""
    folder = tmp_path_factory.mktemp("site")
    style = (PACKAGE / "site" / "page.css").read_text(encoding="utf-8")
    style += fonts.UPRIGHT.css("_static/fonts/")
    style += f'p {{ font-family: "{fonts.TEXT}"; height: {HIGH}px; }}'
    style += "body, .bd-article p { margin: 0; }"
    fonts.write(folder / "_static" / "fonts")
    half = [
        "".join(f'<p id="b{n}">{n}</p>' for n in some)
        for some in (range(BLOCKS // 2), range(BLOCKS // 2, BLOCKS))
    ]
    (folder / "index.html").write_text(
        early.begin(
            '<html data-content_root="" ><head><meta charset="utf-8" />'
            f"<style>{style}</style></head><body>"
            f'<article class="bd-article"><section>{half[0]}<section>{half[1]}'
            f"</section></section></article>{THEME}{COUNT}</body></html>"
        )
    )
    script = folder / "_static" / "scripts" / "pydata-sphinx-theme.js"
    script.parent.mkdir(parents=True)
    script.write_text(f"window.themed = {SHOWN};")
    url, stop = serve(folder)
    yield url
    stop()


def _shown(page):
    return page.locator("p").filter(visible=True).count()


def test_the_first_frame_has_the_window_and_the_rest_follows(new_page, site):
    page = new_page(viewport={"width": 900, "height": 900})
    page.goto(site)
    page.wait_for_function("!document.querySelector('.sv-opening') && window.themed")
    assert 900 / HIGH <= page.evaluate("window.first") < BLOCKS / 2
    assert _shown(page) == BLOCKS


def test_who_goes_to_a_place_gets_all_at_once(new_page, site):
    page = new_page(viewport={"width": 900, "height": 900})
    page.goto(f"{site}/#b30")
    page.wait_for_function("window.themed === document.querySelectorAll('p').length")
    assert page.evaluate("window.first") == BLOCKS
    top = page.evaluate("document.getElementById('b30').getBoundingClientRect().top")
    assert abs(top) < 1


def test_a_key_opens_all(new_page, site):
    page = new_page(viewport={"width": 900, "height": 900})
    page.add_init_script("window.requestAnimationFrame = () => 0;")
    page.goto(site)
    assert _shown(page) == 0
    page.keyboard.press("End")
    assert _shown(page) == BLOCKS


def test_a_touched_figure_opens_nothing_and_a_key_that_leaves_it_all(new_page, site):
    page = new_page(viewport={"width": 900, "height": 900})
    page.add_init_script("window.requestAnimationFrame = () => 0;")
    page.goto(site)
    page.evaluate(
        """() => {
          document.body.insertAdjacentHTML('afterbegin', `<div class="sv-explorer">
            <button>one</button><input></div>`);
        }"""
    )
    page.locator("button").click()
    page.locator("input").fill("two")
    page.keyboard.press("ArrowRight")
    assert _shown(page) == 0
    page.keyboard.press("Tab")
    assert _shown(page) == BLOCKS


def test_without_scripts_all_is_there(new_page, site):
    page = new_page(java_script_enabled=False)
    page.goto(site)
    assert _shown(page) == BLOCKS
