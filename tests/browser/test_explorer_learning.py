"""The learning explorer in a page without a kernel, on Chromium: two real trainings."""

import sys
from pathlib import Path

import pytest
from duty import Duty, option

from seqviz.explorers import LearningExplorer, Setting
from seqviz.explorers.learning.training import Run, measure

sys.path.append(str(Path(__file__).parents[1] / "unit"))
from learning_shop import N, learning_shop  # noqa: E402

TITLES = [f"item {n}" for n in range(1, N + 1)]
CATEGORIES = [f"shelf {(n - 1) // 5}" for n in range(1, N + 1)]
BASE = Setting()
COMPARISONS = {
    "one and four": (BASE.but(interests=0), BASE),
    "temperatures": (BASE, BASE.but(temperature=0.02)),
}


def explorer(**changes):
    arguments = {
        "people": {"Noor": 0, "Ravi": 3, "Ines": 5},
        "comparisons": COMPARISONS,
        "epochs": 10,
        "still_epochs": 1,
        **changes,
    }
    return LearningExplorer(learning_shop(), TITLES, CATEGORIES, **arguments)


def press(name):
    return lambda page: page.get_by_role("button", name=name, exact=True).click()


def said(page):
    return page.locator(".sv-sentence").inner_text()


def wait_for(page, words):
    page.locator(".sv-sentence", has_text=words).wait_for()


def ended(page):
    wait_for(page, "Epoch 10.0. ")


def run_to_the_end(page):
    press("Start")(page)
    ended(page)


def heads(page):
    return page.locator(".sv-head b").all_inner_texts()


def signs(page, run):
    """Return where the interests of A or B stand."""
    return page.evaluate(
        """run => [...document.querySelectorAll('.sv-map')[run]
            .querySelectorAll('.sv-vector:not(.sv-gone)')]
            .map(node => node.getAttribute('transform'))""",
        run,
    )


def test_the_page_comes_to_what_torch_comes_to(page):
    assert said(page).startswith("Before the first step. A: Recall@20 ")
    assert heads(page)[:2] == ["–", "–"]
    assert len(signs(page, 0)) == 1 and len(signs(page, 1)) == 4
    run_to_the_end(page)
    loss_a, loss_b, recall_a, recall_b, cosine_a, cosine_b = heads(page)
    assert cosine_a == "–"
    shown = {"a": (loss_a, recall_a, None), "b": (loss_b, recall_b, cosine_b)}
    for name, setting in zip("ab", COMPARISONS["one and four"], strict=True):
        run = Run(learning_shop(), setting)
        losses = [run.step() for _ in range(10 * run.per_epoch)]
        found = measure(run.model, learning_shop())
        loss, recall, cosine = shown[name]
        assert float(loss) == pytest.approx(sum(losses[-5:]) / 5, abs=0.006)
        assert float(recall) == pytest.approx(found["recall"].mean(), abs=0.03)
        if cosine:
            assert float(cosine) == pytest.approx(found["cosine"].mean(), abs=0.01)
    assert (
        page.locator("polyline.sv-run-b").first.get_attribute("points").count(",") == 4
    )


def test_scrubbing_back_shows_what_was_there_and_steps_go_on_from_the_end(page):
    first = signs(page, 1)
    press("Step")(page)
    wait_for(page, "Epoch 2.5. ")
    second, words = signs(page, 1), said(page)
    assert second != first
    press("Step")(page)
    wait_for(page, "Epoch 5.0. ")
    slider = page.get_by_label("Epoch")
    slider.press("ArrowLeft")
    wait_for(page, "Epoch 2.5. ")
    assert said(page) == words and signs(page, 1) == second
    slider.press("Home")
    wait_for(page, "Before the first step. ")
    assert signs(page, 1) == first
    press("Step")(page)
    wait_for(page, "Epoch 7.5. ")
    press("Reset")(page)
    wait_for(page, "Before the first step. ")
    assert signs(page, 1) == first
    press("Step")(page)
    wait_for(page, "Epoch 2.5. ")
    assert said(page) == words and signs(page, 1) == second
    run_to_the_end(page)
    assert page.get_by_role("button", name="Start", exact=True).count() == 1


def test_a_changed_setting_begins_anew_and_is_shown(page):
    run_to_the_end(page)
    page.locator("summary").click()
    option("B")(page)
    page.get_by_label("Interests K").select_option("2")
    wait_for(page, "Before the first step. ")
    assert len(signs(page, 1)) == 2 and len(signs(page, 0)) == 1
    compare = page.get_by_label("Compare")
    assert compare.evaluate("e => e.selectedOptions[0].text") == "your own"
    page.get_by_label("log-Q").uncheck(force=True)
    page.get_by_label("Seed").select_option("3")
    page.get_by_text("S 50, no log-Q, seed 3.").wait_for()
    option("A")(page)
    assert page.get_by_label("Interests K").input_value() == "one vector"
    assert page.get_by_label("log-Q").is_checked()
    compare.select_option("temperatures")
    wait_for(page, "Before the first step. A: Recall@20 ")
    page.wait_for_function(
        "() => document.querySelectorAll('.sv-vector:not(.sv-gone)').length === 8"
    )
    run_to_the_end(page)


def test_another_seed_gives_other_draws_and_the_same_seed_the_same(page):
    press("Step")(page)
    wait_for(page, "Epoch 2.5. ")
    words = said(page)
    page.locator("summary").click()
    for seed, same in (("1", False), ("0", True)):
        page.get_by_label("Seed").select_option(seed)
        wait_for(page, "Before the first step. ")
        press("Step")(page)
        wait_for(page, "Epoch 2.5. ")
        assert (said(page) == words) == same


def test_person_mark_and_interests_answer(page):
    rings = page.locator(".sv-map .sv-clicks").first
    marks = page.locator(".sv-map .sv-marks").first
    before = rings.get_attribute("d")
    option("Ravi")(page)
    page.wait_for_function(
        "d => document.querySelector('.sv-map .sv-clicks').getAttribute('d') !== d",
        arg=before,
    )
    assert not marks.get_attribute("d")
    page.get_by_label("Mark").select_option("shelf 2")
    page.wait_for_function(
        "() => document.querySelector('.sv-marks').getAttribute('d')"
        ".split('M').length === 6"
    )
    page.locator(".sv-map").nth(1).locator(".sv-vector").nth(3).hover()
    wait_for(page, "Ravi, B: interest 4 is nearest to item ")
    page.mouse.move(2, 2)
    wait_for(page, "Before the first step. ")


def test_the_keyboard_alone_trains_looks_back_and_reads(page):
    keys = page.keyboard.press
    keys("Tab")
    keys("ArrowDown")  # the second comparison
    page.wait_for_function(
        "() => document.querySelectorAll('.sv-vector:not(.sv-gone)').length === 8"
    )
    keys("Tab")
    keys("Enter")  # Start
    ended(page)
    for _ in range(3):
        keys("Tab")
    keys("Home")
    wait_for(page, "Before the first step. ")
    keys("Tab")
    keys("Enter")  # opens the settings
    keys("Tab")
    keys("ArrowRight")  # B
    for _ in range(6):
        keys("Tab")
    keys("Space")  # log-Q
    page.get_by_text("τ 0.02, learning rate 0.01, S 50, no log-Q").wait_for()
    keys("Tab")
    keys("ArrowRight")
    keys("Tab")
    keys("Tab")
    wait_for(page, "Ravi, A: interest 1 is nearest to ")
    keys("ArrowRight")
    keys("End")
    wait_for(page, "Ravi, A: interest 4 is nearest to ")
    keys("Tab")
    wait_for(page, "Ravi, B: interest 1 is nearest to ")


def test_while_it_learns_the_sentence_is_quiet_and_pause_holds(open_page):
    page = open_page(explorer(epochs=2000))
    press("Start")(page)
    wait_for(page, "Both learn. Pause to look closer.")
    page.wait_for_function("() => +document.querySelector('[type=range]').value > 3")
    press("Pause")(page)
    wait_for(page, "Epoch ")
    page.wait_for_timeout(300)
    words = said(page)
    page.wait_for_timeout(300)
    assert said(page) == words
    press("Start")(page)
    wait_for(page, "Both learn.")
    press("Reset")(page)
    wait_for(page, "Before the first step. ")


DUTY = Duty(
    explorer,
    (
        run_to_the_end,
        lambda page: page.locator("summary").click(),
        lambda page: page.locator(".sv-vector").first.focus(),
    ),
    still=".sv-drawn",
    words="After 1 epochs A: one vector, the mean: loss ",
    fingers=("summary",),
    printed=(".sv-map", ".sv-plot"),
    sizes=(
        lambda: explorer(people={"Noor": 0}),
        lambda: explorer(comparisons={"a": (BASE.but(interests=8), BASE)}),
    ),
    tall=1000,
)
