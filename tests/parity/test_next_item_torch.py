"""The next-item models are stacks of torch's encoder layer, and its NaN is not ours.

The same weights give the same numbers: pre-norm for SASRec, post-norm for BERT4Rec and
BST, written here from the papers without a line of ours.
"""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from seqviz.data import ClickBatch
from seqviz.layers import TransformerBlock
from seqviz.models import BST, BERT4Rec, SASRec

B, T, E, N = 6, 9, 8, 40
seeds = pytest.mark.parametrize("seed", range(3))


def histories(seed):
    """On the left padded, from one item to T; and what is real."""
    torch.manual_seed(seed)
    ids = torch.randint(1, N + 1, (B, T))
    mask = torch.arange(T) >= torch.randint(0, T, (B, 1))
    return ids * mask, mask


def torchs(block, heads, activation):
    """torch's layer with the block's weights; both get random norms and biases."""
    theirs = nn.TransformerEncoderLayer(
        E,
        heads,
        dim_feedforward=block.feed_forward[0].out_features,
        dropout=0.0,
        activation=activation,
        batch_first=True,
        norm_first=block.norm_first,
    )
    for mine, other in [
        (block.attention_norm, theirs.norm1),
        (block.feed_forward_norm, theirs.norm2),
        (block.feed_forward[0], theirs.linear1),
        (block.feed_forward[3], theirs.linear2),
    ]:
        nn.init.normal_(other.bias)
        nn.init.normal_(other.weight)
        mine.load_state_dict(other.state_dict())
    with torch.no_grad():
        theirs.self_attn.in_proj_weight.copy_(block.attention.query_key_value.weight)
        theirs.self_attn.out_proj.weight.copy_(block.attention.output.weight)
    return theirs  # in training mode, without dropout: not its fast path


def stack(layers, states, mask, causal):
    length = states.shape[1]
    later = torch.ones(length, length).bool().triu(1) if causal else None
    # padding may read itself, or its rows are NaN there
    for layer in layers:
        hidden = ~mask[:, None].expand(-1, length, -1)
        if causal:
            hidden = hidden | later
        hidden = hidden & ~torch.eye(length).bool()
        heads = layer.self_attn.num_heads
        states = layer(states, hidden.repeat_interleave(heads, 0))
    return states


def counted_back(mask):
    return (mask.flip(1).cumsum(1).flip(1) - 1).clamp(min=0)


@seeds
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("causal", [True, False])
def test_the_block_is_torchs_layer(seed, norm_first, activation, causal):
    _, mask = histories(seed)
    states = torch.randn(B, T, E)
    block = TransformerBlock(
        E, 2, causal=causal, norm_first=norm_first, activation=activation
    )
    expected = stack([torchs(block, 2, activation)], states, mask, causal)
    found, _ = block(states, mask, need_weights=True)
    for output in (block(states, mask), found):
        torch.testing.assert_close(output[mask], expected[mask], atol=1e-4, rtol=1e-4)
        assert (output[~mask] == 0).all()
    torch.testing.assert_close(
        block.at_latest(states, mask)[:, 0], expected[:, -1], atol=1e-4, rtol=1e-4
    )


@seeds
def test_sasrec(seed):
    ids, mask = histories(seed)
    model = SASRec(N, E, 2, 2, max_length=T).eval()
    layers = [torchs(block, 2, "relu") for block in model.blocks]
    states = model.embedding(ids) + model.positions.weight[counted_back(mask)]
    states = model.norm(stack(layers, states * E**0.5, mask, causal=True))
    found = model.states(*model.behaviors(ids))
    torch.testing.assert_close(found[mask], states[mask], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(
        model.interests(ids)[:, 0], states[:, -1], atol=1e-4, rtol=1e-4
    )


@seeds
def test_bert4rec(seed):
    ids, mask = histories(seed)
    model = BERT4Rec(N, E, 2, 2, max_length=T).eval()
    layers = [torchs(block, 2, "gelu") for block in model.blocks]
    real = torch.cat([mask, torch.ones(B, 1).bool()], 1)
    items = torch.cat([model.embedding(ids), model.mask_vector.expand(B, 1, E)], 1)
    states = items + model.positions.weight[counted_back(real)]
    states = stack(layers, model.input_norm(states * E**0.5), real, causal=False)
    linear, norm = model.output[0], model.output[2]
    expected = norm(F.gelu(F.linear(states[:, -1], linear.weight, linear.bias)))
    torch.testing.assert_close(
        model.interests(ids)[:, 0], expected, atol=1e-4, rtol=1e-4
    )


@seeds
@pytest.mark.parametrize("num_blocks", [1, 2])
def test_bst(seed, num_blocks):
    ids, mask = histories(seed)
    model = BST(N, E, num_heads=2, num_blocks=num_blocks, max_length=T).eval()
    targets = torch.randint(1, N + 1, (B,))
    layers = [torchs(block, 2, "relu") for block in model.pooling.blocks]
    real = torch.cat([mask, torch.ones(B, 1).bool()], 1)
    row = torch.cat([ids, targets[:, None]], 1)
    states = model.embedding(row) + model.pooling.positions.weight[counted_back(real)]
    states = stack(layers, states * E**0.5, real, causal=False)
    joined = torch.cat([states[:, -1], model.embedding(targets)], 1)
    for layer in model.layers:
        joined = layer(joined)
    zeros = torch.zeros(B, dtype=torch.long)
    batch = ClickBatch(ids, mask, targets, zeros, zeros, zeros.float())
    torch.testing.assert_close(model.logits(batch), joined[:, 0], atol=1e-4, rtol=1e-4)


def test_left_padding_and_a_causal_mask_are_nan_in_torchs_encoder_and_not_here():
    """findings/torch-encoder-eval.sh; also in the chapter."""
    torch.manual_seed(0)
    ids = torch.tensor([[0, 0, 3, 7]])
    model = SASRec(N, E, 2, 2, max_length=4).eval()
    layer = nn.TransformerEncoderLayer(E, 2, 16, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval()
    later = torch.ones(4, 4).bool().triu(1)
    with torch.no_grad():
        theirs = encoder(
            torch.randn(1, 4, E), mask=later, src_key_padding_mask=ids == 0
        )
        ours = model.states(*model.behaviors(ids))
    assert theirs[0, 2:].isnan().all()
    assert ours.isfinite().all()
