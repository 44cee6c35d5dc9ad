import math

import pytest
import torch

from seqviz.layers import LabelAwareAttention, read_out


def case(seed=0, scale=1.0):
    generator = torch.Generator().manual_seed(seed)
    interests = scale * torch.randn(8, 4, 6, generator=generator)
    return interests, torch.randn(8, 6, generator=generator)


@pytest.mark.parametrize("power", [1, 2, 3, 100, math.inf])
def test_a_large_negative_score_never_wins(power):
    # the dots are .9 and -.95, and 9 and -9.5
    for scale in (1.0, 10.0):
        interests = scale * torch.tensor([[[0.9, 0.0], [-0.95, 0.0]]])
        _, weights = LabelAwareAttention(power)(
            interests, torch.tensor([[1.0, 0.0]]), need_weights=True
        )
        # .9 to the power 100 is nearly 0: the two weights may tie, no more
        assert weights[0, 0] >= weights[0, 1]
        if power != 100 or scale > 1:
            assert weights[0, 0] > weights[0, 1]


def test_power_1_is_the_plain_softmax_and_the_query_is_the_weighted_sum():
    interests, target = case()
    query, weights = LabelAwareAttention(1)(interests, target, need_weights=True)
    expected = (interests @ target[..., None])[..., 0].softmax(1)
    torch.testing.assert_close(weights, expected)
    torch.testing.assert_close(query, (expected[..., None] * interests).sum(1))


def test_infinite_power_is_the_nearest_interest_and_the_limit_above_1():
    interests, target = case(1, scale=5.0)
    query, hard = LabelAwareAttention(math.inf)(interests, target, need_weights=True)
    torch.testing.assert_close(query, read_out(interests, target))
    scores = (interests @ target[..., None])[..., 0]
    above = scores.amax(1) > 1.5
    assert above.sum() > 3
    _, near = LabelAwareAttention(30)(interests, target, need_weights=True)
    torch.testing.assert_close(near[above], hard[above])


@pytest.mark.parametrize("power", [1, 2, math.inf])
def test_scores_beyond_half_precision(power):
    interests = torch.tensor([[[300.0, 0.0], [400.0, 0.0]]]).half()
    target = torch.tensor([[400.0, 0.0]]).half()  # scores of 120,000 and 160,000
    query, weights = LabelAwareAttention(power)(interests, target, need_weights=True)
    assert weights.tolist() == [[0, 1]] and query.dtype == torch.float16
    assert torch.equal(read_out(interests, target), interests[:, 1])


def test_weights_stay_in_the_mask():
    interests, target = case(2)
    mask = torch.ones(8, 4, dtype=torch.bool)
    mask[0, 1:] = False
    mask[1] = False
    for power in (1, 4, math.inf):
        query, weights = LabelAwareAttention(power)(
            interests, target, mask, need_weights=True
        )
        assert (weights[~mask] == 0).all()
        torch.testing.assert_close(query[0], interests[0, 0])
        assert (query[1] == 0).all()


@pytest.mark.parametrize("power", [1, 2, 50, math.inf])
def test_gradients_are_finite_at_zero_and_at_large_scores(power):
    interests, target = case(3, scale=1e4)
    interests[0] = 0
    interests.requires_grad_()
    LabelAwareAttention(power)(interests, target).sum().backward()
    assert interests.grad.isfinite().all()


@pytest.mark.parametrize("power", [3, 30, 100, 1000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_power_beyond_the_numbers_is_the_arg_max(power, dtype):
    for scores, best in [
        ([3.0, 9.0, -20.0], 1),
        ([-3.0, -9.0, -20.0], 0),
        ([500.0, -600.0, 504.0], 2),
        ([1e30, -1e30, 2e30], 2),
    ]:
        interests = torch.tensor(scores, dtype=dtype)[None, :, None].requires_grad_()
        target = torch.ones(1, 1, dtype=dtype)
        query, weights = LabelAwareAttention(power)(
            interests, target, need_weights=True
        )
        assert weights.argmax() == best and weights[0, best] == 1
        query.sum().backward()
        assert interests.grad.isfinite().all()


def test_an_interest_outside_the_mask_does_not_scale_the_others():
    interests = torch.tensor([[[2.0], [2.5], [1e20]]])
    mask = torch.tensor([[True, True, False]])
    _, weights = LabelAwareAttention(2)(
        interests, torch.ones(1, 1), mask, need_weights=True
    )
    expected = torch.tensor([4.0, 6.25]).softmax(0)
    torch.testing.assert_close(weights[0, :2], expected)


@pytest.mark.parametrize("power", range(90, 110))
def test_gradients_are_finite_where_the_power_just_fits(power):
    """2.4 to the power 101 is the largest number; its derivative is larger still."""
    interests = torch.tensor([[[2.40], [2.39]]], requires_grad=True)
    LabelAwareAttention(power)(interests, torch.ones(1, 1)).sum().backward()
    assert interests.grad.isfinite().all()


def test_gradcheck():
    interests, target = (x.double().requires_grad_() for x in case(4))
    module = LabelAwareAttention(3)
    assert torch.autograd.gradcheck(lambda i, t: module(i, t), (interests, target))


def test_bad_input_is_named():
    for power in (0, 0.5, -1, math.nan):
        with pytest.raises(ValueError, match="power"):
            LabelAwareAttention(power)
    for power in ("2", None, True):
        with pytest.raises(TypeError, match="power must be a number"):
            LabelAwareAttention(power)
    with pytest.raises(ValueError, match="interests must be"):
        LabelAwareAttention(1)(torch.randn(2, 3, 4), torch.randn(2, 5))
