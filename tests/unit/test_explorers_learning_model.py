"""The training in the page is that of PyTorch: draws, losses, gradients, measures."""

import numpy as np
import pytest
import torch
from front_end import in_node
from learning_shop import N, learning_shop

from seqviz.data import Examples, Ragged
from seqviz.experiments import evaluate
from seqviz.explorers.learning import draws
from seqviz.explorers.learning.training import WIDTH, Run, Setting, measure

MODULES = {
    name: f"learning/{name}.js"
    for name in ("draws", "measures", "plane", "run", "shop")
}
STEPS = 100
SETTINGS = {
    "one vector": Setting(interests=0),
    "ComiRec-SA": Setting(seed=3),
    "one interest": Setting(interests=1, negatives=7, seed=2**32 - 1),
    "sharp": Setting(temperature=0.02, learning_rate=0.03, seed=1),
    "without log-Q": Setting(interests=8, log_q=False, negatives=200, temperature=1),
}
NAMES = list(SETTINGS)

BODY = """
const shop_ = shop.readShop(given.shop);
return given.settings.map((setting) => {
  const one = run.newRun(shop_, setting);
  const first = one.net.parameters.map((values) => Array.from(values));
  const losses = [one.step()];
  const gradients = one.gradients.map((values) => Array.from(values));
  while (losses.length < given.steps) losses.push(one.step());
  const measured = measures.measure(one.net, shop_, given.n);
  const axes = plane.newPlane(WIDTH);
  const shares = Array.from({ length: 30 }, () => axes.follow(one.net.unit));
  return { first, losses, gradients, measured, perEpoch: one.perEpoch,
    shares, axes: axes.axes.map((axis) => Array.from(axis)),
    weights: one.net.parameters.map((values) => Array.from(values)) };
});
""".replace("WIDTH", str(WIDTH))


@pytest.fixture(scope="module")
def shop():
    return learning_shop()


@pytest.fixture(scope="module")
def page(shop):
    """Return what node found for each setting."""
    settings = [setting.as_dict() for setting in SETTINGS.values()]
    given = {"shop": shop.encoded(), "settings": settings, "steps": STEPS, "n": 5}
    return dict(zip(SETTINGS, in_node(MODULES, BODY, given), strict=True))


def flat(parameters):
    return [p.detach().numpy().astype(float).ravel() for p in parameters]


@pytest.mark.parametrize("name", NAMES)
def test_the_weights_begin_the_same(page, shop, name):
    model = Run(shop, SETTINGS[name]).model
    for ours, theirs in zip(page[name]["first"], flat(model.parameters()), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-7)
    assert np.linalg.norm(page[name]["first"][0]) ** 2 == pytest.approx(N, rel=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_every_gradient_is_that_of_autograd(page, shop, name):
    run = Run(shop, SETTINGS[name])
    run.loss().backward()
    theirs = flat(p.grad for p in run.model.parameters())
    for ours, wanted in zip(page[name]["gradients"], theirs, strict=True):
        assert np.abs(wanted).max() > 1e-3
        np.testing.assert_allclose(ours, wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("name", NAMES)
def test_a_hundred_losses_are_those_of_torch(page, shop, name):
    run = Run(shop, SETTINGS[name])
    losses = [run.step() for _ in range(STEPS)]
    assert page[name]["perEpoch"] == run.per_epoch
    np.testing.assert_allclose(page[name]["losses"], losses, atol=1e-4)
    assert np.mean(losses[-5:]) < np.mean(losses[:5])
    for ours, wanted in zip(
        page[name]["weights"], flat(run.model.parameters()), strict=True
    ):
        np.testing.assert_allclose(ours, wanted, atol=5e-3)


@pytest.mark.parametrize("name", NAMES)
def test_the_measures_are_those_of_the_book(page, shop, name):
    run = Run(shop, SETTINGS[name])
    for _ in range(STEPS):
        run.step()
    found, ours = measure(run.model, shop, n=5), page[name]["measured"]
    assert ours["recall"] == pytest.approx(found["recall"].mean(), abs=0.02)
    assert ours["busiest"] == pytest.approx(float(found["busiest"]), abs=0.04)
    if run.model.interests(run.clicks[:1]).shape[1] == 1:
        assert ours["cosine"] is None and ours["busiest"] == 1
        assert np.isnan(found["cosine"]).all()
    else:
        assert ours["cosine"] == pytest.approx(found["cosine"].mean(), abs=1e-3)
    users = np.arange(len(shop.held_out))
    truth = Examples(
        users,
        users + 1_700_000_000,
        Ragged.from_rows([h[-shop.most :] for h, _ in shop.held_out]),
        Ragged.from_rows([t for _, t in shop.held_out]),
    )
    book = evaluate(run.model, truth, at=[5], length=shop.most, device="cpu")
    assert found["recall"].mean() == pytest.approx(book["recall@5"], abs=1e-6)


def test_the_plane_is_that_of_the_principal_directions(page):
    for name in NAMES:
        items = np.reshape(page[name]["weights"][0], (N + 1, WIDTH))[1:]
        items = items / np.linalg.norm(items, axis=1, keepdims=True)
        spread = np.linalg.svd(items - items.mean(0), compute_uv=False) ** 2
        assert page[name]["shares"][-1] == pytest.approx(
            spread[:2].sum() / spread.sum(), abs=0.02
        )
        axes = np.array(page[name]["axes"])
        np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-9)


# ---- Draws -------------------------------------------------------------------

DRAWS = """
const negatives = new Int32Array(500);
draws.drawItems(negatives, Float64Array.from(given.total), given.seed, 9);
const uniform = new Float64Array(500);
draws.fillUniform(uniform, 2, given.seed, 1);
return { negatives: Array.from(negatives), uniform: Array.from(uniform),
  order: Array.from(draws.shuffled(500, given.seed, 4)) };
"""


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_the_draws_are_the_same_on_both_sides(seed):
    counts = np.array([0, 5, 0, 1, 100, 3])
    given = {"total": np.cumsum(counts).tolist(), "seed": seed}
    found = in_node({"draws": "learning/draws.js"}, DRAWS, given)
    assert found["negatives"] == draws.draw_items(counts, 500, seed, 9).tolist()
    assert found["order"] == draws.shuffled(500, seed, 4).tolist()
    assert found["uniform"] == draws.uniform(2, (500,), seed, 1).tolist()


def test_the_draws_look_drawn():
    counts = np.array([0, 1, 0, 2, 7])
    drawn = np.bincount(draws.draw_items(counts, 20_000, 5, 0), minlength=5)
    np.testing.assert_allclose(drawn / 20_000, counts / 10, atol=0.015)
    values = draws.uniform(1, (20_000,), 0, 0)
    assert abs(values.mean()) < 0.02 and values.var() == pytest.approx(1 / 3, abs=0.01)
    assert sorted(draws.shuffled(1000, 0, 0)) == list(range(1000))
    assert (draws.shuffled(1000, 0, 0) != draws.shuffled(1000, 0, 1)).mean() > 0.9
    assert (
        abs(np.corrcoef(draws.bits(0, 0, 0, 5000), draws.bits(1, 0, 0, 5000))[0, 1])
        < 0.05
    )


# ---- Bad input ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"interests": 9}, "interests must"),
        ({"interests": 2.0}, "interests must"),
        ({"temperature": 0}, "temperature must"),
        ({"learning_rate": -1}, "learning_rate must"),
        ({"negatives": 0}, "negatives must"),
        ({"seed": -1}, "seed must"),
        ({"log_q": 1}, "log_q must be a bool, got int"),
    ],
)
def test_a_bad_setting_names_the_argument(changes, words):
    with pytest.raises((TypeError, ValueError), match=words):
        Setting(**changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_items": 256}, "num_items must"),
        ({"most": 0}, "most must"),
        ({"people": [[1], []]}, "people must hold a person with two clicks"),
        ({"people": [[1, 5]]}, r"people\[0\] must lie in 1..4, got 5"),
        ({"people": [[1.0, 2.0]]}, r"people\[0\] must hold whole numbers"),
        ({"held_out": []}, "held_out must hold people"),
        ({"held_out": [([], [1])]}, "held_out must hold people with a click"),
        ({"held_out": [([1], [0])]}, r"held_out truths\[0\] must lie in 1..4, got 0"),
    ],
)
def test_a_bad_shop_names_the_argument(changes, words):
    arguments = {
        "num_items": 4,
        "people": [[1, 2]],
        "held_out": [([1], [2])],
        **changes,
    }
    from seqviz.explorers.learning.shop import LearningShop

    with pytest.raises((TypeError, ValueError), match=words):
        LearningShop(**arguments)


def test_an_empty_history_is_read_as_zeros():
    torch.manual_seed(0)
    shop = learning_shop()
    body = """
const one = run.newRun(shop.readShop(given.shop), given.setting);
const none = new Int32Array(1);
const nobody = { values: new Int32Array(), starts: none, stops: none };
return Array.from(measures.unitInterests(one.net, nobody, 0));
"""
    for setting in (Setting(interests=0), Setting(interests=2)):
        given = {"shop": shop.encoded(), "setting": setting.as_dict()}
        found = in_node(MODULES, body, given)
        empty = torch.zeros(1, shop.most, dtype=torch.long)
        wanted = Run(shop, setting).model.interests(empty)
        assert found == wanted.detach().flatten().tolist() == [0] * len(found)
