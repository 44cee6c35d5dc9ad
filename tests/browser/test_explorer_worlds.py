"""The worlds explorer in a page without a kernel, on Chromium."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from duty import Duty, option

from seqviz.explorers import WorldExplorer

AXES = {
    "true interests": [1, 2, 4, 8],
    "repeats": {0.0: "0%", 0.25: "25%", 0.5: "50%"},
    "slips": {0.05: "5%", 0.3: "30%"},
    "E": [4, 16],
}
MODELS = ["one vector", "ComiRec-SA", "ComiRec-SA, one interest", "item-kNN", "counts"]


def made_up(axes=AXES, models=MODELS, seed=3):
    """Return made-up results, the first model being what the others are compared to."""
    rng = np.random.default_rng(seed)
    rows = []
    for world in product(*axes.values()):
        of_first = rng.uniform(0.3, 0.6)
        for model in models:
            row = dict(zip(axes, world, strict=True)) | {"model": model}
            difference = rng.normal(0, 0.03) if rows else 0.04
            half = rng.uniform(0.005, 0.03)
            low, high = difference - half, difference + half
            if model == models[0]:
                rows.append({**row, "mean": of_first})
                continue
            mark = "+" if low > 0 else "−" if high < 0 else ""
            rows.append(
                {
                    **row,
                    "mean": of_first + difference,
                    "difference": difference,
                    "low": low,
                    "high": high,
                    "mark": mark,
                }
            )
    return pd.DataFrame(rows)


def explorer(axes=AXES, models=MODELS, **options):
    return WorldExplorer(axes, made_up(axes, models), against=models[0], **options)


def said(page):
    return page.locator(".sv-sentence").inner_text()


def settle(page):
    page.wait_for_timeout(60)


def choose(page, axis, text):
    group = page.get_by_role("group", name=axis, exact=True)
    group.get_by_label(text, exact=True).check(force=True)
    settle(page)


def cell(page, row, column):
    return page.locator(".sv-map tbody tr").nth(row).locator(".sv-world").nth(column)


def agrees(page, figure):
    """Compare sentence, lines and picked cell with those of Python."""
    assert said(page) == figure.words()
    world = figure.world()
    lines = page.locator(".sv-models .sv-model")
    means = lines.evaluate_all("nodes => nodes.map(node => +node.dataset.mean)")
    np.testing.assert_allclose(means, world["mean"], atol=1e-6)
    ends = lines.evaluate_all("nodes => nodes.slice(1).map(node => node.dataset.ends)")
    wanted = world[["difference", "low", "high"]].to_numpy()[1:]
    shown = [[float(x) for x in text.split()] for text in ends]
    np.testing.assert_allclose(shown, wanted, atol=1e-6)
    signs = lines.locator(".sv-says").all_inner_texts()
    words = {"+": "▲ better", "−": "▼ worse", "": "– not told apart"}
    for text, mark in zip(signs[1:], world["mark"][1:], strict=True):
        assert text.endswith(words[mark])
    picked = page.locator(".sv-world[aria-current]")
    difference = float(picked.get_attribute("data-difference"))
    assert difference == pytest.approx(world["difference"][figure.model], abs=1e-6)


def test_the_page_says_of_random_worlds_what_python_says(page):
    figure = explorer()
    rng = np.random.default_rng(2)
    agrees(page, figure)
    for _ in range(8):
        place = [int(rng.integers(len(texts))) for texts in figure.texts]
        figure.place, figure.model = place, int(rng.integers(1, len(MODELS)))
        page.get_by_label("Model", exact=True).select_option(MODELS[figure.model])
        for axis in ("slips", "E"):
            at = figure.axes.index(axis)
            choose(page, axis, figure.texts[at][place[at]])
        cell(page, *place[:2]).click()
        page.mouse.move(2, 2)
        settle(page)
        agrees(page, figure)


def test_the_map_shows_one_model_in_all_worlds_of_two_axes(page):
    page.get_by_label("Model", exact=True).select_option("item-kNN")
    choose(page, "E", "16")
    results = made_up()
    rows = results[
        (results["model"] == "item-kNN")
        & (results["slips"] == 0.05)
        & (results["E"] == 16)
    ]
    cells = page.locator(".sv-world")
    shown = cells.evaluate_all("nodes => nodes.map(node => +node.dataset.difference)")
    np.testing.assert_allclose(shown, rows["difference"], atol=1e-6)
    marks = cells.evaluate_all("nodes => nodes.map(node => +node.dataset.mark)")
    assert marks == [{"+": 1, "−": -1, "": 0}[mark] for mark in rows["mark"]]
    assert {1, -1, 0} == set(marks)
    names = cells.evaluate_all("nodes => nodes.map(n => n.getAttribute('aria-label'))")
    words = {1: "better", -1: "worse", 0: "not told apart"}
    for name, mark in zip(names, marks, strict=True):
        assert name.endswith(f", {words[mark]}")
    assert names[-1].startswith("true interests = 8, repeats = 50%: ")


def test_a_bar_is_as_long_as_its_difference(page):
    full = abs(made_up().query("model == 'ComiRec-SA'")["difference"]).max()
    found = page.evaluate(
        """() => [...document.querySelectorAll('.sv-world')].map(node => {
            const room = node.querySelector('.sv-length').getBoundingClientRect();
            const bar = node.querySelector('i').getBoundingClientRect();
            const at = x => 2 * (x - room.left) / room.width - 1;
            const [left, right] = [at(bar.left), at(bar.right)];
            return [+node.dataset.difference, left, right];
        })"""
    )
    for difference, left, right in found:
        ends = sorted([0, difference / full])
        np.testing.assert_allclose([left, right], ends, atol=0.02)


def test_a_line_stands_where_its_numbers_are_on_one_scale_for_all_worlds(page):
    results = made_up()
    reach = np.nanmax(abs(results[["low", "high"]]))
    places = """() => [...document.querySelectorAll('.sv-models .sv-model')].slice(1)
        .map(node => {
            const track = node.querySelector('.sv-track').getBoundingClientRect();
            const at = x => 2 * (x - track.left) / track.width - 1;
            const bar = node.querySelector('.sv-bar').getBoundingClientRect();
            const dot = node.querySelector('.sv-point').getBoundingClientRect();
            return [at((dot.left + dot.right) / 2), at(bar.left), at(bar.right)];
        })"""
    figure = explorer()
    for row, column in ((0, 0), (3, 1)):
        cell(page, row, column).click()
        settle(page)
        figure.place = [row, column, 0, 0]
        wanted = figure.world()[["difference", "low", "high"]].to_numpy()[1:] / reach
        np.testing.assert_allclose(page.evaluate(places), wanted, atol=0.01)


def test_arrow_keys_slide_the_world(page):
    figure = explorer()
    active = "() => document.activeElement.{}"
    page.keyboard.press("Tab")
    assert page.evaluate(active.format("labels[0].textContent")) == "Model"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    moves = {
        "": [0, 0],
        "ArrowDown": [1, 0],
        "ArrowRight": [1, 1],
        "End": [3, 2],
        "ArrowUp": [2, 2],
        "ArrowLeft": [2, 1],
    }
    for key, place in moves.items():
        if key:
            page.keyboard.press(key)
        settle(page)
        figure.place = [*place, 1, 1]
        agrees(page, figure)
        assert page.evaluate(active.format("getAttribute('aria-current')")) == "true"
    page.keyboard.press("Tab")
    assert page.evaluate(active.format("className")).startswith("sv-model")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    figure.model = 2
    assert said(page) == figure.words()
    page.keyboard.press("Shift+Tab")  # back to the picked world, not to the first
    assert page.evaluate(active.format("getAttribute('aria-current')")) == "true"


def test_a_pointer_reads_a_world_and_a_line_without_picking(page):
    figure = explorer()
    cell(page, 2, 1).hover()
    assert said(page) == explorer(place={"true interests": 4, "repeats": 0.25}).words()
    page.locator(".sv-models .sv-model").nth(3).hover()
    assert said(page) == explorer(model=MODELS[3]).words()
    page.locator(".sv-models .sv-model").first.hover()
    assert said(page) == figure.words()
    page.mouse.move(2, 2)
    agrees(page, figure)


def test_two_axes_need_no_control_and_other_axes_can_span_the_map(open_page):
    axes = {"history": ["short", "long"], "E": [4, 16, 64]}
    figure = explorer(axes, rows="E", place={"E": 64, "history": "long"})
    page = open_page(figure)
    assert page.locator(".sv-segmented").count() == 0
    assert page.locator(".sv-map tbody tr").count() == 3
    agrees(page, figure)
    cell(page, 1, 0).click()
    page.mouse.move(2, 2)
    settle(page)
    figure.place = [0, 1]
    agrees(page, figure)


def test_a_wide_map_scrolls_inside_its_card(open_page):
    figure = explorer(WIDE, WORDY)
    page = open_page(figure, viewport={"width": 380, "height": 800})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    scroll = page.locator(".sv-scroll")
    assert scroll.evaluate("node => node.scrollWidth > node.clientWidth + 100")
    cell(page, 0, 0).focus()
    page.keyboard.press("End")
    settle(page)
    assert scroll.evaluate("node => node.scrollLeft") > 100
    box = page.locator(".sv-world:focus").bounding_box()
    assert 0 <= box["x"] and box["x"] + box["width"] <= 380
    figure.place = [1, 7]
    agrees(page, figure)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colors_keep_bars_and_the_picked_world(page, scheme):
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    picked = page.locator(".sv-world[aria-current]")
    look = picked.evaluate("node => getComputedStyle(node).outlineStyle")
    assert look == "solid"
    text, *bars = page.evaluate(
        """() => {
            const look = selector => getComputedStyle(document.querySelector(selector));
            return [look('.sv-who').color, ...['.sv-bar', '.sv-length i:not(.sv-minus)']
                .map(selector => look(selector).backgroundColor)];
        }"""
    )
    assert bars == [text, text]


WIDE = {"users": ["few", "many"], "interests": [1, 2, 3, 4, 5, 6, 7, 8]}
WORDY = [
    "the last click's neighbors, counted",
    "ComiRec-SA with all of its interests",
    "one vector of the same width",
]

DUTY = Duty(
    explorer,
    (
        lambda page: cell(page, 2, 1).click(),
        lambda page: page.locator(".sv-models .sv-model").nth(2).hover(),
        lambda page: page.get_by_label("Model", exact=True).select_option("counts"),
        option("30%"),
    ),
    still=".sv-drawn",
    words=explorer().words(),
    printed=(".sv-map", ".sv-world", ".sv-models", ".sv-bar"),
    sizes=(lambda: explorer(WIDE, WORDY),),
    tall=800,
)
