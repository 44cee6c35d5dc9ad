"""The gates explorer in a page without a kernel, on Chromium."""

import numpy as np
from accessible import axe_report
from duty import Duty

from seqviz.explorers import Gates, GatesExplorer

SIZES = 2, 3
INPUTS = {"User": ["Ada", "Bo"], "Hour": ["early", "noon", "late"]}


def gates(kind, shape, full=1.0, seed=0):
    rng = np.random.default_rng(seed)
    return Gates(
        kind,
        [f"part {g + 1}" for g in range(shape[-1])],
        np.float32(rng.random((*SIZES, *shape)) * full),
        rng.random(SIZES),
        rng.random(SIZES),
        np.float32(rng.random(shape) * full),
        full=full,
        labels=["click", "cart"] if kind == "flow" else [],
    )


JOBS = {
    "SENet": gates("dials", (7,), seed=1),
    "LHUC": gates("dials", (8,), 2.0, seed=2),
    "DIN": gates("bars", (12,), seed=3),
    "MMoE": gates("flow", (2, 4), seed=4),
}


def explorer(**changes):
    given = {"inputs": INPUTS, "jobs": JOBS, "truth": np.full(SIZES, 0.25)}
    return GatesExplorer(**{**given, **changes})


def shown(page):
    return page.evaluate(
        """() => [...document.querySelectorAll('.sv-jobs > div')].map(job =>
            [...job.querySelectorAll('[data-weight]')].map(n => +n.dataset.weight))"""
    )


def said(page):
    return page.locator(".sv-sentence").inner_text()


def choose(label, words):
    return lambda page: page.get_by_label(label, exact=True).select_option(label=words)


def test_every_input_shows_what_the_models_gave(page):
    for choice in np.ndindex(*SIZES):
        for (label, options), place in zip(INPUTS.items(), choice, strict=True):
            choose(label, options[place])(page)
        for found, own in zip(shown(page), JOBS.values(), strict=True):
            np.testing.assert_allclose(found, own.values[choice].ravel(), atol=1e-6)
        words = said(page)
        assert words.startswith(f"{INPUTS['User'][choice[0]]}, ")
        assert f"MMoE {JOBS['MMoE'].chances[choice]:.2f}" in words
        assert words.endswith("The true one is 0.25.")


def test_bars_are_seen_though_no_interest_lends_its_color(page):
    colors = page.locator(".sv-bars .sv-weight > span > i").evaluate_all(
        "all => all.map((bar) => getComputedStyle(bar).backgroundColor)"
    )
    assert len(colors) == 12
    assert set(colors) == {"rgb(27, 32, 39)"}  # ink


def test_the_frozen_one_stands_still(page):
    choose("Freeze", "SENet")(page)
    before = shown(page)
    np.testing.assert_allclose(before[0], JOBS["SENet"].mean, atol=1e-6)
    choose("Hour", "late")(page)
    after = shown(page)
    assert after[0] == before[0] and after[1] != before[1]
    own = JOBS["SENet"]
    note = f"frozen: {own.frozen[0, 2]:.2f}, was {own.chances[0, 2]:.2f}"
    assert note in page.locator(".sv-cold").inner_text()
    assert f"SENet frozen {own.frozen[0, 2]:.2f}" in said(page)


def test_whatever_is_under_the_hand_is_told(page):
    page.locator(".sv-dial").nth(2).hover()
    own = JOBS["SENet"]
    value, mean = own.values[0, 0, 2], own.mean[2]
    assert said(page) == f"SENet, part 3: {value:.2f}, on average {mean:.2f}."
    page.locator(".sv-coefficient").nth(4).hover()
    assert said(page).startswith("DIN, part 5: ")
    page.locator(".sv-stream").nth(5).focus()
    assert said(page).startswith("MMoE, part 2 for cart: ")


def test_the_keyboard_alone_reaches_everything(page):
    page.get_by_label("Freeze", exact=True).focus()
    for expected in ("SENet, part 1:", "LHUC, part 1:", "DIN, part 1:", "MMoE, part 1"):
        page.keyboard.press("Tab")
        assert said(page).startswith(expected)
    page.keyboard.press("End")
    assert said(page).startswith("MMoE, part 4 for cart")


def test_odd_names_on_a_phone(open_page):
    odd = {"<b>bold</b> " + "x" * 60: JOBS["DIN"], "MMoE": JOBS["MMoE"]}
    page = open_page(explorer(jobs=odd), viewport={"width": 380, "height": 800})
    assert "<b>bold</b>" in page.locator(".sv-jobs .sv-part b").first.inner_text()
    assert axe_report(page) == ""
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


DUTY = Duty(
    explorer,
    (choose("Freeze", "MMoE"), choose("User", "Bo")),
    still=".sv-drawn",
    words="Ada, early: the chances are ",
    printed=(".sv-dials", ".sv-bars", ".sv-flow"),
    sizes=(
        lambda: explorer(jobs={"DIN": JOBS["DIN"]}),
        lambda: explorer(jobs={"MMoE": JOBS["MMoE"], "SENet": JOBS["SENet"]}),
    ),
    tall=900,
)
