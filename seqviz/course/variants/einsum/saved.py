"""What the cheaper order saves."""

import torch

from seqviz.checks.einsum import cheapest_order
from seqviz.checks.einsum.cheapest_order import cases  # noqa: F401
from seqviz.checks.engine import Task, mistake

OF = "einsum/cheapest-order"
TASK = Task(
    label="project, about 25 minutes",
    practice=cheapest_order.TASK.practice,
    shapes=cheapest_order.TASK.shapes,
    without=cheapest_order.TASK.without,
)
TEXT = """
For N chains `ab,bc,cd->ad` you get the sizes `a`, `b`, `c` and `d`, each `[N]`. Two
tensors are multiplied at a time, from the left or from the right. Return how many
multiplications the cheaper of the two orders saves `[N]`: 0 where both cost
the same.
"""


def reference(a, b, c, d, saved=lambda left, right: (left - right).abs()):
    return saved(a * b * c + a * c * d, b * c * d + a * b * d)


def solution(a, b, c, d):
    left = a * b * c + a * c * d
    right = b * c * d + a * b * d
    return torch.maximum(left, right) - torch.minimum(left, right)


@mistake(symptom="numbers below 0", saved=lambda left, right: left - right)
def signed():
    """your number falls below 0 where the order from the left is the cheaper one. What
    is saved is the difference to the other order, whichever is cheaper."""


@mistake(saved=lambda left, right: right - left)
def signed_the_other_way():
    """your number falls below 0 where the order from the right is the cheaper one. What
    is saved is the difference to the other order, whichever is cheaper."""


@mistake(symptom="numbers that are too high for some sizes", saved=torch.minimum)
def the_cheaper_cost():
    """you return the cost of the cheaper order. How much less is it than the other?"""


@mistake(saved=lambda left, right: (left - right).clamp(min=0))
def nothing_from_the_left():
    """you count 0 wherever the order from the left is the cheaper one. Starting there
    saves something, too."""


@mistake
def second_product_left_out(a, b, c, d):
    """you count the first product of each order and forget the second one."""
    return (a * b * c - b * c * d).abs()


@mistake(saved=lambda left, right: (left - right).abs() / torch.maximum(left, right))
def a_share():
    """you return a share of the higher cost. The number of multiplications is asked
    for."""
