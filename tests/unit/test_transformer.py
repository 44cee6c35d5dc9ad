import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz import arguments
from seqviz.layers import TransformerBlock, self_attention

B, T, E = 4, 7, 8
seeds = st.integers(0, 2**32 - 1)


def case(seed, dtype=torch.float32):
    """Random behaviors; the last history is all padding."""
    generator = torch.Generator().manual_seed(seed)
    behaviors = torch.randn(B, T, E, generator=generator, dtype=torch.float64)
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[:-1, 2] = True
    mask[-1] = False
    return behaviors.to(dtype), mask


def block(**options):
    torch.manual_seed(0)
    return TransformerBlock(E, 2, **options)


@settings(max_examples=30, deadline=None)
@given(seeds, st.booleans())
def test_both_paths_agree_and_padding_is_zero(seed, causal):
    behaviors, mask = case(seed)
    module = block(causal=causal)
    output, weights = module(behaviors, mask, need_weights=True)
    fused = module(behaviors, mask)
    assert weights.shape == (B, 2, T, T)
    torch.testing.assert_close(fused, output)
    assert (output[~mask] == 0).all() and (fused[~mask] == 0).all()


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(0, T - 2))
def test_causal_never_looks_ahead(seed, now):
    behaviors, mask = case(seed)
    module = block()
    before = module(behaviors, mask)
    changed, other = behaviors.clone(), mask.clone()
    changed[:, now + 1 :] *= -3
    other[:, now + 1 :] ^= True
    after = module(changed, other)
    torch.testing.assert_close(after[:, : now + 1], before[:, : now + 1])


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(1, 5), st.booleans(), st.booleans())
def test_padding_on_either_side_changes_nothing(seed, extra, left, causal):
    behaviors, mask = case(seed)
    module = block(causal=causal)
    junk, off = torch.full((B, extra, E), 7.0), torch.zeros(B, extra).bool()
    parts = [(junk, behaviors), (off, mask)]
    padded = [torch.cat(pair if left else pair[::-1], 1) for pair in parts]
    output = module(*padded)
    real = output[:, extra:] if left else output[:, :-extra]
    torch.testing.assert_close(real, module(behaviors, mask))


@settings(max_examples=30, deadline=None)
@given(seeds, st.booleans())
def test_at_latest_is_the_row_of_the_latest(seed, causal):
    behaviors, mask = case(seed)
    module = block(causal=causal)
    output = module(behaviors, mask)
    alone = module.at_latest(behaviors, mask)
    assert alone.shape == (B, 1, E) and (alone[-1] == 0).all()
    for row in range(B - 1):
        last = mask[row].nonzero().max()
        torch.testing.assert_close(alone[row, 0], output[row, last])


@pytest.mark.parametrize("need_weights", [True, False])
def test_nan_is_looked_for_once_a_call(need_weights, monkeypatch):
    """Block, attention and look-up once scanned the same numbers each."""
    looked, look = [], arguments.require_finite

    def counted(*inputs):
        looked.append(inputs)
        look(*inputs)

    for module in (arguments, self_attention):
        monkeypatch.setattr(module, "require_finite", counted)
    behaviors, mask = case(6)
    block()(behaviors, mask, need_weights=need_weights)
    assert len(looked) == 1
    block().at_latest(behaviors, mask)
    assert len(looked) == 2


def test_gradients_are_exact():
    behaviors, mask = case(1, torch.float64)
    module = block().double()
    behaviors.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: module(x, mask), behaviors)
    module(behaviors, mask).square().sum().backward()
    assert (behaviors.grad[~mask] == 0).all()
    assert all(p.grad.isfinite().all() for p in module.parameters())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype):
    behaviors, mask = case(2)
    module = block()
    expected = module(behaviors, mask)
    module.to(dtype)
    behaviors = behaviors.to(dtype)
    with_weights, _ = module(behaviors, mask, need_weights=True)
    for output in (module(behaviors, mask), with_weights):
        assert output.dtype == dtype
        torch.testing.assert_close(output.float(), expected, atol=0.06, rtol=0.03)


def test_dropout_acts_in_training_only():
    behaviors, mask = case(3)
    module = block(dropout=0.5)
    torch.manual_seed(1)
    noisy = module.train()(behaviors, mask)
    plain = module.eval()(behaviors, mask)
    assert not torch.allclose(noisy, plain)
    torch.testing.assert_close(plain, block()(behaviors, mask))


def test_the_network_is_four_times_as_wide_unless_told():
    assert block().feed_forward[0].out_features == 4 * E
    assert block(hidden_dim=5).feed_forward[0].out_features == 5


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_the_cpu():
    behaviors, mask = case(4)
    module = block()
    expected = module(behaviors, mask)
    output = module.cuda()(behaviors.cuda(), mask.cuda())
    torch.testing.assert_close(output.cpu(), expected, atol=1e-5, rtol=1e-5)


def test_bad_input():
    behaviors, mask = case(5)
    module = block()
    with pytest.raises(ValueError, match="num_heads must divide embedding_dim"):
        TransformerBlock(E, 3)
    with pytest.raises(ValueError, match="hidden_dim must be at least 1, got 0"):
        block(hidden_dim=0)
    for call in (module, module.at_latest):
        with pytest.raises(ValueError, match=r"\[B, T, 8\], got \[4, 7, 3\]"):
            call(behaviors[..., :3], mask)
        with pytest.raises(ValueError, match="a T of at least 1"):
            call(behaviors[:, :0], mask[:, :0])
        with pytest.raises(TypeError, match="mask must be bool"):
            call(behaviors, mask.float())
        with pytest.raises(ValueError, match=r"mask must have shape \[4, 7\]"):
            call(behaviors, mask[:2])
        with pytest.raises(ValueError, match="behaviors must be finite"):
            call(behaviors * float("nan"), mask)
