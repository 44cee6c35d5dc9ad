"""The attention explorer in a page without a kernel, on Chromium."""

import numpy as np
import torch
from accessible import axe_report
from duty import Duty, press, text

from seqviz.explorers import AttentionExplorer

TITLES = ["", "", "trail shoes", "running socks", "tent", "stove", "cap", "race vest"]
ASKING = ["road shoes", "sleeping mat", "kettle"]
MASK = [False, False, True, True, True, True, True, True]
H, T, SCALE = 3, len(TITLES), 0.4


def scores(*shape):
    return np.random.default_rng(3).normal(size=shape).astype(np.float32) * 4


def explorer(**changes):
    arguments = {
        "scores": scores(H, T, T),
        "titles": TITLES,
        "mask": MASK,
        "scale": SCALE,
        "title": "Who reads whom",
    }
    return AttentionExplorer(**{**arguments, **changes})


def by_torch(head, temperature=1.0, causal=False, padding=True, query_mask=True):
    """Return the weights [T, T] by PyTorch."""
    logits = torch.from_numpy(scores(H, T, T)[head]).double() * SCALE / temperature
    real = torch.tensor(MASK)
    readable = torch.ones(T, T, dtype=torch.bool)
    readable = readable.tril() if causal else readable
    if padding:
        readable = readable & real
    if query_mask:
        readable = readable & real[:, None]
    weights = logits.masked_fill(~readable, -torch.inf).softmax(-1)
    return weights.nan_to_num(0.0).numpy()


def shown(page):
    """Return the heat map and the bars as the page shows them."""
    return [
        np.array(page.evaluate(script))
        for script in (
            """() => [...document.querySelectorAll('.sv-heat tbody tr')].map(
                r => [...r.querySelectorAll('td')].map(c => +c.dataset.weight))""",
            """() => [...document.querySelectorAll('.sv-weight')].map(
                b => +b.dataset.weight)""",
        )
    ]


def assert_like_torch(page, query, head=0, **masks):
    want = by_torch(head, **masks)
    grid, bars = shown(page)
    np.testing.assert_allclose(grid, want, atol=1e-6, rtol=0)
    np.testing.assert_allclose(bars, want[query], atol=1e-6, rtol=0)
    assert (grid[want == 0] == 0).all()


def set_slider(page, value):
    page.locator("input[type=range]").evaluate(
        """(input, value) => { input.value = Math.log10(value);
            input.dispatchEvent(new Event('input')); }""",
        value,
    )


def test_the_weights_are_those_of_torch_for_every_head_mask_and_temperature(page):
    assert_like_torch(page, 7)
    switches = {"causal": False, "padding": True, "query_mask": True}
    labels = {
        "causal": "Causal mask",
        "padding": "Padding mask",
        "query_mask": "Query mask",
    }
    for head in range(H):
        page.get_by_label(str(head + 1), exact=True).check(force=True)
        assert_like_torch(page, 7, head, **switches)
        for name, label in labels.items():
            page.get_by_text(label).click()
            switches[name] = not switches[name]
            assert_like_torch(page, 7, head, **switches)
    for temperature in (0.01, 0.1, 2, 100):
        set_slider(page, temperature)
        assert_like_torch(page, 7, H - 1, temperature=temperature, **switches)
        said = page.locator("output").inner_text()
        assert float(said) == temperature


def test_pressing_a_tile_makes_it_the_query_and_the_sentence_says_its_row(page):
    page.locator(".sv-tile").nth(2).click()
    assert_like_torch(page, 2)
    assert page.locator("[aria-current]").get_attribute("data-k") == "2"
    page.mouse.move(2, 2)
    page.evaluate("() => document.activeElement.blur()")
    row = by_torch(0)[2]
    first, second = np.argsort(-row)[:2]
    said = page.locator(".sv-sentence").inner_text()
    assert said.startswith(
        f"Query trail shoes: {round(100 * row[first])}% on {TITLES[first]}, "
        f"{round(100 * row[second])}% on {TITLES[second]}"
    )


def test_the_hand_on_a_tile_or_a_cell_gives_the_numbers(page):
    weights = by_torch(0)
    tile = page.locator(".sv-tile").nth(4)
    tile.hover()
    said = page.locator(".sv-sentence").inner_text()
    assert f"race vest on tent: weight {weights[7, 4]:.2g}"[:-1] in said
    assert "the score is" in said
    assert tile.locator("b").is_visible()
    page.locator("td[data-q='3'][data-k='5']").hover()
    assert "running socks on stove" in page.locator(".sv-sentence").inner_text()
    page.locator("td[data-q='3'][data-k='0']").hover()
    said = page.locator(".sv-sentence").inner_text()
    assert "running socks on padding: masked (padding mask), weight 0" in said
    page.mouse.move(2, 2)
    assert "race vest: " in page.locator(".sv-sentence").inner_text()


def test_padding_takes_its_share_in_words_when_it_is_not_masked(page):
    page.get_by_text("Padding mask").click()
    page.mouse.move(2, 2)
    page.evaluate("() => document.activeElement.blur()")
    lost = by_torch(0, padding=False)[7, :2].sum()
    said = page.locator(".sv-sentence").inner_text()
    assert f"{round(100 * lost)}% on padding" in said
    page.get_by_text("Padding mask").click()
    page.locator(".sv-tile").first.click()
    page.mouse.move(2, 2)
    page.evaluate("() => document.activeElement.blur()")
    assert "nothing to read" in page.locator(".sv-sentence").inner_text()


def test_masked_cells_are_hatched_and_zeros_empty(open_page):
    page = open_page(explorer(scores=1e4 * np.eye(T)))
    look = "e => getComputedStyle(e).background{}"
    for q, k in ((2, 0), (0, 3)):
        masked = page.locator(f"td[data-q='{q}'][data-k='{k}']")
        assert "gradient" in masked.evaluate(look.format("Image"))
    empty = page.locator("td[data-q='5'][data-k='3']")
    assert empty.get_attribute("data-weight") == "0"
    assert empty.evaluate(look.format("Image")) == "none"
    assert empty.evaluate(look.format("Color")) == "rgba(0, 0, 0, 0)"
    full = page.locator("td[data-q='5'][data-k='5']")
    assert full.evaluate(look.format("Color")) != "rgba(0, 0, 0, 0)"


def test_the_keyboard_alone_reaches_everything(page):
    focused = "() => document.activeElement.{}"

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    press("Tab", "ArrowRight")
    assert_like_torch(page, 7, 1)
    press("Tab")
    assert page.evaluate(focused.format("type")) == "range"
    press("Home")
    assert_like_torch(page, 7, 1, temperature=0.01)
    for _ in range(40):
        press("ArrowRight")
    assert_like_torch(page, 7, 1)
    press("Tab", "Space")
    assert_like_torch(page, 7, 1, causal=True)
    press("Tab", "Tab", "Tab")
    assert page.evaluate(focused.format("dataset.k")) == "0"
    press("ArrowRight", "ArrowRight", "ArrowRight", "Enter")
    assert_like_torch(page, 3, 1, causal=True)
    press("Tab")
    assert page.evaluate(focused.format("tagName")) == "TD"
    press("Home", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight")
    assert page.evaluate(focused.format("dataset.k")) == "1"
    assert_like_torch(page, 4, 1, causal=True)
    outline = page.evaluate(
        "() => getComputedStyle(document.activeElement).outlineStyle"
    )
    assert outline == "solid"


def test_queries_of_their_own_and_names_of_heads(open_page):
    values = scores(2, len(ASKING), T)
    figure = explorer(
        scores=values,
        queries=ASKING,
        heads=["dot", "scaled dot"],
        head_label="Score",
        scale=1.0,
    )
    page = open_page(figure)
    page.get_by_label("scaled dot", exact=True).check(force=True)
    page.locator(".sv-candidate").nth(1).click()
    logits = torch.from_numpy(values[1]).double()
    logits = logits.masked_fill(~torch.tensor(MASK), -torch.inf)
    grid, bars = shown(page)
    np.testing.assert_allclose(grid, logits.softmax(-1), atol=1e-6, rtol=0)
    np.testing.assert_allclose(bars, logits[1].softmax(-1), atol=1e-6, rtol=0)
    assert page.get_by_text("Causal mask").count() == 0
    assert page.get_by_text("Query mask").count() == 0
    page.locator(".sv-keys .sv-tile").nth(3).hover()
    said = page.locator(".sv-sentence").inner_text()
    assert "Query sleeping mat on running socks" in said
    assert axe_report(page) == ""


def test_several_users(open_page):
    values = scores(2, 1, T, T)
    figure = explorer(
        scores=values,
        titles=[TITLES, [f"item {t}" for t in range(T)]],
        mask=[MASK, [False] * 5 + [True, True, False]],
        users=["Mia", "Ben"],
    )
    page = open_page(figure)
    page.get_by_label("User").select_option(label="Ben")
    page.wait_for_function("() => document.body.textContent.includes('item 5')")
    real = torch.tensor([False] * 5 + [True, True, False])
    logits = torch.from_numpy(values[1, 0]).double() * SCALE
    want = logits.masked_fill(~real, -torch.inf).softmax(-1) * real[:, None]
    grid, bars = shown(page)
    np.testing.assert_allclose(grid, want, atol=1e-6, rtol=0)
    np.testing.assert_allclose(bars, want[6], atol=1e-6, rtol=0)


def test_one_behavior_alone_and_odd_names(open_page):
    figure = AttentionExplorer(np.zeros((1, 1)), ["</script><b>bold</b>"])
    page = open_page(figure, viewport={"width": 380, "height": 800})
    assert "<b>bold</b>" in page.locator(".sv-name").inner_text()
    assert shown(page)[0].tolist() == [[1]]
    assert page.get_by_text("Causal mask").count() == 0
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


def explorer_of(length):
    return lambda: explorer(
        scores=scores(H, length, length),
        titles=[f"item number {t}" for t in range(length)],
        mask=[False] + [True] * (length - 1),
    )


DUTY = Duty(
    explorer,
    (text("Causal mask"), press(".sv-tile", 4)),
    still=".sv-still svg",
    words="Query race vest: ",
    printed=(".sv-tile", ".sv-heat"),
    sizes=(explorer_of(8), explorer_of(18)),
    tall=720,
)
