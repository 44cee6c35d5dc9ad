"""The planted pair of tasks is what its equations say."""

import pytest
import torch

from seqviz.data.planted import PlantedOrders, four_versions, in_words, planted_orders

N, ITEMS, S = 4000, 12, 4


@pytest.fixture(scope="module")
def orders():
    return planted_orders(N, ITEMS, S, generator=torch.Generator().manual_seed(0))


def by_loop(data, row):
    """Return both labels of a row, found by looking."""
    item, mark, order = (column[row].tolist() for column in data[:3])
    place = item.index(int(data.candidate[row]))
    reviews = {order[t]: mark[t] for t in range(len(item)) if mark[t] > 1}
    return mark[place] == 1, reviews[order[place]] == 3


def test_purchases_come_first_and_every_order_has_one_review(orders):
    assert orders.item.shape == orders.mark.shape == orders.order.shape == (N, 2 * S)
    bought, reviews = orders.item[:, :S], orders.item[:, S:]
    assert (bought < ITEMS).all() and (reviews == ITEMS).all()
    assert (orders.mark[:, :S] < 2).all() and (orders.mark[:, S:] > 1).all()
    assert orders.mark.max() == 3 and orders.mark.min() == 0
    for half in (orders.order[:, :S], orders.order[:, S:]):
        assert (half.sort(1).values == torch.arange(S)).all()
    distinct = bought.sort(1).values.diff(dim=1)
    assert (distinct > 0).all()
    assert (bought == orders.candidate[:, None]).sum(1).eq(1).all()


def test_the_labels_by_a_loop(orders):
    for row in range(300):
        assert (orders.relevance[row], orders.relation[row]) == by_loop(orders, row)


def test_every_coin_is_fair_and_no_single_behavior_tells_the_relation(orders):
    tolerance = 4 * 0.5 / (N / (2 * S)) ** 0.5  # four standard errors
    for label in (orders.relevance, orders.relation):
        assert abs(label.mean() - 0.5) < tolerance
    asked = (orders.item == orders.candidate[:, None]).long().argmax(1)
    number = orders.order.gather(1, asked[:, None])[:, 0]
    for value in range(S):
        assert abs(orders.relation[number == value].mean() - 0.5) < tolerance
        assert (asked == value).float().mean() == pytest.approx(1 / S, abs=0.05)


def test_four_versions_hold_every_behavior_once_under_each_label(orders):
    few = PlantedOrders(*(column[:50] for column in orders))
    four = four_versions(few)
    assert four.relation.view(50, 4).tolist() == [[1, 0, 0, 1]] * 50
    whole = few.relevance.repeat_interleave(4, 0)
    assert torch.equal(four.relevance, whole)
    for row in range(200):
        assert (four.relevance[row], four.relation[row]) == by_loop(four, row)
    for start in range(0, 200, 4):
        held = [
            sorted(zip(*(c[start + v].tolist() for c in four[:3]), strict=True))
            for v in range(4)
        ]
        liked = sorted(held[0] + held[3])
        assert liked == sorted(held[1] + held[2])
        assert len({tuple(version) for version in held}) == 4
        assert len({four.candidate[start + v].item() for v in range(4)}) == 1


def test_no_sum_over_behaviors_gets_more_than_three_of_four(orders):
    """Random additive scores, the candidate known: never all four versions."""
    generator = torch.Generator().manual_seed(1)
    four = four_versions(orders)
    for _ in range(20):
        table = torch.randn(ITEMS, ITEMS + 1, 4, S, generator=generator)
        parts = table[four.candidate[:, None], four.item, four.mark, four.order]
        said = parts.sum(1) + torch.randn(1, generator=generator) > 0
        right = (said == four.relation.bool()).view(-1, 4).sum(1)
        assert right.max() <= 3


def test_one_generator_one_world():
    def draw(seed):
        return planted_orders(5, generator=torch.Generator().manual_seed(seed))

    assert all(torch.equal(a, b) for a, b in zip(draw(1), draw(1), strict=True))
    assert not torch.equal(draw(1).item, draw(2).item)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((0,), "num_examples must be at least 1, got 0"),
        ((1.5,), "num_examples must be a whole number, got 1.5"),
        ((1, 0), "num_items must be at least 1, got 0"),
        ((1, 3, 4), "num_orders must lie in 1..3, got 4"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        planted_orders(*arguments)


def test_one_purchase_has_no_four_versions():
    with pytest.raises(ValueError, match="2 purchases or more, got 1"):
        four_versions(planted_orders(3, 4, 1))


def test_a_history_in_words_names_items_in_orders_and_none_in_reviews():
    said = in_words(
        PlantedOrders(
            *map(torch.tensor, ([[1, 0, 2, 2]], [[1, 0, 3, 2]], [[1, 0, 0, 1]])),
            *torch.zeros(3, 1),
        ),
        0,
        ["tent", "mug"],
    )
    assert said == [
        *("order 2: mug, red", "order 1: tent, blue"),
        *("review of order 1: good", "review of order 2: bad"),
    ]
