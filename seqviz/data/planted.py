r"""A planted pair of tasks: one history, one candidate, two questions.

A history holds S orders of one purchase each, and a review of each order. A review says
good or bad and gives the number of the order; it does not name the item. There are N
items, each sold in two colors. Of S different items, drawn at random, purchase t has

.. math:: \text{item}_t \in \{0, \dots, N - 1\}, \quad
   \text{color}_t \in \{0, 1\}, \quad \text{order}_t \in \{0, \dots, S - 1\},

where the colors are fair coins and the order numbers are dealt at random, each once.
The reviews follow, in random order: review r has the number :math:`\text{order}_r` and
:math:`\text{good}_r`, a fair coin. So T = 2 S. The candidate is one of the purchased
items (uniform); let t be its purchase and r the review with
:math:`\text{order}_r = \text{order}_t`.

.. math:: y_{\text{relevance}} = [\text{color}_t = 1], \qquad
   y_{\text{relation}} = [\text{good}_r = 1] .

Both labels are fair coins. For the first it is enough to find the purchase that the
candidate points at. For the second the purchase has to be brought together with its
review, and the candidate does not know which that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from seqviz.arguments import require_whole

MARKS = ("blue", "red", "bad", "good")
"""What ``PlantedOrders.mark`` stands for: two of a purchase, two of a review."""


class PlantedOrders(NamedTuple):
    """n examples of both tasks; purchases come first, then the reviews."""

    item: torch.Tensor
    """int64 ``[n, T]``: the purchased item, 0 to N - 1; N for a review."""
    mark: torch.Tensor
    """int64 ``[n, T]``: 0, 1 = the color of a purchase, 2, 3 = a bad, a good review."""
    order: torch.Tensor
    """int64 ``[n, T]``: the number of the order, 0 to S - 1."""
    candidate: torch.Tensor
    """int64 ``[n]``: the item that is asked about."""
    relevance: torch.Tensor
    """float32 ``[n]``, the label of the first task: its purchase is red."""
    relation: torch.Tensor
    """float32 ``[n]``, the label of the second: its order got a good review."""


def planted_orders(
    num_examples: int,
    num_items: int = 32,
    num_orders: int = 5,
    *,
    generator: torch.Generator | None = None,
) -> PlantedOrders:
    """Draws examples by the equations at the head of :mod:`seqviz.data.planted`.

    Args:
        num_examples: n.
        num_items: N.
        num_orders: S, at most N; a history has T = 2 S behaviors.
        generator: of the draws; torch's own if not given.

    Raises:
        TypeError, ValueError: a number is not whole or out of range.
    """
    require_whole(num_examples=num_examples)
    require_whole(num_items=num_items)
    require_whole(high=num_items, num_orders=num_orders)
    n, count = num_examples, num_orders

    def deal(cards: int) -> torch.Tensor:
        return torch.rand(n, cards, generator=generator).argsort(1)

    bought = deal(num_items)[:, :count]  # [n, S]
    coins = torch.randint(0, 2, (n, 2 * count), generator=generator)
    asked = torch.randint(0, count, (n, 1), generator=generator)
    return _labelled(
        item=torch.cat([bought, torch.full_like(bought, num_items)], 1),
        mark=coins + 2 * (torch.arange(2 * count) >= count),
        order=torch.cat([deal(count), deal(count)], 1),
        candidate=bought.gather(1, asked)[:, 0],
    )


def four_versions(orders: PlantedOrders) -> PlantedOrders:
    """Four versions of each example that only a relation tells apart: 4 n examples.

    The asked purchase and the next one get reviews of opposite kinds. In row 4 i the
    asked order has the good one; row 4 i + 1 exchanges the two reviews, row 4 i + 2 the
    two order numbers of the purchases, row 4 i + 3 both. So the second label is
    1, 0, 0, 1, the first stays, and each behavior is in two of the four versions, once
    under each label of the second task.

    Raises:
        ValueError: the examples hold one purchase only.
    """
    if orders.order.shape[1] < 4:
        raise ValueError(
            f"orders must hold 2 purchases or more, got {orders.order.shape[1] // 2}"
        )
    item, mark, order, candidate = (x.repeat_interleave(4, 0) for x in orders[:4])
    rows = torch.arange(len(item))
    version, count = rows % 4, order.shape[1] // 2
    asked = (item == candidate[:, None]).long().argmax(1)  # [4 n]
    other = (asked + 1) % count
    first, second = order[rows, asked], order[rows, other]
    mark, order = mark.clone(), order.clone()
    good = 2 + (version % 2 == 0).long()  # the review of the order `first`
    mark[order.eq(first[:, None]) & (mark > 1)] = good
    mark[order.eq(second[:, None]) & (mark > 1)] = 5 - good
    swapped = version > 1
    order[rows, asked] = torch.where(swapped, second, first)
    order[rows, other] = torch.where(swapped, first, second)
    return _labelled(item, mark, order, candidate)


def in_words(orders: PlantedOrders, row: int, titles: Sequence[str]) -> list[str]:
    """The T behaviors of one example: "order 2: tent, red", "review of order 2: good".

    Args:
        orders: n examples.
        row: which of them.
        titles: the names of the N items.
    """
    behaviors = zip(*(column[row].tolist() for column in orders[:3]), strict=True)
    return [
        f"order {order + 1}: {titles[item]}, {MARKS[mark]}"
        if item < len(titles)
        else f"review of order {order + 1}: {MARKS[mark]}"
        for item, mark, order in behaviors
    ]


def _labelled(
    item: torch.Tensor, mark: torch.Tensor, order: torch.Tensor, candidate: torch.Tensor
) -> PlantedOrders:
    asked = item == candidate[:, None]  # [n, T], a purchase in each row
    number = (order * asked).sum(1, keepdim=True)  # [n, 1]
    red = ((mark == 1) & asked).any(1)
    good = ((mark == 3) & (order == number)).any(1)
    return PlantedOrders(item, mark, order, candidate, red.float(), good.float())
