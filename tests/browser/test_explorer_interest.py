"""The interest explorer in a page without a kernel, on Chromium."""

import numpy as np
import pytest
import torch
from accessible import axe_report
from duty import Duty, press, text
from explorer_pages import write_page
from sample import USERS, explorer, sample
from serving import serve

from seqviz.explorers import InterestExplorer, Reading


def by_torch(user, count, removed=()):
    """Return weights [K, clicks] and the top items and scores, by PyTorch."""
    data = sample()
    logits, vectors = (torch.from_numpy(a).double() for a in data["readings"][count])
    ids = torch.from_numpy(data["item_ids"][user])
    kept = ids > 0
    kept[list(removed)] = False
    weights = logits[user].masked_fill(~kept, -torch.inf).softmax(-1)
    scores = weights @ vectors[ids] @ vectors.T
    scores[:, 0] = -torch.inf
    scores[:, ids[kept]] = -torch.inf
    top = scores.topk(6)
    return weights[:, ids > 0].numpy(), top.indices.numpy(), top.values.numpy()


def shown(page):
    """Return the same three things as the page shows them."""
    return [
        np.array(page.evaluate(script))
        for script in (
            """() => { const tiles = [...document.querySelectorAll('.sv-tile')].map(
                t => [...t.querySelectorAll('.sv-bar')].map(b => +b.dataset.weight));
                return tiles[0].map((_, k) => tiles.map(t => t[k])); }""",
            """() => [...document.querySelectorAll('.sv-row')].map(
                r => [...r.querySelectorAll('.sv-chip')].map(c => +c.dataset.item))""",
            """() => [...document.querySelectorAll('.sv-row')].map(
                r => [...r.querySelectorAll('.sv-chip')].map(c => +c.dataset.score))""",
        )
    ]


def assert_like_torch(page, user, count, removed=()):
    weights, items, scores = by_torch(user, count, removed)
    page.wait_for_function(
        "([k, t]) => document.querySelectorAll('.sv-row').length === k"
        " && document.querySelectorAll('.sv-tile').length === t",
        arg=[count, weights.shape[1]],
    )
    got_weights, got_items, got_scores = shown(page)
    np.testing.assert_allclose(got_weights, weights, atol=1e-6, rtol=0)
    np.testing.assert_array_equal(got_items, items)
    np.testing.assert_allclose(got_scores, scores, atol=1e-6, rtol=1e-6)


def test_the_numbers_are_those_of_torch_for_every_user_and_k(page):
    assert_like_torch(page, 0, 4)
    for user, name in enumerate(USERS):
        page.get_by_label("User").select_option(label=name)
        for count in (1, 2, 4):
            page.get_by_label(str(count), exact=True).check(force=True)
            assert_like_torch(page, user, count)


def test_a_click_on_a_tile_leaves_it_out_and_reset_puts_it_back(page):
    tile = page.locator(".sv-tile").nth(2)
    reset = page.get_by_role("button", name="Put all clicks back")
    assert reset.is_disabled()
    tile.click()
    assert tile.get_attribute("aria-pressed") == "true"
    assert_like_torch(page, 0, 4, removed=[2])
    assert "left out" in page.locator(".sv-sentence").inner_text()
    page.locator(".sv-tile").nth(20).click()
    assert_like_torch(page, 0, 4, removed=[2, 20])
    reset.click()
    assert_like_torch(page, 0, 4)
    assert reset.is_disabled()


def test_every_click_left_out_is_a_defined_picture(page):
    page.get_by_label("User").select_option(label="Ruth")
    page.wait_for_function("() => document.querySelectorAll('.sv-tile').length === 5")
    for tile in page.locator(".sv-tile").all():
        tile.click()
    page.mouse.move(5, 5)
    page.locator("h1").click()
    page.evaluate("() => document.activeElement.blur()")
    assert (shown(page)[0] == 0).all()
    assert "every click is left out" in page.locator(".sv-sentence").inner_text()
    assert page.locator(".sv-row").first.inner_text().count("zero vector") == 1


def test_hide_and_solo(page):
    drawn = "() => document.querySelectorAll('.sv-vector:not(.sv-gone)').length"
    assert page.evaluate(drawn) == 4
    page.get_by_role("button", name="Hide interest 2").click()
    assert page.evaluate(drawn) == 3
    said = page.locator(".sv-sentence")
    assert said.inner_text().split()[-4:] == ["interest", "2", "is", "hidden."]
    assert page.locator(".sv-tile[data-interest='2']").count() == 0
    page.get_by_role("button", name="Solo interest 3").click()
    assert page.evaluate(drawn) == 1
    assert page.locator(".sv-bar:not(.sv-off)").count() == 24
    page.get_by_role("button", name="Solo interest 3").click()
    page.get_by_role("button", name="Hide interest 2").click()
    assert page.evaluate(drawn) == 4
    assert "interest 2 reads" in " ".join(said.inner_text().split())


def test_hover_names_the_item_and_its_weights(page):
    weights, _, _ = by_torch(0, 4)
    tile = page.locator(".sv-tile").nth(4)
    tile.hover()
    said = page.locator(".sv-sentence").inner_text()
    assert tile.locator(".sv-name").inner_text() in said
    assert "click 5 of 24" in said
    assert f"{weights[0, 4]:.2g}" in said
    box = page.locator(".sv-map").bounding_box()
    mark = page.locator(".sv-item").nth(30)
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    label = page.locator(".sv-label")
    assert label.is_visible()
    assert label.inner_text() in page.locator(".sv-sentence").inner_text()
    page.mouse.move(2, 2)
    assert label.is_hidden()


def test_the_keyboard_alone_reaches_everything(page):
    focused = "() => document.activeElement.{}"

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    press("Tab")
    assert page.evaluate(focused.format("tagName")) == "SELECT"
    press("ArrowDown")
    assert_like_torch(page, 1, 4)
    press("Tab", "ArrowLeft")
    assert_like_torch(page, 1, 2)
    press("Tab")
    assert page.evaluate(focused.format("getAttribute('role')")) == "switch"
    press("Space")
    assert page.locator(".sv-note").first.is_visible()
    press("Tab")  # the disabled reset is skipped: the first tile
    assert page.evaluate(focused.format("dataset.position")) == "7"
    press("ArrowRight", "ArrowRight", "Enter")
    assert_like_torch(page, 1, 2, removed=[9])
    press("End", "Space")
    assert_like_torch(page, 1, 2, removed=[9, 23])
    press("Tab")  # one stop for the tiles, one for the map
    assert page.evaluate(focused.format("classList.contains('sv-item')"))
    before = page.evaluate(focused.format("dataset.item"))
    press("ArrowRight")
    after = page.evaluate(focused.format("dataset.item"))
    assert before != after
    assert page.locator(".sv-label").inner_text() == sample()["titles"][int(after)]
    press("Tab")
    assert page.evaluate(focused.format("ariaLabel")) == "Hide interest 1"
    press("Enter")
    assert page.evaluate(focused.format("ariaPressed")) == "true"
    outline = page.evaluate(
        "() => getComputedStyle(document.activeElement).outlineStyle"
    )
    assert outline == "solid"


def test_the_true_interest_and_the_share_that_agrees(page):
    page.get_by_text("Show the true interest").click()
    assert page.locator(".sv-note").first.inner_text() == sample()["truth"][0][0]
    page.mouse.move(2, 2)
    page.evaluate("() => document.activeElement.blur()")
    said = page.locator(".sv-sentence").inner_text()
    weights, _, _ = by_torch(0, 4)
    truth = sample()["truth"][0]
    from scipy.optimize import linear_sum_assignment

    labels = sorted({cause for cause in truth if cause})
    counts = np.zeros((4, len(labels)))
    for position, cause in enumerate(truth):
        if cause:
            counts[weights[:, position].argmax(), labels.index(cause)] += 1
    rows, columns = linear_sum_assignment(-counts)
    right, total = int(counts[rows, columns].sum()), int(counts.sum())
    assert f"{right} of {total} clicks" in said


@pytest.mark.parametrize("width", [320, 380, 900])
def test_the_still_figure_is_whole_and_ends_where_it_ends(new_page, address, width):
    page = new_page(java_script_enabled=False, viewport={"width": width, "height": 900})
    page.goto(address)
    beyond, blank = page.evaluate(
        """() => { const still = document.querySelector('.sv-still');
        const edge = still.getBoundingClientRect();
        const parts = [...still.querySelectorAll('.sv-title, svg, span')]
          .map(e => e.getBoundingClientRect());
        return [parts.filter(b => b.right > edge.right || b.left < edge.left).length,
                edge.bottom - Math.max(...parts.map(b => b.bottom))]; }"""
    )
    assert beyond == 0
    assert 0 < blank < 25


def test_a_module_that_does_not_load_leaves_the_still_figure(browser, tmp_path):
    write_page(tmp_path, explorer())
    (tmp_path / "explorers" / "interest.js").unlink()
    url, stop = serve(tmp_path)
    page = browser.new_page(viewport={"width": 380, "height": 800})
    page.goto(url)
    page.wait_for_selector(".sv-explorer[data-sv-failed]")
    assert page.locator(".sv-drawn").is_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    assert axe_report(page) == ""
    page.close()
    stop()


def test_half_precision_vectors_are_read_exactly(new_page, tmp_path):
    data = sample()
    readings = {
        count: Reading(logits, vectors.astype(np.float16))
        for count, (logits, vectors) in data["readings"].items()
    }
    figure = explorer(readings=readings)
    assert figure.vectors[0]["items"]["dtype"] == "float16"
    write_page(tmp_path, figure)
    url, stop = serve(tmp_path)
    page = new_page()
    page.goto(url)
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    logits, vectors = (torch.tensor(a).double() for a in data["readings"][4])
    vectors, ids = vectors.half().double(), torch.tensor(data["item_ids"][0])
    scores = logits[0].softmax(-1) @ vectors[ids] @ vectors.T
    _, items, got = shown(page)
    want = np.take_along_axis(scores.numpy(), items, axis=1)
    np.testing.assert_allclose(got, want, atol=1e-6, rtol=1e-6)
    stop()


def test_eight_interests_an_empty_history_and_odd_names(new_page, tmp_path):
    rng = np.random.default_rng(0)
    figure = InterestExplorer(
        item_ids=[[], [1, 2]],
        readings=Reading(rng.normal(size=(2, 8, 2)), rng.normal(size=(5, 3))),
        titles=["", "<b>bold</b>", "</script>", "x" * 80, "d"],
        categories=["", "a", "b & c", "a", "a"],
    )
    write_page(tmp_path, figure)
    url, stop = serve(tmp_path)
    page = new_page(viewport={"width": 380, "height": 800})
    page.goto(url)
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    assert page.get_by_text("No clicks yet.", exact=True).is_visible()
    page.get_by_label("User").select_option(label="2")
    page.wait_for_function("() => document.querySelectorAll('.sv-tile').length === 2")
    assert page.locator(".sv-name").first.inner_text() == "<b>bold</b>"
    assert page.locator(".sv-row").count() == 8
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    assert axe_report(page) == ""
    stop()


def test_padding_is_never_retrieved_even_when_every_score_is_negative(
    new_page, tmp_path
):
    vectors = np.array([[0, 0], [1, 0], [-1, 0], [-2, 0]])
    for exclude, want in ((True, [2, 3]), (False, [1, 2, 3])):
        figure = InterestExplorer(
            item_ids=[[1]],
            readings=Reading(np.zeros((1, 1, 1)), vectors),
            titles=["", "a", "b", "c"],
            categories=["", "x", "x", "x"],
            exclude_history=exclude,
        )
        write_page(tmp_path, figure)
        url, stop = serve(tmp_path)
        page = new_page()
        page.goto(url)
        page.wait_for_selector(".sv-explorer[data-sv-ready]")
        assert shown(page)[1].tolist() == [want]
        stop()


DUTY = Duty(
    explorer,
    (
        text("Show the true interest"),
        press(".sv-tile", 1),
        press("button[aria-label='Hide interest 2']"),
    ),
    still=".sv-drawn",
    words="User Mia. Interest 1 reads",
    printed=(".sv-tile", ".sv-map"),
    tall=1300,
)
