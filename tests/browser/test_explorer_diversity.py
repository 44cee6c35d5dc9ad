"""The diversity explorer in a page without a kernel, on Chromium."""

import numpy as np
import pytest
import torch
from accessible import axe_report
from duty import Duty, option

from seqviz.explorers import DiversityExplorer
from seqviz.explorers.core.front import CORE
from seqviz.explorers.core.link import link
from seqviz.metrics.lists import diversity
from seqviz.retrieval.rerank import greedy_diversity

U, M = 2, 24
KINDS = ["running", "camping", "coffee", "music"]
LENGTHS = [4, 9, 12]
LARGEST = 2.0


def sample(seed=0):
    """Return scores with many ties, categories and a mask."""
    rng = np.random.default_rng(seed)
    scores = (rng.integers(-8, 17, (U, M)) / 8).astype(np.float32)
    categories = rng.integers(0, len(KINDS), (U, M))
    mask = rng.random((U, M)) < 0.8
    mask[:, : LENGTHS[-1]] = True
    return scores, categories, mask


SCORES, CATEGORIES, MASK = sample()
CURVES = {
    4: [[0, 0.5, 0.2], [1, 0.25, 0.9]],
    12: [[0, 0.6, 0.25], [0.5, 0.5, 0.5], [1, 0.3, 0.75]],
}


def explorer(**changes):
    scores, categories, mask = SCORES, CATEGORIES, MASK
    arguments = {
        "names": [[f"item {u} {m}" for m in range(M)] for u in range(U)],
        "scores": scores,
        "categories": [[KINDS[kind] for kind in row] for row in categories],
        "mask": mask,
        "interests": np.arange(U * M).reshape(U, M) % 4,
        "relevant": np.arange(U * M).reshape(U, M) % 5 == 0,
        "curves": CURVES,
        "lengths": LENGTHS,
        "n": 12,
        "users": ["Mia", "Ben"],
        "largest": LARGEST,
    }
    return DiversityExplorer(**{**arguments, **changes})


def by_torch(weight, n=12, user=0, sampled=(SCORES, CATEGORIES, MASK)):
    """Return the columns of the package's list."""
    scores, categories, mask = (torch.from_numpy(rows[user])[None] for rows in sampled)
    return greedy_diversity(scores, categories, n, weight, mask)[0].tolist()


def shown(page, name="column"):
    return page.evaluate(
        "n => [...document.querySelectorAll('.sv-list .sv-tile')]"
        ".map(tile => +tile.dataset[n])",
        name,
    )


def place(page, plot=0):
    """Return where the point stands on a curve: [diversity, height]."""
    return page.evaluate(
        "i => { const { x, y } = document.querySelectorAll('.sv-plot')[i].dataset;"
        " return [+x, +y]; }",
        plot,
    )


def slider(page):
    return page.get_by_label("Diversity weight")


def places(page):
    """Return how many steps the slider has."""
    return int(slider(page).get_attribute("max"))


def said(page):
    return page.locator(".sv-sentence").inner_text()


EVERY_PLACE = """async () => {
    const input = document.querySelector('.sv-slider input');
    const lists = [];
    for (let place = 0; place <= input.max; place++) {
        input.value = place;
        input.dispatchEvent(new Event('input'));
        await Promise.resolve();
        lists.push([...document.querySelectorAll('.sv-list .sv-tile')]
            .map(tile => +tile.dataset.column));
    }
    return lists;
}"""


def test_the_list_is_greedy_diversity_at_every_place_of_the_slider(new_page, address):
    page = new_page(reduced_motion="reduce")
    page.goto(address)
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    seen = set()
    for user, name in enumerate(("Mia", "Ben")):
        page.get_by_label("User", exact=True).select_option(label=name)
        for n in LENGTHS:
            page.get_by_label(str(n), exact=True).check(force=True)
            lists = page.evaluate(EVERY_PLACE)
            assert len(lists) == places(page) + 1
            for step, columns in enumerate(lists):
                weight = float(f"{step * LARGEST / places(page):.9g}")
                want = by_torch(weight, n, user)
                assert columns == want, (user, n, step)
                seen.add(tuple(columns))
    assert len(seen) > 20


CASES = """([source, cases]) => {
    const { rank, greedy } = new Function(source)();
    return cases.map(([scores, categories, count, weight]) => {
        const data = { scores: Float32Array.from(scores), categories };
        return greedy({ ...data, ...rank(data) }, count, weight).map(p => p.column);
    });
}"""


@pytest.mark.parametrize("weight", [0, 0.1, 0.125, 1 / 3, 0.7, 5, 1000, 1e6])
def test_the_arithmetic_of_the_page_keeps_every_tie(page, weight):
    cases, lists = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        # Tenths: many sums would be equal if float32 held them.
        scores = (rng.integers(-9, 10, (1, 20)) / (8 if seed % 2 else 10)).astype("f4")
        categories = rng.integers(0, 4, (1, 20))
        mask = rng.random((1, 20)) < 0.8
        count = int(mask.sum())
        lists.append(by_torch(weight, count, 0, (scores, categories, mask)))
        kinds = np.where(mask, categories, -1)
        cases.append([scores[0].tolist(), kinds[0].tolist(), count, weight])
    path = CORE / "greedy.js"
    parts = ", ".join(f"{name}: {link(path, name)}" for name in ("rank", "greedy"))
    found = page.evaluate(CASES, [f"return {{ {parts} }};", cases])
    assert found == lists


def test_dragging_the_slider_changes_the_list_and_moves_both_points(page):
    assert shown(page) == by_torch(0)
    assert page.locator(".sv-brought").count() == 0
    before = [place(page, plot) for plot in (0, 1)]
    box = slider(page).bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], middle, steps=6)
    page.mouse.up()
    weight = float(slider(page).get_attribute("aria-valuetext"))
    assert 0.6 < weight < 1
    assert shown(page) == by_torch(weight) != by_torch(0)
    brought = set(by_torch(weight)) - set(by_torch(0))
    assert page.locator(".sv-brought").count() == len(brought) > 0
    assert all(place(page, plot) != before[plot] for plot in (0, 1))
    page.mouse.move(box["x"] + 0.4 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] - 40, middle, steps=6)
    page.mouse.up()
    assert slider(page).get_attribute("aria-valuetext") == "0"
    assert shown(page) == by_torch(0)
    assert [place(page, plot) for plot in (0, 1)] == before


def test_each_pick_shows_its_score_and_its_gain(page):
    figure = explorer(diversity_weight=0.5)
    slider(page).fill("25")
    picks = figure.picks()
    assert shown(page) == [pick.column for pick in picks]
    np.testing.assert_allclose(shown(page, "score"), [p.score for p in picks])
    np.testing.assert_allclose(shown(page, "gain"), [p.gain for p in picks])
    rows = page.locator(".sv-list .sv-tile")
    for number, pick in enumerate(picks):
        numbers = rows.nth(number).locator(".sv-sum b").all_inner_texts()
        numbers = [float(text.replace("−", "-")) for text in numbers]
        assert numbers == pytest.approx([pick.score, pick.gain], abs=0.0051)
    rows.nth(7).hover()
    pick = picks[7]
    words = said(page)
    assert words.startswith(f"Pick 8 of 12: {pick.name}, category ")
    interest = pick.column % 4 + 1
    assert f"{pick.category}, found by interest {interest}" in words
    assert f" + 0.5 × {pick.others} = " in words
    assert page.locator(".sv-sum .sv-sign").count() == 12


def test_the_points_stand_at_the_measures_of_the_list(page):
    for step in (0, 10, 25, 40, 75):
        slider(page).fill(str(step))
        weight = step * LARGEST / places(page)
        columns = by_torch(weight)
        own = torch.from_numpy(CATEGORIES[0, columns] + 1)[None]
        want = [100 * diversity(own).item(), SCORES[0, columns].mean()]
        np.testing.assert_allclose(place(page, 0), want, rtol=1e-5)
        points = np.array(CURVES[12])
        want = [np.interp(weight, points[:, 0], 100 * points[:, i]) for i in (2, 1)]
        np.testing.assert_allclose(place(page, 1), want, rtol=1e-6)
    assert page.get_by_text("the end of the curve").is_visible()
    # The point is drawn on its line, also where straight lines fill the gaps.
    slider(page).fill("12")
    page.wait_for_timeout(300)
    off = page.evaluate(
        """() => [...document.querySelectorAll('.sv-plot')].map(plot => {
            const [, x, y] = plot.querySelector('.sv-point').style.transform
                .match(/([\\d.]+)px, ([\\d.]+)px/).map(Number);
            const line = plot.querySelector('.sv-curve');
            const far = Array.from({ length: 2001 }, (_, i) =>
                line.getPointAtLength(line.getTotalLength() * i / 2000))
                .map(p => Math.hypot(p.x - x, p.y - y));
            return Math.min(...far);
        })"""
    )
    assert max(off) < 0.5


def test_the_sentence_says_the_state(page):
    slider(page).fill("20")
    columns = by_torch(0.4)
    count = len(set(CATEGORIES[0, columns]))
    clicked = sum(column % 5 == 0 for column in columns)
    words = said(page)
    assert words.startswith(f"λ = 0.4: {count} categories in the list of 12, ")
    assert f"The mean score is {SCORES[0, columns].mean():.2f}, " in words
    assert f"that of the best scores {SCORES[0, by_torch(0)].mean():.2f}." in words
    assert f"Clicked next: {clicked} of 12. All users: recall 52%" in words


def test_user_and_length_change_the_list_and_a_length_without_a_curve_shows_none(page):
    page.get_by_label("User", exact=True).select_option(label="Ben")
    slider(page).fill("30")
    assert shown(page) == by_torch(0.6, 12, 1)
    page.get_by_label("9", exact=True).check(force=True)
    assert shown(page) == by_torch(0.6, 9, 1)
    assert page.locator(".sv-plot:visible").count() == 1
    assert "recall" not in said(page)
    page.get_by_label("4", exact=True).check(force=True)
    assert shown(page) == by_torch(0.6, 4, 1)
    assert page.locator(".sv-plot:visible").count() == 2
    assert page.get_by_text("Recall@4, %").is_visible()


def test_the_keyboard_alone_reaches_everything(page):
    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    press("Tab", "ArrowDown")
    assert shown(page) == by_torch(0, 12, 1)
    press("Tab", "ArrowLeft")
    assert shown(page) == by_torch(0, 9, 1)
    press("Tab", "End")
    assert shown(page) == by_torch(LARGEST, 9, 1)
    press("ArrowLeft")
    assert shown(page) == by_torch(1.98, 9, 1)
    press("Home", "ArrowRight", "ArrowRight")
    assert slider(page).get_attribute("aria-valuetext") == "0.04"
    assert shown(page) == by_torch(0.04, 9, 1)
    press("Tab", "ArrowRight")
    assert said(page).startswith("Pick 2 of 9: item 1 ")
    focused = "() => getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(focused) == "solid"


RUNNING = """() => { const input = document.querySelector('.sv-slider input');
    input.value = 40; input.dispatchEvent(new Event('input'));
    return Promise.resolve().then(() => [...document.querySelectorAll('.sv-list li')]
        .filter(node => node.getAnimations().length).length); }"""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_tiles_slide_unless_motion_is_unwanted(new_page, address, motion):
    page = new_page(reduced_motion=motion)
    page.goto(address)
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    moving = page.evaluate(RUNNING)
    changed = sum(a != b for a, b in zip(by_torch(0), by_torch(0.8), strict=True))
    assert moving == (0 if motion == "reduce" else changed) and changed


def test_a_weight_beyond_the_slider_negative_scores_and_odd_names(open_page):
    figure = DiversityExplorer(
        names=["<b>bold</b>", "</script>", "x" * 80, "&amp;", "c", "d"],
        scores=[-3.0, -3.0, -1.0, -5.0, -3.0, -2.5],
        categories=["<i>", "<i>", "</p>", "y" * 60, "</p>", "<i>"],
        lengths=[6],
        diversity_weight=1e6,
    )
    page = open_page(figure, viewport={"width": 380, "height": 800})
    assert shown(page) == [pick.column for pick in figure.picks()]
    assert slider(page).input_value() == str(places(page))
    assert page.locator(".sv-slider output").inner_text() == "1000000"
    names = page.locator(".sv-list .sv-name").all_inner_texts()
    assert "3 &amp;" in names and "6 <b>bold</b>" not in names
    assert page.locator(".sv-plot:visible").count() == 1
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    assert axe_report(page) == ""


DUTY = Duty(
    explorer,
    (
        lambda page: slider(page).fill("40"),
        lambda page: page.locator(".sv-list .sv-tile").nth(3).hover(),
        option("9"),
    ),
    still=".sv-drawn",
    words="One letter per category. λ = 0: ",
    printed=(".sv-list", ".sv-plot"),
    sizes=tuple(
        lambda changes=changes: explorer(**changes)
        for changes in (
            {"n": 4},
            {"n": 9},
            {},
            {"lengths": [9], "n": 9, "curves": None},
        )
    ),
    tall=760,
)
