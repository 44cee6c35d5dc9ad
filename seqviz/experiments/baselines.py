"""What is counted beside every retrieval model, each with a few settings."""

from collections.abc import Callable, Mapping

from seqviz.experiments.recommend import Recommender
from seqviz.experiments.tasks import Task
from seqviz.models import counting

Found = dict[str, Recommender]


def _most_popular(task: Task) -> Found:
    return {"": counting.MostPopular(task.split.train, task.catalog.num_items)}


def _recently(task: Task) -> Found:
    return {
        f"{days} days": counting.RecentPopularity(task.interactions, days)
        for days in (7, 14, 28)
    }


def _own_counts(task: Task) -> Found:
    """What she had most often; of equals, what is popular now."""
    now = counting.RecentPopularity(task.interactions, days=14)
    return {
        f"half-life {half_life}": counting.PersonalFrequency(
            task.catalog.num_items, fallback=now, half_life=half_life
        )
        for half_life in (None, 10, 30, 100)
    }


def _categories(task: Task) -> Found:
    return {
        "": counting.CategoryShare(
            task.split.train, task.catalog.category_ids, task.catalog.num_items
        )
    }


def _item_knn(task: Task, include_self: bool = False) -> Found:
    return {
        f"{k} neighbors": counting.ItemKNN(
            task.split.train, task.catalog.num_items, k, include_self
        )
        for k in (5, 20, 100, task.catalog.num_items)
    }


def _ease(task: Task) -> Found:
    return {
        f"regularization {weight}": counting.EASE(
            task.split.train, task.catalog.num_items, weight
        )
        for weight in (1, 5, 20, 100, 500, 2500)
    }


def _tifu_knn(task: Task) -> Found:
    return {
        f"alpha {alpha}, {k} neighbors": counting.TIFUKNN(
            task.interactions, task.split.train, alpha=alpha, neighbors=k
        )
        for alpha in (0.1, 0.3, 0.5, 0.7, 0.9)
        for k in (30, 100, 300)
    }


#: Name to the counts of a task, by their setting; validation chooses one.
COUNTS: Mapping[str, Callable[[Task], Found]] = {
    "most popular": _most_popular,
    "popular lately": _recently,
    "own counts": _own_counts,
    "share of categories": _categories,
    "item-kNN": _item_knn,
    "item-kNN, with itself": lambda task: _item_knn(task, include_self=True),
    "EASE": _ease,
    "TIFU-kNN": _tifu_knn,
}
