"""The gate explorer in a page without a kernel, on Chromium."""

import numpy as np
from accessible import axe_report
from duty import Duty, option, press

from seqviz.explorers import GateExplorer
from seqviz.explorers.gate.mixing import FUSIONS, mix

SESSIONS = {
    "tents": ["two-person tent", "dome tent", "tarp", "tent pegs", "guy lines", "mat"],
    "novels": ["crime novel", "atlas", "poems"],
}
PAST = {
    "item": {"trail shoes": 0.5, "novel": 0.3, "kettle": 0.15, "mug": 0.05},
    "category": {"running": 0.6, "reading": 0.4},
    "brand": {},
    "price": {"premium": 0.9, "budget": 0.1},
}
E, N = 16, 30
TITLES = [f"item number {n}" for n in range(N)]


def arrays(seed=0, count=2):
    rng = np.random.default_rng(seed)
    return {
        "short": rng.normal(size=(count, E)).astype(np.float32),
        "long": rng.normal(size=E).astype(np.float32),
        "gate": rng.random((count, E)).astype(np.float32),
        "items": rng.normal(size=(N, E)).astype(np.float32),
    }


def explorer(**changes):
    arguments = {
        "sessions": SESSIONS,
        "weights": [[0.1, 0.2, 0.3, 0.2, 0.1, 0.1], [0.2, 0.3, 0.5]],
        "past": PAST,
        "titles": TITLES,
        **arrays(),
    }
    return GateExplorer(**{**arguments, **changes})


def expected(session, fusion, given=None):
    given = given or arrays()
    return mix(
        given["gate"][session],
        given["short"][session],
        given["long"],
        given["items"],
        fusion,
    )


def shown(page):
    return page.evaluate(
        """() => ({
            gate: [...document.querySelectorAll('.sv-entry')].map(e => +e.dataset.gate),
            bars: [...document.querySelectorAll('.sv-lines .sv-weight')]
                .map(b => +b.dataset.weight),
            names: [...document.querySelectorAll('.sv-lines .sv-name')]
                .map(n => n.textContent),
        })"""
    )


def assert_like_numpy(page, session, fusion):
    want, found = expected(session, fusion), shown(page)
    np.testing.assert_allclose(found["gate"], want.gate, atol=1e-6)
    best = want.order[:8]
    parts = np.stack([want.from_session, want.from_past], 1)[best]
    np.testing.assert_allclose(found["bars"], parts.ravel(), atol=1e-5)
    for place, (name, item) in enumerate(zip(found["names"], best, strict=True), 1):
        assert name.removesuffix(" (new)") == f"{place} {TITLES[item]}"


def said(page):
    return page.locator(".sv-sentence").inner_text()


def test_every_session_and_fusion_is_that_of_numpy(page):
    for session, name in enumerate(SESSIONS):
        page.get_by_label("Session").first.select_option(label=name)
        for fusion, words in enumerate(FUSIONS):
            option(words)(page)
            assert_like_numpy(page, session, fusion)


def test_the_sentence_says_what_came_and_what_is_new(page):
    words = said(page)
    first = expected(0, 0).order[:3]
    assert words.startswith("tents, mixed by the gate: ")
    assert f"First come {TITLES[first[0]]}, {TITLES[first[1]]} and" in words
    assert "before" not in words
    option("past alone")(page)
    was, now = (set(expected(0, fusion).order[:8].tolist()) for fusion in (0, 3))
    fresh = len(now - was)
    assert f"{fresh} of 8 were not in the list before." in said(page)
    assert page.locator(".sv-new").count() == fresh
    assert page.locator(".sv-entry u:not([hidden])").count() == E


def test_whatever_is_under_the_hand_is_told(page):
    page.locator(".sv-entry").nth(3).hover()
    words = said(page)
    assert words.startswith("Entry 4: gate ") and "the mixture" in words
    assert f"The session says {arrays()['short'][0, 3]:.2f}".replace("-", "−") in words
    page.locator(".sv-lines .sv-line").nth(1).hover()
    item = int(expected(0, 0).order[1])
    ranks = [expected(0, fusion).order.tolist().index(item) + 1 for fusion in (2, 3)]
    assert f"{TITLES[item]}: " in said(page)
    assert f"{ranks[0]} with the session alone and {ranks[1]} with" in said(page)
    page.locator(".sv-clicks .sv-tile").nth(2).hover()
    assert said(page) == "She gives tarp a weight of 0.30 in this session."
    page.locator(".sv-cell").first.hover()
    assert said(page) == "Of her past, item trail shoes has weight 0.50 among 4 values."
    page.mouse.move(2, 2)
    assert said(page).startswith("tents, mixed by")


def test_the_keyboard_alone_reaches_everything(page):
    def press_keys(*keys):
        for key in keys:
            page.keyboard.press(key)

    focused = "() => document.activeElement.{}"
    press_keys("Tab", "ArrowDown")
    assert said(page).startswith("novels, ")
    press_keys("Tab", "ArrowRight")
    assert_like_numpy(page, 1, 1)
    press_keys("Tab", "ArrowRight")
    assert page.evaluate(focused.format("dataset.t")) == "1"
    press_keys("Tab")
    assert "trail shoes" in said(page)
    press_keys("Tab", "ArrowRight", "ArrowRight")
    assert page.evaluate(focused.format("dataset.e")) == "2"
    assert said(page).startswith("Entry 3: ")
    press_keys("Tab", "ArrowDown")
    assert page.evaluate(focused.format("dataset.n")) == "1"


def test_odd_names_and_one_session_on_a_phone(open_page):
    figure = explorer(
        sessions={"<b>bold</b>": ["</script>", "x" * 80]},
        weights=[[0.4, 0.6]],
        past={"brand": {"&amp;" * 20: 1.0}},
        **arrays(2, 1),
    )
    page = open_page(figure, viewport={"width": 380, "height": 800})
    assert page.locator(".sv-clicks .sv-name").first.inner_text() == "1 </script>"
    assert axe_report(page) == ""
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    assert page.locator("select").count() == 0


def with_clicks(count, attributes):
    return lambda: explorer(
        sessions={"one": [f"click {t}" for t in range(count)], "two": ["a"]},
        weights=[[1 / count] * count, [1.0]],
        past={f"attribute {f}": {"a": 0.5, "b": 0.5} for f in range(attributes)},
    )


DUTY = Duty(
    explorer,
    (option("past alone"), press(".sv-entry", 2)),
    still=".sv-drawn",
    words="tents, mixed by the gate: ",
    printed=(".sv-strip", ".sv-lines", ".sv-past"),
    sizes=(with_clicks(1, 1), with_clicks(6, 5), with_clicks(12, 5)),
    tall=800,
)
