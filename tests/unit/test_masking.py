import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import masked_softmax


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, 1e4]))
def test_rows_sum_to_one_or_zero_and_padding_is_exactly_zero(seed, size):
    generator = torch.Generator().manual_seed(seed)
    logits = size * torch.randn(5, 3, 7, generator=generator)
    mask = torch.rand(5, 1, 7, generator=generator) < 0.5
    weights = masked_softmax(logits, mask)
    expected = mask.any(-1).float().expand(5, 3)
    torch.testing.assert_close(weights.sum(-1), expected)
    assert (weights[~mask.expand_as(weights)] == 0).all()


def test_equals_softmax_of_the_real_part():
    logits = torch.randn(4, 6)
    mask = torch.tensor([True, True, False, True, False, True]).expand(4, 6)
    weights = masked_softmax(logits, mask)
    torch.testing.assert_close(weights[:, mask[0]], logits[:, mask[0]].softmax(-1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_keeps_the_dtype(dtype):
    weights = masked_softmax(
        torch.tensor([[-6e4, 6e4, 0.0], [1.0, 2.0, 3.0]], dtype=dtype),
        torch.tensor([[True, False, True], [False, False, False]]),
    )
    assert weights.dtype == dtype
    assert weights.tolist() == [[0, 0, 1], [0, 0, 0]]


def test_what_lies_under_the_padding_never_matters():
    mask = torch.tensor([[True, True, False]])
    poisoned = torch.tensor([[1.0, 2.0, float("nan")]])
    clean = torch.tensor([[1.0, 2.0, 0.0]])
    assert torch.equal(masked_softmax(poisoned, mask), masked_softmax(clean, mask))


@pytest.mark.parametrize("junk", [0.0, float("nan"), -torch.inf, torch.inf])
def test_gradient_of_an_empty_row_is_zero_whatever_lies_there(junk):
    logits = torch.tensor([[0.3, -1.0, junk], [junk, junk, junk]], requires_grad=True)
    mask = torch.tensor([[True, True, False], [False, False, False]])
    masked_softmax(logits, mask).square().sum().backward()
    assert logits.grad.isfinite().all()
    assert (logits.grad[1] == 0).all() and logits.grad[0].abs().sum() > 0


def test_other_axis():
    weights = masked_softmax(torch.randn(2, 5, 3), torch.ones(2, 5, 1).bool(), dim=1)
    torch.testing.assert_close(weights.sum(1), torch.ones(2, 3))


def test_a_float_mask_is_refused():
    with pytest.raises(TypeError, match="mask must be bool.*float32"):
        masked_softmax(torch.zeros(2, 3), torch.ones(2, 3))


def test_a_mask_of_the_wrong_shape_is_refused():
    with pytest.raises(
        ValueError, match=r"mask must broadcast to logits \[2, 3\], got \[2, 4\]"
    ):
        masked_softmax(torch.zeros(2, 3), torch.ones(2, 4).bool())
