"""Every page of the built book: nothing foreign, nothing broken, open to everybody.

``SEQVIZ_SITE`` points the tests at another build than ``_build/html``.
"""

import gzip
import os
import re
from pathlib import Path

import pytest
from accessible import axe_report, outline
from jupyter_cache import get_cache
from kinds.chapters import each_chapter, hold
from kinds.outputs import faults_of_outputs
from kinds.running import words
from serving import serve

from benchmarks.pages.faults import faults
from seqviz.checks import exercises
from seqviz.figures import fonts
from seqviz.site.execution import read_notebook
from seqviz.site.exercises import KEEP_GETTING
from seqviz.site.inputs import STORED, cache_folder
from seqviz.site.published import is_published

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("SEQVIZ_SITE", ROOT / "_build" / "html"))
MOST_BYTES = 400_000
# Compressed: what a page sends to who has seen no other, and after another.
MOST_FIRST, MOST_NEXT = 450_000, 200_000

#: The pages that a person reads; index.html only sends on to the first.
PAGES = sorted(
    str(path.relative_to(SITE))
    for path in SITE.rglob("*.html")
    if not {"_static", "genindex.html", "index.html"}
    & set(path.relative_to(SITE).parts)
)
WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 380, "height": 800}}


@pytest.fixture(scope="module")
def address():
    """Serve the built book on this machine and return its address."""
    url, stop = serve(SITE)
    yield f"{url}/"
    stop()


@pytest.fixture(scope="module", params=PAGES)
def name(request):
    """Return each page's path in turn; all tests of one page come together."""
    return request.param


@pytest.fixture(scope="module")
def opened(browser, address, name):
    """Return ``opened(theme, phone)``: the page and what went wrong, opened once."""
    pages = {}

    def get(theme="light", phone=False):
        if (theme, phone) not in pages:
            options = {**PHONE, "has_touch": True, "is_mobile": True}
            # A first visit: nothing chosen, the page follows the system.
            context = browser.new_context(
                color_scheme=theme, **(options if phone else WIDE)
            )
            pages[theme, phone] = (context, *_open(context, address, name))
        return pages[theme, phone][1:]

    yield get
    for context, *_ in pages.values():
        context.close()


def _open(context, address, name):
    page = context.new_page()
    wrong = faults(page, address)
    page.goto(address + name, wait_until="load")
    _see_everything(page)
    return page, wrong


def _see_everything(page):
    """Scroll to whatever still waits for the eye, until nothing does.

    Not until the network is idle: a page from the disk may never be said to be.
    """
    page.wait_for_function(
        """() => {
          if (document.querySelector('.sv-opening')) return false;
          const waits = document.querySelector(
            '.sv-chart:not([data-drawn]), .sv-explorer:not([data-sv-ready])',
          ) ?? [...document.images].find((image) => !image.complete);
          waits?.scrollIntoView();
          return !waits;
        }""",
        polling=50,
    )
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.fonts.ready.then(() => null)")  # the measure is in our face


def _text(name):
    return (SITE / name).read_text(encoding="utf-8")


def test_there_is_a_book():
    assert "intro.html" in PAGES, f"no book in {SITE}: run make book first"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_is_quiet_and_accessible(opened, theme):
    page, wrong = opened(theme)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert wrong == []  # before axe, which fetches style sheets on its own account
    assert axe_report(page, theme) == ""


def test_a_theme_changes_colors_and_nothing_else(opened):
    """Then the rules that no color decides need one theme."""
    (light, _), (dark, _) = opened("light"), opened("dark")
    assert outline(light) == outline(dark)


def test_page_opened_from_the_disk_is_alive(browser, name):
    context = browser.new_context(**WIDE)
    page = context.new_page()
    page.goto((SITE / name).as_uri(), wait_until="load")
    _see_everything(page)
    explorers = page.locator(".sv-explorer").count()
    assert page.locator(".sv-explorer[data-sv-ready]").count() == explorers
    context.close()


def test_page_fits_a_phone(opened):
    page, wrong = opened(phone=True)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["viewport"]["width"]
    small = page.evaluate(
        """() => [...document.querySelectorAll('.bd-article *')].filter((e) =>
          [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
          && !e.closest('.katex, script, style, svg, sub, sup, .headerlink')
          && e.getClientRects().length
          && parseFloat(getComputedStyle(e).fontSize) < 11.9)
          .map((e) => e.textContent.trim().slice(0, 40))"""
    )
    assert small == []
    assert wrong == []


@pytest.mark.parametrize("width", [1200, 1280, 1440])
def test_listings_and_row_names_need_no_second_look(opened, width):
    """80 columns fit into the column; the name of a row stands on one line or two."""
    page, _ = opened()
    page.set_viewport_size({"width": width, "height": 900})
    scrolling = page.evaluate(
        """() => [...document.querySelectorAll('.cell_input pre')]
          .filter((e) => e.scrollWidth > e.clientWidth)
          .map((e) => [e.scrollWidth, e.clientWidth, e.textContent.slice(0, 60)])"""
    )
    high = page.evaluate(
        """() => [...document.querySelectorAll('.cell_output tbody th')]
          .filter((e) => e.getBoundingClientRect().height > 60)
          .map((e) => e.textContent)"""
    )
    page.set_viewport_size(WIDE["viewport"])
    assert scrolling == []
    assert high == []


def test_no_text_in_a_figure_is_tiny_on_a_phone(opened):
    page, _ = opened(phone=True)
    heights = page.evaluate(
        """() => [...document.querySelectorAll('.sv-figure svg text')]
          .filter((t) => !t.querySelector('tspan'))
          .map((t) => { const m = t.getCTM();  // turned text too
            const size = parseFloat(getComputedStyle(t).fontSize);
            return size * Math.hypot(m.a, m.b); })"""
    )
    assert [height for height in heights if height < 11.9] == []


def test_page_is_light(name):
    size = len(_text(name).encode())
    assert size <= MOST_BYTES, f"{name} has {size} bytes"


def _packed(path):
    content = path.read_bytes()
    return len(content if path.suffix == ".woff2" else gzip.compress(content, 6))


def test_a_page_sends_few_bytes(name):
    """On a first visit with all its figures, and after another page of the book."""
    text = _text(name)
    linked = re.findall(r"<(?:script|link)\b[^>]*?(?:src|href|later)=\"([^\"?]*)", text)
    files = [(SITE / name).parent / one for one in linked]
    own = [SITE / f"explorers/{one}.js" for one in re.findall(r'-module="(\w+)"', text)]
    own += [SITE / f"explorers/{one}" for one in re.findall(r'data-file="(.*?)"', text)]
    later = len(gzip.compress(text.encode(), 6)) + sum(map(_packed, set(own)))
    shared = {one.resolve() for one in files if one.suffix in (".js", ".css")}
    shared |= set((SITE / "_static" / "fonts").glob("*.woff2"))
    if 'class="katex' in text:
        faces = (
            "*_Main-[RB]*r.woff2 *_Main-Bold.woff2 *_Math-Italic.woff2 *_Size*.woff2"
        )
        for face in faces.split():
            shared |= set((SITE / "_static" / "katex" / "fonts").glob(face))
    assert later <= MOST_NEXT
    assert later + sum(map(_packed, shared)) <= MOST_FIRST


def test_page_asks_no_other_host(name):
    text = _text(name)
    loads = re.findall(
        r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=\"([^\"]+)\""
        r"|<link\b(?![^>]*rel=\"canonical\")[^>]*\bhref=\"([^\"]+)\"",
        text,
    )
    foreign = [a or b for a, b in loads if re.match(r"(?:https?:)?//", a or b)]
    assert foreign == []
    for word in ("cdn.jsdelivr", "unpkg.com", "cdnjs", "googleapis", "mathjax-config"):
        assert word not in text
    assert "require.min.js" not in text


def test_every_word_is_in_a_face_that_the_book_carries(opened):
    """So a page looks the same on every machine, one without fonts included."""
    page, _ = opened()
    groups = page.evaluate(
        """() => { const groups = {};
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const { data, parentElement: e } = walk.currentNode;
            const unseen = 'script, style, noscript, .katex-mathml';
            if (!data.trim() || e.closest(unseen)) continue;
            const { fontFamily, fontStyle, fontWeight } = getComputedStyle(e);
            const font = `${fontStyle} ${fontWeight} 20px ${fontFamily}`;
            const said = (groups[font] ??= new Set());
            for (const sign of data.replace(/[\\s\\u200b]/g, '')) said.add(sign);
          }
          return Object.entries(groups).map(
            ([font, said]) => [font, [...said].join('')]);
        }"""
    )
    assert any(fonts.TEXT in font for font, _ in groups)
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    foreign = []
    for font, said in groups:
        page.evaluate(
            """async ([font, said]) => { const p = document.createElement('p');
              p.id = 'every-sign'; p.style.font = font; p.textContent = said;
              document.body.append(p);
              p.getBoundingClientRect();  // laid out, it asks for its faces
              await document.fonts.ready; }""",
            [font, said],
        )
        query = {"nodeId": root, "selector": "#every-sign"}
        node = session.send("DOM.querySelector", query)
        used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})
        foreign += [
            (face["familyName"], face["glyphCount"], font, said)
            for face in used["fonts"]
            if not face["isCustomFont"]
        ]
        page.evaluate("document.getElementById('every-sign').remove()")
    assert foreign == []


def test_without_scripts_the_words_are_in_the_same_face(browser, address, name):
    context = browser.new_context(java_script_enabled=False, **WIDE)
    page = context.new_page()
    page.goto(address + name)
    family = page.evaluate("getComputedStyle(document.querySelector('p')).fontFamily")
    context.close()
    assert family.startswith(f'"{fonts.TEXT}"')


def test_a_line_of_text_has_about_66_characters(opened):
    page, _ = opened()
    lines = page.evaluate(
        """() => { const lines = [], range = document.createRange();
          for (const p of document.querySelectorAll('.bd-article section > p')) {
            if (p.textContent.length < 200 || p.querySelector('.katex')) continue;
            const walk = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
            let count = 0, before = 0;
            while (walk.nextNode()) {
              for (let i = 0; i < walk.currentNode.length; i++) {
                range.setStart(walk.currentNode, i);
                range.setEnd(walk.currentNode, i + 1);
                const { left, width } = range.getBoundingClientRect();
                if (width && left < before - 200) { lines.push(count); count = 0; }
                if (width) before = left;
                count++;
              }
            }
          }
          return lines; }"""
    )
    if len(lines) >= 20:  # a page of prose
        assert 63 <= sum(lines) / len(lines) <= 69


@pytest.mark.parametrize(
    ("name", "width"),
    [("genindex.html", 380), ("playground.html", 320), ("intro.html", 320)],
)
def test_a_page_fits_a_narrow_phone(browser, address, name, width):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(address + name)
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert wide <= width


def test_what_a_cell_prints_in_pieces_stands_line_below_line(opened):
    page, _ = opened()
    gaps = page.evaluate(
        """() => {
          const folded = [...document.querySelectorAll('details:not([open])')];
          for (const fold of folded) fold.open = true;
          const pieces = [...document.querySelectorAll('.stream + .stream')];
          const gaps = pieces.map((piece) => {
            const [before, own] = [piece.previousElementSibling, piece].map((e) => {
              const text = document.createRange();
              text.selectNodeContents(e.querySelector('pre'));
              return [...text.getClientRects()].filter(({ width }) => width);
            });
            const bottom = Math.max(...before.map((line) => line.bottom));
            return Math.min(...own.map((line) => line.top)) - bottom; });
          for (const fold of folded) fold.open = false;
          return gaps; }"""
    )
    assert all(abs(gap) < 2 for gap in gaps), gaps


@pytest.mark.parametrize("phone", [False, True])
def test_what_goes_on_beyond_an_edge_shows_it(opened, phone):
    page, _ = opened(phone=phone)
    bare = page.evaluate(
        """() => [...document.querySelectorAll('.bd-article *')].filter((e) =>
          e.matches(':has(> table), .sv-figure-box, pre, .katex-display')
          && e.checkVisibility() && e.scrollWidth > e.clientWidth + 1
          && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
          && !getComputedStyle(e).backgroundImage.includes('gradient'))
          .map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert bare == []


CHARTED = [one for one in PAGES if 'class="sv-chart"' in _text(one)]


def test_some_page_has_a_chart():
    assert CHARTED


@pytest.mark.parametrize("charted", CHARTED)
def test_paper_leaves_no_place_without_a_chart(browser, address, charted):
    context = browser.new_context(**WIDE)
    page = context.new_page()
    page.goto(address + charted)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    blank = page.evaluate(
        """() => [...document.querySelectorAll('.sv-chart')].filter((e) =>
          !e.dataset.drawn && (e.querySelector('.sv-chart-box').checkVisibility()
            || e.querySelector('.sv-numbers')?.open === false)).length"""
    )
    context.close()
    assert blank == 0


def test_formulas_are_set_and_no_markup_is_left(opened):
    page, _ = opened()
    unset = page.evaluate(
        """() => [...document.querySelectorAll('div.math, span.math')]
          .filter((e) => !e.querySelector('.katex-html')).map((e) => e.textContent)"""
    )
    assert unset == []
    assert page.locator(".katex-error").count() == 0
    prose = page.evaluate(
        """() => { const a = document.querySelector('.bd-article');
          if (!a) return '';
          const c = a.cloneNode(true);
          const drop = 'pre, code, script, style, .katex';
          c.querySelectorAll(drop).forEach((e) => e.remove());
          return c.textContent; }"""
    )
    assert (
        re.findall(r"\$\$|\{[a-z:]+\}`|:::|```|\$\\?[A-Za-z][^$\n]{0,40}\$", prose)
        == []
    )


def test_every_sign_of_a_formula_is_in_its_face(opened):
    page, _ = opened()
    missing = page.evaluate(
        """async () => {
          const pen = document.createElement('canvas').getContext('2d');
          const drawn = (sign, face) => {
            pen.font = face;
            const { width, actualBoundingBoxAscent: up } = pen.measureText(sign);
            return `${width} ${up}`;
          };
          const missing = new Set();
          for (const formula of document.querySelectorAll('.katex-html')) {
            const walk = document.createTreeWalker(formula, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
              const own = getComputedStyle(walk.currentNode.parentElement);
              const face = `${own.fontStyle} ${own.fontWeight} 40px ${own.fontFamily}`;
              await document.fonts.load(face);
              for (const sign of walk.currentNode.data.replace(/[\\s\u200b]/g, '')) {
                // No face draws this one, and no system either.
                if (drawn(sign, face) === drawn('\uf8f0', face)) missing.add(sign);
              }
            }
          }
          return [...missing]; }"""
    )
    assert missing == []


def test_the_common_errors_are_folded_and_a_key_opens_them(opened, name):
    page, _ = opened()
    chapter = Path(name).stem.replace("_", "-")
    asked = [one for one in exercises() if one.name.split("/")[0] == chapter]
    summary = page.locator("summary", has_text=KEEP_GETTING)
    folds = page.locator("details", has=summary)
    assert folds.count() == 2 * len(asked)
    assert not any(folds.evaluate_all("all => all.map((one) => one.open)"))
    for place in range(folds.count()):
        summary.nth(place).focus()
        page.keyboard.press("Enter")
        assert folds.nth(place).evaluate("one => one.open")
        page.keyboard.press("Enter")
        assert not folds.nth(place).evaluate("one => one.open")


def test_the_search_quotes_the_text_alone(browser, address):
    page = browser.new_page()
    page.goto(f"{address}search.html")
    quoted = page.evaluate(
        """() => Search.htmlToText(`<main role="main"><p>a sentence</p>
          <pre>a_listing()</pre><svg><text>a label</text></svg></main>`)"""
    )
    page.close()
    assert quoted.split() == ["a", "sentence"]


def test_no_output_is_empty(opened):
    """A bare Plotly figure or a widget without HTML leaves a box with nothing in it."""
    page, _ = opened()
    # Folds hide their content; it is there all the same.
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    empty = page.evaluate(
        """() => [...document.querySelectorAll('.cell_output')].filter((e) => {
          const drawn = e.querySelector('svg, img, canvas, table, video');
          return !(e.innerText ?? '').trim() && !drawn; })
          .map((e) => e.closest('.cell').innerText.slice(0, 300))"""
    )
    assert empty == []
    assert page.locator("script[type*='widget-']").count() == 0  # no view, no state


def test_no_progress_bar_is_left(name):
    assert re.findall(r"\d+%\|[^|\n]*\|", _text(name)) == []


def test_every_picture_has_words(opened):
    page, _ = opened()
    dumb = page.evaluate(
        """() => [...document.querySelectorAll(
            '.bd-article img, .sv-figure svg, .sv-chart-box')]
          .map((e) => e.closest('[role=img]') ?? e)  // one name for a group of drawings
          .filter((e) => !(e.getAttribute('alt')
            ?? e.getAttribute('aria-label') ?? '').trim())
          .map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert dumb == []


def test_charts_and_figures_follow_the_theme(opened):
    page, _ = opened("dark")
    white = page.evaluate(
        """() => [...document.querySelectorAll('.sv-figure, .sv-chart, .sv-chart .bg,'
          + ' .sv-chart .main-svg, .output.text_html')].filter((e) => {
            const style = getComputedStyle(e);
            return [style.backgroundColor, e.matches('.bg') ? style.fill : ''].some(
              (c) => { const n = (c.match(/[\\d.]+/g) ?? []).map(Number);
                const clear = n.length === 4 && n[3] === 0;
                return n.length >= 3 && !clear && n[0] + n[1] + n[2] > 300
                  && !(e.matches('.bg') && style.fillOpacity === '0'); }); })
          .map((e) => e.outerHTML.slice(0, 160))"""
    )
    assert white == []
    drawn = page.evaluate(
        "[...document.querySelectorAll('.sv-chart')].map((c) => c.dataset.drawn)"
    )
    assert set(drawn) <= {"dark"}


@each_chapter()
def test_what_the_build_printed_is_asserted_or_explained(place):
    """With real data and all packages, which nbval's run has not (book/conftest.py)."""
    if "SEQVIZ_SITE" in os.environ:
        pytest.skip("another build than that of this checkout")
    notebook = read_notebook(place.path)
    _, ran = get_cache(cache_folder()).merge_match_into_notebook(notebook)
    said = {cell.id: words(cell.get("outputs", [])) for cell in ran.cells}
    hold(faults_of_outputs(place, said))


def test_a_notebook_offers_its_colab_edition():
    for name in PAGES:
        source = ROOT / "book" / name.replace(".html", ".ipynb")
        if "SEQVIZ_SITE" in os.environ:
            continue
        link = re.search(r'href="((?:[^"]*/)?colab/[^"]*)"', _text(name))
        assert bool(link) == source.exists()
        if link:
            assert (SITE / name).parent.joinpath(link[1]).resolve().is_file()
        opens = "colab.research.google.com" in _text(name)
        assert opens == (source.exists() and is_published())


def test_the_wheel_and_shared_files_are_there():
    wheels = list((SITE / "wheels").glob("seqviz_book-*-py3-none-any.whl"))
    assert len(wheels) == 1
    assert (SITE / "charts" / "plotly.min.js").stat().st_size > 1_000_000
    assert not list((SITE / "_static").rglob("plotly*"))
    for path in (ROOT / "book").rglob(STORED):
        copy = SITE / path.relative_to(ROOT / "book")
        assert "SEQVIZ_SITE" in os.environ or copy.read_bytes() == path.read_bytes()
