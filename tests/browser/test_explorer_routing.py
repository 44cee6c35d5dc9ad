"""The routing explorer in a page without a kernel, on Chromium."""

import numpy as np
import pytest
import torch
from accessible import axe_report
from duty import Duty, option, press

from seqviz.explorers import Routing, RoutingExplorer
from seqviz.layers import DynamicRouting

HISTORY = ["", "trail shoes", "running socks", "", "tent", "gas stove", "cap", "novel"]
MASK = torch.tensor([bool(name) for name in HISTORY])
REAL = [name for name in HISTORY if name]
T, E, R = len(HISTORY), 8, 3

torch.manual_seed(3)
BEHAVIORS = torch.randn(T, E)
# Six real behaviors and K = 4: two interests are active in B2I, all in ComiRec-DR.
LAYERS = {
    "ComiRec-DR": DynamicRouting(E, 4, 12, iterations=R),
    "MIND (B2I)": DynamicRouting(E, 4, 12, form="b2i", iterations=R),
}
NAMES = list(LAYERS)


def explorer(**changes):
    arguments = {
        "history": HISTORY,
        "forms": {
            name: Routing.of(layer, BEHAVIORS, MASK) for name, layer in LAYERS.items()
        },
        "mask": MASK,
        "iterations": R,
    }
    return RoutingExplorer(**{**arguments, **changes})


@torch.no_grad()
def by_torch(name):
    """Return coupling ``[R, T, K]`` of the real, interests ``[R, K, E]``, votes."""
    layer = LAYERS[name]
    couplings, interests = [], []
    for iterations in range(1, R + 1):
        layer.iterations = iterations
        u, w = layer(BEHAVIORS[None], MASK[None], need_weights=True)
        interests.append(u[0])
    layer.iterations = R
    couplings = w[0].transpose(1, 2)[:, MASK]
    votes = layer.votes(BEHAVIORS[None], MASK[None])[0, MASK]
    return couplings.numpy(), torch.stack(interests).numpy(), votes.numpy()


def numbers(page, selector):
    """Return the weights of the bars, a row for each node of the selector."""
    return np.array(
        page.evaluate(
            """selector => [...document.querySelectorAll(selector)].map(
                row => [...row.querySelectorAll('.sv-weight')]
                    .map(bar => +bar.dataset.weight))""",
            selector,
        )
    )


def table(page):
    """Return logit, coupling and agreement of the picked behavior, a row each."""
    rows = page.evaluate(
        """() => [...document.querySelectorAll('.sv-sums tbody tr')].map(
            row => [...row.querySelectorAll('td')].map(c => c.dataset.value))"""
    )
    return [[float(value) if value else None for value in row] for row in rows]


def go(page, name=None, step=None):
    for label in filter(None, (name, step)):
        page.get_by_label(str(label), exact=True).check(force=True)


def said(page):
    page.mouse.move(2, 2)
    return page.locator(".sv-sentence").inner_text()


def assert_like_torch(page, name, r):
    coupling, interests, votes = by_torch(name)
    np.testing.assert_allclose(
        numbers(page, ".sv-lines .sv-line"), coupling[r - 1], atol=2e-6
    )
    want = np.linalg.norm(interests[r - 1], axis=-1)
    np.testing.assert_allclose(numbers(page, ".sv-totals")[0], want, atol=2e-6)
    places = page.evaluate(
        "() => [...document.querySelectorAll('.sv-vector')].map(v => v.dataset.place)"
    )
    figure = explorer(form=NAMES.index(name))
    axes = figure._planes[figure.form].axes
    shown = np.array([text.split(",") for text in places], dtype=float) * [1, -1]
    np.testing.assert_allclose(shown, interests[r - 1] @ axes.T * 150, atol=5e-4)
    assert votes.shape[1] == interests.shape[1]


@pytest.mark.parametrize("name", NAMES)
def test_every_iteration_is_that_of_torch(page, name):
    go(page, name)
    for r in range(1, R + 1):
        go(page, step=r)
        assert_like_torch(page, name, r)
    coupling, interests, votes = by_torch(name)
    active = np.flatnonzero(coupling[0].sum(0))
    assert len(active) == (4 if name == "ComiRec-DR" else 2)
    for t in (0, 4):
        page.locator(".sv-lines .sv-line").nth(t).click()
        logits = []
        for r in range(1, R + 1):
            go(page, step=r)
            rows = table(page)
            assert [row[0] is None for row in rows] == [
                k not in active for k in range(4)
            ]
            for k in active:
                _, share, agreement = rows[k]
                assert share == pytest.approx(coupling[r - 1, t, k], abs=2e-6)
                want = votes[t, k] @ interests[r - 1, k]
                assert agreement == pytest.approx(want, abs=1e-5)
            logits.append([rows[k][0] + rows[k][2] for k in active])
            if r > 1:
                now = [rows[k][0] for k in active]
                np.testing.assert_allclose(now, logits[-2], atol=1e-9)


def test_the_start_shows_the_first_logits_and_no_interest(page):
    assert "Before the first iteration: the logits are equal, each behavior" in said(
        page
    )
    assert "gives 25% to each interest" in said(page)
    assert page.locator(".sv-vector:not(.sv-gone)").count() == 0
    assert [row[0] for row in table(page)] == [0] * 4
    assert table(page)[0][2] is None
    go(page, "MIND (B2I)")
    layer = LAYERS["MIND (B2I)"]
    # Picked is the first of six: row 5 of the buffer, which counts back.
    want = layer.first_logits[len(REAL) - 1, :2].tolist()
    assert [row[0] for row in table(page)[:2]] == pytest.approx(want)
    assert "Interests 3 and 4 are inactive." in said(page)
    assert page.locator(".sv-lines .sv-masked").count() == 2 * len(REAL)


def test_back_and_next_step_and_stop_at_the_ends(page):
    back, forward = (
        page.get_by_role("button", name=name)
        for name in ("Back one iteration", "Next iteration")
    )
    assert back.get_attribute("aria-disabled") == "true"
    for r in range(1, R + 1):
        forward.click()
        assert said(page).startswith(f"Iteration {r} of {R}: ")
        assert page.get_by_label(str(r), exact=True).is_checked()
    assert forward.get_attribute("aria-disabled") == "true"
    forward.click(force=True)
    assert said(page).startswith("Iteration 3 of 3: ")
    back.click()
    assert said(page).startswith("Iteration 2 of 3: ")
    assert_like_torch(page, "ComiRec-DR", 2)
    # The form changes, the iteration stays.
    go(page, "MIND (B2I)")
    assert_like_torch(page, "MIND (B2I)", 2)


def test_the_sentence_says_what_each_interest_takes(page):
    go(page, "MIND (B2I)", 2)
    coupling, _, votes = by_torch("MIND (B2I)")
    words = said(page)
    for k in (0, 1):
        heavy = int(coupling[1, :, k].argmax())
        share = f"{100 * coupling[1, heavy, k]:.0f}%"
        part = f"interest {k + 1} takes {share} of {REAL[heavy]}"
        assert part in words
    mean = coupling[1].max(1).mean()
    assert f"gives {100 * mean:.0f}% to its strongest interest" in words
    page.locator(".sv-lines .sv-line").nth(3).hover()
    words = page.locator(".sv-sentence").inner_text()
    now, before = coupling[1, 3, 0], coupling[0, 3, 0]
    assert words.startswith(
        f"Iteration 2 of 3, gas stove: interest 1 takes {100 * now:.0f}% "
        f"({100 * before:.0f}% before), interest 2 takes"
    )
    _, interests, _ = by_torch("MIND (B2I)")
    agreement = votes[3] @ interests[1].T
    agreement = np.einsum("ke,ke->k", votes[3], interests[1])[:2]
    assert f"agrees most with interest {agreement.argmax() + 1}, by" in words
    go(page, "ComiRec-DR", 1)
    length = np.linalg.norm(by_torch("ComiRec-DR")[1][0], axis=-1)[0]
    assert f"interest 1 has length {length:.2f}" in said(page)


def test_a_picked_behavior_shows_its_votes_and_its_numbers(page):
    assert page.locator(".sv-vote").count() == 4 * len(REAL)
    page.locator(".sv-lines .sv-line").nth(2).click()
    chosen = page.locator(".sv-vote.sv-chosen")
    assert chosen.count() == 4
    assert set(chosen.evaluate_all("v => v.map(n => n.dataset.t)")) == {"2"}
    assert page.locator(".sv-line[aria-current]").get_attribute("data-t") == "2"
    assert page.get_by_text("In numbers · tent").is_visible()
    go(page, "MIND (B2I)")  # one vote for all interests
    assert page.locator(".sv-vote").count() == len(REAL)
    assert page.locator(".sv-vote.sv-chosen").count() == 1
    # A vote can be pressed too, and says whose it is.
    vote = page.locator(".sv-vote").nth(5).locator(".sv-size")
    vote.hover(force=True)
    assert page.locator(".sv-label").inner_text() == "novel"
    vote.click(force=True)
    assert page.locator(".sv-line[aria-current]").get_attribute("data-t") == "5"


def test_the_form_is_named_on_paper_too(page):
    go(page, "MIND (B2I)", 2)
    page.emulate_media(media="print")
    assert page.get_by_text("votes and interests of MIND (B2I)").is_visible()
    assert page.get_by_text("Iteration 2 of 3").is_visible()


def test_votes_lie_where_the_plane_has_them_and_grow_with_their_coupling(page):
    go(page, step=3)
    figure, (coupling, _, votes) = explorer(), by_torch("ComiRec-DR")
    plane = figure._planes[0]
    places = page.evaluate(
        """() => [...document.querySelectorAll('.sv-vote')].map(v => {
            const { e, f } = v.transform.baseVal.consolidate().matrix;
            return [e, -f];
        })"""
    )
    want = votes.reshape(-1, E) @ plane.axes.T * (150 / plane.rim)
    np.testing.assert_allclose(places, want, atol=0.02)
    page.wait_for_timeout(400)  # the transition
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('.sv-size')].map(
            s => new DOMMatrix(getComputedStyle(s).transform).a)"""
    )
    want = 1.5 + 5 * np.sqrt(coupling[2].flatten())
    np.testing.assert_allclose(sizes, want, atol=0.01)


def test_the_mark_stands_where_the_bar_was_one_iteration_before(page):
    mark = page.locator(".sv-before").first
    for r in ("start", 1):
        go(page, step=r)
        assert mark.is_hidden()
    go(page, step=3)
    places = page.evaluate(
        """() => [...document.querySelectorAll('.sv-before')].map(m => {
            const bar = m.parentElement.getBoundingClientRect();
            return (m.getBoundingClientRect().left - bar.left - 2) / (bar.width - 4);
        })"""
    )
    want = by_torch("ComiRec-DR")[0][1]
    np.testing.assert_allclose(places, want.flatten(), atol=0.02)


def test_the_keyboard_alone_reaches_everything(page):
    focused = "() => document.activeElement.{}"

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    press("Tab", "ArrowRight")
    assert page.get_by_label("MIND (B2I)", exact=True).is_checked()
    press("Tab", "ArrowRight", "ArrowRight")
    assert_like_torch(page, "MIND (B2I)", 2)
    press("Tab")
    assert page.evaluate(focused.format("textContent")) == "Back"
    press("Enter")
    assert_like_torch(page, "MIND (B2I)", 1)
    press("ArrowRight", "ArrowRight")
    assert_like_torch(page, "MIND (B2I)", 3)
    press("Tab", "Enter", "ArrowLeft")
    assert_like_torch(page, "MIND (B2I)", 2)
    press("Tab")
    assert page.evaluate(focused.format("dataset.t")) == "0"
    press("ArrowDown", "ArrowDown", "Enter")
    assert page.get_by_text("In numbers · tent").is_visible()
    assert (
        page.locator(".sv-sentence").inner_text().startswith("Iteration 2 of 3, tent:")
    )
    outline = page.evaluate(
        "() => getComputedStyle(document.activeElement).outlineStyle"
    )
    assert outline == "solid"


def test_one_form_one_interest_and_odd_names_on_a_phone(open_page):
    votes = np.random.default_rng(0).normal(size=(2, 1, 3))
    figure = RoutingExplorer(
        ["<b>bold</b>", "x" * 80], {"</script>": Routing(votes)}, iterations=10
    )
    page = open_page(figure, viewport={"width": 380, "height": 800})
    assert page.locator(".sv-lines .sv-name").first.inner_text() == "1 <b>bold</b>"
    go(page, step=10)
    assert "Iteration 10 of 10: interest 1 takes 100% of <b>bold</b>." in said(page)
    steps = figure.steps()
    want = np.linalg.norm(steps[10].interests, axis=-1)
    np.testing.assert_allclose(numbers(page, ".sv-totals")[0], want, atol=1e-6)
    assert axe_report(page) == ""
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


def test_eight_interests_fit_a_phone(open_page):
    rng = np.random.default_rng(1)
    shared = Routing(rng.normal(size=(12, 6)) * 3, rng.normal(size=(12, 8)))
    figure = RoutingExplorer([f"item {t}" for t in range(12)], {"B2I": shared})
    page = open_page(figure, viewport={"width": 380, "height": 800})
    go(page, step=3)
    np.testing.assert_allclose(
        numbers(page, ".sv-lines .sv-line"), figure.steps()[3].coupling, atol=2e-6
    )
    assert "; 5 others take less of any" in said(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    widths = page.locator(".sv-lines .sv-weight").evaluate_all(
        "bars => bars.map(bar => bar.getBoundingClientRect().width)"
    )
    assert min(widths) > 15


def test_interests_that_point_the_same_way_are_named_and_stand_side_by_side(open_page):
    rng = np.random.default_rng(2)
    first = np.tile([0.0, 1e-4, 0.0], (3, 1))  # all but equal
    first[:, 2] = [-4, 4, -4]
    shared = Routing(rng.normal(size=(3, 4)), first)
    figure = RoutingExplorer(["cap", "tent", "cap"], {"B2I": shared}, iterations=1)
    page = open_page(figure)
    assert "point the same way" not in said(page)
    go(page, step=1)
    u = figure.steps()[1].interests
    unit = u / np.linalg.norm(u, axis=-1, keepdims=True)
    assert unit[0] @ unit[1] > 0.999 and abs(unit[0] @ unit[2]) < 0.95
    assert "Interest 1 and interest 2 point the same way (cosine 1.00)" in said(page)
    page.wait_for_timeout(400)
    shown = page.locator(".sv-vector").evaluate_all(
        "all => all.map(v => new DOMMatrix(getComputedStyle(v).transform).e)"
    )
    assert shown[1] - shown[0] == pytest.approx(18, abs=0.1)
    # Two behaviors of one name bear their numbers.
    page.locator(".sv-lines .sv-line").nth(2).click()
    assert page.get_by_text("In numbers · cap (3)").is_visible()


def explorer_of(length, num_interests, iterations=3):
    rng = np.random.default_rng(length)
    votes = rng.normal(size=(length, num_interests, 6))
    shared = Routing(votes[:, 0], rng.normal(size=(length, num_interests)))
    return lambda: RoutingExplorer(
        [f"item {t}" for t in range(length)],
        {"ComiRec-DR": Routing(votes), "MIND (B2I)": shared},
        iterations=iterations,
    )


DUTY = Duty(
    explorer,
    (
        option("2"),
        press(".sv-lines .sv-line", 2),
        option("MIND (B2I)"),
    ),
    still=".sv-drawn",
    words="ComiRec-DR. Before the first iteration: each behavior gives 25%",
    printed=(".sv-lines", ".sv-routes", ".sv-sums"),
    sizes=(
        *(explorer_of(length, 4) for length in (3, 8, 20)),
        *(explorer_of(8, count) for count in (1, 8)),
        explorer_of(8, 4, iterations=10),
    ),
    tall=1100,
)
