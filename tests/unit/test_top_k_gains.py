import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import bpr_max, top1_max

losses = pytest.mark.parametrize("loss", [bpr_max, top1_max])


def sigma(x):
    return 1 / (1 + math.exp(-x))


def by_hand(target, negatives, real, regularization):
    """Both formulas with numbers, a row at a time."""
    bpr, top1 = [], []
    for r_i, row, own in zip(target, negatives, real, strict=True):
        scores = [r for r, keep in zip(row, own, strict=True) if keep]
        if not scores:
            bpr.append(0.0), top1.append(0.0)
            continue
        odds = [math.exp(r - max(scores)) for r in scores]
        share = [odd / sum(odds) for odd in odds]
        pairs = list(zip(share, scores, strict=True))
        bpr.append(
            -math.log(sum(s * sigma(r_i - r) for s, r in pairs))
            + regularization * sum(s * r * r for s, r in pairs)
        )
        top1.append(sum(s * (sigma(r - r_i) + sigma(r * r)) for s, r in pairs))
    return sum(bpr) / len(bpr), sum(top1) / len(top1)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5, 1.0]))
def test_the_formulas(seed, regularization):
    generator = torch.Generator().manual_seed(seed)
    target = 2 * torch.randn(4, generator=generator).double()
    negatives = 2 * torch.randn(4, 5, generator=generator).double()
    real = torch.rand(4, 5, generator=generator) < 0.7
    real[-1] = False
    parts = target.tolist(), negatives.tolist(), real.tolist()
    bpr, top1 = by_hand(*parts, regularization)
    found = bpr_max(target, negatives, real, regularization=regularization)
    assert found.item() == pytest.approx(bpr)
    assert top1_max(target, negatives, real).item() == pytest.approx(top1)


@losses
def test_slopes_are_exact(loss):
    torch.manual_seed(0)
    inputs = torch.randn(3).double(), torch.randn(3, 4).double()
    real = torch.rand(3, 4) < 0.7
    real[0] = False
    for part in inputs:
        part.requires_grad_()
    assert torch.autograd.gradcheck(lambda t, n: loss(t, n, real), inputs)


@losses
def test_large_scores_do_not_overflow(loss):
    """The published 1e-24 under the logarithm is 0 in half precision."""
    target = torch.tensor([-300.0, 300.0], requires_grad=True)
    negatives = torch.tensor([[300.0, 0.0], [-300.0, 0.0]], requires_grad=True)
    options = {"regularization": 0.0} if loss is bpr_max else {}
    found = loss(target, negatives, **options)
    found.backward()
    for part in (found, target.grad, negatives.grad):
        assert part.isfinite().all()
    if loss is bpr_max:
        assert found.item() == pytest.approx(300 - math.log(2) / 2)
        assert target.grad[0].item() == pytest.approx(-0.5, abs=1e-4)  # not 0


@losses
def test_a_negative_that_is_not_real_plays_no_part(loss):
    torch.manual_seed(1)
    target, negatives = torch.randn(4), torch.randn(4, 6)
    real = torch.ones(4, 6, dtype=torch.bool)
    real[:, 2] = False
    others = negatives[:, real[0]]
    expected = loss(target, others)
    for value in (0.0, 50.0, torch.inf):
        negatives[:, 2] = value
        torch.testing.assert_close(loss(target, negatives, real), expected)
    torch.testing.assert_close(loss(target, others, None), expected)


@losses
def test_bad_input(loss):
    with pytest.raises(ValueError, match=r"got \[3\] and \[4, 2\]"):
        loss(torch.zeros(3), torch.zeros(4, 2))
    with pytest.raises(ValueError, match=r"real must be bool of shape \[3, 2\]"):
        loss(torch.zeros(3), torch.zeros(3, 2), torch.ones(3, 2))
    with pytest.raises(ValueError, match="regularization must be"):
        bpr_max(torch.zeros(3), torch.zeros(3, 2), regularization=-1.0)
