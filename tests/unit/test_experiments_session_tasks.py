"""The session tasks of the book's tables: one clock, and nothing leaks."""

import numpy as np
import pytest

from seqviz.data import DataNotFound
from seqviz.experiments.tasks import retail_invoices, shop_sessions


def held(task):
    return {"validation": task.split.validation, "test": task.split.test}


@pytest.mark.parametrize("make", [shop_sessions, retail_invoices])
def test_what_is_learned_lies_before_what_is_asked(make):
    try:
        task = make(0)
    except DataNotFound:
        pytest.skip("Online Retail is not here")
    train = task.split.train
    assert len(task.attributes) == task.catalog.num_items + 1
    times = task.interactions.table["time"].to_numpy()
    for part in held(task).values():
        assert train.times.max() < part.times.min()
        assert len(np.unique(part.users)) == len(part)
        # the session begins after everything that was learned
        assert train.times.max() < times[part.sessions.starts].min()
    assert task.split.validation.times.max() < task.split.test.times.max()
    for part in (train, *held(task).values()):
        assert (part.sessions.lengths >= 1).all()
        assert (part.sessions.lengths <= 50).all()
        assert all(rows.lengths.max() <= 20 for rows in part.long)
