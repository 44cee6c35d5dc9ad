"""One run of a study of click models: its mean over the rows is GAUC."""

import numpy as np
import pytest

from seqviz.data import (
    DataNotFound,
    click_batches,
    load_shop,
    shown_clicks,
    split_clicks,
)
from seqviz.experiments import predict
from seqviz.experiments.click_trial import count_and_rank, train_and_rank
from seqviz.experiments.tasks import ClickTask, movie_rows
from seqviz.metrics import gauc
from seqviz.models import BaseModel
from seqviz.models.counting import ItemClickRate, UserClickRate

SETTING = {
    "embedding_dim": 4,
    "length": 10,
    "batch_size": 256,
    "epochs": 2,
    "patience": 2,
    "learning_rate": 0.01,
}


@pytest.fixture(scope="module")
def task():
    shop = load_shop(num_users=80, seed=0)
    rows = split_clicks(shown_clicks(shop.interactions))
    return ClickTask(shop.catalog, shop.interactions.of_kind("click"), rows)


def named(model):
    return {"data": "shop", "split": 0, "model": model, "seed": 0, "setting": SETTING}


def test_a_training_is_measured_within_every_user_and_the_same_again(task):
    def make(catalog, embedding_dim):
        return BaseModel(catalog.num_items, embedding_dim, hidden_units=(8,))

    one, again = (train_and_rank(named("Base"), task, make) for _ in range(2))
    assert one.row == again.row and one.row["best_epoch"] in (1, 2)
    np.testing.assert_array_equal(one.users["GAUC"], again.users["GAUC"])
    assert list(one.users["user"]) == sorted(task.split.test.users)


def test_the_mean_over_the_rows_is_gauc_and_validation_chooses(task):
    train, test = task.split.train, task.split.test
    item = ItemClickRate(train, task.catalog.num_items)
    run = count_and_rank(
        named("rates"), task, lambda task: {"user": UserClickRate(train), "item": item}
    )
    known = task.split.validation
    chances = predict(item, click_batches(known, 512, 10))
    ahead = gauc(chances, known.clicked, known.users) > 0.5
    assert run.row["chosen"] == ("item" if ahead else "user")
    found = {"item": item, "user": UserClickRate(train)}[run.row["chosen"]]
    chances = predict(found, click_batches(test, 512, 10))
    assert np.nanmean(run.users["GAUC"]) == pytest.approx(
        gauc(chances, test.clicked, test.users), abs=1e-6
    )


def test_a_count_beside_the_model_is_chosen_by_validation(task):
    def make(catalog, embedding_dim):
        return BaseModel(catalog.num_items, embedding_dim, hidden_units=(8,))

    class Knows:  # what was clicked: no model is needed beside it
        def logits(self, batch):
            return 100 * batch.clicked.double() - 50

    rate = ItemClickRate(task.split.train, task.catalog.num_items)
    counts = {"rate": rate, "all": Knows()}
    alone = train_and_rank(named("Base"), task, make)
    run = train_and_rank(named("Base"), task, make, lambda task: counts)
    np.testing.assert_array_equal(run.users["GAUC"], alone.users["GAUC"])
    assert run.row["count"].startswith("all, times")
    both = run.users["GAUC, with the count"]
    assert (
        np.nanmin(both) == 1
        and np.isnan(both).sum() == np.isnan(run.users["GAUC"]).sum()
    )


@pytest.mark.parametrize(
    ("by_popularity", "days"), [(False, None), (True, None), (True, 30)]
)
def test_movies_are_cut_by_the_clock(by_popularity, days):
    try:
        task = movie_rows(0, by_popularity, days)
    except DataNotFound as reason:
        pytest.skip(str(reason))
    train, validation, test = task.split
    assert train.times.max() < validation.times.min()
    assert validation.times.max() < test.times.min()
    assert 2 * test.clicked.sum() == len(test)
    items = task.interactions.table["item"].to_numpy()
    before = task.interactions.table["time"].to_numpy() < validation.times.min()
    assert (np.bincount(items[before])[1:] >= 5).all()  # filtered by what was known
    earlier = movie_rows(1, by_popularity, days).split
    assert earlier.test.times.max() < test.times.min()  # asked about once
