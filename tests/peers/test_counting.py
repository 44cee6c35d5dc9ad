"""EASE and TIFU-KNN are cornac's, but for a fault there; item-kNN is implicit's."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch

pytest.importorskip("cornac", reason="make test-peers")
pytest.importorskip("implicit", reason="make test-peers")

from cornac.data import BasketDataset, Dataset
from cornac.models import EASE as CornacEASE
from cornac.models import TIFUKNN as CornacTIFUKNN
from implicit.nearest_neighbours import CosineRecommender

from seqviz.data import Batch, Interactions, split_by_user
from seqviz.models.counting import EASE, TIFUKNN, ItemKNN

USERS, ITEMS, DAY = 40, 25, 86_400
LATER = 99 * DAY
seeds = pytest.mark.parametrize("seed", range(3))


def drawn(seed, baskets):
    """Every user has as many baskets, of three items that may repeat, one a day."""
    rng = np.random.default_rng(seed)
    user, basket, _ = np.indices((USERS, baskets, 3)).reshape(3, -1)
    table = pd.DataFrame(
        {
            "user": user,
            "item": rng.integers(1, ITEMS + 1, len(user)),
            "time": basket * DAY,
            "session": user * baskets + basket,
            "kind": "click",
        }
    )
    return Interactions(table, ITEMS)


def ask(histories, users):
    ids = torch.tensor(histories)
    times = torch.full((len(ids),), LATER)
    return Batch(ids, ids != 0, ids[:, 0], ids[:, :1], torch.tensor(users), times)


def everybody(events):
    return split_by_user(events, fractions=(1, 0, 0)).train


def matrix(events):
    """Users by items, 1 where chosen; column i - 1 is item i."""
    places = (events.table["user"], events.table["item"] - 1)
    found = sp.csr_matrix((np.ones(len(events)), places), shape=(USERS, ITEMS))
    found.data[:] = 1
    return found


@seeds
def test_ease(seed):
    events = drawn(seed, 4)
    once = events.table[["user", "item"]].drop_duplicates()
    rows = [(user, item, 1.0) for user, item in once.itertuples(index=False)]
    theirs = Dataset.build(rows)
    model = CornacEASE(lamb=7.0, posB=False, verbose=False).fit(theirs)
    ours = EASE(everybody(events), ITEMS, 7.0)
    order = [theirs.iid_map[item] for item in range(1, ITEMS + 1)]
    np.testing.assert_allclose(
        ours.weights[1:, 1:], model.B[np.ix_(order, order)], atol=1e-12
    )


@seeds
@pytest.mark.parametrize("neighbors", [3, ITEMS])
def test_item_knn_that_includes_the_item(seed, neighbors):
    """There an item is one of its own K neighbors, here it comes on top of them."""
    events = drawn(seed, 3)
    chosen = matrix(events)
    theirs = CosineRecommender(K=neighbors, num_threads=1)
    theirs.fit(chosen, show_progress=False)
    ours = ItemKNN(everybody(events), ITEMS, neighbors - 1, include_self=True)
    expected, found = theirs.similarity.toarray(), ours.similar.toarray()[1:, 1:]
    kept = expected > 0  # they cut ties, we keep them
    np.testing.assert_allclose(found[kept], expected[kept], atol=1e-12)
    least = np.where(kept, expected, np.inf).min(1, keepdims=True)
    assert (np.isclose(found, least) | (found == 0))[~kept].all()
    if neighbors == ITEMS:
        np.testing.assert_allclose(found, expected, atol=1e-12)


@seeds
@pytest.mark.parametrize("per_group", [1, 3])
def test_tifu_knn(seed, per_group):
    """Their r_b runs over all baskets, ours begins anew in each group, as in the paper.

    With x baskets in every group the two are one with r_g = their r_g r_b^x.
    """
    groups, within, across, alpha, neighbors = 4, 0.8, 0.6, 0.7, 5
    events = drawn(seed, groups * per_group)
    train = everybody(events)
    train = train.select(train.users < USERS - 8)
    table = events.table
    # cornac keeps the last basket of everybody as the truth
    last = [(user, 10**6 + user, 1) for user in range(USERS - 8)]
    rows = table[table["user"] < USERS - 8][["user", "session", "item"]]
    rows = [*rows.itertuples(index=False, name=None), *last]
    missing = set(range(1, ITEMS + 1)) - {item for *_, item in rows}
    assert not missing
    theirs = BasketDataset.from_ubi(rows)
    model = CornacTIFUKNN(
        n_neighbors=neighbors,
        within_decay_rate=within,
        group_decay_rate=across,
        alpha=alpha,
        n_groups=groups,
    ).fit(theirs)
    order = [theirs.iid_map[item] for item in range(1, ITEMS + 1)]
    settings = {
        "groups": groups,
        "within_decay": within,
        "group_decay": across * within**per_group,
        "neighbors": neighbors,
    }
    ours = TIFUKNN(events, train, alpha=alpha, **settings)
    np.testing.assert_allclose(
        ours.vectors.toarray()[:, 1:], model.user_vectors[:, order], atol=1e-6
    )
    asked = list(range(USERS - 8, USERS))
    found = ours.scores(ask([[1]] * 8, asked))[:, 1:].numpy()
    own = TIFUKNN(events, train, alpha=1, **settings)
    own = own.scores(ask([[1]] * 8, asked))[:, 1:].numpy()
    for row, user in enumerate(asked):
        mine = table[table["user"] == user].groupby("session")["item"]
        baskets = [[theirs.iid_map[i] for i in items] for _, items in mine]
        score = model.score(user, baskets)[order]
        # the fault: np.mean without an axis makes one number of all neighbors
        rest = score - alpha * own[row]
        np.testing.assert_allclose(rest, rest.mean(), atol=1e-6)
        vector = model._compute_user_vector(baskets)
        _, nearest = model.tree.query(vector, k=neighbors)
        mean = model.user_vectors[nearest].mean(0)
        expected = (alpha * vector + (1 - alpha) * mean)[order]
        np.testing.assert_allclose(found[row], expected, atol=1e-6)
