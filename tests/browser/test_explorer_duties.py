"""What every explorer owes its page: both themes, a phone, a finger, paper."""

from importlib import import_module
from importlib.util import find_spec

import pytest
from accessible import axe_report, outline
from explorer_pages import write_page
from serving import serve

from seqviz.explorers import EXPLORERS

READY = ".sv-explorer[data-sv-ready]"


def _duties():
    """Return the ``DUTY`` of each explorer's own test file by the explorer's name."""
    duties = {}
    for explorer in EXPLORERS:
        file = f"test_explorer_{explorer.module}"
        own = import_module(file) if find_spec(file) else None
        if hasattr(own, "DUTY"):
            duties[explorer.module] = own.DUTY
    return duties


DUTIES = _duties()
NAMES = list(DUTIES)


@pytest.mark.parametrize("name", [explorer.module for explorer in EXPLORERS])
def test_no_explorer_is_left_out(name):
    assert name in DUTIES, f"test_explorer_{name}.py must have a DUTY"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Return the address under which each explorer has a folder of its name."""
    folder = tmp_path_factory.mktemp("explorers")
    for name, duty in DUTIES.items():
        (folder / name).mkdir()
        write_page(folder / name, duty.make())
    url, stop = serve(folder)
    yield url
    stop()


def visit(page, url):
    page.goto(f"{url}/index.html")
    page.wait_for_selector(READY)
    return page


def choose(page, theme):
    page.evaluate("t => document.documentElement.dataset.theme = t", theme)


@pytest.mark.parametrize("width", [380, 900])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_nothing_is_small_and_nothing_overflows(
    new_page, root, name, width
):
    """In both themes, which differ in colors alone: in the dark axe looks at these."""
    page = new_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    visit(page, f"{root}/{name}")
    for step in (lambda page: None, *DUTIES[name].steps):
        step(page)
        shown = []
        for theme in "dark", "light":
            choose(page, theme)
            shown.append(outline(page))
            assert axe_report(page, theme) == ""
        assert shown[0] == shown[1]
        overflow = "() => document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(overflow) <= 0
        small = page.evaluate(
            """() => [...document.querySelectorAll('.sv-card *')].filter(e =>
                e.tagName !== 'STYLE'
                && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
                && parseFloat(getComputedStyle(e).fontSize) < 12)
                .map(e => e.outerHTML)"""
        )
        assert small == []


@pytest.mark.parametrize("name", NAMES)
def test_touch_targets_are_44_pixels(new_page, root, name):
    page = new_page(
        viewport={"width": 380, "height": 800}, has_touch=True, is_mobile=True
    )
    visit(page, f"{root}/{name}")
    ordinary = (
        ".sv-card button, .sv-card select, .sv-segmented label, .sv-switch, .sv-option",
        ".sv-card input:not([type=radio], [type=checkbox])",
    )
    sizes = page.evaluate(
        """selector => [...document.querySelectorAll(selector)]
            .filter(e => e.checkVisibility())
            .map(e => [e, e.getBoundingClientRect()])
            .map(([e, b]) => [e.textContent || e.className, b.width, b.height])""",
        ", ".join(ordinary + DUTIES[name].fingers),
    )
    assert sizes
    assert [size for size in sizes if min(size[1:]) < 44] == []


#: The page's own, a wide one, a narrow one, one whose letters are all as wide.
FONTS = ("", "DejaVu Sans", "STIXGeneral", "DejaVu Sans Mono")
HEIGHTS = """async fonts => {
    const heights = [];
    for (const font of fonts) {
        document.documentElement.style.setProperty('--sv-font-text', font);
        await document.fonts.ready;
        const stage = document.querySelector('.sv-stage');
        heights.push(stage.getBoundingClientRect().height);
    }
    return heights;
}"""


@pytest.mark.parametrize("width", [380, 900])
@pytest.mark.parametrize(
    ("name", "place"),
    [(name, n) for name, duty in DUTIES.items() for n in range(len(duty.sizes) + 1)],
)
def test_the_reserved_height_is_close_to_the_real_one(
    new_page, tmp_path, name, place, width
):
    duty = DUTIES[name]
    write_page(tmp_path, (duty.make, *duty.sizes)[place]())
    url, stop = serve(tmp_path)
    page = new_page(viewport={"width": width, "height": 800})
    nothing = {"body": "", "content_type": "text/javascript"}
    page.route("**/seqviz-host.js", lambda route: route.fulfill(**nothing))
    page.goto(url)
    reserved = page.evaluate(HEIGHTS, FONTS)
    assert page.locator(READY).count() == 0
    page.unroute("**/seqviz-host.js")
    page.add_script_tag(url="seqviz-host.js")
    page.wait_for_selector(READY)
    real = page.evaluate(HEIGHTS, FONTS)
    stop()
    for font, kept, taken in zip(FONTS, reserved, real, strict=True):
        assert abs(kept - taken) < 0.04 * taken, (font, kept, taken)
    assert width < 600 or real[0] <= duty.tall


@pytest.mark.parametrize("width", [380, 900])
@pytest.mark.parametrize("name", [name for name, duty in DUTIES.items() if duty.still])
def test_without_scripts_the_still_figure_is_there(new_page, root, name, width):
    page = new_page(java_script_enabled=False, viewport={"width": width, "height": 900})
    page.goto(f"{root}/{name}/index.html")
    still = page.locator(DUTIES[name].still).first
    assert still.is_visible()
    assert still.get_attribute("aria-label").startswith(DUTIES[name].words)
    assert page.locator("figcaption").is_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", [name for name, duty in DUTIES.items() if duty.still])
def test_the_ring_of_a_still_figure_stands_around_it(new_page, root, name):
    page = new_page(java_script_enabled=False)
    page.goto(f"{root}/{name}/index.html")
    still = page.locator(".sv-still[tabindex='0']")
    box = still.bounding_box()
    beside = {"x": box["x"] - 5, "y": box["y"] + 20, "width": 5, "height": 20}
    before = page.screenshot(clip=beside)
    page.keyboard.press("Tab")
    assert page.screenshot(clip=beside) != before


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opened_from_the_disk_says_the_same(new_page, root, tmp_path, name):
    write_page(tmp_path, DUTIES[name].make())
    page, disk = new_page(), new_page()
    visit(page, f"{root}/{name}")
    visit(disk, f"file://{tmp_path}")
    said, from_disk = (one.locator(".sv-card").inner_text() for one in (page, disk))
    assert said == from_disk and len(said) > 100


@pytest.mark.parametrize("name", NAMES)
def test_print_shows_the_picture_without_the_controls(new_page, root, name):
    page = visit(new_page(viewport={"width": 900, "height": 900}), f"{root}/{name}")
    page.emulate_media(media="print")
    for node in page.locator(".sv-controls").all():
        assert node.is_hidden()
    for selector in DUTIES[name].printed:
        assert page.locator(selector).first.is_visible()


@pytest.mark.parametrize("size", [(1280, 720), (380, 800)])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "quiz"])
def test_the_sentence_at_the_bottom_never_covers_a_control(new_page, root, name, size):
    width, height = size
    page = new_page(viewport={"width": width, "height": height})
    visit(page, f"{root}/{name}")
    covered = page.evaluate(
        """() => {
            document.body.style.padding = '3000px 0';
            const card = document.querySelector('.sv-card'), found = new Set();
            const all = [...card.querySelectorAll(
                '.sv-controls :is(label, button, select, input)')];
            for (let top = 0; top < innerHeight; top += 10) {
                scrollBy({ top: card.getBoundingClientRect().top - top });
                for (const one of all) {
                    const { left, right, top, bottom } = one.getBoundingClientRect();
                    const over = document.elementFromPoint(
                        (left + right) / 2, (top + bottom) / 2);
                    if (over?.closest('.sv-sentence')) found.add(one.outerHTML);
                }
            }
            return [...found];
        }"""
    )
    assert covered == []


@pytest.mark.parametrize("size", [(1280, 600), (380, 700)])
@pytest.mark.parametrize("name", NAMES)
def test_the_keyboard_never_stops_under_the_sentence(new_page, root, name, size):
    width, height = size
    page = new_page(viewport={"width": width, "height": height})
    visit(page, f"{root}/{name}")
    page.evaluate("() => { document.body.style.padding = '3000px 0'; scrollTo(0, 0); }")
    covered, stops = [], 0
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
                const focused = document.activeElement;
                if (!focused.closest('.sv-card')) return null;
                const { left, right, top, bottom } = focused.getBoundingClientRect();
                const x = (left + right) / 2, y = (top + bottom) / 2;
                const over = document.elementFromPoint(x, y);
                return [focused.outerHTML.slice(0, 200),
                        !over || Boolean(over.closest('.sv-sentence'))];
            }"""
        )
        if stop is None:
            break
        stops += 1
        covered += [stop[0]] if stop[1] else []
    assert stops > 0 and covered == []
