"""What a trained gate is asked: explained, frozen, split."""

import numpy as np
import pytest
import torch

from seqviz.data.planted_fields import planted_fields
from seqviz.experiments import field_trial
from seqviz.experiments.field_trial import (
    count_and_explain,
    explained,
    field_world,
    train_and_explain,
    variance_split,
)
from seqviz.models.counting import FieldRates
from seqviz.models.field_models import FieldNetwork, MMoE, SENet


def test_explained_is_100_for_the_truth_and_0_for_its_mean():
    rows = planted_fields(500, 20, relation=0.3, seed=1)
    for label in (0, 1):
        true = rows.chances[:, label]
        assert explained(true, rows, label).mean() == pytest.approx(100)
        even = np.full(500, true.mean())
        assert explained(even, rows, label).mean() == pytest.approx(0, abs=1e-9)
        assert explained(1 - true, rows, label).mean() < 0


def test_the_parts_of_the_variance_add_up():
    torch.manual_seed(0)
    fields = planted_fields(300, 10).fields
    means, by_hour = torch.rand(5), torch.rand(4, 5)
    moving = torch.rand(300, 5) + means
    centered = moving - moving.mean(0)
    expected = centered.square().mean() / (moving - moving.mean()).square().mean()
    split = variance_split(moving, fields)
    assert split["inputs"] == pytest.approx(float(expected), abs=1e-6)
    assert split["hour"] < 0.1
    only = variance_split(by_hour[fields[:, 3]], fields)
    assert only["hour"] == pytest.approx(1) and only["price"] < 0.1
    assert variance_split(means.expand(300, 5), fields)["inputs"] == pytest.approx(0)
    assert variance_split(torch.ones(300, 5), fields)["inputs"] == 0


@pytest.fixture
def small(monkeypatch):
    for name, value in {
        "TRAIN": 400,
        "VALIDATE": 100,
        "TEST": 200,
        "PEOPLE": 8,
    }.items():
        monkeypatch.setattr(field_trial, name, value)
    setting = {"learning_rate": 1e-2, "batch_size": 100, "epochs": 2, "patience": 1}
    return {"split": 1, "setting": {**setting, "hidden_dim": 8}, "seed": 0}


def test_a_world_is_cut_into_three(small):
    parts = field_world(1, 0.5)
    assert [len(part) for part in parts] == [400, 100, 200]
    whole = planted_fields(700, 8, relation=0.5, seed=1)
    np.testing.assert_array_equal(parts[2].fields, whole.fields[500:])


@pytest.mark.parametrize("make", [FieldNetwork, SENet, MMoE])
def test_a_run_holds_what_the_page_reads(small, make):
    run = train_and_explain(small, 0.5, make, lambda model, test: {"rows": len(test)})
    assert run.row["rows"] == 200 and run.row["parameters"] > 0
    endings = [""] if make is FieldNetwork else ["", ", frozen", ", equal"]
    labels = ["", ", cart"] if make is MMoE else [""]
    names = {f"explained{label}{end}" for label in labels for end in endings}
    assert set(run.users) == {"user", *names}
    assert all(len(values) == 8 for values in run.users.values())
    assert 0 <= run.row["AUC"] <= 1
    if make is SENet:
        assert len(run.row["mean gate"]) == 7
        assert 0 <= run.row["varies by inputs"] <= 1
    again = train_and_explain(small, 0.5, make)
    np.testing.assert_array_equal(run.users["explained"], again.users["explained"])


def test_a_count_is_chosen_by_validation_and_reported_by_user(small):
    def make(rows):
        return {f"{s}": FieldRates(rows, [(1,), (0, 2)], 0, s) for s in (1.0, 1e6)}

    run = count_and_explain(small, 0.5, make)
    train, validation, test = field_world(1, 0.5)
    counts = make(train)
    clicked = validation.labels[:, 0] > 0

    def loss(count):
        chances = count.logits(validation.batch()).sigmoid().numpy()
        return -np.log(np.where(clicked, chances, 1 - chances)).mean()

    losses = {name: loss(count) for name, count in counts.items()}
    assert run.row["chosen"] == min(losses, key=losses.get)
    assert run.row["validation"] == pytest.approx(-min(losses.values()))
    chances = counts[run.row["chosen"]].logits(test.batch()).sigmoid().numpy()
    own = explained(chances, test)
    users = test.fields[:, 0]
    expected = [own[users == user].mean() for user in run.users["user"]]
    np.testing.assert_allclose(run.users["explained"], expected, rtol=1e-5)
