"""The memory explorer in a page without a kernel, on Chromium."""

import numpy as np
import pytest
import torch
from duty import Duty, option, press
from torch import nn

from seqviz.explorers import Memory, MemoryExplorer
from seqviz.layers import GRU, LSTM, RNN

ITEMS = ["trail shoes", "running socks", "tent", "gas stove", "novel", "reading lamp"]
LABELS, LABEL_OF = ["running", "camping", "reading"], [0, 0, 1, 1, 2, 2]
HISTORY = [4, 0, 1, 2, 3, 2]
E, H, T = 5, 7, len(HISTORY)

torch.manual_seed(3)
VECTORS = torch.randn(len(ITEMS), E)
LAYERS = {"RNN": RNN(E, H), "LSTM": LSTM(E, H), "GRU": GRU(E, H)}
PROBES = {name: nn.Linear(H, 3) for name in LAYERS}
for layer in (*LAYERS.values(), *PROBES.values()):
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.5)
NAMES = list(LAYERS)


def explorer(history=HISTORY, **changes):
    return MemoryExplorer(
        history,
        ITEMS,
        VECTORS,
        {name: Memory.of(LAYERS[name], PROBES[name]) for name in LAYERS},
        labels=LABELS,
        label_of=LABEL_OF,
        **changes,
    )


def by_torch(name, history):
    """Bands, what the probe reads, the norm of each behavior's slope."""
    layer = LAYERS[name]
    behaviors = VECTORS[history][None].clone().requires_grad_()

    def last(behaviors):
        return layer(behaviors)[0][0, -1]

    slopes = torch.autograd.functional.jacobian(last, behaviors)[:, 0]  # [H, T, E]
    bands = {"state": layer(behaviors)[0]}
    if name != "RNN":
        bands |= layer(behaviors, need_gates=True)[-1]._asdict()
    known = torch.sigmoid(PROBES[name](last(behaviors)))
    return bands, known.detach().numpy(), slopes.norm(dim=(0, 2)).numpy()


def data(page, selector, field):
    return [
        float(value)
        for value in page.locator(selector).evaluate_all(
            f"all => all.map(one => one.dataset.{field})"
        )
    ]


def shown(page):
    return page.locator(".sv-steps .sv-tile").evaluate_all(
        "all => all.map(t => t.title)"
    )


def assert_like_torch(page, name, history):
    _, known, slopes = by_torch(name, history)
    assert shown(page) == [ITEMS[place] for place in history]
    np.testing.assert_allclose(data(page, ".sv-slope", "slope"), slopes, rtol=1e-4)
    np.testing.assert_allclose(data(page, ".sv-known", "known"), known, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_slopes_and_probe_are_those_of_torch(page, name):
    option(name)(page)
    assert_like_torch(page, name, HISTORY)


@pytest.mark.parametrize("name", NAMES)
def test_bands_say_the_means_of_torch(page, name):
    option(name)(page)
    bands, _, _ = by_torch(name, HISTORY)
    for band in page.locator(".sv-band").all():
        values = bands[band.get_attribute("data-band")][0].detach().abs().mean(1)
        label = band.locator("canvas").get_attribute("aria-label")
        means = [
            float(word) for word in label.split("mean")[1].split("size")[-1].split(",")
        ]
        np.testing.assert_allclose(means, values.numpy(), atol=0.006)
    count = {"RNN": 1, "LSTM": 5, "GRU": 3}[name]
    assert page.locator(".sv-band").count() == count


def test_a_band_has_the_color_of_each_number(page):
    option("GRU")(page)
    bands, _, _ = by_torch("GRU", HISTORY)
    pixels = page.locator('[data-band="update"] canvas').evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    red = np.array(pixels).reshape(H, T, 4)[..., 0]  # it never falls in cividis
    update = bands["update"][0].T.detach().numpy()
    order = update.flatten().argsort()
    assert (np.diff(red.flatten()[order]) >= -1).all()


def test_buttons_move_and_the_list_changes_the_picked_behavior(page):
    page.locator(".sv-steps .sv-tile").nth(0).click()
    page.get_by_role("button", name="Later").click()
    assert_like_torch(page, "RNN", [0, 4, 1, 2, 3, 2])
    page.get_by_role("button", name="Later").click()
    assert_like_torch(page, "RNN", [0, 1, 4, 2, 3, 2])
    page.get_by_label("Make the picked behavior").select_option(label="reading lamp")
    assert_like_torch(page, "RNN", [0, 1, 5, 2, 3, 2])
    option("LSTM")(page)
    assert_like_torch(page, "LSTM", [0, 1, 5, 2, 3, 2])


def test_a_behavior_is_dragged_to_the_end(page):
    tiles = page.locator(".sv-steps .sv-tile")
    tiles.nth(0).scroll_into_view_if_needed()
    first, last = tiles.nth(0).bounding_box(), tiles.nth(T - 1).bounding_box()
    page.mouse.move(first["x"] + 10, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(last["x"] - 40, last["y"] + 10, steps=4)
    page.mouse.move(last["x"] + 10, last["y"] + 10, steps=2)
    page.mouse.up()
    assert_like_torch(page, "RNN", [*HISTORY[1:], HISTORY[0]])


def test_the_sentence_tells_of_the_behavior_under_the_hand(page):
    option("LSTM")(page)
    page.locator(".sv-steps .sv-tile").nth(1).hover()
    _, known, slopes = by_torch("LSTM", HISTORY)
    words = page.locator(".sv-sentence").inner_text()
    assert words.startswith(
        "LSTM, behavior 2 of 6, trail shoes: the last state depends"
    )
    assert f"For running the probe says {100 * known[0]:.0f}%" in words
    assert "times" in words or slopes[1] >= slopes[-1]


def test_the_keyboard_alone_moves_a_behavior(page):
    page.locator('.sv-steps .sv-tile[tabindex="0"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Earlier").focus()
    page.keyboard.press("Enter")
    assert_like_torch(page, "RNN", [0, 4, 1, 2, 3, 2])


def test_it_fits_a_phone(open_page):
    figure = explorer(history=(HISTORY * 3)[:16], layer=1)
    page = open_page(figure, viewport={"width": 380, "height": 800})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    assert page.locator(".sv-steps .sv-tile").count() == 16


DUTY = Duty(
    explorer,
    (press(".sv-steps .sv-tile", 2), option("LSTM"), option("GRU")),
    still=".sv-drawn",
    words="RNN: the last state depends on novel, the first of 6 behaviors",
    fingers=(".sv-steps .sv-tile",),
    printed=(".sv-bands", ".sv-slopes", ".sv-knowns"),
    sizes=(
        lambda: explorer(layer=1),
        lambda: explorer(history=HISTORY[:2], layer=2),
        lambda: explorer(history=(HISTORY * 3)[:16], layer=1),
    ),
    tall=900,
)
