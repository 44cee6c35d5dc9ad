"""What every explorer owes its page: both themes, a phone, a finger, paper, no script."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import sample
import test_explorer_activation as activation
import test_explorer_attention as attention
import test_explorer_diversity as diversity
import test_explorer_einsum as einsum
import test_explorer_quiz as quiz
import test_explorer_routing as routing
import test_explorer_sequence as sequence
import test_explorer_target as target
from axe_playwright_python.sync_playwright import Axe
from explorer_pages import write_page
from playwright.sync_api import Page
from serving import serve

from seqviz.explorers import EXPLORERS, Explorer

READY = ".sv-explorer[data-sv-ready]"
Figure = Callable[[], Explorer]
Step = Callable[[Page], object]


@dataclass(frozen=True)
class Duty:
    """One explorer and where to look.

    Args:
        make: the figure.
        steps: what brings it into further states; axe looks after each.
        still: selector of the still figure, whose label begins with ``words``.
        fingers: what a finger has to hit besides the ordinary controls.
        printed: what is to be seen on paper.
        sizes: further figures whose height is reserved rightly.
        tall: how high a figure of ``sizes``, or ``make``, may be in a wide column.
    """

    make: Figure
    steps: tuple[Step, ...]
    still: str = ""
    words: str = ""
    fingers: tuple[str, ...] = ()
    printed: tuple[str, ...] = ()
    sizes: tuple[Figure, ...] = ()
    tall: int = 700


def press(selector, place=0):
    return lambda page: page.locator(selector).nth(place).click()


def text(words):
    return lambda page: page.get_by_text(words).click()


def option(words):
    return lambda page: page.get_by_label(words, exact=True).check(force=True)


def write(equation):
    return lambda page: page.get_by_label("Equation").fill(equation)


def attention_of(length):
    return lambda: attention.explorer(
        scores=attention.scores(attention.H, length, length),
        titles=[f"item number {t}" for t in range(length)],
        mask=[False] + [True] * (length - 1),
    )


def target_of(length, count):
    return lambda: target.explorer(
        histories=[f"item {t}" for t in range(length)],
        mechanisms={f"way {k}": np.zeros((target.M, length)) for k in range(count)},
        mask=None,
        answers=None,
    )


def activation_of(length, beside):
    vectors = np.random.default_rng(length).normal(size=(length, activation.E))
    return lambda: activation.explorer(
        history=[f"item {t}" for t in range(length)], behaviors=vectors, beside=beside
    )


def routing_of(length, num_interests, iterations=3):
    rng = np.random.default_rng(length)
    votes = rng.normal(size=(length, num_interests, 6))
    shared = routing.Routing(votes[:, 0], rng.normal(size=(length, num_interests)))
    return lambda: routing.RoutingExplorer(
        [f"item {t}" for t in range(length)],
        {"ComiRec-DR": routing.Routing(votes), "MIND (B2I)": shared},
        iterations=iterations,
    )


DUTIES = {
    "interest": Duty(
        sample.explorer,
        (
            text("Show the true interest"),
            press(".sv-tile", 1),
            press("button[aria-label='Hide interest 2']"),
        ),
        still=".sv-drawn",
        words="User Mia. Interest 1 reads",
        printed=(".sv-tile", ".sv-map"),
        sizes=(sample.explorer,),
        tall=1300,
    ),
    "attention": Duty(
        attention.explorer,
        (text("Causal mask"), press(".sv-tile", 4)),
        still=".sv-still svg",
        words="Query race vest: ",
        printed=(".sv-tile", ".sv-heat"),
        sizes=(attention_of(8), attention_of(18)),
        tall=720,
    ),
    "einsum": Duty(
        einsum.explorer,
        (write("bhqe,bhte->bhqt"), write("bt,bt->bt"), write("i,i->ii")),
        still=".sv-still [role=img]",
        words="The equation ik,kj->ij takes",
        printed=(".sv-sentence",),
        sizes=(einsum.explorer, lambda: einsum.explorer("bkt,bte->bke")),
        tall=800,
    ),
    "sequence": Duty(
        sequence.explorer,
        (option("ids"), option("titles")),
        still=".sv-still svg",
        words=sequence.explorer().words(),
        fingers=(".sv-cell",),
        printed=(".sv-cell",),
        sizes=(sequence.explorer,),
    ),
    "target": Duty(
        target.explorer,
        (press(".sv-candidate", 1),),
        still=".sv-drawn",
        words="Candidate road shoes. target reads",
        printed=(".sv-candidate", ".sv-keys"),
        sizes=(
            *(target_of(length, n) for length in (6, 12) for n in (1, 2)),
            *(target_of(length, 3) for length in (6, 10)),
        ),
        tall=710,  # three columns of ten behaviors
    ),
    "activation": Duty(
        activation.explorer,
        (
            press(".sv-line[data-t]", 2),
            lambda page: page.locator(".sv-handle").press("ArrowRight"),
            option("softmax"),
        ),
        still=".sv-still svg",
        words="Candidate shoe 0: DIN gives",
        fingers=(".sv-grip",),
        printed=(".sv-plane", "canvas", ".sv-lines"),
        sizes=tuple(activation_of(n, beside) for n in (2, 8) for beside in (None, {})),
    ),
    "routing": Duty(
        routing.explorer,
        (
            option("2"),
            press(".sv-lines .sv-line", 2),
            option("MIND (B2I)"),
        ),
        still=".sv-drawn",
        words="ComiRec-DR. Before the first iteration: each behavior gives 25%",
        printed=(".sv-lines", ".sv-routes", ".sv-sums"),
        sizes=(
            *(routing_of(length, 4) for length in (3, 8, 20)),
            *(routing_of(8, count) for count in (1, 8)),
            routing_of(8, 4, iterations=10),
        ),
        tall=1100,
    ),
    "diversity": Duty(
        diversity.explorer,
        (
            lambda page: diversity.slider(page).fill("40"),
            lambda page: page.locator(".sv-list .sv-tile").nth(3).hover(),
            option("9"),
        ),
        still=".sv-drawn",
        words="One letter a category. λ = 0: ",
        printed=(".sv-list", ".sv-plot"),
        sizes=tuple(
            lambda changes=changes: diversity.explorer(**changes)
            for changes in (
                {"n": 4},
                {"n": 9},
                {},
                {"lengths": [9], "n": 9, "curves": None},
            )
        ),
        tall=760,
    ),
    "quiz": Duty(
        quiz.explorer,
        (option("Over the K interests"), option("Over the T clicks")),
        printed=(".sv-question",),
    ),
}
NAMES = list(DUTIES)


def test_no_explorer_is_left_out():
    assert {explorer.module for explorer in EXPLORERS} == set(DUTIES)


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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 900])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_nothing_is_small_and_nothing_overflows(
    new_page, root, name, width, theme
):
    page = new_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    visit(page, f"{root}/{name}")
    page.evaluate("t => document.documentElement.dataset.theme = t", theme)
    for step in (lambda page: None, *DUTIES[name].steps):
        step(page)
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
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


@pytest.mark.parametrize("width", [380, 900])
@pytest.mark.parametrize(
    ("name", "place"),
    [(name, n) for name, duty in DUTIES.items() for n in range(len(duty.sizes))],
)
def test_the_reserved_height_is_close_to_the_real_one(open_page, name, place, width):
    figure = DUTIES[name].sizes[place]()
    page = open_page(figure, viewport={"width": width, "height": 800})
    reserved, real = page.evaluate(
        """name => { const stage = document.querySelector('.sv-stage');
        return [parseFloat(getComputedStyle(stage).getPropertyValue(name)),
                stage.firstElementChild.getBoundingClientRect().height]; }""",
        "--sv-narrow" if width < 600 else "--sv-wide",
    )
    assert abs(reserved - real) < 0.08 * real, (reserved, real)
    assert width < 600 or real <= DUTIES[name].tall


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
