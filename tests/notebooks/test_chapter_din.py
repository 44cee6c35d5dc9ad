"""What the DIN chapter defines is compared with the package."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from definitions import definitions, experiment
from torch import nn

from seqviz.data import (
    ClickBatch,
    ClickRows,
    ClickSplit,
    Interactions,
    Ragged,
    load_shop,
)
from seqviz.experiments.tasks import ClickTask
from seqviz.layers import (
    AttentionSequencePooling,
    Dice,
    LocalActivationUnit,
    SumPooling,
    batch_l2,
)
from seqviz.models import DIN

chapter = definitions("attention/din")
B, T, E = 7, 9, 8


@pytest.fixture(params=range(3))
def case(request):
    """A candidate, behaviors, and a mask whose last row is empty."""
    torch.manual_seed(request.param)
    mask = torch.rand(B, T) < 0.6
    mask[:, 0], mask[-1] = True, False
    return torch.randn(B, 1, E), torch.randn(B, T, E), mask


def layers_of(module):
    return chapter.layers_of(module)


def test_every_rung_is_the_unit_of_the_package(case):
    query, behaviors, _ = case
    package = LocalActivationUnit(E, (6, 3))
    layers = layers_of(package)
    logits = chapter.unit(query, behaviors, layers)
    torch.testing.assert_close(logits, package(query, behaviors))
    torch.testing.assert_close(chapter.unit_loop(query, behaviors, layers), logits)
    one = chapter.logit(query[2, 0], behaviors[2, 4], layers)
    torch.testing.assert_close(one, logits[2, 4])


@pytest.mark.parametrize("softmax", [False, True])
def test_the_pooling_is_the_packages(case, softmax):
    query, behaviors, mask = case
    package = AttentionSequencePooling(E, (6, 3), softmax=softmax)
    logits = chapter.unit(query, behaviors, layers_of(package))
    pool = chapter.soft_pooling if softmax else chapter.raw_pooling
    interest, weights = pool(logits, behaviors, mask)
    expected, expected_weights = package(query, behaviors, mask, need_weights=True)
    torch.testing.assert_close(interest, expected)
    torch.testing.assert_close(weights[:, 0], expected_weights)
    assert (interest[-1] == 0).all()


def test_dice_is_the_packages():
    torch.manual_seed(0)
    package, s = Dice(5), 3 * torch.randn(40, 5) + 1
    with torch.no_grad():
        package.alpha.uniform_()
    torch.testing.assert_close(chapter.dice(s, package.alpha), package(s))
    torch.testing.assert_close(
        s * chapter.paper_gate(s), chapter.dice(s, torch.zeros(5))
    )


def test_the_gate_of_torch_rechub_is_as_published():
    """Its source, line by line, with alpha 0; the package itself is not in the lock."""
    torch.manual_seed(0)
    x = torch.randn(30, 6)
    avg = x.mean(dim=1).unsqueeze(dim=1)
    var = (torch.pow(x - avg, 2) + 1e-3).sum(dim=1).unsqueeze(dim=1)
    ps = nn.Sigmoid()((x - avg) / torch.sqrt(var))
    torch.testing.assert_close(chapter.rechub_gate(x), ps)


def test_the_split_layer_is_the_whole_one(case):
    query, behaviors, _ = case
    layer = nn.Linear(4 * E, 6)
    parts = query, behaviors, layer.weight, layer.bias
    torch.testing.assert_close(chapter.split_first(*parts), chapter.whole_first(*parts))


def test_the_penalty_is_the_packages():
    torch.manual_seed(0)
    table, ids = torch.randn(20, 3), torch.randint(0, 20, (4, 6))
    counts = torch.randint(1, 9, (20,)).float()
    torch.testing.assert_close(
        chapter.touched(table, ids, counts), batch_l2(table[ids], ids, counts)
    )


@pytest.mark.parametrize("softmax", [False, True])
def test_the_small_din_is_the_packages_with_the_same_weights(softmax):
    torch.manual_seed(0)
    categories = torch.cat([torch.zeros(1), torch.randint(1, 4, (30,))]).long()
    pool = chapter.soft_pooling if softmax else chapter.raw_pooling
    small = chapter.SmallDIN(categories, E=16, hidden=(6, 3), pool=pool)
    package = DIN(
        30,
        8,
        attention_units=(6, 3),
        item_features=categories[:, None],
        hidden_units=(64, 32),
        activation="sigmoid",
        softmax=softmax,
    )
    with torch.no_grad():
        package.embedding.weight.copy_(small.item.weight)
        package.feature_embeddings[0].weight.copy_(small.category.weight)
        for mine, other in (
            (small.unit, package.pooling),
            (small.network, package.layers),
        ):
            for (weight, bias), (to_weight, to_bias) in zip(
                layers_of(mine), layers_of(other), strict=True
            ):
                to_weight.copy_(weight)
                to_bias.copy_(bias)
    ids = torch.randint(1, 31, (B, T)) * (torch.rand(B, T) < 0.7)
    ids[-1] = 0
    clicked = torch.randint(2, (B,)).float()
    shown = torch.randint(1, 31, (B,))
    batch = ClickBatch(ids, ids != 0, shown, ids[:, 0], ids[:, 0], clicked)
    torch.testing.assert_close(small.logits(batch), package.logits(batch))
    torch.testing.assert_close(small.loss(batch), package.loss(batch))


def test_the_padding_faults_change_the_interest_and_the_right_ways_do_not():
    unpadded = chapter.faults(10)
    for name, interest in chapter.faults(50).items():
        gap = (interest - unpadded[name]).norm() / unpadded[name].norm()
        assert (gap < 1e-5) == name.endswith("right"), name
    assert chapter.moved_by_padding(50, masked=True) < 1e-4
    assert chapter.moved_by_padding(50, masked=False) > 0.05


@pytest.mark.parametrize("seed", range(3))
def test_only_the_unshared_norm_leaks(seed):
    assert abs(chapter.leak_auc(shared=True, seed=seed) - 0.5) < 0.05
    assert chapter.leak_auc(shared=False, seed=seed) > 0.95
    assert abs(chapter.leak_auc(shared=False, affine=False, seed=seed) - 0.5) < 0.05


def test_both_ways_to_the_first_layer_of_many_candidates_agree():
    inputs = [torch.randn(s) for s in [(2, 3, E), (2, T, E), (6, 4 * E), (6,)]]
    torch.testing.assert_close(
        chapter.solution(*inputs), chapter.on_the_whole_input(*inputs)
    )


def test_the_base_model_is_the_packages_sum(case):
    query, behaviors, mask = case
    logits = torch.randn(B, T, 1)
    interest, _ = chapter.sum_pooling(logits, behaviors, mask)
    torch.testing.assert_close(interest, SumPooling()(query, behaviors, mask))


def test_the_experiment_builds_every_model():
    script = experiment("attention/din")
    catalog = load_shop(30).catalog
    models = {name: make(catalog, 8) for name, make in script.MODELS.items()}
    assert type(models["Base"]).__name__ == "BaseModel"
    diced = [name for name, model in models.items() if "Dice" in repr(model)]
    assert diced == ["DIN + Dice"]
    soft = [m for m in models if getattr(models[m].pooling, "softmax", False)]
    assert soft == ["DIN, softmax"]


def test_what_was_drawn_too_early_is_counted():
    script = experiment("attention/din_movies")
    table = pd.DataFrame({"user": [0, 0, 1], "item": [1, 2, 3], "time": [1, 5, 9]})
    events = Interactions(table.assign(session=[0, 0, 1], kind="click"), 4)

    def rows(*cells):  # time, item, clicked
        time, item, clicked = (np.array(column) for column in zip(*cells, strict=True))
        none = Ragged.from_rows([[]] * len(cells))
        return ClickRows(item * 0, time, none, item, clicked == 1)

    train = rows((5, 2, 1), (5, 3, 0), (6, 4, 0), (6, 1, 0), (9, 3, 0))
    task = ClickTask(SimpleNamespace(num_items=4), events, ClickSplit(train, 0, 0))
    assert script.too_early(task) == 3 / 4  # 3 and 4 were never rated before
