"""The activation explorer in a page without a kernel, on Chromium."""

import re

import numpy as np
import pytest
import torch
from accessible import axe_report
from duty import Duty, option, press
from torch import nn

from seqviz.explorers import ActivationExplorer, dense_layers
from seqviz.explorers.core.scale import color_at

HISTORY = ["trail shoes", "running socks", "tent", "gas stove", "novel", "race vest"]
CANDIDATES = [f"{kind} {n}" for kind in ("shoe", "mat", "kettle") for n in range(4)]
T, M, E = len(HISTORY), len(CANDIDATES), 8


class Dice(nn.Module):
    """As the paper writes it, at evaluation."""

    def __init__(self, units):
        super().__init__()
        self.alpha = nn.Parameter(torch.rand(units))
        self.register_buffer("running_mean", torch.randn(units))
        self.register_buffer("running_var", torch.rand(units) + 0.1)
        self.eps = 1e-8

    def forward(self, s):
        p = ((s - self.running_mean) / (self.running_var + self.eps).sqrt()).sigmoid()
        return p * s + (1 - p) * self.alpha * s


torch.manual_seed(4)
BEHAVIORS, VECTORS = torch.randn(T, E), torch.randn(M, E)
UNIT = nn.Sequential(
    nn.Linear(4 * E, 12), Dice(12), nn.Linear(12, 5), nn.PReLU(), nn.Linear(5, 1)
)
with torch.no_grad():
    UNIT[-1].weight *= 6  # weights well away from 0


def explorer(**changes):
    arguments = {
        "history": HISTORY,
        "behaviors": BEHAVIORS,
        "candidates": CANDIDATES,
        "candidate_vectors": VECTORS,
        "unit": dense_layers(UNIT),
    }
    return ActivationExplorer(**{**arguments, **changes})


def by_torch(query, softmax=False, unit=UNIT):
    """Return the weights ``[3, T]`` of DIN, target and dual attention, in float64."""
    k = BEHAVIORS.double()
    q = torch.as_tensor(query).double().expand_as(k)
    with torch.no_grad():
        raw = unit.double()(torch.cat([q, k, q - k, q * k], -1))[:, 0]
    unit.float()
    related = (k @ k.T / E**0.5).softmax(-1) @ k
    rows = [raw.softmax(-1) if softmax else raw]
    rows += [(keys @ q[0] / E**0.5).softmax(-1) for keys in (k, related)]
    return torch.stack(rows).numpy()


def shown(page):
    rows = page.evaluate(
        """() => [...document.querySelectorAll('.sv-lines .sv-line')].map(
            line => [...line.querySelectorAll('.sv-weight')]
                .map(bar => +bar.dataset.weight))"""
    )
    return np.array(rows).T


def assert_like_torch(page, query, softmax=False):
    want = by_torch(query, softmax)
    # The keys of the two attentions travel as float32.
    np.testing.assert_allclose(shown(page), want, atol=1e-6, rtol=1e-6)
    sums = page.locator(".sv-totals b").evaluate_all(
        "b => b.map(n => +n.dataset.total)"
    )
    np.testing.assert_allclose(sums, want.sum(1), atol=1e-5)


def said(page):
    return page.locator(".sv-sentence").inner_text()


def box(page, selector):
    return page.locator(selector).bounding_box()


def moved(figure, page):
    """Return the vector of the candidate where its tile stands on the page."""
    plane, tile = box(page, ".sv-plane"), box(page, ".sv-handle rect >> nth=1")
    (left, right), (low, high) = figure.frame
    x = (tile["x"] + tile["width"] / 2 - plane["x"]) / plane["width"]
    y = (tile["y"] + tile["height"] / 2 - plane["y"]) / plane["height"]
    figure.point = [left + x * (right - left), high - y * (high - low)]
    return figure.query()


# ---- The numbers -------------------------------------------------------------


def test_the_weights_are_those_of_torch_for_every_candidate_raw_and_softmax(page):
    for softmax in (False, True):
        page.get_by_label("softmax" if softmax else "raw", exact=True).check(force=True)
        for candidate in range(M):
            page.get_by_label("Candidate", exact=True).select_option(index=candidate)
            assert_like_torch(page, VECTORS[candidate], softmax)


@pytest.mark.parametrize("middle", [None, nn.Sigmoid, nn.PReLU])
def test_every_activation_and_no_hidden_layer(open_page, middle):
    torch.manual_seed(1)
    parts = [nn.Linear(4 * E, 1)]
    if middle:
        parts = [nn.Linear(4 * E, 7), middle(), nn.Linear(7, 1)]
    unit = nn.Sequential(*parts)
    page = open_page(explorer(unit=dense_layers(unit), candidate=3))
    want = by_torch(VECTORS[3], unit=unit)
    np.testing.assert_allclose(shown(page), want, atol=1e-6, rtol=0)


def test_a_dragged_candidate_is_computed_at_its_place(page):
    figure = explorer()
    grip = box(page, ".sv-handle rect >> nth=1")
    page.mouse.move(grip["x"] + 13, grip["y"] + 13)
    page.mouse.down()
    plane = box(page, ".sv-plane")
    for share in (0.3, 0.55, 0.8):
        page.mouse.move(
            plane["x"] + share * plane["width"], plane["y"] + 0.4 * plane["height"]
        )
    page.mouse.up()
    query = moved(figure, page)
    # The place is read off the screen, to a part of a pixel.
    np.testing.assert_allclose(shown(page), by_torch(query), atol=5e-3)
    assert "Candidate shoe 0, moved. " in said(page)
    page.get_by_role("button", name="Back to the item").click()
    assert_like_torch(page, VECTORS[0])
    assert page.get_by_role("button", name="Back to the item").is_disabled()


def test_a_point_from_python_is_exact(open_page):
    figure = explorer(candidate=5, softmax=True)
    figure.point = [0.25, -0.75]
    page = open_page(figure)
    assert_like_torch(page, figure.query(), softmax=True)
    weights = np.array(list(figure.weights().values()))
    np.testing.assert_allclose(shown(page), weights, atol=1e-9, rtol=0)


def painted(page):
    """Return pixels, width, height, the lowest and the highest weight of the map."""
    page.wait_for_selector("canvas[data-least]")  # it is painted in slices
    return page.evaluate(
        """() => { const c = document.querySelector('canvas');
        return [[...c.getContext('2d').getImageData(0, 0, c.width, c.height).data],
                c.width, c.height, +c.dataset.least, +c.dataset.most]; }"""
    )


def test_of_maps_that_are_asked_for_at_once_the_last_is_shown(open_page):
    last = {"candidate": 7, "behavior": 4, "softmax": True}
    want = painted(open_page(explorer(**last)))
    page = open_page(explorer(softmax=True))
    page.evaluate(
        """async ({ candidate, behavior }) => {
            const select = document.querySelector('select');
            const lines = document.querySelectorAll('.sv-line[data-t]');
            for (const [m, t] of [[1, 0], [2, 5], [candidate, behavior]]) {
                select.selectedIndex = m;
                select.dispatchEvent(new Event('change'));
                lines[t].click();
                await null;  // between two of them the figure is drawn
            }
        }""",
        {name: last[name] for name in ("candidate", "behavior")},
    )
    page.wait_for_function(
        "least => document.querySelector('canvas').dataset.least === least",
        arg=str(want[3]),
    )
    assert painted(page) == want


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize("surface", [0, 2])
def test_the_colors_of_the_map_are_the_weights_at_each_place(
    open_page, surface, softmax
):
    figure = explorer(candidate=2, behavior=3, surface=surface, softmax=softmax)
    page = open_page(figure)
    pixels, width, height, least, most = painted(page)
    pixels = np.array(pixels).reshape(height, width, 4)
    (left, right), (low, high) = figure.frame
    values = []
    for row, column in [(0, 0), (5, 40), (20, 25), (39, 3), (31, 49)]:
        figure.point = [
            left + (column + 0.5) * (right - left) / width,
            high - (row + 0.5) * (high - low) / height,
        ]
        values.append(by_torch(figure.query(), softmax)[surface][3])
        color = color_at((values[-1] - least) / (most - least), figure.palette)
        want = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        np.testing.assert_allclose(pixels[row, column, :3], want, atol=1)
    assert least <= min(values) and max(values) <= most


def test_a_negative_weight_runs_to_the_left_of_zero(page):
    weights = shown(page)
    assert (weights[0] < 0).any() and (weights[0] > 0).any()
    bars = page.evaluate(
        """() => [...document.querySelectorAll('.sv-lines .sv-line')].map(line => {
            const bar = line.querySelector('.sv-weight');
            const room = bar.firstElementChild.getBoundingClientRect();
            const drawn = bar.querySelector('i').getBoundingClientRect();
            const zero = parseFloat(bar.style.getPropertyValue('--sv-zero')) / 100;
            const edge = getComputedStyle(bar.querySelector('i')).borderTopWidth;
            return [(drawn.left - room.left) / room.width,
                (drawn.right - room.left) / room.width, zero, edge !== '0px']; })"""
    )
    for weight, (start, end, zero, hollow) in zip(weights[0], bars, strict=True):
        assert hollow == (weight < 0)
        near = start if weight > 0 else end
        assert abs(near - zero) < 0.03
        assert -0.01 < start <= end < 1.03


# ---- The hand and the keyboard -----------------------------------------------


def test_a_press_on_a_dot_goes_to_the_item_and_elsewhere_to_the_place(page):
    figure = explorer()
    figure.candidate = 7
    plane = box(page, ".sv-plane")
    dot = box(page, ".sv-place[data-item='7']")
    x, y = dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2
    page.mouse.move(x, y)
    assert page.locator(".sv-label").inner_text() == CANDIDATES[7]
    page.mouse.click(x, y)
    assert page.get_by_label("Candidate", exact=True).input_value() == CANDIDATES[7]
    assert_like_torch(page, VECTORS[7])
    page.mouse.click(plane["x"] + plane["width"] - 30, plane["y"] + 30)
    assert f"Candidate {CANDIDATES[7]}, moved" in said(page)
    np.testing.assert_allclose(shown(page), by_torch(moved(figure, page)), atol=5e-3)


def drag_with_a_finger(page, start, end):
    """Drag from one place to another by touch, as the browser gets it."""
    touch = page.context.new_cdp_session(page)
    steps = np.linspace(start, end, 8)
    for kind, at in [("touchStart", steps[:1]), *(("touchMove", [p]) for p in steps)]:
        points = [{"x": float(x), "y": float(y)} for x, y in at]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_moves_the_tile_and_elsewhere_scrolls_or_taps(new_page, address):
    page = new_page(
        viewport={"width": 380, "height": 800}, has_touch=True, is_mobile=True
    )
    page.goto(address)
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    page.locator(".sv-plane").scroll_into_view_if_needed()
    before = page.evaluate("() => scrollY")
    grip = box(page, ".sv-handle rect >> nth=1")
    middle = np.array([grip["x"] + 13, grip["y"] + 13])
    plane = box(page, ".sv-plane")
    center = np.array(
        [plane["x"] + plane["width"] / 2, plane["y"] + plane["height"] / 2]
    )
    drag_with_a_finger(page, middle, center)
    grip = box(page, ".sv-handle rect >> nth=1")
    reached = [grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2]
    np.testing.assert_allclose(reached, center, atol=3)
    assert page.evaluate("() => scrollY") == before
    words = said(page)
    assert "moved" in words

    corner = np.array([plane["x"] + 30, plane["y"] + plane["height"] - 30])
    page.touchscreen.tap(*corner)
    tapped = said(page)
    assert tapped != words
    # From beside the tile a finger scrolls the page and moves nothing.
    right = np.array([plane["x"] + plane["width"] - 20, corner[1] - 20])
    drag_with_a_finger(page, right, right - [0, 120])
    page.wait_for_function("y => scrollY > y + 40", arg=before)
    assert said(page) == tapped


def test_the_keyboard_alone_reaches_everything(page):
    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    def focused(what):
        return page.evaluate(f"() => document.activeElement.{what}")

    figure = explorer(candidate=1)
    press("Tab", "ArrowDown")
    assert_like_torch(page, VECTORS[1])
    press("Tab", "ArrowRight")
    assert_like_torch(page, VECTORS[1], softmax=True)
    press("Tab", "ArrowRight")
    assert "target attention gives" in page.locator(".sv-halves").inner_text()
    press("Tab")
    assert focused("getAttribute('role')") == "slider"
    step = (figure.frame[0][1] - figure.frame[0][0]) / 40
    press("ArrowRight", "ArrowUp", "Shift+ArrowDown")
    start = figure.places(VECTORS[1].numpy())
    figure.point = (start + step * np.array([1, 1 - 5])).tolist()
    assert_like_torch(page, figure.query(), softmax=True)
    value = float(focused("getAttribute('aria-valuenow')"))
    assert value == pytest.approx(figure.point[0], abs=1e-6)
    assert "across" in focused("getAttribute('aria-valuetext')")
    press("Home")
    assert_like_torch(page, VECTORS[1], softmax=True)
    assert focused("getAttribute('aria-valuetext')") == CANDIDATES[1]
    press("ArrowLeft", "Tab", "Enter")
    assert_like_torch(page, VECTORS[1], softmax=True)
    page.locator(".sv-handle").focus()
    press("Tab", "ArrowDown", "ArrowDown", "Enter")
    assert page.locator(".sv-line[aria-current]").get_attribute("data-t") == "2"
    assert f"gives {HISTORY[2]}" in page.locator(".sv-halves").inner_text()
    assert f"Candidate {CANDIDATES[1]} on {HISTORY[2]}: DIN gives it weight" in said(
        page
    )


def test_the_tile_stays_whole_inside_the_map(page):
    page.locator(".sv-handle").focus()
    for _ in range(12):
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Shift+ArrowUp")
    plane, tile = box(page, ".sv-plane"), box(page, ".sv-handle rect >> nth=1")
    assert tile["x"] >= plane["x"] and tile["y"] >= plane["y"]


def test_the_sentence_names_the_heaviest_behavior_and_the_strength(page):
    page.get_by_label("Candidate", exact=True).select_option(index=4)
    words = said(page)
    weights = by_torch(VECTORS[4])
    assert words.startswith("Candidate mat 0. The weight farthest from 0: DIN ")
    for name, row in zip(
        ("DIN", "target attention", "dual attention"), weights, strict=True
    ):
        heaviest = HISTORY[int(abs(row).argmax())]
        assert re.search(rf"{name} −?[\d.]+ on {re.escape(heaviest)}[,;.]", words)
    assert ", on the whole history " in words


def test_odd_names_and_a_single_behavior(open_page):
    figure = explorer(
        history=["</script><b>"],
        behaviors=BEHAVIORS[:1],
        candidates=["&amp;", "x" * 80],
        candidate_vectors=VECTORS[:2],
        name="<i>",
    )
    page = open_page(figure, viewport={"width": 380, "height": 800})
    assert re.search("&amp;. .*: <i> [−\\d.]+ on </script><b>,", said(page))
    assert axe_report(page) == ""
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


def explorer_of(length, beside):
    vectors = np.random.default_rng(length).normal(size=(length, E))
    return lambda: explorer(
        history=[f"item {t}" for t in range(length)], behaviors=vectors, beside=beside
    )


DUTY = Duty(
    explorer,
    (
        press(".sv-line[data-t]", 2),
        lambda page: page.locator(".sv-handle").press("ArrowRight"),
        option("softmax"),
    ),
    still=".sv-still svg",
    words="Candidate shoe 0: DIN gives",
    fingers=(".sv-grip",),
    printed=(".sv-plane", "canvas", ".sv-lines"),
    sizes=tuple(explorer_of(n, beside) for n in (2, 8) for beside in (None, {})),
)
