"""The sequence explorer in a page without a kernel, on Chromium."""

import numpy as np
from duty import Duty, option

from seqviz.data import Ragged
from seqviz.explorers import SequenceExplorer

TITLES = [
    "",
    *(
        f"{kind} {thing}"
        for kind in ("Rye", "Cake", "Trail", "Camping", "Espresso")
        for thing in ("flour", "tin", "shoes", "chair", "machine")
    ),
]
USERS = ["Mia", "Jonas", "Aylin", "Pedro", "Ruth"]
ROWS = [[3, 14, 15, 9, 2, 6, 5, 3, 5], [8, 9, 7], [], [9, 3, 2, 3, 8, 4], [6]]
VECTORS = np.random.default_rng(3).normal(size=(26, 6)).astype(np.float32)
VECTORS[0] = 0
READY = ".sv-explorer[data-sv-ready]"


def explorer(**options):
    arguments = {"embeddings": VECTORS, "users": USERS, "length": 4, **options}
    return SequenceExplorer(ROWS, TITLES, **arguments)


def move_to(page, length):
    page.get_by_role("slider").evaluate(
        """(node, value) => { node.value = value;
            node.dispatchEvent(new Event('input')); }""",
        str(length),
    )
    page.wait_for_function(
        "t => document.querySelector('output').textContent === `T = ${t}`", arg=length
    )


def choose(page, group, name):
    page.get_by_role("group", name=group).get_by_label(name).check(force=True)


def shown(page):
    """Return ids and mask [B, T] as the page shows them."""
    cells = page.evaluate(
        """() => [...document.querySelectorAll('.sv-grid [role=row]')].slice(1).map(
            r => [...r.querySelectorAll('.sv-cell:not([data-kind=cut])')].map(
                c => [+c.dataset.id, c.dataset.mask === 'true']))"""
    )
    return [np.array([[c[k] for c in row] for row in cells]) for k in (0, 1)]


def said(page):
    return page.locator(".sv-sentence").inner_text()


def test_the_batch_is_that_of_ragged_for_every_t_and_side(page):
    rows = Ragged.from_rows(ROWS)
    for side in ("left", "right"):
        choose(page, "Padding", side)
        for length in range(1, 11):
            move_to(page, length)
            ids, mask = shown(page)
            wanted, real = rows.pad(length, side)
            np.testing.assert_array_equal(ids, wanted)
            np.testing.assert_array_equal(mask, real)
            assert said(page) == explorer(length=length, side=side).words()


def test_the_newest_can_be_cut_instead(page):
    choose(page, "Cut the", "newest")
    for length in (1, 4, 7):
        move_to(page, length)
        figure = explorer(length=length, cut="newest")
        wanted, real = figure.batch()
        ids, mask = shown(page)
        np.testing.assert_array_equal(ids, wanted)
        np.testing.assert_array_equal(mask, real)
        assert said(page) == figure.words()


def test_the_frame_is_around_the_batch_and_nothing_else(page):
    for cut in ("oldest", "newest"):
        choose(page, "Cut the", cut)
        for length in (1, 5, 9, 10):
            move_to(page, length)
            inside = page.evaluate(
                """() => { const box = document.querySelector('.sv-frame')
                    .getBoundingClientRect();
                return [...document.querySelectorAll('.sv-cell')].map(cell => {
                    const b = cell.getBoundingClientRect();
                    const x = (b.left + b.right) / 2, y = (b.top + b.bottom) / 2;
                    return [cell.dataset.kind === 'cut',
                        x > box.left && x < box.right && y > box.top && y < box.bottom];
                }); }"""
            )
            assert all(gone != held for gone, held in inside)


def test_strips_are_the_embeddings_and_padding_has_none(page):
    strips = page.evaluate(
        """() => [...document.querySelectorAll('.sv-cell')].map(c => [c.dataset.kind,
            c.querySelector('.sv-strip')?.style.background ?? ''])"""
    )
    scale = explorer().scale
    largest = np.abs(VECTORS[sorted({item for row in ROWS for item in row})]).max()
    colors = [
        tuple(int(scale[int(np.floor(x + 0.5))][k : k + 2], 16) for k in (1, 3, 5))
        for x in (VECTORS[5] / largest + 1) / 2 * (len(scale) - 1)
    ]
    last = [text for kind, text in strips if kind == "real"][3]  # Mia's newest, id 5
    for color in colors:
        assert f"rgb({color[0]}, {color[1]}, {color[2]})" in last
    for kind, text in strips:
        assert (text == "") == (kind == "cut")
        if kind == "padding":
            assert "rgb" not in text and "transparent" in text


def test_hover_and_the_three_faces(page):
    cell = page.locator(".sv-cell[data-kind=real]").first
    cell.hover()
    assert said(page) == ("Mia, place t = 0: Cake flour, id 6, click 6 of 9. Mask 1.")
    page.locator(".sv-cell[data-kind=padding]").first.hover()
    assert said(page).startswith("Jonas, place t = 0: padding. Id 0, mask 0")
    page.locator(".sv-cell[data-kind=cut]").first.hover()
    assert said(page) == (
        "Mia: Rye shoes, id 3, click 1 of 9, is cut. The batch does not hold it."
    )
    page.mouse.move(2, 2)
    assert said(page) == explorer().words()
    choose(page, "Show", "ids")
    assert cell.inner_text() == "6"
    choose(page, "Show", "mask")
    assert cell.inner_text() == "1"
    assert page.locator(".sv-cell[data-kind=padding]").first.inner_text() == "0"


def test_the_keyboard_alone_reaches_everything(page):
    active = "() => document.activeElement.{}"
    page.keyboard.press("Tab")
    assert page.evaluate(active.format("type")) == "range"
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "() => document.querySelector('output').textContent === 'T = 5'"
    )
    for expected in ("right", "newest", "ids"):
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        assert page.evaluate(active.format("value")) == expected
    page.keyboard.press("Tab")
    assert page.evaluate(active.format("dataset.row")) == "0"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(active.format("dataset.row")) == "1"
    assert "Jonas" in said(page)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(active.format("dataset.t")) == "1"
    outline = page.evaluate(
        "() => getComputedStyle(document.activeElement).outlineStyle"
    )
    assert outline == "solid"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(active.format("dataset.t")) == "1"


def test_without_embeddings_there_are_no_strips(open_page):
    page = open_page(explorer(embeddings=None, side="right"))
    np.testing.assert_array_equal(
        shown(page)[0], Ragged.from_rows(ROWS).pad(4, "right")[0]
    )
    assert page.locator(".sv-strip").count() == 0


DUTY = Duty(
    explorer,
    (option("ids"), option("titles")),
    still=".sv-still svg",
    words=explorer().words(),
    fingers=(".sv-cell",),
    printed=(".sv-cell",),
)
