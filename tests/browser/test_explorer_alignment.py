"""The alignment explorer in a page without a kernel, on Chromium."""

import numpy as np
import torch
from duty import Duty, option, press
from torch import nn

from seqviz.explorers import AlignmentExplorer, Reader
from seqviz.layers import GRU

QUESTIONS = ["shoes", "tents", "books", "lamps", "hats"]
ANSWERS = ["red", "green", "blue"]
HISTORY = [13, 0, 7, 4]  # hats green, shoes red, books green, tents green
C, ANY, E, H = len(QUESTIONS), len(ANSWERS), 4, 6
NAMES = ["attention", "mean", "last state"]

torch.manual_seed(1)
ITEMS, QUERIES = 2 * torch.randn(C * ANY, E), 4 * torch.randn(C, H)
ENCODER, ANSWER = GRU(E, H), nn.Linear(2 * H, ANY)
for parameter in (*ENCODER.parameters(), *ANSWER.parameters()):
    nn.init.normal_(parameter, std=0.7)


def reader(context):
    return Reader(
        context,
        ITEMS,
        QUERIES,
        ENCODER.input_weight,
        ENCODER.state_weight,
        ENCODER.bias,
        ENCODER.state_bias,
        ANSWER.weight,
        ANSWER.bias,
    )


def explorer(history=HISTORY, **changes):
    readers = {name: reader(name) for name in NAMES}
    return AlignmentExplorer(history, QUESTIONS, ANSWERS, readers, **changes)


@torch.no_grad()
def by_torch(name, history):
    """Weights [n, n] and answers [n], a row a question in its order."""
    asked = sorted(place // ANY for place in history)
    states = ENCODER(ITEMS[history][None])[0][0]  # [n, H]
    query = QUERIES[asked]
    n = len(history)
    weights = {
        "attention": (query @ states.T / H**0.5).softmax(1),
        "mean": torch.full((n, n), 1 / n),
        "last state": torch.eye(n)[-1].expand(n, n),
    }[name]
    context = weights @ states
    answers = ANSWER(torch.cat([query * context, context], 1)).argmax(1)
    return weights.numpy(), answers.tolist()


def given(name, history):
    """How many clicks a reader gives back."""
    right = [place % ANY for place in sorted(history)]
    return sum(np.equal(by_torch(name, history)[1], right))


def shown(page):
    return page.locator(".sv-steps .sv-tile").evaluate_all(
        "all => all.map(t => t.title)"
    )


def assert_like_torch(page, name, history):
    weights, answers = by_torch(name, history)
    titles = [f"{QUESTIONS[p // ANY]}, {ANSWERS[p % ANY]}" for p in history]
    assert shown(page) == titles
    cells = page.locator(".sv-align td[data-t]")
    found = cells.evaluate_all("all => all.map(c => +c.dataset.weight)")
    np.testing.assert_allclose(found, weights.flatten(), atol=1e-5)
    asked = cells.evaluate_all(
        "all => all.flatMap(c => c.matches('.sv-asked') ? +c.dataset.t : [])"
    )
    assert asked == np.argsort(history).tolist()
    told = page.locator(".sv-align .sv-answer").all_inner_texts()
    right = [place % ANY for place in sorted(history)]
    assert told == [
        f"{ANSWERS[answer]}, {'right' if answer == truth else 'wrong'}"
        for answer, truth in zip(answers, right, strict=True)
    ]
    counts = page.locator(".sv-given").evaluate_all(
        "all => all.map(g => +g.dataset.given)"
    )
    assert counts == [given(one, history) for one in NAMES]


def test_weights_and_answers_are_those_of_torch(page):
    for name in NAMES:
        option(name)(page)
        assert_like_torch(page, name, HISTORY)


def test_the_readers_differ():
    counts = {given(name, HISTORY) for name in NAMES}
    assert len(counts) > 1


def test_buttons_move_and_the_list_changes_the_picked_click(page):
    page.locator(".sv-steps .sv-tile").nth(0).click()
    page.get_by_role("button", name="Later").click()
    assert_like_torch(page, "attention", [0, 13, 7, 4])
    page.get_by_role("button", name="Later").click()
    page.get_by_label("Make the picked click").select_option(label="blue")
    assert_like_torch(page, "attention", [0, 7, 14, 4])
    option("last state")(page)
    assert_like_torch(page, "last state", [0, 7, 14, 4])


def test_a_click_is_dragged_to_the_end(page):
    tiles = page.locator(".sv-steps .sv-tile")
    tiles.nth(0).scroll_into_view_if_needed()
    first, last = tiles.nth(0).bounding_box(), tiles.nth(3).bounding_box()
    page.mouse.move(first["x"] + 10, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(last["x"] + 10, last["y"] + 10, steps=4)
    page.mouse.up()
    assert_like_torch(page, "attention", [0, 7, 4, 13])


def test_fewer_clicks_are_read_and_the_rest_comes_back(page):
    page.locator(".sv-steps .sv-tile").nth(3).click()
    slider = page.get_by_label("Clicks read, n")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert_like_torch(page, "attention", HISTORY[:2])
    assert page.locator(".sv-tile[aria-current]").count() == 1
    page.keyboard.press("End")
    assert_like_torch(page, "attention", HISTORY)


def test_the_sentence_tells_of_what_is_under_the_hand(page):
    words = page.locator(".sv-sentence")
    count = given("attention", HISTORY)
    assert words.inner_text().startswith(f"attention: {count} of 4 clicks are given")
    weights, answers = by_torch("attention", HISTORY)
    page.locator(".sv-align td[data-row='1'][data-t='3']").hover()
    assert words.inner_text().startswith(
        f"tents? Weight {weights[1, 3]:.2g} on click 4"
    )
    assert f"The answer is {ANSWERS[answers[1]]}:" in words.inner_text()
    page.locator(".sv-steps .sv-tile").nth(1).hover()
    assert f"puts {100 * weights[0, 1]:.0f}% of the weight on it" in words.inner_text()


def test_the_keyboard_alone_walks_the_matrix_and_moves_a_click(page):
    page.locator('.sv-align td[tabindex="0"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    weights, _ = by_torch("attention", HISTORY)
    words = page.locator(".sv-sentence").inner_text()
    assert words.startswith(f"tents? Weight {weights[1, 1]:.2g} on click 2")
    page.locator('.sv-steps .sv-tile[tabindex="0"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Earlier").focus()
    page.keyboard.press("Enter")
    assert_like_torch(page, "attention", [0, 13, 7, 4])


DUTY = Duty(
    explorer,
    (press(".sv-steps .sv-tile", 2), option("mean"), option("last state")),
    still=".sv-drawn",
    words="attention: ",
    fingers=(".sv-steps .sv-tile",),
    printed=(".sv-align", ".sv-givens"),
    sizes=(
        lambda: explorer(length=2, reader=2),
        lambda: explorer(history=[0], reader=1),
    ),
    tall=800,
)
