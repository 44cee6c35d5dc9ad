"""The explorer of one's own history in a page without a kernel, on Chromium."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from duty import Duty, press
from explorer_pages import write_page
from serving import serve

from seqviz.explorers import HistoryExplorer
from seqviz.explorers.history import reading
from seqviz.explorers.history.still import best
from seqviz.site import later

sys.path.append(str(Path(__file__).parents[1] / "unit"))
from history_models import CATEGORIES, COUNTS, TITLES, models  # noqa: E402

FIRST = [3, 8, 3, 20]
SHOWN = 5  # of a list among ten


def explorer(**changes):
    return HistoryExplorer(
        models(), COUNTS, TITLES, CATEGORIES, **{"history": FIRST, **changes}
    )


def shown(page):
    return page.evaluate(
        """() => [...document.querySelectorAll('.sv-list')].map(list =>
            [...list.querySelectorAll('.sv-entry')]
            .map(entry => [+entry.dataset.item, +entry.dataset.score]))"""
    )


def assert_like_torch(page, history):
    wanted = explorer(history=history).scores()
    for found, (name, scores) in zip(shown(page), wanted.items(), strict=True):
        items = best(scores, SHOWN)
        if not history and name not in ("popularity", "own counts", "SDM", "DIN"):
            assert found == []
            continue
        assert [item for item, _ in found] == items, name
        np.testing.assert_allclose([s for _, s in found], scores[items], atol=1e-4)


def said(page):
    return page.locator(".sv-sentence").inner_text()


def act(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    page.mouse.move(2, 2)


def titles(page):
    return page.locator(".sv-tiles .sv-name").all_inner_texts()


def test_a_history_is_put_together_and_every_list_is_that_of_torch(page):
    assert_like_torch(page, FIRST)
    page.get_by_label("Shelf").select_option("shelf 4")
    act(page, "item 22")
    assert_like_torch(page, [*FIRST, 22])
    page.get_by_label("Search the shop").fill("ITEM 3")
    assert page.locator(".sv-shop button").count() == 11
    act(page, "item 31")
    assert_like_torch(page, [*FIRST, 22, 31])
    page.locator(".sv-tiles .sv-tile").first.click()
    act(page, "Later")
    assert_like_torch(page, [8, 3, 3, 20, 22, 31])
    act(page, "Remove")
    assert_like_torch(page, [8, 3, 20, 22, 31])
    for history in ([8, 3, 3, 20, 22, 31], [*FIRST, 22, 31], [*FIRST, 22], FIRST):
        act(page, "Undo")
        assert_like_torch(page, history)
    act(page, "Clear")
    assert_like_torch(page, [])
    assert said(page) == "No click yet. Press an item of a shelf to begin."
    page.get_by_label("Search the shop").fill("no such thing")
    assert page.get_by_text("Nothing has this name.").is_visible()


def test_a_name_has_a_curly_quote_and_is_found_by_a_straight_one(open_page):
    names = ["chef's knife", *TITLES[1:]]
    page = open_page(HistoryExplorer(models(), COUNTS, names, CATEGORIES, history=[1]))
    assert titles(page) == ["1 chef’s knife"]
    page.get_by_label("Search the shop").fill("chef's")
    assert page.locator(".sv-shop button").all_inner_texts() == ["chef’s knife"]


def test_a_link_brings_the_history_and_the_address_follows(new_page, tmp_path):
    write_page(tmp_path, explorer())
    url, stop = serve(tmp_path)
    page = new_page(viewport={"width": 900, "height": 900})
    page.goto(f"{url}/#history=5.6.999.7")
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    assert titles(page) == ["1 item 5", "2 item 6", "3 item 7"]
    act(page, "item 1")
    assert page.url.endswith("#history=5.6.7.1")
    link = page.get_by_text("Link to this history")
    assert link.get_attribute("href") == "#history=5.6.7.1"
    page.evaluate("() => { location.hash = '#history=9'; }")
    page.wait_for_function("() => document.querySelectorAll('.sv-tile').length === 1")
    act(page, "Undo")
    assert len(titles(page)) == 4
    stop()


def test_taking_a_click_away_in_thought_says_which_entries_would_leave(page):
    page.locator(".sv-tiles .sv-tile").nth(3).hover()
    assert said(page).startswith("Without click 4, item 20: ")
    before = explorer().scores()
    after = explorer(history=FIRST[:3]).scores()
    for place, name in enumerate(before):
        gone = set(best(before[name], SHOWN)) - set(best(after[name], SHOWN))
        found = page.locator(".sv-list").nth(place).locator(".sv-leaves")
        assert {int(n.get_attribute("data-item")) for n in found.all()} == gone
    assert page.locator(".sv-leaves").count() > 0
    page.mouse.move(2, 2)
    assert said(page).startswith("4 clicks. First come ")
    assert page.locator(".sv-leaves").count() == 0


def test_a_history_of_any_kind_has_the_lists_of_torch(new_page, tmp_path):
    write_page(tmp_path, explorer())
    url, stop = serve(tmp_path)
    page = new_page(viewport={"width": 900, "height": 900})
    page.goto(f"{url}/#history=1")
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    rng = np.random.default_rng(0)
    rows = [rng.integers(1, 41, n).tolist() for n in (2, 4, 5, 8, 12)]
    for history in [*rows, [7] * 6, [1, 2, 1, 2, 1, 2], []]:
        address = ".".join(map(str, history))
        page.evaluate("to => { location.hash = `#history=${to}`; }", address)
        page.wait_for_function(
            "count => document.querySelectorAll('.sv-tiles .sv-tile').length === count",
            arg=len(history),
        )
        assert_like_torch(page, history)
    stop()


def apart(folder, figure, before=""):
    """Write a page whose weights lie in a file of their own; return that."""
    write_page(folder, figure)
    index = folder / "index.html"
    html = index.read_text().replace("<p>Before.</p>", before)
    index.write_text(later.move_all({index: html}, folder / "explorers")[index])
    (file,) = (folder / "explorers" / later.FOLDER).iterdir()
    return file


def test_the_weights_are_light_and_come_when_the_figure_comes_near(new_page, tmp_path):
    file = apart(tmp_path, explorer(), '<p style="height: 3000px">')
    url, stop = serve(tmp_path)
    page = new_page(viewport={"width": 900, "height": 900})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url, wait_until="networkidle")
    assert not any(file.name in one for one in asked)
    assert page.locator("[data-sv-ready]").count() == 0
    page.evaluate("() => scrollTo(0, 2500)")
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    assert sum(file.name in one for one in asked) == 1
    assert_like_torch(page, FIRST)
    page.goto((tmp_path / "index.html").as_uri() + "#history=4.5")
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    assert_like_torch(page, [4, 5])
    # a shared history is in view
    page.wait_for_function("() => scrollY > 2000")
    stop()


def test_the_weights_of_a_din_are_those_for_the_candidate(page):
    page.get_by_label("Weights of").select_option("DIN")
    best_item = int(
        page.locator(".sv-list")
        .last.locator(".sv-entry")
        .first.get_attribute("data-item")
    )
    model = explorer()._models["DIN"]
    batch = reading.click_batch(model, torch.tensor([FIRST]))
    wanted = model.weights(batch).detach().numpy()

    def weights():
        found = page.locator(".sv-weights i").all()
        return [float(bar.get_attribute("data-weight")) for bar in found]

    np.testing.assert_allclose(weights(), wanted[best_item - 1], atol=1e-5)
    entry = page.locator(".sv-entry").first
    item = int(entry.get_attribute("data-item"))
    entry.click()
    np.testing.assert_allclose(weights(), wanted[item - 1], atol=1e-5)


def test_a_candidate_is_followed_through_all_lists(page):
    item = int(page.locator(".sv-entry").nth(2).get_attribute("data-item"))
    page.locator(".sv-entry").nth(2).click()
    page.mouse.move(2, 2)
    assert said(page).startswith(f"item {item} has place: popularity 3, own counts ")
    scores = explorer().scores()["SASRec"]
    place = 1 + best(scores, len(scores)).index(item)
    assert f"SASRec {place}, GRU4Rec" in said(page)
    page.locator(".sv-entry[aria-current]").first.click()
    page.mouse.move(2, 2)
    assert said(page).startswith("4 clicks.")


def test_variety_and_the_reader_of_the_weights_answer(page):
    assert page.locator(".sv-weights i").count() == 4
    page.get_by_label("Weights of").select_option("ComiRec-SA")
    assert page.locator(".sv-weights i").count() == 12
    for name, bars in {"ComiRec-DR": 12, "MIND": 16, "SDM": 8, "GRU4Rec": 0}.items():
        page.get_by_label("Weights of").select_option(name)
        assert page.locator(".sv-weights i").count() == bars
    plain = shown(page)
    page.get_by_label("Variety").fill("10")
    varied = shown(page)
    assert varied[:2] == plain[:2] and varied[2:] != plain[2:]


def test_twelve_clicks_are_the_end(page):
    for _ in range(9):
        page.locator(".sv-shop button").nth(1).click()
    page.mouse.move(2, 2)
    assert page.locator(".sv-tiles .sv-tile").count() == 12
    page.evaluate("() => document.activeElement.blur()")
    assert said(page).endswith("More than 12 do not fit here.")


def test_the_keyboard_alone_builds_reads_and_moves(page):
    keys = page.keyboard.press
    for _ in range(5):
        keys("Tab")
    keys("ArrowRight")
    keys("Enter")  # the second item of the shelf
    assert_like_torch(page, [*FIRST, 2])
    keys("Tab")
    assert said(page).startswith("Without click 1, item 3: ")
    keys("ArrowRight")
    assert said(page).startswith("Without click 2, item 8: ")
    keys("Enter")
    keys("Tab")
    keys("Enter")  # Earlier
    assert_like_torch(page, [8, 3, 3, 20, 2])
    for _ in range(6):
        keys("Tab")
    keys("ArrowDown")
    keys("Enter")
    assert page.locator(".sv-entry[aria-current]").count() >= 1


@pytest.mark.parametrize("history", [[], [7]])
def test_few_clicks_are_no_trouble(open_page, history):
    assert_like_torch(open_page(explorer(history=history)), history)


DUTY = Duty(
    explorer,
    (
        press(".sv-tiles .sv-tile", 1),
        press(".sv-entry", 2),
        lambda page: page.get_by_label("Weights of").select_option("ComiRec-SA"),
    ),
    still=".sv-drawn",
    words="4 clicks. First come ",
    fingers=(".sv-acts a",),
    printed=(".sv-tiles", ".sv-columns"),
    sizes=(
        lambda: explorer(history=[]),
        lambda: explorer(history=list(range(1, 13)), reader="SASRec"),
    ),
    tall=1150,
)
