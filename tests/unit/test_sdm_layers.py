"""The three parts of SDM: session, past, gate."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from seqviz.layers import (
    GatedFusion,
    LongTermInterest,
    ShortTermEncoder,
    masked_softmax,
)
from seqviz.layers.short_term import real_first, user_weights

B, T, E, F, L = 6, 9, 8, 3, 5
seeds = st.integers(0, 2**32 - 1)
kinds = st.fixed_dictionaries(
    {
        "num_heads": st.sampled_from([1, 2, 8]),
        "recurrent": st.booleans(),
        "self_attention": st.booleans(),
        "user_attention": st.booleans(),
        "bounded": st.booleans(),
    }
)


def case(seed, dtype=torch.float32):
    """Padding anywhere; row 1 has one behavior, the last row none."""
    generator = torch.Generator().manual_seed(seed)
    behaviors = torch.randn(B, T, E, generator=generator).to(dtype)
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[:, 4] = True
    mask[1] = torch.arange(T) == 4
    mask[-1] = False
    return behaviors, mask, torch.randn(B, E, generator=generator).to(dtype)


def encoder(seed=0, **kind):
    torch.manual_seed(seed)
    return ShortTermEncoder(E, **kind)


@settings(max_examples=40, deadline=None)
@given(seeds, kinds)
def test_weights_sum_to_one_over_the_session(seed, kind):
    behaviors, mask, user = case(seed)
    short, weights = encoder(**kind)(behaviors, mask, user, need_weights=True)
    assert short.shape == (B, E) and weights.shape == (B, T)
    torch.testing.assert_close(weights.sum(1), mask.any(1).float())
    assert (weights[~mask] == 0).all()
    assert (short[-1] == 0).all() and (weights[-1] == 0).all()
    if not kind["user_attention"]:
        latest = [int(row.nonzero()[-1]) for row in mask[:-1]]
        assert weights[:-1].argmax(1).tolist() == latest


@settings(max_examples=40, deadline=None)
@given(seeds, kinds, st.integers(0, 5))
def test_padding_on_either_side_changes_nothing(seed, kind, extra):
    behaviors, mask, user = case(seed)
    module = encoder(**kind)
    plain, weights = module(behaviors, mask, user, need_weights=True)
    junk, off = torch.full((B, extra, E), 7.0), torch.zeros(B, extra, dtype=torch.bool)
    for vectors, real, own in (
        (
            torch.cat([junk, behaviors], 1),
            torch.cat([off, mask], 1),
            slice(extra, None),
        ),
        (torch.cat([behaviors, junk], 1), torch.cat([mask, off], 1), slice(0, T)),
    ):
        padded, found = module(vectors, real, user, need_weights=True)
        torch.testing.assert_close(padded, plain)
        torch.testing.assert_close(found[:, own], weights)


@settings(max_examples=20, deadline=None)
@given(seeds, kinds)
def test_a_row_does_not_depend_on_the_others(seed, kind):
    behaviors, mask, user = case(seed)
    module = encoder(**kind)
    together = module(behaviors, mask, user)
    for row in range(B):
        one = slice(row, row + 1)
        alone = module(behaviors[one], mask[one], user[one])
        torch.testing.assert_close(alone, together[one])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_the_heads_read_at_most_twice_the_places_that_are_real(lengths):
    """But for sessions of up to four clicks, which are one group."""
    mask = torch.arange(50) < torch.tensor(lengths)[:, None]
    module, read = encoder(), []
    module.heads.register_forward_pre_hook(lambda _, given: read.append(given[1]))
    module(torch.randn(*mask.shape, E), mask, torch.randn(len(mask), E))
    assert sum(len(part) for part in read) == len(lengths)
    assert sum(part.numel() for part in read) <= sum(max(4, 2 * n) for n in lengths)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_equations(seed):
    """One user at a time, no padding, nothing but torch."""
    behaviors, mask, user = case(seed)
    module = encoder(num_heads=2)
    short = module(behaviors, mask, user)
    for row in range(B - 1):
        states, _ = module.lstm(behaviors[row][mask[row]][None])  # [1, n, E]
        query, key, value = (
            (states @ w.T).unflatten(-1, (2, -1)).transpose(1, 2)
            for w in module.heads.query_key_value.weight.chunk(3)
        )
        read = (query @ key.mT / (E / 2) ** 0.5).softmax(-1) @ value
        read = read.transpose(1, 2).flatten(2)[0] @ module.heads.output.weight.T
        expected = (read @ user[row]).softmax(0) @ read
        torch.testing.assert_close(short[row], expected)


def test_without_lstm_the_order_plays_no_part_with_it_it_does():
    behaviors, _, user = case(2)
    mask, order = torch.ones(B, T, dtype=torch.bool), torch.randperm(T)
    for recurrent in (False, True):
        module = encoder(recurrent=recurrent)
        straight = module(behaviors, mask, user)
        shuffled = module(behaviors[:, order], mask, user)
        assert torch.allclose(straight, shuffled, atol=1e-5) != recurrent


def test_the_bounded_score_is_nearly_a_mean():
    behaviors, mask, user = case(3)
    module = encoder(bounded=True)
    _, weights = module(behaviors * 50, mask, user * 50, need_weights=True)
    kept = weights[0][mask[0]]
    assert kept.max() / kept.min() <= math.exp(2 / E**0.5) + 1e-5


def test_heads_say_what_they_read():
    behaviors, mask, _ = case(5)
    weights = encoder(num_heads=2).head_weights(behaviors, mask)
    assert weights.shape == (B, 2, T, T)
    torch.testing.assert_close(weights.sum(-1), mask[:, None].float().expand(B, 2, T))
    assert (weights.transpose(2, 3)[(~mask)[:, None].expand(B, 2, T)] == 0).all()
    with pytest.raises(
        ValueError, match="self_attention must be True for head_weights"
    ):
        encoder(self_attention=False).head_weights(behaviors, mask)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype):
    behaviors, mask, user = case(1, dtype)
    module = encoder().to(dtype)
    short, weights = module(behaviors, mask, user, need_weights=True)
    assert short.dtype == weights.dtype == dtype and short.isfinite().all()
    values, real = behaviors[:, :F, None].expand(B, F, L, E), mask[:, :F, None]
    long = LongTermInterest(E, F).to(dtype)
    found = long(values, real.expand(B, F, L), user)
    output, _ = GatedFusion(E).to(dtype)(user, short, found)
    assert output.dtype == dtype and output.isfinite().all()


def test_scores_beyond_half_precision():
    vectors = torch.tensor([[[300.0, 0.0], [400.0, 0.0]]]).half()
    user = torch.tensor([[400.0, 0.0]]).half()  # scores of 120,000 and 160,000
    real = torch.ones(1, 2, dtype=torch.bool)
    assert user_weights(vectors, real, user, bounded=False).tolist() == [[0, 1]]


def test_nothing_but_empty_sessions_and_no_session_at_all():
    behaviors, mask, user = case(0)
    module = encoder()
    assert (module(behaviors, mask & False, user) == 0).all()
    assert module(behaviors[:0], mask[:0], user[:0]).shape == (0, E)


def test_gradients_reach_everything_and_are_finite():
    behaviors, mask, user = case(0)
    behaviors.requires_grad_(), user.requires_grad_()
    module = encoder()
    module(behaviors, mask, user).square().sum().backward()
    for tensor in (behaviors, user, *module.parameters()):
        assert tensor.grad.isfinite().all() and tensor.grad.any()
    assert (behaviors.grad[~mask] == 0).all()


def values_of(seed):
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(B, F, L, E, generator=generator)
    mask = torch.rand(B, F, L, generator=generator) < 0.6
    mask[0, 1] = False  # no brand is known
    mask[-1] = False
    return values, mask, torch.randn(B, E, generator=generator)


@settings(max_examples=30, deadline=None)
@given(seeds, st.booleans())
def test_each_attribute_is_asked_by_itself(seed, bounded):
    values, mask, user = values_of(seed)
    torch.manual_seed(0)
    module = LongTermInterest(E, F, bounded=bounded)
    long, weights = module(values, mask, user, need_weights=True)
    torch.testing.assert_close(weights.sum(-1), mask.any(-1).float())
    read = []
    for f in range(F):
        scores = torch.einsum("ble,be->bl", values[:, f], user)
        if bounded:
            scores = scores.tanh() / E**0.5
        own = masked_softmax(scores, mask[:, f])
        torch.testing.assert_close(weights[:, f], own)
        read.append(torch.einsum("bl,ble->be", own, values[:, f]))
    expected = torch.tanh(torch.cat(read, 1) @ module.join.weight.T + module.join.bias)
    torch.testing.assert_close(long, expected)
    torch.testing.assert_close(long[-1], module.join.bias.tanh())


def test_padding_and_order_of_the_values_change_nothing():
    values, mask, user = values_of(1)
    module = LongTermInterest(E, F)
    plain = module(values, mask, user)
    order = torch.randperm(L)
    torch.testing.assert_close(
        module(values[:, :, order], mask[:, :, order], user), plain
    )
    junk, off = torch.full((B, F, 2, E), 9.0), torch.zeros(B, F, 2, dtype=torch.bool)
    wider = module(torch.cat([values, junk], 2), torch.cat([mask, off], 2), user)
    torch.testing.assert_close(wider, plain)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_the_output_lies_between_session_and_past(seed):
    torch.manual_seed(seed)
    user, short, long = torch.randn(3, B, E)
    module = GatedFusion(E)
    output, gate = module(user, short, long)
    assert ((gate > 0) & (gate < 1)).all()
    low, high = torch.minimum(short, long), torch.maximum(short, long)
    assert ((output >= low - 1e-6) & (output <= high + 1e-6)).all()
    weight, bias = module.gate.weight, module.gate.bias
    blocks = weight.split(E, 1)
    logits = sum(x @ w.T for x, w in zip((user, short, long), blocks, strict=True))
    expected = torch.sigmoid(logits + bias)
    torch.testing.assert_close(gate, expected)
    torch.testing.assert_close(output, expected * short + (1 - expected) * long)


def test_an_open_gate_is_the_session_and_a_shut_one_the_past():
    user, short, long = torch.randn(3, B, E)
    module = GatedFusion(E)
    nn.init.zeros_(module.gate.weight)
    for bias, side in ((50.0, short), (-50.0, long)):
        nn.init.constant_(module.gate.bias, bias)
        torch.testing.assert_close(module(user, short, long)[0], side)


def test_real_first():
    ids = torch.tensor([[0, 3, 0, 2], [0, 0, 0, 0], [1, 2, 3, 4]])
    expected = [[3, 2, 0, 0], [0, 0, 0, 0], [1, 2, 3, 4]]
    assert real_first(ids).tolist() == expected


def bad_calls():
    behaviors, mask, user = case(0)
    values, real, _ = values_of(0)
    short, long, gate = encoder(), LongTermInterest(E, F), GatedFusion(E)
    nan = behaviors.clone()
    nan[2, 0] = float("nan")
    yield (
        lambda: short(behaviors[..., 1:], mask, user),
        r"behaviors must .* \[B, T, 8\]",
    )
    yield lambda: short(behaviors[:, :0], mask[:, :0], user), "T of at least 1"
    yield lambda: short(behaviors, mask[:, 1:], user), "mask must have shape"
    yield lambda: short(behaviors, mask.long(), user), "mask must be bool"
    yield lambda: short(behaviors, mask, user[1:]), r"user must have shape \[6, 8\]"
    yield lambda: short(behaviors.long(), mask, user), "behaviors must be floating"
    yield lambda: short(nan, mask, user), "behaviors must be finite"
    yield lambda: ShortTermEncoder(E, 3), "num_heads must divide embedding_dim"
    yield (
        lambda: long(values[:, 1:], real[:, 1:], user),
        r"values must have shape \[B, 3",
    )
    yield lambda: long(values, real[..., 1:], user), "mask must have shape"
    yield lambda: long(values, real, user[:, 1:]), r"user must have shape \[6, 8\]"
    yield lambda: LongTermInterest(E, 0), "num_attributes must be at least 1"
    yield lambda: gate(user, user[1:], user), r"short must have shape \[6, 8\]"
    yield lambda: gate(user, user, user[None]), "long must have 2 dimensions"
    yield lambda: GatedFusion(0), "embedding_dim must be at least 1"


@pytest.mark.parametrize(("call", "message"), list(bad_calls()))
def test_bad_arguments(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
