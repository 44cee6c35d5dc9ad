"""What is measured of a method, user by user: whole lists, and where they are good."""

from collections.abc import Mapping

import numpy as np
import torch

from seqviz.data import Examples
from seqviz.experiments import Recommender
from seqviz.experiments.recommend import best_items, scored
from seqviz.metrics import ndcg, recall
from seqviz.models.counting.events import item_counts
from seqviz.report.reading import LISTED, Log

METRIC = "recall@20"
PARTS = ("validation", "test")
#: Groups of true items.
OF_ITEMS = ("repeat", "explore", "head", "tail")


def measure(recommender: Recommender, log: Log, length: int) -> dict[str, np.ndarray]:
    """Measure a method on the users of both parts, from one list of each.

    Returns:
        float32 ``[U]`` by ``"test/recall@20"``, ``"test/ndcg@20"``, and for each group
        of true items ``"test/recall@20 head"``, NaN where a user has none of them; the
        same for validation.
    """
    in_head = head_items(log)
    found: dict[str, np.ndarray] = {}
    for part in PARTS:
        examples = getattr(log.task.split, part)
        lists = _lists(recommender, examples, length)  # [U, 20]
        for name, values in of_lists(lists, examples, in_head).items():
            found[f"{part}/{name}"] = values
    return found


def _lists(recommender: Recommender, examples: Examples, length: int) -> np.ndarray:
    """The best items of every user: ``[U, 20]``."""
    with torch.no_grad():
        parts = [
            best_items(scores, LISTED).cpu()
            for _, scores, _ in scored(recommender, examples, length, 128, None)
        ]
    return torch.cat(parts).numpy()


def of_lists(
    lists: np.ndarray, examples: Examples, in_head: np.ndarray
) -> dict[str, np.ndarray]:
    """What ``evaluate_users`` says of lists ``[U, 20]``, and recall in head and tail.

    Args:
        in_head: bool ``[N + 1]``.
    """
    size, users = len(in_head), len(examples)
    row = np.repeat(np.arange(users), examples.truths.lengths)
    truths = examples.truths.flat()  # [R]
    seen = np.repeat(np.arange(users), examples.histories.lengths)
    known = np.isin(row * size + truths, seen * size + examples.histories.flat())
    shown = np.arange(users)[:, None] * size + lists  # a user and an item as one
    groups = {
        "": np.ones(len(truths), bool),
        " repeat": known,
        " explore": ~known,
        " head": in_head[truths],
        " tail": ~in_head[truths],
    }
    found = {}
    for name, chosen in groups.items():
        hits = torch.from_numpy(np.isin(shown, (row * size + truths)[chosen]))
        count = torch.from_numpy(np.bincount(row[chosen], minlength=users))
        some = count > 0
        metrics = {METRIC: recall} if name else {METRIC: recall, "ndcg@20": ndcg}
        for metric, of in metrics.items():
            values = torch.full((users,), torch.nan)
            values[some] = of(hits[some], count[some]).float()
            found[f"{metric}{name}"] = values.numpy()
    return found


def head_items(log: Log) -> np.ndarray:
    """The fewest items that hold half of the training events: bool ``[N + 1]``."""
    counts = item_counts(log.task.split.train, log.task.catalog.num_items)
    order = np.argsort(-counts, kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    in_head = np.zeros(len(counts), bool)
    in_head[order] = (before < counts.sum() / 2) & (counts[order] > 0)
    return in_head


def user_groups(log: Log, part: str) -> Mapping[str, np.ndarray]:
    """Who has a short history and who a long one, cut at the median of the test users.

    Returns:
        bool ``[U]`` by group; without ``"short"`` and ``"long"`` if all are alike.
    """
    middle = np.median(log.task.split.test.histories.lengths)
    lengths = getattr(log.task.split, part).histories.lengths
    groups = {"short": lengths <= middle, "long": lengths > middle}
    return groups if all(own.any() for own in groups.values()) else {}


def longest(log: Log) -> int:
    """The longest history of those that are asked."""
    return max(
        int(getattr(log.task.split, part).histories.lengths.max()) for part in PARTS
    )
