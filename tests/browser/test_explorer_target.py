"""The target explorer in a page without a kernel, on Chromium."""

import numpy as np
import torch
from accessible import axe_report
from duty import Duty, press

from seqviz.explorers import TargetExplorer
from seqviz.explorers.target import TEMPERATURES

HISTORY = ["", "trail shoes", "running socks", "tent", "stove", "cap", "race vest"]
CANDIDATES = ["road shoes", "sleeping mat", "kettle"]
MASK = np.array([False, True, True, True, True, True, True])
M, T = len(CANDIDATES), len(HISTORY)


def logits(seed, *shape):
    values = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return values * 3


MECHANISMS = {"target": logits(0, M, T), "dual": logits(1, M, T)}


def explorer(**changes):
    arguments = {
        "histories": HISTORY,
        "candidates": CANDIDATES,
        "mechanisms": MECHANISMS,
        "mask": MASK,
        "answers": {"target": [0.25, 0.5, 0.75]},
    }
    return TargetExplorer(**{**arguments, **changes})


def by_torch(candidate, temperature=1.0, values=MECHANISMS, mask=MASK):
    """Return the weights of the real behaviors, a row a mechanism."""
    rows = []
    for one in values.values():
        row = torch.from_numpy(one[candidate]).double() / temperature
        row = row.masked_fill(~torch.from_numpy(mask), -torch.inf).softmax(-1)
        rows.append(row[torch.from_numpy(mask)].numpy())
    return np.array(rows)


def shown(page):
    return np.array(
        page.evaluate(
            """() => [...document.querySelectorAll('[data-mechanism]')].map(
                c => [...c.querySelectorAll('.sv-weight')]
                    .map(bar => +bar.dataset.weight))"""
        )
    )


def assert_like_torch(page, candidate, temperature=1.0):
    want = by_torch(candidate, temperature)
    np.testing.assert_allclose(shown(page), want, atol=1e-6, rtol=0)


def said(page):
    return page.locator(".sv-sentence").inner_text()


def test_the_weights_are_those_of_torch_for_every_candidate_and_temperature(page):
    for candidate in range(M):
        page.locator(".sv-candidate").nth(candidate).click()
        for temperature in TEMPERATURES:
            page.get_by_label(f"{temperature:g}", exact=True).check(force=True)
            assert_like_torch(page, candidate, temperature)


def test_the_sentence_names_the_candidate_and_what_each_mechanism_reads(page):
    page.locator(".sv-candidate").nth(1).click()
    page.mouse.move(2, 2)
    real = HISTORY[1:]
    words = said(page)
    assert words.startswith("Candidate sleeping mat: target reads ")
    for name, row in zip(MECHANISMS, by_torch(1), strict=True):
        heavy = int(row.argmax())
        assert f"{name} reads {round(100 * row[heavy])}% on {real[heavy]}" in words
    chosen = page.locator("[aria-current]")
    assert chosen.inner_text() == "sleeping mat" and chosen.count() == 1


def test_three_mechanisms_stand_side_by_side_and_the_sentence_is_short(open_page):
    three = {"mean": np.zeros((M, T), np.float32), **MECHANISMS}
    page = open_page(explorer(mechanisms=three), viewport={"width": 900, "height": 800})
    tops = page.evaluate(
        """() => [...document.querySelectorAll('[data-mechanism]')].map(
            c => Math.round(c.getBoundingClientRect().top))"""
    )
    assert len(tops) == 3 and len(set(tops)) == 1
    words = said(page)
    assert words.startswith("Candidate road shoes: mean reads all 6 alike; target ")
    assert words.count("%") == 2  # one behavior each for the other two


def test_the_marks_stand_where_the_bars_were_for_the_candidate_before(page):
    tick = ".sv-weight > span:nth-child(2)"
    assert page.locator(tick).first.is_hidden()
    page.locator(".sv-candidate").nth(2).click()
    assert page.locator(tick).first.is_visible()
    places = page.evaluate(
        """tick => [...document.querySelectorAll(tick)].map(mark => {
            const bar = mark.parentElement.getBoundingClientRect();
            return (mark.getBoundingClientRect().left - bar.left - 2) / (bar.width - 6);
        })""",
        tick,
    )
    highest = [max(by_torch(m)[k].max() for m in range(M)) for k in range(2)]
    want = by_torch(0) / np.array(highest)[:, None]
    np.testing.assert_allclose(places, want.flatten(), atol=0.02)
    page.locator(".sv-keys .sv-tile").first.hover()
    words = said(page)
    assert "kettle on trail shoes: target gives it weight" in words
    assert "(for road shoes" in words and "its logit is" in words


def test_answers_belong_to_temperature_1(page):
    assert page.get_by_text("chance of a click: 25%").is_visible()
    page.locator(".sv-candidate").nth(2).click()
    assert page.get_by_text("chance of a click: 75%").is_visible()
    page.get_by_label("0.1", exact=True).check(force=True)
    assert page.get_by_text("known for τ = 1 only").is_visible()


def test_the_keyboard_alone_reaches_everything(page):
    focused = "() => document.activeElement.{}"

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    press("Tab", "ArrowRight")
    assert_like_torch(page, 0, 2.0)
    press("Tab")
    assert page.evaluate(focused.format("dataset.m")) == "0"
    press("ArrowRight", "Enter")
    assert_like_torch(page, 1, 2.0)
    press("Tab")
    assert page.evaluate(focused.format("dataset.t")) == "1"
    press("ArrowRight")
    assert "sleeping mat on running socks" in said(page)
    press("Tab")
    assert page.evaluate(
        focused.format("closest('[data-mechanism]').dataset.mechanism")
    ) == ("dual")
    outline = page.evaluate(
        "() => getComputedStyle(document.activeElement).outlineStyle"
    )
    assert outline == "solid"


def test_several_users_an_empty_history_and_odd_names(open_page):
    values = logits(4, 2, 1, 3)
    figure = TargetExplorer(
        histories=[["<b>bold</b>", "</script>", "x" * 80], ["a", "b", "c"]],
        candidates=[["&amp;"], ["z"]],
        mechanisms={"target": values},
        mask=np.array([[True] * 3, [False] * 3]),
        users=["Mia", "Ben"],
    )
    page = open_page(figure, viewport={"width": 380, "height": 800})
    want = torch.from_numpy(values[0, 0]).double().softmax(-1)
    np.testing.assert_allclose(shown(page)[0], want, atol=1e-6, rtol=0)
    assert page.locator(".sv-keys .sv-name").first.inner_text() == "<b>bold</b>"
    assert axe_report(page) == ""
    page.get_by_label("User").select_option(label="Ben")
    page.wait_for_selector(".sv-none:not([hidden])")
    assert page.get_by_text("No behaviors yet.", exact=True).is_visible()
    assert "has nothing to read" in said(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


def explorer_of(length, count):
    return lambda: explorer(
        histories=[f"item {t}" for t in range(length)],
        mechanisms={f"way {k}": np.zeros((M, length)) for k in range(count)},
        mask=None,
        answers=None,
    )


DUTY = Duty(
    explorer,
    (press(".sv-candidate", 1),),
    still=".sv-drawn",
    words="Candidate road shoes. target reads",
    printed=(".sv-candidate", ".sv-keys"),
    sizes=(
        *(explorer_of(length, n) for length in (6, 12) for n in (1, 2)),
        *(explorer_of(length, 3) for length in (6, 10)),
    ),
    tall=710,  # three columns of ten behaviors
)
