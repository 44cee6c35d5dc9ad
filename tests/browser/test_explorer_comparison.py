"""The comparison explorer in a page without a kernel, on Chromium."""

import numpy as np
import pytest
from duty import Duty, option

from seqviz.explorers import ComparisonExplorer

SEEDS, USERS = 4, 420
rng = np.random.default_rng(5)
USER = rng.random(USERS) < 0.6
VALUES = {
    "one vector": np.clip(
        USER + rng.normal(0.05, 0.3, (SEEDS, USERS)) + rng.normal(0, 0.03, (SEEDS, 1)),
        0,
        2,
    ),
    "item-kNN": USER.astype(float),
    "own counts": (rng.random(USERS) < 0.4).astype(float),
}


def explorer(**options):
    return ComparisonExplorer(VALUES, **options)


def set_slider(page, label, place):
    page.get_by_role("slider", name=label).evaluate(
        """(node, value) => { node.value = value;
            node.dispatchEvent(new Event('input')); }""",
        str(place),
    )
    page.wait_for_timeout(60)


def choose(page, name):
    page.get_by_label(name, exact=True).check(force=True)
    page.wait_for_timeout(60)


def shown(page):
    """Return mean, low and high of the nine lines, as the page has them."""
    texts = page.locator(".sv-tests .sv-test").evaluate_all(
        "nodes => nodes.map(node => node.dataset.ends)"
    )
    return np.array([[float(x) for x in text.split()] for text in texts])


def said(page):
    return page.locator(".sv-sentence").inner_text()


@pytest.mark.parametrize("over", ["seeds", "users", "users and seeds"])
def test_the_page_draws_the_intervals_of_python(page, over):
    choose(page, over)
    for place, size in ((0, 10), (4, 50)):
        set_slider(page, "Users per test", place)
        for seeds in (1, 2, SEEDS):
            set_slider(page, "Seeds", seeds)
            figure = explorer(num_users=size, num_seeds=seeds, over=over)
            np.testing.assert_allclose(shown(page), figure.tests(), atol=1e-9)
            assert said(page) == figure.words()


def test_another_pair_and_the_same_one_twice(page):
    page.get_by_label("Second").select_option("own counts")
    page.wait_for_timeout(60)
    figure = explorer(second="own counts")
    np.testing.assert_allclose(shown(page), figure.tests(), atol=1e-9)
    assert said(page) == figure.words()
    page.get_by_label("First").select_option("own counts")  # they change places
    page.wait_for_timeout(60)
    figure = explorer(first="own counts", second="one vector")
    np.testing.assert_allclose(shown(page), figure.tests(), atol=1e-9)
    assert said(page) == figure.words()


def test_a_line_stands_where_its_numbers_are(page):
    set_slider(page, "Users per test", 3)
    reach = explorer().reach()
    places = page.evaluate(
        """() => [...document.querySelectorAll('.sv-tests .sv-test')].map(node => {
            const track = node.querySelector('.sv-track').getBoundingClientRect();
            const at = x => (x - track.left) / track.width;
            const bar = node.querySelector('.sv-bar').getBoundingClientRect();
            const dot = node.querySelector('.sv-mean').getBoundingClientRect();
            return [at((dot.left + dot.right) / 2), at(bar.left), at(bar.right)];
        })"""
    )
    wanted = np.clip((shown(page) / reach + 1) / 2, 0, 1)
    np.testing.assert_allclose(places, wanted, atol=0.01)


def test_the_keyboard_alone_reaches_everything(page):
    active = "() => document.activeElement.{}"
    for label in ("First", "Second"):
        page.keyboard.press("Tab")
        assert page.evaluate(active.format("labels[0].textContent")) == label
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(60)
    assert said(page) == explorer(num_users=15, num_seeds=2).words()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(active.format("value")) == "users"
    page.keyboard.press("Tab")
    assert said(page).startswith("test 1: one vector less item-kNN is ")
    page.keyboard.press("End")
    assert said(page).startswith("All 420 users: one vector less item-kNN is ")
    page.keyboard.press("ArrowUp")
    assert said(page).startswith("test 8: ")


def test_a_pointer_reads_a_line(page):
    page.locator(".sv-test[data-place='2']").hover()
    assert said(page).startswith("test 3: one vector less item-kNN is ")
    page.mouse.move(2, 2)
    assert said(page) == explorer().words()


def test_without_seeds_there_is_no_slider_for_them(open_page):
    values = {name: np.atleast_2d(VALUES[name])[0] for name in VALUES}
    figure = ComparisonExplorer(values, first="item-kNN", second="own counts")
    page = open_page(figure)
    assert page.get_by_label("Seeds", exact=True).count() == 0
    np.testing.assert_allclose(shown(page), figure.tests(), atol=1e-9)


DUTY = Duty(
    explorer,
    (
        lambda page: set_slider(page, "Users per test", 4),
        lambda page: page.locator(".sv-test[data-place='8']").hover(),
        option("seeds"),
    ),
    still=".sv-drawn",
    words=explorer().words(),
    printed=(".sv-tests", ".sv-bar"),
    sizes=(
        lambda: ComparisonExplorer(
            {
                "own counts, then item-kNN": VALUES["item-kNN"],
                "category share": VALUES["own counts"],
            }
        ),
    ),
)
