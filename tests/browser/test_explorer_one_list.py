"""The one-list explorer in a page without a kernel, on Chromium."""

import numpy as np
import pytest
from duty import Duty, press
from traitlets import TraitError

from seqviz.explorers import OneListExplorer, Reading
from seqviz.explorers.core.arrays import masked_softmax
from seqviz.explorers.one_list.still import pick

K, T, N, E = 4, 6, 30, 8
TITLES = ["", *(f"item {n}" for n in range(1, N + 1))]
CATEGORIES = ["", *("coffee" if n % 2 else "running" for n in range(1, N + 1))]
IDS = [0, 3, 8, 5, 21, 3]


def arrays(seed=0):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(1, K, T)).astype(np.float32) * 2
    return logits, rng.normal(size=(N + 1, E)).astype(np.float32)


def explorer(ids=IDS, **changes):
    logits, vectors = arrays()
    return OneListExplorer(ids, Reading(logits, vectors), TITLES, CATEGORIES, **changes)


def expected(removed=(), ids=IDS):
    """The list as PyTorch-checked NumPy has it: item and interest, best first."""
    logits, vectors = arrays()
    vectors[0] = 0
    ids = np.array(ids)
    kept = (ids > 0) & ~np.isin(np.arange(T), list(removed))
    return pick(ids, masked_softmax(logits[0], kept), vectors, 6)


def listed(page):
    return page.evaluate(
        """() => [...document.querySelectorAll('.sv-listed')].map((e) => [
            +e.dataset.item, +e.className.match(/interest-(\\d)/)[1] - 1])"""
    )


def sentence(page):
    return page.locator(".sv-sentence").text_content()


def test_the_list_is_that_of_the_best_interest_of_each_item(page):
    assert listed(page) == [list(one) for one in expected()]


def test_a_click_that_is_taken_away_changes_weights_list_and_sentence(page):
    before = {item for item, _ in expected()}
    for position in (1, 4):
        page.locator(f".sv-tile[data-position='{position}']").click()
    after = expected(removed=(1, 4))
    assert listed(page) == [list(one) for one in after]
    came = {item for item, _ in after} - before
    assert came  # or the test says nothing
    marked = page.locator(".sv-listed:has(b)")
    assert {int(one.get_attribute("data-item")) for one in marked.all()} == came
    said = sentence(page)
    assert all(TITLES[item] in said for item in came)
    gone = page.locator(".sv-tile[aria-pressed='true']")
    assert gone.count() == 2
    assert set(gone.first.locator(".sv-bar").evaluate_all(WEIGHTS)) == {"0"}


WEIGHTS = "bars => bars.map(bar => bar.dataset.weight)"


def test_pressed_again_a_click_is_back(page):
    tile = page.locator(".sv-tile[data-position='2']")
    tile.click()
    tile.click()
    assert listed(page) == [list(one) for one in expected()]
    assert "Take it away" in sentence(page)


def test_without_clicks_nothing_is_listed(page):
    for tile in page.locator(".sv-tile").all():
        tile.click()
    assert listed(page) == []
    assert "nothing is listed" in sentence(page)


def test_a_person_without_clicks_is_a_case(open_page):
    page = open_page(explorer(ids=[0] * T))
    assert page.get_by_text("No clicks yet.").is_visible()
    assert expected(ids=[0] * T) == []
    assert listed(page) == []


def test_the_arrow_keys_reach_every_click(page):
    page.locator(".sv-tile").first.focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert page.locator(".sv-tile").last.get_attribute("aria-pressed") == "true"


def test_a_catalog_of_what_she_has_seen_lists_nothing():
    logits, vectors = arrays()
    figure = OneListExplorer(
        [1] * T, Reading(logits[0], vectors[:2]), TITLES[:2], CATEGORIES[:2]
    )
    assert "Listed: nothing." in figure.still()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"length": 0}, "length must be 1 or more, got 0"),
        ({"ids": [99] * T}, "item_ids"),
    ],
)
def test_bad_arguments_are_named(changes, words):
    with pytest.raises(ValueError, match=words):
        explorer(**changes)


def test_a_position_that_is_not_there_is_an_error():
    with pytest.raises(TraitError, match="removed must hold positions from 0 to 5"):
        explorer().removed = [6]


DUTY = Duty(
    make=explorer,
    steps=(press(".sv-tile"), press(".sv-tile", 3)),
    still=".sv-drawn",
    words="Listed: ",
    fingers=(".sv-tile",),
    printed=(".sv-tile", ".sv-listed"),
    sizes=(lambda: explorer(ids=[0, 0, 0, 4, 5, 6]), lambda: explorer(length=9)),
)
