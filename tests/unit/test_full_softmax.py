import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import full_softmax_loss

N, E = 30, 4


def case(rows, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    query = torch.randn(rows, E, generator=generator).to(dtype).requires_grad_()
    items = torch.randn(N + 1, E, generator=generator).to(dtype).requires_grad_()
    return query, items, torch.randint(1, N + 1, (rows,), generator=generator)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.sampled_from([1, N, 100, 10**6]), st.integers(0, 99))
def test_equals_cross_entropy_whatever_the_chunk(rows, chunk, seed):
    query, items, target_ids = case(rows, seed)
    ours = 3 * full_softmax_loss(query, items, target_ids, chunk=chunk)
    theirs = 3 * F.cross_entropy(query @ items[1:].T, target_ids - 1)
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(
        torch.autograd.grad(ours, (query, items)),
        torch.autograd.grad(theirs, (query, items)),
    )


def test_gradients_are_exact():
    query, items, target_ids = case(5, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda q, i: full_softmax_loss(q, i, target_ids, chunk=2 * N), (query, items)
    )


def test_padding_takes_no_part():
    query, items, target_ids = case(5)
    full_softmax_loss(query, items, target_ids).backward()
    assert (items.grad[0] == 0).all() and (items.grad[1:] != 0).all()


def test_without_gradients():
    query, items, target_ids = case(5)
    with torch.no_grad():
        loss = full_softmax_loss(query, items, target_ids)
    assert not loss.requires_grad
    torch.testing.assert_close(
        loss, full_softmax_loss(query, items, target_ids).detach()
    )


def test_extreme_logits():
    query, items, target_ids = case(5)
    loss = full_softmax_loss(100 * query, 100 * items, target_ids)
    loss.backward()
    assert loss.isfinite() and query.grad.isfinite().all()


def test_half_precision_and_autocast():
    query, items, target_ids = case(5)
    expected = full_softmax_loss(query, items, target_ids)
    with torch.autocast("cpu", torch.bfloat16):
        low = full_softmax_loss(query.bfloat16(), items, target_ids)
    low.backward()
    assert low.dtype == items.grad.dtype == torch.float32
    torch.testing.assert_close(low, expected, atol=0.02, rtol=0.02)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_the_cpu():
    query, items, target_ids = case(9)
    expected = full_softmax_loss(query, items, target_ids)
    found = full_softmax_loss(query.cuda(), items.cuda(), target_ids.cuda(), chunk=99)
    torch.testing.assert_close(found.cpu(), expected)


def test_bad_input():
    query, items, target_ids = case(5)
    with pytest.raises(ValueError, match=r"query must be .*\[5, 3\] and \[31, 4\]"):
        full_softmax_loss(query[:, :3], items, target_ids)
    with pytest.raises(ValueError, match=r"target_ids must be .*\[4\] and \[5, 4\]"):
        full_softmax_loss(query, items, target_ids[1:])
    with pytest.raises(ValueError, match=r"n of at least 1, got \[0\]"):
        full_softmax_loss(query[:0], items, target_ids[:0])
    with pytest.raises(ValueError, match="chunk must be at least 1, got 0"):
        full_softmax_loss(query, items, target_ids, chunk=0)
    for bad in (0, N + 1):
        with pytest.raises(
            ValueError, match=f"target_ids must lie in 1..30, got .*{bad}"
        ):
            full_softmax_loss(
                query, items, target_ids.index_fill(0, target_ids[:1] * 0, bad)
            )
