"""The cheaper of two orders: the cost of a chain of three matrices."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="project, about 25 minutes",
    practice="counting the multiplications of a contraction",
    shapes="a [N], b [N], c [N], d [N] -> [N]",
    without={"float16": "sizes multiply to more than it holds"},
    gradients=(),
)


def reference(a, b, c, d, choose=torch.minimum):
    """Multiplications of ``ab,bc,cd`` to ``ad``, from the left or from the right."""
    return choose(a * b * c + a * c * d, b * c * d + a * b * d)


def cases():
    """Sizes of axes as whole numbers in float64: their products stay exact."""

    def draw(count, most):
        return torch.randint(1, most + 1, (4, count)).double()

    yield "small sizes", *draw(12, 9)
    yield "large sizes", *draw(40, 500)
    sizes = torch.tensor([[1000], [16], [1000], [16]]).double()
    yield "attention without a softmax, T = 1000 and E = 16", *sizes
    yield "one chain", *draw(1, 9)


@mistake(
    seen_in="torch.einsum without opt_einsum",
    symptom="a cost that is too high for some sizes",
    choose=lambda left, right: left,
)
def left_to_right():
    """you count the order from left to right only. Where the right-hand product is
    small, starting there is cheaper."""


@mistake(choose=lambda left, right: right)
def right_to_left():
    """you count the order from right to left only. Where the left-hand product is
    small, starting there is cheaper."""


@mistake
def all_at_once(a, b, c, d):
    """you count one loop over all four letters. Two matrices at a time need two loops
    over three letters each: b or c is gone after the first."""
    yield a * b * c * d
    yield 2 * a * b * c * d


@mistake(choose=torch.maximum)
def dearer_order():
    """you return the more expensive of the two orders."""


@mistake(symptom="a cost that is too low for all sizes")
def second_product_left_out(a, b, c, d):
    """you count the first product of each order and forget the second one."""
    return torch.minimum(a * b * c, b * c * d)


@mistake
def counts_cells(a, b, c, d):
    """you count the cells of the tensor in the middle. Each of them costs as many
    multiplications as the letter that is summed is long."""
    return torch.minimum(a * c, b * d)
