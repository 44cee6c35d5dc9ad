import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import BiasEncoding, SessionExtractor, SessionInterest

B, S, T, E = 5, 4, 6, 8
seeds = st.integers(0, 2**32 - 1)


def case(seed, dtype=torch.float32):
    """Sessions with holes, some empty; the last history empty."""
    generator = torch.Generator().manual_seed(seed)
    module = SessionInterest(E, S + 2, T + 3, num_heads=2).to(dtype)
    for weight in module.parameters():
        torch.nn.init.normal_(weight, std=0.4, generator=generator)
    query = torch.randn(B, 1, E, generator=generator).to(dtype)
    sessions = torch.randn(B, S, T, E, generator=generator).to(dtype)
    mask = torch.rand(B, S, T, generator=generator) < 0.5
    mask &= torch.rand(B, S, 1, generator=generator) < 0.7
    mask[0], mask[-1] = True, False
    return module, query, sessions, mask


@settings(max_examples=15, deadline=None)
@given(seeds, st.integers(0, 2), st.integers(0, 3))
def test_padding_anywhere_changes_nothing(seed, more, longer):
    module, query, sessions, mask = case(seed)
    expected = module(query, sessions, mask)
    for order in (1, -1):
        grown, real = sessions, mask
        for axis, extra in ((1, more), (2, longer)):
            shape = [*grown.shape]
            shape[axis] = extra
            junk = torch.full(shape, 7.0)
            grown = torch.cat([junk, grown][::order], axis)
            off = torch.zeros(shape[:3]).bool()
            real = torch.cat([off, real][::order], axis)
        torch.testing.assert_close(module(query, grown, real), expected)


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_weights_come_from_the_same_numbers(seed):
    module, query, sessions, mask = case(seed)
    interest = module(query, sessions, mask)
    found, weights = module(query, sessions, mask, need_weights=True)
    torch.testing.assert_close(found, interest)
    real = mask.any(2)
    for own in weights[:2]:
        torch.testing.assert_close(own.sum(1), real.any(1).float())
        assert (own[~real] == 0).all()
    assert weights.behaviors.shape == (B, S, 2, T, T)
    assert (weights.behaviors.movedim(2, 3)[~mask] == 0).all()
    interests = module.extractor(module.bias(sessions, mask), mask)
    half = (weights.interests[..., None] * interests).sum(1)
    torch.testing.assert_close(interest[:, 0, :E], half)


def test_an_empty_history_is_zeros():
    module, query, sessions, mask = case(0)
    interest = module(query, sessions, mask)
    assert (interest[-1] == 0).all()
    assert (module.extractor(sessions, mask)[~mask.any(2)] == 0).all()
    sessions.requires_grad_()
    interest = module(query, sessions, mask & False)
    assert interest.shape == (B, 1, 3 * E) and (interest == 0).all()
    interest.sum().backward()
    assert (sessions.grad == 0).all()


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_a_row_does_not_know_the_others(seed):
    module, query, sessions, mask = case(seed)
    interest = module(query, sessions, mask)
    for row in range(B):
        part = slice(row, row + 1)
        alone = module(query[part], sessions[part], mask[part])
        torch.testing.assert_close(alone, interest[part])


def test_a_session_is_read_by_itself_until_the_lstm():
    module, _, sessions, mask = case(1)
    interests = module.extractor(sessions, mask)
    other = sessions.clone()
    other[:, 0] += 1
    changed = (module.extractor(other, mask) - interests).abs().amax(-1) > 1e-5
    assert not changed[:, 1:].any() and changed[0, 0]
    evolved = module.evolve(interests, mask.any(2))
    again = module.evolve(module.extractor(other, mask), mask.any(2))
    assert (evolved[0] - again[0]).abs().amax(-1).gt(1e-6).all()


def test_the_bias_counts_back_from_the_latest():
    module = BiasEncoding(3, 4, 2)
    for weight in module.parameters():
        torch.nn.init.normal_(weight)
    mask = torch.tensor([[[1, 1, 0], [0, 0, 0], [0, 1, 0]]]).bool()
    found = module(torch.zeros(1, 3, 3, 2), mask)[0]
    for number, place, where in ((1, 1, (0, 0)), (1, 0, (0, 1)), (0, 0, (2, 1))):
        expected = module.session[number] + module.place[place] + module.coordinate
        torch.testing.assert_close(found[where], expected)


def test_order_matters():
    module, query, sessions, mask = case(2)
    mask = torch.ones_like(mask)
    interest = module(query, sessions, mask)
    for axis in (1, 2):
        assert not torch.allclose(module(query, sessions.flip(axis), mask), interest)


def test_slopes_are_exact():
    """The short way that leaves empty sessions out, against the long one."""
    module, query, sessions, mask = case(3, torch.float64)
    inputs = [query.requires_grad_(), sessions.requires_grad_(), *module.parameters()]
    slope = torch.randn(B, 1, 3 * E).double()
    found, _ = module(query, sessions, mask, need_weights=True)
    torch.testing.assert_close(
        *(
            torch.autograd.grad((interest * slope).sum(), inputs)
            for interest in (module(query, sessions, mask), found)
        )
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype):
    module, query, sessions, mask = case(4)
    expected = module(query, sessions, mask)
    interest = module.to(dtype)(query.to(dtype), sessions.to(dtype), mask)
    assert interest.dtype == dtype
    torch.testing.assert_close(interest.float(), expected, atol=0.1, rtol=0.1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_the_cpu():
    module, query, sessions, mask = case(5)
    expected = module(query, sessions, mask)
    found = module.cuda()(query.cuda(), sessions.cuda(), mask.cuda())
    torch.testing.assert_close(found.cpu(), expected, atol=1e-5, rtol=1e-4)


def test_bad_input():
    module, query, sessions, mask = case(6)
    with pytest.raises(ValueError, match="sessions must have at most 6 sessions of 9"):
        module(query, sessions.repeat(1, 2, 1, 1), mask.repeat(1, 2, 1))
    with pytest.raises(ValueError, match=r"sessions must have shape \[B, S, T, 8\]"):
        module(query, sessions[..., :3], mask)
    with pytest.raises(ValueError, match=r"query must have shape \[5, 1, 8\]"):
        module(query.repeat(1, 2, 1), sessions, mask)
    with pytest.raises(TypeError, match="mask must be bool"):
        module(query, sessions, mask.float())
    with pytest.raises(ValueError, match="num_heads must divide embedding_dim"):
        SessionExtractor(E, 3)
    sessions[0, 0, 0, 0] = torch.nan
    with pytest.raises(ValueError, match="sessions must be finite"):
        module(query, sessions, mask)
