"""Which tensor is the largest, and how often a work is called to be timed."""

import pytest
import torch

from seqviz.experiments import largest_tensor, milliseconds


def test_each_work_is_called_so_often_in_turn_and_gets_a_time():
    calls = []
    times = milliseconds(
        lambda: calls.append("a"), lambda: calls.append("b"), repeats=3
    )
    assert calls == ["a", "b"] * 3
    assert len(times) == 2 and min(times) >= 0


def test_the_arguments_are_given_and_the_gradient_is_worked_out_if_asked():
    x = torch.ones(3, requires_grad=True)
    milliseconds(lambda x, by: x * by, arguments=(x, 5), repeats=2)
    assert x.grad is None
    milliseconds(lambda x, by: x * by, arguments=(x, 5), backward=True, repeats=2)
    assert x.grad.tolist() == [10.0] * 3


def test_repeats_must_be_a_number_above_0():
    with pytest.raises(ValueError, match="repeats"):
        milliseconds(lambda: None, repeats=0)


def test_the_largest_tensor_is_found_and_views_do_not_count():
    x = torch.rand(3, 1, 4)

    def work(x):
        wide = x.expand(3, 100, 4)  # a view of what was given
        square = torch.ones(5, 5)[:, None].expand(5, 9, 5)  # a view of 25 numbers
        return wide.sum(1)[:, :1] + square[:3, 0, :1]

    assert largest_tensor(work, x) == 25
    assert largest_tensor(lambda x: x.mT, x) == 0


def test_parts_of_a_tuple_count():
    assert largest_tensor(lambda: torch.ones(2, 6).max(0)) == 12
    assert largest_tensor(lambda x: x.sort(), torch.rand(7)) == 7
