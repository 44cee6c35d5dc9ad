"""One run of a study: the setting is used, and every test user has her values."""

import numpy as np
import pytest
import torch

from seqviz.data import DataNotFound, load_shop, split_by_user
from seqviz.experiments.tasks import Task, movie_cut, retail_cut
from seqviz.experiments.trial import count_and_measure, train_and_measure
from seqviz.models import ComiRecSA, MeanPooling
from seqviz.models.counting import MostPopular

SETTING = {
    "embedding_dim": 8,
    "length": 20,
    "batch_size": 256,
    "epochs": 2,
    "patience": 2,
    "learning_rate": 0.01,
    "temperature": 0.1,
}


@pytest.fixture(scope="module")
def task():
    shop = load_shop(num_users=80, seed=0)
    clicks = shop.interactions.of_kind("click")
    return Task(shop.catalog, clicks, split_by_user(clicks, seed=0))


def named(model, **own):
    return {"data": "shop", "split": 0, "model": model, "seed": 0, "setting": own}


def test_a_training_is_measured_on_every_user_and_the_same_again(task):
    name = named("one vector", **SETTING)

    def make(num_items, length, **own):
        assert (length, own) == (20, {"embedding_dim": 8, "temperature": 0.1})
        return MeanPooling(num_items, **own)

    one, again = (train_and_measure(name, task, make) for _ in range(2))
    assert one.row == again.row and one.row["best_epoch"] in (1, 2)
    assert list(one.users["user"]) == list(task.split.test.users)
    for metric, values in one.users.items():
        assert values.shape == (len(task.split.test),)
        np.testing.assert_array_equal(values, again.users[metric])
    assert 0 < np.nanmean(one.users["recall@20"]) < 1


def test_validation_chooses_the_read_out(task):
    def make(num_items, length, **own):
        return ComiRecSA(num_items, **own)

    name = named("ComiRec-SA", **SETTING, num_interests=2)
    size = len(task.split.test)
    also = {"own": 1.0, "each": np.ones(size)}
    run = train_and_measure(name, task, make, lambda *_: also)
    assert run.users["each"].sum() == size and "each" not in run.row
    by_strength = run.row["validation by strength"]
    assert run.row["validation"] >= by_strength and run.row["own"] == 1.0
    chosen = run.row["read_out"] == "strength"
    assert chosen == (run.row["validation"] == by_strength)
    largest = train_and_measure(name, task, make, by_strength=False)
    assert "read_out" not in largest.row
    same = not chosen  # then the same lists
    both = largest.users["ndcg@20"], run.users["ndcg@20"]
    assert np.array_equal(*both, equal_nan=True) == same


def test_a_count_reads_the_whole_history_and_validation_chooses(task):
    def make(task):
        class Longest:
            def scores(self, batch):
                parts = task.split.validation, task.split.test
                longest = max(part.histories.lengths.max() for part in parts)
                assert batch.item_ids.shape[1] == longest
                return popular.scores(batch)

        popular = MostPopular(task.split.train, task.catalog.num_items)
        return {"worst": Worst(), "best": Longest()}

    class Worst:
        def scores(self, batch):
            return -torch.arange(task.catalog.num_items + 1.0).repeat(
                len(batch.item_ids), 1
            )

    run = count_and_measure(
        named("most popular"),
        task,
        make,
        lambda count, *_: {"own": type(count).__name__},
    )
    assert run.row["chosen"] == "best" and run.row["own"] == "Longest"
    assert run.users["recall@20"].shape == (len(task.split.test),)


@pytest.mark.parametrize("cut", [retail_cut, movie_cut])
def test_real_data_is_cut_by_the_clock(cut):
    try:
        task = cut(1)
    except DataNotFound as reason:
        pytest.skip(str(reason))
    later, earlier = cut(0), task
    assert later.split.test.times.min() > earlier.split.test.times.max()
    for task in (later, earlier):
        first = task.split.validation.times.min()
        assert task.split.train.times.max() < first < task.split.test.times.min()
        assert len(task.split.test) > 900
