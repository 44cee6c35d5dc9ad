import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import SelfAttention, attend

B, T, E = 4, 7, 8
NAN = float("nan")
seeds = st.integers(0, 2**32 - 1)
kinds = st.fixed_dictionaries(
    {
        "num_heads": st.sampled_from([1, 2, 4]),
        "projection": st.booleans(),
        "causal": st.booleans(),
    }
)


def case(seed, dtype=torch.float32):
    """Random behaviors; the last history is all padding."""
    generator = torch.Generator().manual_seed(seed)
    behaviors = torch.randn(B, T, E, generator=generator, dtype=torch.float64)
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[:-1, 2] = True
    mask[-1] = False
    return behaviors.to(dtype), mask


def output_of(module, *inputs, need_weights):
    """The output, by the path that holds the weights or by the fused one."""
    found = module(*inputs, need_weights=need_weights)
    return found[0] if need_weights else found


def layer(seed=0, **kind):
    torch.manual_seed(seed)
    return SelfAttention(E, **kind)


@settings(max_examples=40, deadline=None)
@given(seeds, kinds)
def test_rows_sum_to_one_or_zero_and_padding_is_zero(seed, kind):
    behaviors, mask = case(seed)
    output, weights = layer(**kind)(behaviors, mask, need_weights=True)
    assert output.shape == (B, T, E)
    assert weights.shape == (B, kind["num_heads"], T, T)
    by_query = weights.transpose(1, 2)  # [B, T, H, T]
    torch.testing.assert_close(
        by_query.sum(-1), mask[..., None].float().expand(by_query.shape[:-1])
    )
    assert (by_query[~mask] == 0).all() and (output[~mask] == 0).all()
    assert (weights.transpose(1, 3)[~mask] == 0).all()  # nobody reads padding


@settings(max_examples=40, deadline=None)
@given(seeds, kinds, st.booleans())
def test_the_fused_path_agrees(seed, kind, masked):
    behaviors, mask = case(seed)
    mask = mask if masked else None
    module = layer(**kind)
    exact, _ = module(behaviors, mask, need_weights=True)
    fused = module(behaviors, mask)
    torch.testing.assert_close(fused, exact)
    if masked:
        assert (fused[~mask] == 0).all()


@pytest.mark.parametrize("causal", [False, True])
def test_the_fused_kernel_never_sees_a_row_with_nothing_to_read(causal, monkeypatch):
    """In torch before 2.5, and in some kernels after, such a row is NaN."""
    kernel, seen = F.scaled_dot_product_attention, []

    def spy(query, key, value, attn_mask, **options):
        seen.append(attn_mask)
        return kernel(query, key, value, attn_mask=attn_mask, **options)

    monkeypatch.setattr(F, "scaled_dot_product_attention", spy)
    layer(causal=causal)(*case(0))
    assert len(seen) == 1 and seen[0].any(-1).all()


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from([1, 2]), st.booleans())
def test_permuting_the_history_permutes_the_output(seed, num_heads, need_weights):
    behaviors, mask = case(seed)
    module = layer(num_heads=num_heads)
    order = torch.randperm(T, generator=torch.Generator().manual_seed(seed))
    kind = {"need_weights": need_weights}
    straight = output_of(module, behaviors, mask, **kind)
    shuffled = output_of(module, behaviors[:, order], mask[:, order], **kind)
    torch.testing.assert_close(shuffled, straight[:, order])


@settings(max_examples=40, deadline=None)
@given(seeds, kinds, st.integers(1, 5), st.booleans(), st.booleans())
def test_padding_on_either_side_changes_nothing(seed, kind, extra, left, need_weights):
    behaviors, mask = case(seed)
    module = layer(**kind)
    junk, off = torch.full((B, extra, E), 7.0), torch.zeros(B, extra).bool()
    parts = [(junk, behaviors), (off, mask)]
    padded = [torch.cat(pair if left else pair[::-1], 1) for pair in parts]
    plain = output_of(module, behaviors, mask, need_weights=need_weights)
    output = output_of(module, *padded, need_weights=need_weights)
    real = output[:, extra:] if left else output[:, :-extra]
    torch.testing.assert_close(real, plain)


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(0, T - 2), st.booleans(), st.booleans())
def test_causal_never_looks_ahead(seed, now, masked, need_weights):
    behaviors, mask = case(seed)
    module = layer(num_heads=2, causal=True)
    kind = {"need_weights": need_weights}
    before = output_of(module, behaviors, mask if masked else None, **kind)
    behaviors, mask = behaviors.clone(), mask.clone()
    behaviors[:, now + 1 :] *= -3
    mask[:, now + 1 :] ^= True
    after = output_of(module, behaviors, mask if masked else None, **kind)
    torch.testing.assert_close(after[:, : now + 1], before[:, : now + 1])


@settings(max_examples=30, deadline=None)
@given(seeds, kinds)
def test_at_latest_is_the_row_of_the_latest(seed, kind):
    behaviors, mask = case(seed)
    module = layer(**kind)
    output = module(behaviors, mask)
    alone = module.at_latest(behaviors, mask)
    assert alone.shape == (B, 1, E) and (alone[-1] == 0).all()
    for row in range(B - 1):
        last = mask[row].nonzero().max()
        torch.testing.assert_close(alone[row, 0], output[row, last])


def test_the_bare_form_is_attend_on_the_behaviors():
    behaviors, mask = case(0)
    pairs = mask[:, :, None] & mask[:, None, :]
    module = layer(projection=False)
    assert not list(module.parameters())
    output, weights = module(behaviors, mask, need_weights=True)
    expected, own = attend(behaviors, behaviors, behaviors, pairs, need_weights=True)
    assert torch.equal(output, expected) and torch.equal(weights[:, 0], own)


def test_more_heads_have_as_many_parameters():
    counts = {
        sum(p.numel() for p in layer(num_heads=h).parameters()) for h in (1, 2, 8)
    }
    assert counts == {4 * E * E}


def test_each_matrix_starts_by_glorot():
    """Packed as one [3E, E] matrix they would start smaller by a factor of √2."""
    torch.manual_seed(0)
    module = SelfAttention(128)
    matrices = (*module.query_key_value.weight.chunk(3), module.output.weight)
    for matrix in matrices:
        assert matrix.std().item() == pytest.approx(128**-0.5, rel=0.03)


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("causal", [True, False])
def test_gradients_are_exact_and_none_for_padding(causal, need_weights):
    behaviors, mask = case(1, torch.float64)
    module = layer(num_heads=2, causal=causal).double()
    behaviors.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x: output_of(module, x, mask, need_weights=need_weights), behaviors
    )
    output = output_of(module, behaviors, mask, need_weights=need_weights)
    output.square().sum().backward()
    assert (behaviors.grad[~mask] == 0).all()
    assert all(p.grad.isfinite().all() for p in module.parameters())


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype, causal, need_weights):
    behaviors, mask = case(2)
    module = layer(num_heads=2, causal=causal)
    expected = module(behaviors, mask)
    module.to(dtype)
    output = output_of(module, behaviors.to(dtype), mask, need_weights=need_weights)
    assert output.dtype == dtype and (output[~mask] == 0).all()
    if need_weights:
        _, weights = module(behaviors.to(dtype), mask, need_weights=True)
        assert weights.dtype == dtype
    torch.testing.assert_close(output.float(), expected, atol=0.03, rtol=0.03)


@pytest.mark.parametrize("need_weights", [True, False])
def test_scores_beyond_half_precision(need_weights):
    behaviors = torch.full((1, 3, 64), 101.0).half()  # scores of 81608
    module = SelfAttention(64, projection=False).half()
    output = output_of(module, behaviors, None, need_weights=need_weights)
    assert (output == 101).all()


@pytest.mark.parametrize("need_weights", [True, False])
def test_extreme_logits(need_weights):
    behaviors, mask = case(3)
    behaviors = (100 * behaviors).requires_grad_()  # logits of about 1e4
    module = layer(projection=False)
    output = output_of(module, behaviors, mask, need_weights=need_weights)
    output.sum().backward()
    assert output.isfinite().all() and behaviors.grad.isfinite().all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("causal", [True, False])
def test_cuda_agrees_with_the_cpu(causal, need_weights, dtype):
    behaviors, mask = case(4)
    module = layer(num_heads=2, causal=causal)
    expected = module(behaviors, mask)
    behaviors = behaviors.to("cuda", dtype).requires_grad_()
    module.to("cuda", dtype)
    output = output_of(module, behaviors, mask.cuda(), need_weights=need_weights)
    close = 1e-5 if dtype == torch.float32 else 0.03
    torch.testing.assert_close(output.cpu().float(), expected, atol=close, rtol=close)
    assert (output[~mask.cuda()] == 0).all()
    output.square().sum().backward()
    assert behaviors.grad.isfinite().all()


def test_dropout_acts_in_training_only_and_spares_the_shown_weights():
    behaviors, mask = case(5)
    module = layer(dropout=0.5)
    plain = layer()(behaviors, mask)
    for need_weights in (True, False):
        torch.manual_seed(0)
        module.train()
        output = output_of(module, behaviors, mask, need_weights=need_weights)
        assert not torch.allclose(output, plain)
        module.eval()
        output = output_of(module, behaviors, mask, need_weights=need_weights)
        torch.testing.assert_close(output, plain)
    _, weights = module.train()(behaviors, mask, need_weights=True)
    torch.testing.assert_close(weights.sum(-1)[:, 0], mask.float(), atol=1e-6, rtol=0)


def test_an_empty_batch_is_an_empty_result():
    behaviors, mask = (tensor[:0] for tensor in case(0))
    for need_weights in (True, False):
        output = output_of(layer(), behaviors, mask, need_weights=need_weights)
        assert output.shape == (0, T, E)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((0,), "embedding_dim must be at least 1, got 0"),
        ((8, 0), "num_heads must be at least 1, got 0"),
        ((8, 3), "num_heads must divide embedding_dim, got num_heads 3 .* 8"),
    ],
)
def test_bad_sizes(arguments, message):
    with pytest.raises(ValueError, match=message):
        SelfAttention(*arguments)


@pytest.mark.parametrize("need_weights", [True, False])
def test_bad_input(need_weights):
    behaviors, mask = case(6)
    module = layer()
    for error, message, x, m in [
        (ValueError, r"behaviors .*3 dimensions.*\[7, 8\]", behaviors[0], mask[0]),
        (ValueError, r"\[B, T, 8\], got \[4, 7, 3\]", behaviors[..., :3], mask),
        (
            ValueError,
            r"a T of at least 1, got \[4, 0, 8\]",
            behaviors[:, :0],
            mask[:, :0],
        ),
        (TypeError, "behaviors must be floating.*int64.*embed", behaviors.long(), mask),
        (TypeError, "mask must be bool.*float32", behaviors, mask.float()),
        (ValueError, r"mask .*\[4, 7\], got \[4, 6\]", behaviors, mask[:, 1:]),
        (ValueError, r"mask .*\[4, 7\], got \[7\]", behaviors, mask[0]),
        (
            ValueError,
            "behaviors must be finite.* 28 of 28 vectors",
            behaviors * NAN,
            mask,
        ),
    ]:
        with pytest.raises(error, match=message):
            module(x, m, need_weights=need_weights)
        with pytest.raises(error, match=message):
            module.at_latest(x, m)


@pytest.mark.parametrize("bad", [NAN, float("inf"), -float("inf")])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("projection", [True, False])
def test_one_bad_number_anywhere_is_seen(bad, causal, projection):
    """Without weights the check reads the last output alone: all must reach it."""
    behaviors, mask = case(7)
    module = layer(num_heads=2, causal=causal, projection=projection)
    for row in range(B):
        for step in range(T):
            x = behaviors.clone()
            x[row, step, 3] = bad
            for masked in (mask, None):
                with pytest.raises(ValueError, match="behaviors must be finite"):
                    module(x, masked)
