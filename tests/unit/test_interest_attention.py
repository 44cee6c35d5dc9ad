import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import MultiInterestSelfAttention, read_out
from seqviz.models import ComiRecSA

B, T, E, K = 4, 9, 6, 3


def case(seed, dtype=torch.float32):
    """Random behaviors; the last row is all padding."""
    generator = torch.Generator().manual_seed(seed)
    behaviors = torch.randn(B, T, E, generator=generator).to(dtype)
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[:, -1] = True
    mask[-1] = False
    return behaviors, mask


def layer(max_length=None, seed=0):
    torch.manual_seed(seed)
    return MultiInterestSelfAttention(E, K, max_length=max_length)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([None, 20]))
def test_weights_sum_to_one_over_the_behaviors(seed, max_length):
    behaviors, mask = case(seed)
    interests, weights = layer(max_length)(behaviors, mask, need_weights=True)
    assert interests.shape == (B, K, E) and weights.shape == (B, K, T)
    expected = mask.any(1).float()[:, None].expand(B, K)
    torch.testing.assert_close(weights.sum(-1), expected)
    assert (weights.transpose(1, 2)[~mask] == 0).all()
    assert (interests[-1] == 0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 8), st.sampled_from([None, 20]))
def test_padding_on_either_side_changes_nothing(seed, extra, max_length):
    behaviors, mask = case(seed)
    module = layer(max_length)
    plain = module(behaviors, mask)
    junk, off = torch.full((B, extra, E), 7.0), torch.zeros(B, extra, dtype=torch.bool)
    left = module(torch.cat([junk, behaviors], 1), torch.cat([off, mask], 1))
    right = module(torch.cat([behaviors, junk], 1), torch.cat([mask, off], 1))
    torch.testing.assert_close(left, plain)
    torch.testing.assert_close(right, plain)


def test_without_positions_order_does_not_matter_with_positions_it_does():
    behaviors, mask = case(1)
    order = torch.randperm(T)
    for max_length, same in [(None, True), (T, False)]:
        module = layer(max_length)
        if max_length:
            torch.nn.init.normal_(module.position)
        straight = module(behaviors, mask)
        shuffled = module(behaviors[:, order], mask[:, order])
        assert torch.allclose(straight, shuffled, atol=1e-6) == same


def test_no_mask_means_everything_is_real():
    behaviors, _ = case(2)
    for module in (layer(), layer(T)):
        everything = torch.ones(B, T, dtype=torch.bool)
        torch.testing.assert_close(module(behaviors), module(behaviors, everything))


def test_gradients_are_finite_and_exact():
    module = layer(T).double()
    behaviors, mask = case(3, torch.float64)
    behaviors.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: module(x, mask), behaviors)
    module(behaviors, mask).square().sum().backward()
    assert all(p.grad.isfinite().all() for p in module.parameters())


def test_interests_differ_at_the_start():
    """Initialised badly, all K rows would read the same mixture."""
    torch.manual_seed(0)
    module = MultiInterestSelfAttention(64, 4)
    _, weights = module(torch.randn(32, 20, 64), need_weights=True)
    spread = torch.cdist(weights, weights, p=1).sum((1, 2)) / 12
    assert spread.mean() > 0.2


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype):
    behaviors, mask = case(4)
    module = layer()
    expected = module(behaviors, mask)
    interests, weights = module.to(dtype)(behaviors.to(dtype), mask, need_weights=True)
    assert interests.dtype == weights.dtype == dtype
    torch.testing.assert_close(interests.float(), expected, atol=0.02, rtol=0.02)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_the_cpu():
    behaviors, mask = case(5)
    module = layer(T)
    expected = module(behaviors, mask)
    interests = module.cuda()(behaviors.cuda(), mask.cuda())
    torch.testing.assert_close(interests.cpu(), expected, atol=1e-5, rtol=1e-5)


def test_one_behavior_is_every_interest():
    behaviors = torch.randn(2, 1, E)
    interests, weights = layer()(behaviors, torch.ones(2, 1).bool(), need_weights=True)
    assert torch.equal(interests, behaviors.expand(2, K, E)) and (weights == 1).all()


def test_hidden_dim_defaults_to_four_times_the_width():
    assert layer().W1.shape == (E, 4 * E)
    assert MultiInterestSelfAttention(E, K, hidden_dim=5).W1.shape == (E, 5)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((0, 2), "embedding_dim must be at least 1, got 0"),
        ((4, 0), "num_interests must be at least 1, got 0"),
        ((4, 2, 0), "hidden_dim must be at least 1, got 0"),
        ((4, 2, 8, 0), "max_length must be at least 1, got 0"),
    ],
)
def test_bad_sizes(arguments, message):
    with pytest.raises(ValueError, match=message):
        MultiInterestSelfAttention(*arguments)


def test_bad_input():
    behaviors, mask = case(6)
    module = layer()
    with pytest.raises(ValueError, match=r"behaviors must have shape \[B, T, 6\]"):
        module(behaviors[..., :3], mask)
    with pytest.raises(ValueError, match=r"behaviors must have 3 dimensions"):
        module(behaviors[0], mask[0])
    with pytest.raises(TypeError, match="behaviors must be floating-point vectors"):
        module(behaviors.long(), mask)
    with pytest.raises(ValueError, match="behaviors must have a T of at least 1"):
        module(behaviors[:, :0], mask[:, :0])
    with pytest.raises(TypeError, match="mask must be bool"):
        module(behaviors, mask.float())
    with pytest.raises(ValueError, match=r"mask must have shape \[4, 9\]"):
        module(behaviors, mask[:, :-1])
    with pytest.raises(ValueError, match="T of at most max_length = 5"):
        layer(5)(behaviors, mask)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("max_length", [None, T])
def test_one_bad_number_anywhere_is_seen(bad, max_length):
    """Under the padding too, where 0 times NaN would spread it over the interests."""
    behaviors, mask = case(7)
    module = layer(max_length)
    for row in range(B):
        for step in range(T):
            x = behaviors.clone()
            x[row, step, 3] = bad
            for masked in (mask, None):
                with pytest.raises(ValueError, match="behaviors must be finite"):
                    module(x, masked)


def test_read_out_takes_the_nearest_interest():
    interests = torch.randn(50, K, E)
    target = torch.randn(50, E)
    chosen = read_out(interests, target)
    for row in range(50):
        best = max(interests[row], key=lambda interest: float(interest @ target[row]))
        assert torch.equal(chosen[row], best)


def test_read_out_names_the_shapes():
    with pytest.raises(ValueError, match=r"\[2, 3, 4\] and \[2, 5\]"):
        read_out(torch.zeros(2, 3, 4), torch.zeros(2, 5))


@pytest.mark.parametrize("max_length", [None, 9])
def test_of_items_is_forward_of_the_items_vectors(max_length):
    attention = layer(max_length)
    if max_length:
        torch.nn.init.normal_(attention.position)
    table = torch.randn(5, 6)
    table[0] = 0
    table.requires_grad_()
    ids = torch.randint(0, 5, (16, 7))  # padding at either end and between
    ids[0] = 0
    inputs = [table, *attention.parameters()]
    outcomes = []
    for interests, weights in (
        attention(table[ids], ids != 0, need_weights=True),
        attention.of_items(table, ids, need_weights=True),
    ):
        loss = (interests.sin() + weights.square().sum(-1, keepdim=True)).sum()
        gradients = torch.autograd.grad(loss, inputs)
        outcomes.append((interests, weights, gradients[0][1:], *gradients[1:]))
    torch.testing.assert_close(*outcomes, rtol=1e-4, atol=1e-5)


def test_a_model_reads_by_item_where_items_are_few():
    """Both ways of ComiRec-SA, on either side of the border, give one answer."""
    torch.manual_seed(0)
    for options in ({}, {"max_length": 8}):
        model = ComiRecSA(10, 6, 3, **options)
        ids = torch.randint(0, 11, (200, 8))
        together = model.interests(ids, need_weights=True)
        apart = [model.interests(row[None], need_weights=True) for row in ids]
        for ours, theirs in zip(together, zip(*apart, strict=True), strict=True):
            torch.testing.assert_close(ours, torch.cat(theirs), rtol=1e-4, atol=1e-5)
