"""What the tests of seqviz.models.counting share: small tables and batches."""

import numpy as np
import pandas as pd
import torch

from seqviz.data import Batch, Interactions, split_by_user

DAY = 86_400


def ask(item_ids, day=0, users=None):
    """A batch of these histories, all to be continued at the beginning of a day."""
    ids = torch.tensor(item_ids)
    size = len(ids)
    owner = torch.arange(size) if users is None else torch.tensor(users)
    days = torch.as_tensor(day).expand(size)
    return Batch(ids, ids != 0, ids[:, 0], ids[:, :1], owner, days * DAY)


def ranking(scores):
    """Ids from best to worst, without the padding."""
    assert (scores[:, 0] == -torch.inf).all()
    return scores.argsort(dim=1, descending=True)[:, :-1].tolist()


def table(*rows, num_items=4):
    """Interactions from (user, item, day), one session a user and day."""
    frame = pd.DataFrame(rows, columns=["user", "item", "day"])
    frame["time"] = frame.pop("day") * DAY
    frame["session"] = frame.groupby(["user", "time"]).ngroup()
    return Interactions(frame.assign(kind="click"), num_items=num_items)


def drawn(seed, users=12, num_items=9, events=120, days=30):
    """A random table: items repeat, sessions hold one event or several."""
    rng = np.random.default_rng(seed)
    columns = (
        rng.permutation(np.arange(events) % users),  # nobody without an event
        rng.integers(1, num_items + 1, events),
        rng.integers(0, days, events),
    )
    return table(*zip(*(c.tolist() for c in columns), strict=True), num_items=num_items)


def all_train(events):
    return split_by_user(events, fractions=(1, 0, 0)).train


EVENTS = table(
    (0, 1, 1), (0, 2, 1), (0, 1, 9), (1, 2, 3), (1, 4, 4), (2, 3, 5), (2, 2, 6)
)  # fmt: skip
