"""A report opened from the disk: no host is asked, explorers answer, both themes."""

import pytest

pytest.importorskip("duckdb", reason="the extra logs is not installed")
pytest.importorskip("safetensors", reason="the extra report is not installed")

from accessible import axe_report
from playwright.sync_api import expect
from report_log import write_log

from seqviz.report.call import report


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    few = {"trials": 1, "seeds": 1, "epochs": 2, "families": ["ComiRec-SA", "SASRec"]}
    with pytest.MonkeyPatch.context() as patch:  # the export has tests of its own
        patch.setattr("seqviz.report.folder.find_spec", lambda name: None)
        page = report(
            write_log(folder), folder / "out", budget=None, progress=False, **few
        )
    return page.resolve().as_uri()


def visit(page, address):
    page.goto(address)
    for figure in page.locator(".sv-explorer").all():  # each starts when it is near
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_attribute("data-sv-ready", "")
    page.evaluate("scrollTo(0, 0)")
    return page


def test_nothing_is_asked_of_anybody(new_page, address):
    page = new_page(viewport={"width": 900, "height": 900})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, address)
    page.mouse.wheel(0, 20_000)
    assert [url for url in asked if not url.startswith("data:")] == [address]
    family = "document.fonts.check('17px \"Seqviz Text\"')"
    assert page.evaluate(family)
    assert page.locator(".sv-explorer").count() == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 900])
def test_axe_finds_nothing_and_nothing_overflows(new_page, address, width, scheme):
    page = new_page(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    visit(page, address)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert axe_report(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    wide = """() => [...document.querySelectorAll('.box')].filter(
        e => e.scrollWidth > e.clientWidth).map(e => e.textContent.slice(0, 80))"""
    assert width == 380 or page.evaluate(wide) == []
    wrapped = """() => [...document.querySelectorAll('tbody th')]
        .filter(e => e.getClientRects().length > 1
            || e.getBoundingClientRect().height > 3 * parseFloat(
                getComputedStyle(e).lineHeight) && getComputedStyle(e).whiteSpace
                !== 'nowrap').map(e => e.textContent)"""
    assert page.evaluate(wrapped) == []
    small = """() => [...document.querySelectorAll('body *')].filter(e =>
        !e.closest('style, script, svg') && e.checkVisibility()
        && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
        && parseFloat(getComputedStyle(e).fontSize) < 12).map(e => e.outerHTML)"""
    assert page.evaluate(small) == []


def test_the_button_turns_the_theme(new_page, address):
    page = new_page(color_scheme="light")
    visit(page, address)
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before == "rgb(255, 255, 255)" and after == "rgb(20, 24, 30)"


def test_the_explorers_answer(new_page, address):
    page = visit(new_page(viewport={"width": 900, "height": 900}), address)
    for name in ("interest", "attention", "diversity"):
        figure = page.locator(f'[data-module="{name}"]')
        said = figure.locator(".sv-sentence").inner_text()
        user = figure.get_by_label("User", exact=True)
        user.select_option(index=1)
        assert figure.locator(".sv-sentence").inner_text() != said
    slider = page.locator('[data-module="diversity"] input[type=range]').first
    said = page.locator('[data-module="diversity"] .sv-sentence').inner_text()
    slider.focus()
    for _ in range(12):
        slider.press("ArrowRight")
    assert page.locator('[data-module="diversity"] .sv-sentence').inner_text() != said


def test_without_a_script_the_answer_and_the_figures_are_there(new_page, address):
    page = new_page(java_script_enabled=False)
    page.goto(address)
    assert page.locator(".answer p").first.is_visible()
    assert page.locator(".sv-still").count() == 3
    assert not page.get_by_role("button").is_visible()
