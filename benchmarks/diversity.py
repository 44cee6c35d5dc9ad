"""A diverse list and its measure, against loops; search of a large catalog."""

from collections.abc import Iterator

import torch

from benchmarks.cases import case
from benchmarks.timing import Clock, Row, Sizes, compare
from seqviz.metrics import diversity
from seqviz.retrieval import greedy_diversity, top_items


@case("greedy")
def greedy(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Re-rank the candidates of every user, a user at a time or all together."""
    scores, categories = _candidates(sizes)
    n = min(sizes.top, scores.shape[1])

    def ours() -> list[list[int]]:
        return greedy_diversity(scores, categories, n, 0.25).tolist()

    def theirs() -> list[list[int]]:
        rows = zip(scores.tolist(), categories.tolist(), strict=True)
        return [user_loop(row, kinds, n, 0.25) for row, kinds in rows]

    assert ours() == theirs(), "the lists differ"
    yield compare(
        f"greedy list of {n} from {scores.shape[1]} for {len(scores):,} users, "
        "a Python loop per user (the same lists)",
        ours,
        theirs,
        max(1, repeats // 3),
        warm_up=1,
        clock=clock,
    )


@case("diversity")
def measure(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Diversity@N by counts or by pairs."""
    generator = torch.Generator().manual_seed(0)
    shape = (sizes.lists, sizes.top)
    lists = torch.randint(1, sizes.items + 1, shape, generator=generator)
    of_item = torch.randint(1, 40, (sizes.items + 1,), generator=generator)
    category = dict(enumerate(of_item.tolist()))

    def theirs() -> list[float]:
        return [pair_loop(row, category) for row in lists.tolist()]

    torch.testing.assert_close(diversity(of_item[lists]), torch.tensor(theirs()))
    yield compare(
        f"Diversity@{sizes.top} of {sizes.lists:,} lists, a loop over the pairs",
        lambda: diversity(of_item[lists]),
        theirs,
        max(1, repeats // 3),
        warm_up=1,
        clock=clock,
    )


@case("million")
def million(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Exact search of a catalog of which all scores at once would not fit."""
    query = torch.randn(sizes.batch, sizes.dim)
    items = torch.randn(20 * sizes.items + 1, sizes.dim)

    def theirs() -> tuple[torch.Tensor, torch.Tensor]:
        scores, columns = (query @ items[1:].T).topk(sizes.top, dim=1)
        return scores, columns + 1

    torch.testing.assert_close(top_items(query, items, sizes.top)[0], theirs()[0])
    yield compare(
        f"top {sizes.top} of {len(items) - 1:,} for {len(query)} interests in chunks, "
        "all scores at once",
        lambda: top_items(query, items, sizes.top),
        theirs,
        max(1, repeats // 10),
        warm_up=1,
        clock=clock,
    )


def user_loop(
    scores: list[float], categories: list[int], n: int, weight: float
) -> list[int]:
    """Algorithm 2 with counts, as published code runs it for each user."""
    counts: dict[int, int] = {}
    left = list(range(len(scores)))
    chosen = []
    for _ in range(n):
        best = max(
            left, key=lambda i: scores[i] - weight * counts.get(categories[i], 0)
        )
        chosen.append(best)
        left.remove(best)
        counts[categories[best]] = counts.get(categories[best], 0) + 1
    return chosen


def pair_loop(items: list[int], category: dict[int, int]) -> float:
    """Share of the pairs whose categories differ, pair by pair, as published."""
    differ = 0
    for first in range(len(items)):
        for second in range(first + 1, len(items)):
            differ += category[items[first]] != category[items[second]]
    return differ / (len(items) * (len(items) - 1) / 2)


def _candidates(sizes: Sizes) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores and categories ``[lists, interests * top]`` at random."""
    shape = (sizes.lists, sizes.interests * sizes.top)
    return torch.randn(shape), torch.randint(1, 40, shape)
