"""Our attention is torch's: the same weights give the same numbers."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from seqviz.layers import (
    DualAttention,
    SelfAttention,
    TargetAttention,
    TransformerBlock,
    attend,
)

B, T, M, E = 6, 11, 3, 8
seeds = pytest.mark.parametrize("seed", range(3))
heads = pytest.mark.parametrize("num_heads", [1, 2, 8])
causality = pytest.mark.parametrize("causal", [False, True])


def case(seed):
    """Every row begins with a real behavior, or torch's causal rows would be empty."""
    torch.manual_seed(seed)
    mask = torch.rand(B, T) < 0.6
    mask[:, 0] = True
    return torch.randn(B, T, E), mask


def later(causal):
    """Torch's mask says True where one may not look."""
    return torch.ones(T, T).bool().triu(1) if causal else None


def copy(ours, theirs):
    """The weights of ``nn.MultiheadAttention`` into a layer of ours."""
    with torch.no_grad():
        if isinstance(ours, SelfAttention):
            ours.query_key_value.weight.copy_(theirs.in_proj_weight)
        else:
            query, key_value = theirs.in_proj_weight.split([E, 2 * E])
            ours.query.weight.copy_(query)
            ours.key_value.weight.copy_(key_value)
        ours.output.weight.copy_(theirs.out_proj.weight)
    return ours


def multihead(num_heads):
    return nn.MultiheadAttention(E, num_heads, bias=False, batch_first=True)


@seeds
@causality
@pytest.mark.parametrize("scale", [None, 0.3])
@pytest.mark.parametrize("num_heads", [None, 2])
def test_attend_equals_scaled_dot_product_attention(seed, causal, scale, num_heads):
    key, mask = case(seed)
    query, value = torch.randn_like(key), torch.randn_like(key)
    allowed = mask[:, None]
    if num_heads:
        query, key, value = (
            t.unflatten(-1, (num_heads, -1)).transpose(1, 2)
            for t in (query, key, value)
        )
        allowed = allowed[:, None]
    if causal:
        allowed = allowed & ~later(True)
    ours = attend(query, key, value, mask, causal=causal, scale=scale)
    theirs = F.scaled_dot_product_attention(
        query, key, value, attn_mask=allowed, scale=scale
    )
    torch.testing.assert_close(ours, theirs)


@seeds
@heads
@causality
@pytest.mark.parametrize("need_weights", [False, True])
def test_self_attention_equals_multihead_attention(
    seed, num_heads, causal, need_weights
):
    behaviors, mask = case(seed)
    theirs = multihead(num_heads)
    ours = copy(SelfAttention(E, num_heads, causal=causal), theirs)
    expected, their_weights = theirs(
        behaviors,
        behaviors,
        behaviors,
        key_padding_mask=~mask,
        attn_mask=later(causal),
        average_attn_weights=False,
    )
    found = ours(behaviors, mask, need_weights=need_weights)
    output, weights = found if need_weights else (found, None)
    # torch lets padding read; ours does not
    torch.testing.assert_close(output[mask], expected[mask])
    if need_weights:
        rows = mask[:, None].expand(B, num_heads, T)
        torch.testing.assert_close(weights[rows], their_weights[rows])


@seeds
@heads
def test_gradients_equal_those_of_multihead_attention(seed, num_heads):
    behaviors, mask = case(seed)
    theirs = multihead(num_heads)
    ours = copy(SelfAttention(E, num_heads), theirs)
    slope = torch.randn(B, T, E) * mask[..., None]
    for need_weights in (True, False):
        ours.zero_grad(), theirs.zero_grad()
        found = ours(behaviors, mask, need_weights=need_weights)
        output = found[0] if need_weights else found
        (output * slope).sum().backward()
        expected, _ = theirs(behaviors, behaviors, behaviors, key_padding_mask=~mask)
        (expected * slope).sum().backward()
        torch.testing.assert_close(
            ours.query_key_value.weight.grad, theirs.in_proj_weight.grad
        )
        torch.testing.assert_close(ours.output.weight.grad, theirs.out_proj.weight.grad)


@seeds
@heads
def test_target_attention_equals_multihead_attention(seed, num_heads):
    behaviors, mask = case(seed)
    target = torch.randn(B, M, E)
    theirs = multihead(num_heads)
    ours = copy(TargetAttention(E, num_heads), theirs)
    torch.testing.assert_close(
        ours(target, behaviors, mask, need_weights=True),
        theirs(
            target,
            behaviors,
            behaviors,
            key_padding_mask=~mask,
            average_attn_weights=False,
        ),
    )


@seeds
@heads
def test_dual_attention_equals_two_multihead_attentions(seed, num_heads):
    behaviors, mask = case(seed)
    target = torch.randn(B, M, E)
    first, second = multihead(num_heads), multihead(num_heads)
    ours = DualAttention(E, num_heads)
    copy(ours.self_attention, first)
    copy(ours.target_attention, second)
    related, _ = first(behaviors, behaviors, behaviors, key_padding_mask=~mask)
    expected, _ = second(target, related, related, key_padding_mask=~mask)
    torch.testing.assert_close(ours(target, behaviors, mask), expected)


@seeds
@heads
@causality
def test_block_equals_transformer_encoder_layer(seed, num_heads, causal):
    behaviors, mask = case(seed)
    theirs = nn.TransformerEncoderLayer(
        E, num_heads, dim_feedforward=20, dropout=0.0, batch_first=True, norm_first=True
    )  # the biases of its attention start at 0, where ours stay
    ours = TransformerBlock(E, num_heads, hidden_dim=20, causal=causal)
    copy(ours.attention, theirs.self_attn)
    for mine, other in [
        (ours.attention_norm, theirs.norm1),
        (ours.feed_forward_norm, theirs.norm2),
        (ours.feed_forward[0], theirs.linear1),
        (ours.feed_forward[3], theirs.linear2),
    ]:
        nn.init.normal_(other.bias)
        nn.init.normal_(other.weight)
        mine.load_state_dict(other.state_dict())
    expected = theirs(behaviors, later(causal), src_key_padding_mask=~mask)
    with_weights, _ = ours(behaviors, mask, need_weights=True)
    for output in (ours(behaviors, mask), with_weights):
        torch.testing.assert_close(output[mask], expected[mask], atol=1e-4, rtol=1e-4)
