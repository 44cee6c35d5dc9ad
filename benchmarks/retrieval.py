"""Exact top items and the evaluation of a whole model, against FAISS."""

from collections.abc import Iterator

import faiss
import numpy as np
import torch

from benchmarks.cases import case
from benchmarks.timing import Clock, Row, Sizes, compare
from seqviz.data import Examples, Ragged, batches
from seqviz.experiments import evaluate
from seqviz.models import ComiRecSA
from seqviz.retrieval import top_items


@case("top")
def top(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """The best items of many interests, all items compared."""
    query = torch.randn(sizes.queries, sizes.dim)
    items = torch.randn(sizes.items + 1, sizes.dim)
    index = _index(items)

    scores, ids = top_items(query, items, sizes.top)
    their_scores, their_ids = index.search(query.numpy(), sizes.top)
    _check_lists(scores.numpy(), ids.numpy(), their_scores, their_ids + 1)
    yield compare(
        f"top {sizes.top} of {sizes.items:,} for {sizes.queries:,} interests, "
        "FAISS flat",
        lambda: top_items(query, items, sizes.top),
        lambda: index.search(query.numpy(), sizes.top),
        max(1, repeats // 3),
        warm_up=1,
        clock=clock,
    )


@case("evaluation")
def evaluation(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Recall, NDCG and hit rate of a model on the full catalog."""
    model = ComiRecSA(sizes.items, sizes.dim, sizes.interests).eval()
    data = examples(sizes)
    ours = evaluate(model, data, at=[sizes.top])
    for name, value in user_loop(model, data, sizes.top).items():
        assert abs(ours[f"{name}@{sizes.top}"] - value) < 1e-6, name
    row = compare(
        "",
        lambda: evaluate(model, data, at=[sizes.top]),
        lambda: user_loop(model, data, sizes.top),
        max(1, repeats // 3),
        warm_up=1,
        clock=clock,
    )
    speeds = [1e3 * len(data) / time for time in (row.ours, row.theirs)]
    yield row._replace(
        case=f"evaluate {len(data)} users, {sizes.items:,} items "
        f"({speeds[0]:,.0f} users/s against {speeds[1]:,.0f}), FAISS and a loop"
    )


def examples(sizes: Sizes) -> Examples:
    """Users with a full history and 1 to 10 distinct true items."""
    rng = np.random.default_rng(0)
    histories = rng.integers(1, sizes.items + 1, (sizes.users, sizes.lengths[-1]))
    truths = [
        1 + rng.choice(sizes.items, rng.integers(1, 11), replace=False)
        for _ in range(sizes.users)
    ]
    return Examples(
        np.arange(sizes.users),
        np.zeros(sizes.users, np.int64),
        Ragged.from_rows(histories),
        Ragged.from_rows(truths),
    )


@torch.no_grad()
def user_loop(model: ComiRecSA, data: Examples, n: int) -> dict[str, float]:
    """The same numbers the way published code finds them.

    FAISS gives each interest its own list; a Python loop over the users joins the
    lists, drops repeats and counts. (Published loops divide NDCG by the hits that were
    found; this one by the truths that exist, as ours does.)
    """
    index = _index(model.item_vectors())
    discount = 1 / np.log2(np.arange(n) + 2)
    sums = {"recall": 0.0, "ndcg": 0.0, "hit_rate": 0.0}
    for batch in batches(data, 128, data.histories.lengths.max()):
        interests = model.scaled_interests(batch.item_ids)  # [B, K, E]
        scores, ids = index.search(interests.flatten(0, 1).numpy(), n)
        scores = scores.reshape(len(interests), -1)
        ids = ids.reshape(len(interests), -1) + 1
        for row in range(len(interests)):
            found: dict[int, None] = {}
            for place in np.argsort(-scores[row], kind="stable"):
                found.setdefault(int(ids[row, place]))
                if len(found) == n:
                    break
            truths = {int(item) for item in batch.truths[row] if item > 0}
            hits = [place for place, item in enumerate(found) if item in truths]
            sums["recall"] += len(hits) / len(truths)
            sums["ndcg"] += discount[hits].sum() / discount[: len(truths)].sum()
            sums["hit_rate"] += bool(hits)
    return {name: total / len(data) for name, total in sums.items()}


def _index(items: torch.Tensor) -> faiss.IndexFlatIP:
    index = faiss.IndexFlatIP(items.shape[1])
    index.add(items[1:].contiguous().numpy())
    return index


def _check_lists(
    scores: np.ndarray, ids: np.ndarray, their_scores: np.ndarray, their_ids: np.ndarray
) -> None:
    """Raise unless the lists agree wherever the scores are not tied."""
    np.testing.assert_allclose(scores, their_scores, rtol=1e-4, atol=1e-4)
    gap = np.abs(np.diff(scores, axis=1))
    edge = np.full((len(scores), 1), np.inf)
    tied = np.minimum(np.hstack([edge, gap]), np.hstack([gap, edge])) < 1e-4
    tied[:, -1] = True  # its neighbor beyond the list is not known
    assert (tied | (ids == their_ids)).all(), "the lists of best items differ"
