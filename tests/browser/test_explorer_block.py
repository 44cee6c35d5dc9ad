"""The block explorer in a page without a kernel, on Chromium."""

import numpy as np
import pytest
from accessible import axe_report
from duty import Duty, option, press

from seqviz.explorers import BlockExplorer, Stack

TITLES = ["two-person tent", "gas stove", "pan", "a mug with a rather long name"]
T, BEST, N = len(TITLES), 4, 30
NAMES = ["", *(f"item number {n}" for n in range(1, N + 1))]
MODELS = ("SASRec", "BERT4Rec")


def stack(places, length=T, blocks=2, heads=2, seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.random((length + 1, blocks, heads, places, places)) ** 3
    if places == length:
        weights = np.tril(weights) + 1e-6 * np.eye(places)
    weights = (weights / weights.sum(-1, keepdims=True)).astype(np.float32)
    items = np.argsort(rng.random((length + 1, places, N)))[..., :BEST] + 1
    chances = -np.sort(-rng.random((length + 1, places, BEST)) / BEST)
    return Stack(weights, items, chances.astype(np.float32))


def explorer(**changes):
    stacks = dict(zip(MODELS, (stack(T), stack(T + 1, seed=1)), strict=True))
    arguments = {"stacks": stacks, "titles": TITLES, "names": NAMES}
    return BlockExplorer(**{**arguments, **changes})


def shown(page):
    return page.evaluate(
        """() => ({
            shares: [...document.querySelectorAll('.sv-tiles li:not([hidden])')]
                .map(li => +li.querySelector('.sv-weight').dataset.weight),
            chances: [...document.querySelectorAll('.sv-lines .sv-weight')]
                .map(b => +b.dataset.weight),
            names: [...document.querySelectorAll('.sv-lines .sv-name')]
                .map(n => n.textContent),
            streams: [...document.querySelectorAll('.sv-stream')]
                .map(s => +s.dataset.amount),
        })"""
    )


def assert_like_numpy(page, **state):
    want, found = explorer(**state), shown(page)
    rows = want.flow()
    np.testing.assert_allclose(found["shares"], rows[-1], atol=1e-6)
    names, chances = zip(*want.predicted(), strict=True)
    np.testing.assert_allclose(found["chances"], chances, atol=1e-6)
    for place, (name, item) in enumerate(zip(found["names"], names, strict=True), 1):
        assert name.removesuffix(" (new)") == f"{place} {item}"
    # what flows between two levels is what flows at all, but for the thinnest lines
    assert sum(found["streams"]) == pytest.approx(rows[1:].sum(), abs=0.05)


def said(page):
    return page.locator(".sv-sentence").inner_text()


def ask(place):
    return press(".sv-tile[data-p]", place)


def hide(place):
    return lambda page: page.get_by_label("Hide").select_option(index=place)


def test_every_model_head_and_hidden_click_is_that_of_numpy(page):
    for model, name in enumerate(MODELS):
        option(name)(page)
        for head, word in enumerate(("mean", "1", "2")):
            option(word)(page)
            for hidden in (0, 2):
                hide(hidden)(page)
                state = {"model": model, "head": head, "hidden": hidden}
                assert_like_numpy(page, place=T - 1, **state)


def test_each_place_can_be_asked_and_the_last_is_only_in_the_cloze(page):
    assert page.locator(".sv-tiles li:not([hidden])").count() == T
    ask(1)(page)
    assert_like_numpy(page, place=1)
    option("BERT4Rec")(page)
    assert page.locator(".sv-tiles li:not([hidden])").count() == T + 1
    ask(T)(page)
    assert_like_numpy(page, model=1, place=T)
    page.mouse.move(2, 2)
    assert "5 next" in said(page)
    option("SASRec")(page)
    assert_like_numpy(page, place=T - 1)


def test_the_sentence_says_what_came_and_what_is_new(page):
    words = said(page)
    first = [name for name, _ in explorer().predicted()[:3]]
    assert words.startswith("SASRec, mean of the heads, 4 a mug")
    assert f"Then comes {first[0]} (" in words and "before" not in words
    hide(1)(page)
    was, now = ({name for name, _ in explorer(hidden=h).predicted()} for h in (0, 1))
    fresh = len(now - was)
    assert f"{fresh} of {BEST} were not in the list before." in said(page)
    assert page.locator(".sv-new").count() == fresh
    assert "(hidden)" in page.locator(".sv-tile[data-p]").first.inner_text()


def test_whatever_is_under_the_hand_is_told(page):
    page.locator(".sv-tile[data-p]").nth(1).hover()
    share = explorer().flow()[-1, 1]
    assert f"{round(100 * share)}% comes from gas stove" in said(page)
    assert "in block 1 and " in said(page)
    assert page.locator(".sv-stream.sv-hot").count() > 0
    page.mouse.move(2, 2)
    assert said(page).startswith("SASRec, ")


def test_the_keyboard_alone_reaches_everything(page):
    def keys(*names):
        for name in names:
            page.keyboard.press(name)

    keys("Tab", "ArrowRight")
    assert said(page).startswith("BERT4Rec, ")
    keys("Tab", "ArrowRight")
    assert "head 1" in said(page)
    keys("Tab", "ArrowDown")
    assert "(hidden)" in page.locator(".sv-tile[data-p]").first.inner_text()
    keys("Tab", "ArrowRight", "Enter")
    assert_like_numpy(page, model=1, head=1, hidden=1, place=1)


def test_odd_names_and_one_model_on_a_phone(open_page):
    figure = explorer(
        stacks={"<b>": stack(T, heads=1)},
        titles=["</script>", "&amp;" * 20, "x" * 80, "mug"],
    )
    page = open_page(figure, viewport={"width": 380, "height": 800})
    name = page.locator(".sv-tiles .sv-name").first
    assert name.inner_text() == "1 </script>"
    assert axe_report(page) == ""
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    assert page.locator("fieldset").count() == 0


def of_length(length, blocks=2):
    return lambda: BlockExplorer(
        {
            "one": stack(length, length, blocks),
            "two": stack(length + 1, length, blocks),
        },
        [f"click {t}" for t in range(length)],
        NAMES,
    )


DUTY = Duty(
    explorer,
    (option("BERT4Rec"), hide(2), ask(1)),
    still=".sv-drawn",
    words="SASRec, mean of the heads, 4 a mug",
    fingers=(".sv-tile[data-p]",),
    printed=(".sv-flow", ".sv-lines", ".sv-tiles"),
    sizes=(of_length(1), of_length(7, 1), of_length(12, 3)),
    tall=900,
)
