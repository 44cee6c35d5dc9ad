import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import DualAttention, SelfAttention, TargetAttention, attend

B, M, T, E = 4, 3, 7, 8
NAN = float("nan")
seeds = st.integers(0, 2**32 - 1)
kinds = st.fixed_dictionaries(
    {
        "make": st.sampled_from([TargetAttention, DualAttention]),
        "num_heads": st.sampled_from([1, 2, 4]),
        "projection": st.booleans(),
    }
)
BOTH = pytest.mark.parametrize("make", [TargetAttention, DualAttention])


def case(seed, dtype=torch.float32):
    """M candidates, random behaviors; the last history is all padding."""
    generator = torch.Generator().manual_seed(seed)
    target, behaviors = (
        torch.randn(B, rows, E, generator=generator, dtype=torch.float64).to(dtype)
        for rows in (M, T)
    )
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[:-1, 2] = True
    mask[-1] = False
    return target, behaviors, mask


def layer(make=TargetAttention, seed=0, **kind):
    torch.manual_seed(seed)
    return make(E, **kind)


@settings(max_examples=40, deadline=None)
@given(seeds, kinds)
def test_rows_sum_to_one_or_zero(seed, kind):
    target, behaviors, mask = case(seed)
    interest, weights = layer(**kind)(target, behaviors, mask, need_weights=True)
    assert interest.shape == (B, M, E)
    assert weights.shape == (B, kind["num_heads"], M, T)
    expected = mask.any(1).float()[:, None, None].expand(weights.shape[:-1])
    torch.testing.assert_close(weights.sum(-1), expected)
    assert (weights.permute(0, 3, 1, 2)[~mask] == 0).all()
    assert (interest[-1] == 0).all()


@settings(max_examples=30, deadline=None)
@given(seeds, kinds)
def test_candidates_do_not_see_each_other(seed, kind):
    target, behaviors, mask = case(seed)
    module = layer(**kind)
    together, weights = module(target, behaviors, mask, need_weights=True)
    for m in range(M):
        interest, own = module(target[:, m], behaviors, mask, need_weights=True)
        assert interest.shape == (B, E) and own.shape == (B, kind["num_heads"], T)
        torch.testing.assert_close(interest, together[:, m])
        torch.testing.assert_close(own, weights[:, :, m])


@settings(max_examples=30, deadline=None)
@given(seeds, kinds)
def test_the_order_of_the_behaviors_plays_no_part(seed, kind):
    target, behaviors, mask = case(seed)
    module = layer(**kind)
    order = torch.randperm(T, generator=torch.Generator().manual_seed(seed))
    straight, weights = module(target, behaviors, mask, need_weights=True)
    shuffled, other = module(
        target, behaviors[:, order], mask[:, order], need_weights=True
    )
    torch.testing.assert_close(shuffled, straight)
    torch.testing.assert_close(other, weights[..., order])


@settings(max_examples=40, deadline=None)
@given(seeds, kinds, st.integers(1, 5), st.booleans())
def test_padding_on_either_side_changes_nothing(seed, kind, extra, left):
    target, behaviors, mask = case(seed)
    module = layer(**kind)
    junk, off = torch.full((B, extra, E), 7.0), torch.zeros(B, extra).bool()
    parts = [(junk, behaviors), (off, mask)]
    padded = [torch.cat(pair if left else pair[::-1], 1) for pair in parts]
    torch.testing.assert_close(module(target, *padded), module(target, behaviors, mask))


@BOTH
def test_no_mask_means_everything_is_real(make):
    target, behaviors, _ = case(0)
    everything = torch.ones(B, T).bool()
    module = layer(make, num_heads=2)
    torch.testing.assert_close(
        module(target, behaviors, need_weights=True),
        module(target, behaviors, everything, need_weights=True),
    )


def test_the_bare_target_form_is_attend():
    target, behaviors, mask = case(1)
    module = layer(projection=False)
    assert not list(module.parameters())
    interest, weights = module(target, behaviors, mask, need_weights=True)
    expected, own = attend(target, behaviors, behaviors, mask, need_weights=True)
    assert torch.equal(interest, expected) and torch.equal(weights[:, 0], own)


@pytest.mark.parametrize("projection", [False, True])
def test_dual_is_self_over_the_behaviors_then_target(projection):
    target, behaviors, mask = case(2)
    module = layer(DualAttention, num_heads=2, projection=projection)
    related = module.self_attention(behaviors, mask)
    torch.testing.assert_close(
        module(target, behaviors, mask, need_weights=True),
        module.target_attention(target, related, mask, need_weights=True),
    )


def test_dual_sees_what_behaviors_mean_together_and_target_does_not():
    """The second behavior is like the first, which is like the candidate."""
    target = torch.tensor([[4.0, 0, 0]])
    behaviors = 2 * torch.tensor([[[1.0, 1, 0], [0, 1, 0], [0, 0, 1]]])
    _, alone = TargetAttention(3, projection=False)(
        target, behaviors, need_weights=True
    )
    _, related = DualAttention(3, projection=False)(
        target, behaviors, need_weights=True
    )
    assert alone[0, 0, 1] == alone[0, 0, 2]  # neither shares anything with it
    assert related[0, 0, 1] > 1.2 * related[0, 0, 2]


def test_dual_over_the_target_sequence_would_be_another_thing():
    """The source notes attend over the target first; with one target that is idle."""
    target, behaviors, mask = case(3)
    over_target = SelfAttention(E, projection=False)(target[:, :1])
    torch.testing.assert_close(over_target, target[:, :1])
    wrong = TargetAttention(E, projection=False)(over_target, behaviors, mask)
    right = DualAttention(E, projection=False)(target[:, :1], behaviors, mask)
    assert not torch.allclose(wrong, right, atol=1e-3)


@BOTH
def test_gradients_are_exact_and_none_for_padding(make):
    target, behaviors, mask = case(4, torch.float64)
    module = layer(make, num_heads=2).double()
    inputs = [target.requires_grad_(), behaviors.requires_grad_()]
    assert torch.autograd.gradcheck(
        lambda c, x: module(c, x, mask, need_weights=True), inputs
    )
    module(target, behaviors, mask).square().sum().backward()
    assert (behaviors.grad[~mask] == 0).all() and (target.grad[-1] == 0).all()
    assert all(p.grad.isfinite().all() for p in module.parameters())
    assert all(p.grad.abs().sum() > 0 for p in module.parameters())


@BOTH
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(make, dtype):
    target, behaviors, mask = case(5)
    module = layer(make, num_heads=2)
    expected = module(target, behaviors, mask)
    interest, weights = module.to(dtype)(
        target.to(dtype), behaviors.to(dtype), mask, need_weights=True
    )
    assert interest.dtype == weights.dtype == dtype
    torch.testing.assert_close(interest.float(), expected, atol=0.03, rtol=0.03)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@BOTH
def test_cuda_agrees_with_the_cpu(make):
    target, behaviors, mask = case(6)
    module = layer(make)
    expected = module(target, behaviors, mask)
    interest = module.cuda()(target.cuda(), behaviors.cuda(), mask.cuda())
    torch.testing.assert_close(interest.cpu(), expected, atol=1e-5, rtol=1e-5)


@BOTH
def test_bad_sizes(make):
    with pytest.raises(ValueError, match="num_heads must divide embedding_dim"):
        make(8, 3)
    with pytest.raises(ValueError, match="embedding_dim must be at least 1, got 0"):
        make(0)


@BOTH
def test_bad_input(make):
    target, behaviors, mask = case(7)
    module = layer(make)
    fits = r"target must have shape \[4, 8\] or \[4, M, 8\] to fit behaviors"
    for error, message, c, x, m in [
        (ValueError, fits, target[:, 0, :3], behaviors, mask),
        (ValueError, fits, target[:2], behaviors, mask),
        (ValueError, r"target .* 2 or 3 dim.*\[8\]", target[0, 0], behaviors, mask),
        (TypeError, "target must be floating", target.long(), behaviors, mask),
        (ValueError, "target must be finite", target * NAN, behaviors, mask),
        (ValueError, r"behaviors .*got \[4, 7, 3\]", target, behaviors[..., :3], mask),
        (
            ValueError,
            "behaviors must have a T of at least 1",
            target,
            behaviors[:, :0],
            mask[:, :0],
        ),
        (ValueError, "behaviors must be finite", target, behaviors * NAN, mask),
        (TypeError, "mask must be bool", target, behaviors, mask.float()),
        (ValueError, r"mask .*got \[4, 6\]", target, behaviors, mask[:, 1:]),
    ]:
        with pytest.raises(error, match=message):
            module(c, x, m)
