"""What the chapter defines is the package; what is stored can be made again."""

import numpy as np
import pytest
import torch
from definitions import definitions, experiment

from seqviz.data import Batch
from seqviz.experiments import read_study
from seqviz.models import ComiRecSA, MeanPooling

chapter = definitions("interests/when_several_pay")
script = experiment("interests/when_several_pay")


@pytest.fixture
def item_ids():
    torch.manual_seed(0)
    ids = torch.randint(0, 31, (12, 7))
    ids[3] = 0
    return ids


@pytest.mark.parametrize("nearest", [True, False])
def test_interests_from_counts_are_the_models(item_ids, nearest):
    model = ComiRecSA(30, 8, 3, temperature=0.2, nearest=nearest)
    X = model.embedding.weight.detach()
    Z = model.attention.logits(X[None])[0].T
    counts = chapter.counts_of(item_ids, 30)
    interests = chapter.interests_of(counts, X, Z)
    torch.testing.assert_close(interests, model.interests(item_ids))
    many = chapter.many_interests(counts, torch.stack([X, X]), torch.stack([Z, 0 * Z]))
    torch.testing.assert_close(many[0], interests)
    mean = MeanPooling(30, 8)
    mean.load_state_dict({"embedding.weight": X})
    torch.testing.assert_close(many[1, :, :1], mean.interests(item_ids))
    if nearest:
        target = torch.arange(1, 13)
        batch = Batch(item_ids, item_ids > 0, target, target[:, None], target, target)
        loss = chapter.nearest_loss(interests, X, target, 0.2)
        torch.testing.assert_close(loss, model.loss(batch))


def test_what_is_missed_and_the_recall_add_up():
    runs = read_study("interests/when_several_pay").runs
    one = runs[runs["model"] == "one vector"]
    total = one[["missed repeats", "missed new", "recall@20"]].sum(axis=1)
    np.testing.assert_allclose(total, 1, atol=1e-5)
    assert (one["missed repeats"] <= one["repeats"] + 1e-6).all()


def test_a_stored_run_can_be_made_again():
    stored, study, world = (
        read_study("interests/when_several_pay"),
        script.STUDY,
        "drawn 0",
    )
    runs = stored.runs.set_index(["data", "model"])
    row = runs.loc[(world, "one vector")]
    (setting,) = (
        own
        for own in study.settings("one vector")
        if all(row[name] == value for name, value in own.items())
    )
    budget = {"epochs": study.epochs, "patience": study.patience}
    setting = {**study.data[world], **budget, **setting}
    name = {"data": world, "split": 0, "model": "one vector"}
    made = script.doing(study)({**name, "setting": setting, "seed": 0})
    # other processors round otherwise, and the trainings part
    for key in ("validation", "missed repeats", "missed new"):
        assert made.row[key] == pytest.approx(row[key], abs=0.02)
