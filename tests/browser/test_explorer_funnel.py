"""The funnel explorer in a page without a kernel, on Chromium."""

import numpy as np
import pytest
import torch
from accessible import axe_report
from duty import Duty, option

from seqviz.explorers import FunnelExplorer

U, K, EACH, N = 2, 3, 8, 40
KINDS = ["running", "camping", "coffee", "music"]
TITLES = ["", *(f"item number {n}" for n in range(1, N + 1))]
CATEGORIES = ["", *(KINDS[n % 4] for n in range(1, N + 1))]
SIZES = [3, 6]
LARGEST = 2.0


def sample(seed=0, each=EACH):
    """Return finds with repeats and ties."""
    rng = np.random.default_rng(seed)
    items = np.array(
        [[rng.permutation(20)[:each] + 1 for _ in range(K)] for _ in range(U)]
    )
    near = -np.sort(-rng.integers(0, 16, items.shape) / 8).astype(np.float32)
    of_item = rng.integers(-8, 8, (2, U, N + 1)) / 8
    scores = [
        np.take_along_axis(one, items.reshape(U, -1), 1).reshape(items.shape)
        for one in of_item
    ]
    return items, near, dict(zip(("DIN", "own counts"), scores, strict=True))


def explorer(**changes):
    items, near, rankers = sample()
    truths = [[*items[0, 0, :2].tolist(), 39, 40], items[1, 1, 3:7].tolist()]
    arguments = {
        "titles": TITLES,
        "categories": CATEGORIES,
        "items": items,
        "retrieval": near,
        "rankers": rankers,
        "truths": truths,
        "sizes": SIZES,
        "users": ["Mia", "Ben"],
        "n": 6,
        "m": 9,
        "size": 6,
        "largest": LARGEST,
    }
    return FunnelExplorer(**{**arguments, **changes})


READ = """() => {
    const ids = s => [...document.querySelectorAll(`${s} [data-item]`)]
        .map(n => n.getAttribute('aria-label').split(' (')[0]);
    const [retrieved, ranked] = document.querySelectorAll('.sv-strip');
    const of = node => [...node.querySelectorAll('[data-item]')]
        .map(n => n.getAttribute('aria-label').split(' (')[0]);
    return {
        stages: [of(retrieved), of(ranked), ids('.sv-list')],
        ways: [...document.querySelectorAll('[data-truth]')]
            .map(r => [...r.querySelectorAll('td')].map(d => d.textContent)),
        best: [...document.querySelectorAll('[data-ceiling]')]
            .map(d => +d.dataset.ceiling),
    };
}"""


def set_slider(page, label, value):
    page.get_by_label(label).evaluate(
        "(node, value) => { node.value = value;"
        " node.dispatchEvent(new Event('input')) }",
        value,
    )


def assert_like_python(page, figure):
    trace, found = figure.trace(), page.evaluate(READ)
    for ids, names in zip(trace.stages.values(), found["stages"], strict=True):
        assert names == [TITLES[item] for item in ids[0].tolist() if item]
    truths = torch.tensor([figure._truths[figure.user]])
    ways = trace.places(truths)[0].tolist()
    seen = [[int(x) if x.isdigit() else 0 for x in way] for way in found["ways"]]
    assert seen == ways
    if figure.m >= figure.size:
        want = trace.ceilings(truths)[0, 1:].tolist()
        np.testing.assert_allclose(found["best"], want)


def said(page):
    return page.locator(".sv-sentence").inner_text()


def test_the_stages_are_those_of_the_package(page):
    figure = explorer()
    assert_like_python(page, figure)
    for step in range(24):
        rng = np.random.default_rng(step)
        figure.n, figure.m = int(rng.integers(1, 9)), int(rng.integers(1, 17))
        figure.size = SIZES[step % 2]
        figure.user, figure.ranker = step // 2 % 2, step // 4 % 2
        place = int(rng.integers(0, 101))
        figure.diversity_weight = float(f"{place * LARGEST / 100:.9g}")
        page.get_by_label("User", exact=True).select_option(index=figure.user)
        option(figure.rankers[figure.ranker])(page)
        option(str(figure.size))(page)
        set_slider(page, "Items of an interest", figure.n)
        set_slider(page, "Ranker keeps", figure.m)
        set_slider(page, "Diversity weight", place)
        assert_like_python(page, figure)


def test_the_sentence_says_what_is_lost_where(page):
    assert said(page).startswith("3 × 6 finds are ")
    assert "Of 4 clicked next: 2 never retrieved, " in said(page)
    page.locator(".sv-strip .sv-mark").nth(3).hover()
    assert ": found by interest " in said(page)
    page.locator(".sv-list .sv-tile").first.hover()
    assert said(page).endswith("place 1 of the list.")
    page.mouse.move(2, 2)
    assert said(page).startswith("3 × 6 finds are ")


def test_an_item_is_marked_in_all_stages_at_once(page):
    page.locator(".sv-list .sv-tile").first.hover()
    assert page.locator("[data-item].sv-hot").count() == 3


def test_the_keyboard_alone_reaches_everything(page):
    keys = page.keyboard.press
    figure = explorer()
    for name, step in (("user", "ArrowDown"), ("ranker", "ArrowRight")):
        keys("Tab")
        keys(step)
        setattr(figure, name, 1)
    assert_like_python(page, figure)
    keys("Tab")
    keys("Home")
    figure.n = 1
    keys("Tab")
    keys("ArrowLeft")
    figure.m -= 1
    assert_like_python(page, figure)
    keys("Tab")
    keys("ArrowLeft")
    figure.size = SIZES[0]
    keys("Tab")
    keys("ArrowRight")
    figure.diversity_weight = LARGEST / 100
    assert_like_python(page, figure)
    keys("Tab")
    assert "number 1 of " in said(page)
    keys("ArrowRight")
    assert "number 2 of " in said(page)
    keys("Tab")
    keys("Tab")
    assert said(page).endswith("place 1 of the list.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_odd_names_on_a_phone(open_page, scheme):
    titles = ["", "<b>bold</b>", "x" * 90, "</script>", *TITLES[4:]]
    figure = explorer(titles=titles, truths=[[1, 2, 3], [4]])
    page = open_page(
        figure, viewport={"width": 380, "height": 800}, color_scheme=scheme
    )
    assert page.locator("[data-truth] th").first.inner_text() == "<b>bold</b>"
    assert axe_report(page) == ""
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


def alone():
    """Return one user, one interest, one item."""
    return explorer(
        items=[[[5]]],
        retrieval=[[[0.5]]],
        rankers={"DIN": [[[1.0]]]},
        truths=[[7]],
        users=["Mia"],
        sizes=[1],
        n=1,
        m=1,
        size=1,
    )


DUTY = Duty(
    explorer,
    (
        option("own counts"),
        option("3"),
        lambda page: set_slider(page, "Items of an interest", 1),
        lambda page: set_slider(page, "Diversity weight", 100),
        lambda page: page.locator(".sv-mark").first.hover(),
    ),
    still=".sv-drawn",
    words="retrieved ",
    printed=(".sv-ways", ".sv-strip", ".sv-list"),
    sizes=(alone, lambda: explorer(n=8, m=16)),
    tall=1000,
)
