"""What is counted beside every retrieval model, each with a few settings."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from seqviz.experiments.recommend import Recommender
from seqviz.experiments.tasks import Task
from seqviz.models import counting


class Found(Mapping[str, Recommender]):
    """What is counted, by its setting; each is made when it is asked for.

    So a loop over the items holds one at a time: a count may be a matrix of all items
    by all items.
    """

    def __init__(self, makers: Mapping[str, Callable[[], Recommender]]) -> None:
        self._makers = dict(makers)

    def __getitem__(self, setting: str) -> Recommender:
        return self._makers[setting]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def _most_popular(task: Task) -> Found:
    N = task.catalog.num_items
    return Found({"": partial(counting.MostPopular, task.split.train, N)})


def _recently(task: Task) -> Found:
    return Found(
        {
            f"{days} days": partial(counting.RecentPopularity, task.interactions, days)
            for days in (7, 14, 28)
        }
    )


def _own_counts(task: Task) -> Found:
    """What she had most often; of equals, what is popular now."""
    now = counting.RecentPopularity(task.interactions, days=14)
    own = partial(counting.PersonalFrequency, task.catalog.num_items, fallback=now)
    return Found(
        {
            f"half-life {half_life} events"
            if half_life
            else "all count alike": partial(own, half_life=half_life)
            for half_life in (None, 10, 30, 100)
        }
    )


def _categories(task: Task) -> Found:
    catalog = task.catalog
    given = task.split.train, catalog.category_ids, catalog.num_items
    return Found({"": partial(counting.CategoryShare, *given)})


def _item_knn(task: Task, include_self: bool = False) -> Found:
    N = task.catalog.num_items
    knn = partial(counting.ItemKNN, task.split.train, N, include_self=include_self)
    return Found({f"{k} neighbors": partial(knn, k) for k in (5, 20, 100, N)})


def _ease(task: Task) -> Found:
    ease = partial(counting.EASE, task.split.train, task.catalog.num_items)
    return Found(
        {
            f"regularization {weight}": partial(ease, weight)
            for weight in (1, 5, 20, 100, 500, 2500)
        }
    )


def _tifu_knn(task: Task) -> Found:
    tifu = partial(counting.TIFUKNN, task.interactions, task.split.train)
    return Found(
        {
            f"alpha {alpha}, {k} neighbors": partial(tifu, alpha=alpha, neighbors=k)
            for alpha in (0.1, 0.3, 0.5, 0.7, 0.9)
            for k in (30, 100, 300)
        }
    )


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
