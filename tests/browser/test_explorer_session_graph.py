"""The session-graph explorer in a page without a kernel, on Chromium."""

import numpy as np
import torch
from accessible import axe_report
from duty import Duty, option, press

from seqviz.explorers import SessionGraphExplorer
from seqviz.explorers.session_graph.reading import SHAPES, read
from seqviz.models import SRGNN

N, E = 30, 16
TITLES = [f"item number {n}" for n in range(1, N + 1)]
TITLES[3:9] = ["trail shoes", "running socks", "tent", "tent pegs", "kettle", "mug"]
SHELF = [4, 5, 6, 7, 8, 9]
FIRST = [4, 5, 6, 7, 4]


def weights():
    torch.manual_seed(0)
    return {n: w.numpy() for n, w in SRGNN(N, E).state_dict().items() if n in SHAPES}


def explorer(**changes):
    arguments = {"shelf": SHELF, "session": FIRST, **changes}
    return SessionGraphExplorer(weights(), TITLES, **arguments)


def shown(page):
    return page.evaluate(
        """() => ({
            clicks: [...document.querySelectorAll('.sv-tiles .sv-weight')]
                .map(b => +b.dataset.weight),
            names: [...document.querySelectorAll('.sv-lines .sv-name')]
                .map(n => n.textContent),
            scores: [...document.querySelectorAll('.sv-lines .sv-weight')]
                .map(b => +b.dataset.weight),
            arcs: document.querySelectorAll('.sv-arc').length,
        })"""
    )


def assert_like_numpy(page, session, once=False, hops=1):
    want, found = read(weights(), session, once, hops), shown(page)
    np.testing.assert_allclose(found["clicks"], want.weights, atol=1e-5)
    top = np.argsort(-want.scores, kind="stable")[:5]
    np.testing.assert_allclose(found["scores"], want.scores[top], atol=1e-5)
    assert found["names"] == [f"{k} {TITLES[n]}" for k, n in enumerate(top, 1)]
    assert found["arcs"] == len(want.edges)


def said(page):
    return page.locator(".sv-sentence").inner_text()


def click(name):
    return lambda page: page.locator(".sv-node", has_text=name).first.click()


def button(page, name):
    page.get_by_role("button", name=name).click()


def test_any_session_is_that_of_numpy(page):
    assert_like_numpy(page, FIRST)
    session = list(FIRST)
    for name, item in (("mug", 9), ("mug", 9), ("trail shoes", 4), ("running", 5)):
        click(name)(page)
        session.append(item)
        assert_like_numpy(page, session)
    for hops in (0, 2, 3):
        option(str(hops))(page)
        assert_like_numpy(page, session, hops=hops)
    option("once")(page)
    assert_like_numpy(page, session, once=True, hops=3)
    for _ in range(len(session)):
        button(page, "Take a click back")
    assert said(page) == "No click yet. Click an item to begin."
    assert page.locator(".sv-arc").count() == 0
    click("kettle")(page)
    assert_like_numpy(page, [8], once=True, hops=3)
    button(page, "Begin again")
    assert_like_numpy(page, FIRST, once=True, hops=3)


def test_the_sentence_says_what_is_there_and_what_is_under_the_hand(page):
    assert said(page).startswith("5 clicks: 4 items, 4 edges. First come ")
    page.locator(".sv-node").first.hover()
    assert said(page) == (
        "trail shoes. It leaves 100% to running socks. It is reached 100% from tent "
        "pegs."
    )
    click("tent pegs")(page)
    page.locator(".sv-node").first.hover()
    assert "It leaves 50% to running socks and 50% to tent pegs." in said(page)
    page.locator(".sv-tiles .sv-tile").nth(1).hover()
    assert said(page).startswith("Click 2, running socks: weight ")
    page.locator(".sv-lines .sv-line").nth(2).hover()
    assert ": score " in said(page)
    page.mouse.move(2, 2)
    assert said(page).startswith("6 clicks")


def test_twelve_clicks_are_the_end_and_nothing_breaks(page):
    for _ in range(7):
        click("kettle")(page)
    page.locator(".sv-node").first.dispatch_event("click")
    assert page.locator(".sv-tiles .sv-tile").count() == 12
    page.mouse.move(2, 2)
    page.evaluate("() => document.activeElement.blur()")
    assert "More than 12 clicks do not fit here." in said(page)
    assert page.locator(".sv-node[aria-disabled]").count() == len(SHELF)


def test_the_keyboard_alone_reaches_everything(page):
    keys = page.keyboard.press
    keys("Tab")
    keys("Enter")  # takes a click back
    assert_like_numpy(page, FIRST[:-1])
    keys("Tab")
    keys("Enter")  # begins again
    assert_like_numpy(page, FIRST)
    keys("Tab")
    keys("ArrowRight")
    keys("Tab")
    keys("ArrowRight")
    assert_like_numpy(page, FIRST, once=True, hops=2)
    keys("Tab")
    assert said(page).startswith("trail shoes. ")
    keys("Enter")
    assert_like_numpy(page, [*FIRST, 4], once=True, hops=2)
    for _ in range(len(SHELF)):
        keys("Tab")
    assert said(page).startswith("Click 1, ")
    keys("Tab")
    assert ": score " in said(page)


def test_odd_names_on_a_phone(open_page):
    titles = ["<b>bold</b>", "x" * 90, "</script>", *TITLES[3:]]
    figure = SessionGraphExplorer(
        weights(), titles, shelf=[1, 2, 3], session=[1, 2, 1, 1]
    )
    page = open_page(figure, viewport={"width": 380, "height": 800})
    assert page.locator(".sv-node .sv-name").first.inner_text() == "<b>bold</b>"
    assert axe_report(page) == ""
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


DUTY = Duty(
    explorer,
    (click("mug"), option("once"), option("3"), press(".sv-lines .sv-line", 2)),
    still=".sv-drawn",
    words="5 clicks: 4 items, 4 edges; first ",
    fingers=(".sv-node",),
    printed=(".sv-arcs", ".sv-lines", ".sv-tiles"),
    sizes=(
        lambda: explorer(session=[]),
        lambda: explorer(shelf=SHELF[:2], session=[4]),
        lambda: explorer(
            shelf=list(range(1, 9)), session=[1, 2, 3, 4, 5, 6, 7, 8] + [1] * 4
        ),
    ),
    tall=800,
)
