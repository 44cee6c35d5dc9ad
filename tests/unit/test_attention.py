import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import attend, attention_weights

B, Q, T, E, D = 4, 3, 7, 6, 5
NAN, INF = float("nan"), float("inf")
seeds = st.integers(0, 2**32 - 1)


def case(seed, dtype=torch.float32, size=1.0):
    """Random query, key, value and mask; the last history is all padding."""
    generator = torch.Generator().manual_seed(seed)
    query, key, value = (
        size * torch.randn(B, rows, width, generator=generator, dtype=torch.float64)
        for rows, width in ((Q, E), (T, E), (T, D))
    )
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[:-1, 2] = True
    mask[-1] = False
    return query.to(dtype), key.to(dtype), value.to(dtype), mask


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from([1.0, 100.0]), st.booleans())
def test_rows_sum_to_one_or_zero(seed, size, pairwise):
    query, key, value, mask = case(seed, size=size)
    if pairwise:
        generator = torch.Generator().manual_seed(seed)
        mask = mask[:, None] & (torch.rand(B, Q, T, generator=generator) < 0.5)
    output, weights = attend(query, key, value, mask, need_weights=True)
    readable = mask if pairwise else mask[:, None].expand(B, Q, T)
    torch.testing.assert_close(weights.sum(-1), readable.any(-1).float())
    assert (weights[~readable] == 0).all() and (weights >= 0).all()
    assert (output[~readable.any(-1)] == 0).all()
    torch.testing.assert_close(output, torch.einsum("bqt,btd->bqd", weights, value))


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_equals_the_loop(seed):
    query, key, value, mask = case(seed, torch.float64)
    output = attend(query, key, value, mask, temperature=0.7)
    for b in range(B - 1):
        for q in range(Q):
            score = [
                float(query[b, q] @ key[b, t]) / E**0.5 / 0.7
                for t in range(T)
                if mask[b, t]
            ]
            share = torch.tensor(score, dtype=torch.float64).softmax(0)
            torch.testing.assert_close(output[b, q], share @ value[b][mask[b]])


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_the_order_of_the_behaviors_plays_no_part(seed):
    query, key, value, mask = case(seed)
    order = torch.randperm(T, generator=torch.Generator().manual_seed(seed))
    straight, weights = attend(query, key, value, mask, need_weights=True)
    shuffled, other = attend(
        query, key[:, order], value[:, order], mask[:, order], need_weights=True
    )
    torch.testing.assert_close(shuffled, straight)
    torch.testing.assert_close(other, weights[..., order])


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(1, 6), st.booleans())
def test_padding_on_either_side_changes_nothing(seed, extra, left):
    query, key, value, mask = case(seed)

    def pad(rows, fill):
        junk = rows.new_full((B, extra, *rows.shape[2:]), fill)
        return torch.cat([junk, rows] if left else [rows, junk], 1)

    plain = attend(query, key, value, mask)
    padded, weights = attend(
        query, pad(key, 9.0), pad(value, 9.0), pad(mask, False), need_weights=True
    )
    torch.testing.assert_close(padded, plain)
    assert (weights[..., :extra] if left else weights[..., -extra:]).eq(0).all()


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(0, T - 2))
def test_causal_never_looks_ahead(seed, now):
    _, key, value, mask = case(seed)
    before, weights = attend(key, key, value, mask, causal=True, need_weights=True)
    assert (weights.triu(1) == 0).all()
    key, value, mask = key.clone(), value.clone(), mask.clone()
    key[:, now + 1 :] += 1.0
    value[:, now + 1 :] -= 2.0
    mask[:, now + 1 :] ^= True
    changed = key.clone()
    changed[:, : now + 1] = key[:, : now + 1]
    after = attend(changed, key, value, mask, causal=True)
    assert torch.equal(after[:, : now + 1], before[:, : now + 1])


def test_causal_joins_every_mask():
    _, key, _, mask = case(0)
    by_row = attention_weights(key, key, mask, causal=True)
    by_pair = attention_weights(
        key, key, mask[:, None] & torch.ones(T, T).tril().bool()
    )
    assert torch.equal(by_row, by_pair)
    torch.testing.assert_close(
        attention_weights(key, key, causal=True).sum(-1), torch.ones(B, T)
    )


def test_no_mask_means_everything_is_real():
    query, key, value, _ = case(1)
    everything = torch.ones(B, T, dtype=torch.bool)
    torch.testing.assert_close(
        attend(query, key, value, need_weights=True),
        attend(query, key, value, everything, need_weights=True),
    )


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_heads_are_as_many_attentions(seed):
    one, two = case(seed), case(seed + 1)
    mask = one[-1]
    query, key, value = (
        torch.stack(pair, 1) for pair in zip(one[:3], two[:3], strict=True)
    )
    pairs = mask[:, None] & (torch.rand(B, Q, T) < 0.7)
    for shape in (mask, pairs, None):
        output, weights = attend(query, key, value, shape, need_weights=True)
        for head, (q, k, v, _) in enumerate((one, two)):
            alone, own = attend(q, k, v, shape, need_weights=True)
            torch.testing.assert_close(output[:, head], alone)
            torch.testing.assert_close(weights[:, head], own)


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from([1e-6, 1e6]))
def test_temperature_limits(seed, temperature):
    query, key, _, mask = case(seed)
    weights = attention_weights(query, key, mask, temperature=temperature)[:-1]
    real = mask[:-1, None].expand_as(weights)
    if temperature < 1:
        best = (query @ key.mT)[:-1].masked_fill(~real, -INF).argmax(-1)
        expected = torch.nn.functional.one_hot(best, T).float()
    else:
        expected = real / real.sum(-1, keepdim=True)
    torch.testing.assert_close(weights, expected, atol=1e-4, rtol=0)


def test_scale_is_one_over_the_root_of_the_width():
    query, key, *_ = case(2)
    torch.testing.assert_close(
        attention_weights(query, key), attention_weights(query, key, scale=E**-0.5)
    )
    torch.testing.assert_close(
        attention_weights(query, key, scale=2.0), (2 * query @ key.mT).softmax(-1)
    )


@pytest.mark.parametrize("causal", [False, True])
def test_gradients_are_exact(causal):
    query, key, value, mask = case(3, torch.float64)
    query = key.clone() if causal else query
    inputs = [tensor.requires_grad_() for tensor in (query, key, value)]
    assert torch.autograd.gradcheck(
        lambda q, k, v: attend(q, k, v, mask, causal=causal, temperature=0.8), inputs
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_extreme_logits_and_empty_rows_have_finite_gradients(dtype):
    query, key, value, mask = case(4, dtype, size=100.0)  # logits of about 1e4
    inputs = [tensor.requires_grad_() for tensor in (query, key, value)]
    for temperature in (1.0, 0.01):
        output, weights = attend(
            query, key, value, mask, temperature=temperature, need_weights=True
        )
        assert output.isfinite().all() and weights.isfinite().all()
        output.float().sum().backward()
        assert all(tensor.grad.isfinite().all() for tensor in inputs)
    assert (key.grad[-1] == 0).all() and (value.grad[-1] == 0).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype):
    query, key, value, mask = case(5)
    expected = attend(query, key, value, mask, need_weights=True)
    low = (tensor.to(dtype) for tensor in (query, key, value))
    found = attend(*low, mask, need_weights=True)
    for ours, exact in zip(found, expected, strict=True):
        assert ours.dtype == dtype
        torch.testing.assert_close(ours.float(), exact, atol=0.03, rtol=0.03)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_cuda_agrees_with_the_cpu(dtype):
    query, key, value, mask = case(6)
    expected = attend(query, key, value, mask)
    inputs = [t.to("cuda", dtype) for t in (query, key, value)]
    output = attend(*inputs, mask.cuda())
    torch.testing.assert_close(output.cpu().float(), expected, atol=5e-3, rtol=5e-3)
    assert (output[-1] == 0).all()


def test_an_empty_batch_is_an_empty_result():
    query, key, value, mask = (tensor[:0] for tensor in case(0))
    output, weights = attend(query, key, value, mask, need_weights=True)
    assert output.shape == (0, Q, D) and weights.shape == (0, Q, T)


BAD = [
    ({"query": torch.zeros(B, E)}, ValueError, r"query must have 3 or 4 .*\[4, 6\]"),
    ({"key": torch.zeros(T, E)}, ValueError, r"key must have 3 or 4 dim.*\[7, 6\]"),
    ({"value": torch.zeros(T)}, ValueError, r"value must have 3 or 4 dim.*\[7\]"),
    ({"key": torch.zeros(B, T, 9)}, ValueError, r"query and key .*\[4, 7, 9\]"),
    ({"query": torch.zeros(1, Q, E)}, ValueError, r"query and key .*\[1, 3, 6\]"),
    (
        {"query": torch.zeros(B, 2, Q, E)},
        ValueError,
        r"query and key .*\[4, 2, 3, 6\]",
    ),
    ({"value": torch.zeros(B, 2, D)}, ValueError, r"key and value .*\[4, 2, 5\]"),
    (
        {"query": torch.zeros(B, Q, E).long()},
        TypeError,
        "query must be floating.*int64",
    ),
    ({"mask": torch.ones(B, T)}, TypeError, "mask must be bool.*float32"),
    ({"mask": torch.ones(T).bool()}, ValueError, r"mask .*\[4, 7\], got \[7\]"),
    ({"mask": torch.ones(B, Q).bool()}, ValueError, r"mask .*\[4, 7\], got \[4, 3\]"),
    ({"mask": torch.ones(B, T, T).bool()}, ValueError, r"mask .*\[4, 3, 7\], got"),
    ({"causal": True}, ValueError, "causal must .* Q = 3 and T = 7"),
    ({"temperature": 0.0}, ValueError, "temperature must be above 0, got 0.0"),
    ({"temperature": NAN}, ValueError, "temperature must be above 0, got nan"),
    (
        {"key": torch.zeros(B, 0, E), "value": torch.zeros(B, 0, D), "mask": None},
        ValueError,
        r"key must have a T of at least 1, got \[4, 0, 6\]",
    ),
    (
        {"key": torch.full((B, T, E), NAN)},
        ValueError,
        "key must be finite.* 28 of 28 vectors",
    ),
    ({"value": torch.full((B, T, D), -INF)}, ValueError, "value must be finite"),
]


@pytest.mark.parametrize("change, error, message", BAD)
def test_bad_input(change, error, message):
    query, key, value, mask = case(7)
    arguments = {"query": query, "key": key, "value": value, "mask": mask} | change
    with pytest.raises(error, match=message):
        attend(**arguments)


def test_the_error_says_where_the_nan_is():
    query, key, value, mask = case(8)
    query[2, 1, 3] = NAN
    with pytest.raises(
        ValueError,
        match=r"query must be finite.* 1 of 12 .*\[2, 1\] of shape \[4, 3, 6\]",
    ):
        attend(query, key, value, mask)


def test_large_numbers_are_not_taken_for_infinite():
    huge = torch.full((2, 2, 4), 3e38)
    _, weights = attend(
        torch.zeros(2, 2, 4), huge, torch.ones(2, 2, 1), need_weights=True
    )
    assert (weights == 0.5).all()
