"""RecTools' BERT4Rec is our stack; its SASRec is our parts in the authors' order."""

import pytest
import torch
from torch import nn

pytest.importorskip("rectools", reason="make test-peers")

from rectools.models.nn.transformers.net_blocks import (
    LearnableInversePositionalEncoding,
    PreLNTransformerLayers,
)
from rectools.models.nn.transformers.sasrec import SASRecTransformerLayers
from rectools.models.nn.transformers.torch_backbone import TransformerTorchBackbone

from seqviz.layers import attend
from seqviz.layers.heads import join_heads, split_heads
from seqviz.models import BERT4Rec, SASRec

B, T, E, HEADS, BLOCKS, ITEMS = 6, 9, 8, 2, 2, 40
seeds = pytest.mark.parametrize("seed", range(3))


def case(seed):
    """On the left padded, from one item to T."""
    torch.manual_seed(seed)
    ids = torch.randint(1, ITEMS + 1, (B, T))
    return ids * (torch.arange(T) >= torch.randint(0, T, (B, 1)))


def backbone(layers, positions, causal):
    """Theirs with the padding masked, which is no default, and our positions."""
    encoding = LearnableInversePositionalEncoding(
        True, len(positions.weight), E, use_scale_factor=True
    )
    with torch.no_grad():  # ours scales items and positions, theirs the items
        encoding.pos_emb.weight.copy_(positions.weight * E**0.5)
    return TransformerTorchBackbone(
        HEADS,
        0.0,
        nn.Identity(),
        encoding,
        layers,
        nn.Identity(),
        use_causal_attn=causal,
        use_key_padding_mask=True,
    ).eval()


def copy(block, attention, norms, network):
    """Random norms and biases into both; the attention's biases are 0 in both."""
    with torch.no_grad():
        attention.in_proj_weight.copy_(block.attention.query_key_value.weight)
        attention.out_proj.weight.copy_(block.attention.output.weight)
    linear = (network.ff_linear_1, network.ff_linear_2)
    mine = (block.feed_forward[0], block.feed_forward[3])
    own_norms = (block.attention_norm, block.feed_forward_norm)
    for ours, theirs in zip((*mine, *own_norms), (*linear, *norms), strict=True):
        nn.init.normal_(ours.bias)
        nn.init.normal_(ours.weight)
        theirs.load_state_dict(ours.state_dict())


@seeds
def test_bert4rec(seed):
    ids = case(seed)
    ours = BERT4Rec(
        ITEMS, E, HEADS, BLOCKS, T, norm_first=True, output_layer=False
    ).eval()
    layers = PreLNTransformerLayers(BLOCKS, E, HEADS, 0.0)
    for block, layer in zip(ours.blocks, layers.transformer_blocks, strict=True):
        norms = (layer.layer_norm_1, layer.layer_norm_2)
        copy(block, layer.multi_head_attn, norms, layer.feed_forward)
    theirs = backbone(layers, ours.positions, causal=False)
    table = torch.cat([ours.embedding.weight, ours.mask_vector[None]]).detach()
    asked = torch.cat([ids, torch.full((B, 1), ITEMS + 1)], 1)  # the mask behind
    with torch.no_grad():
        expected = theirs.encode_sessions({"x": asked}, table)[:, -1]
        found = ours.interests(ids)[:, 0]
    # ours has a norm behind the blocks
    torch.testing.assert_close(found, ours.output(expected), atol=1e-5, rtol=1e-4)


@seeds
def test_sasrec(seed):
    """Its residual runs from the normed query, and keys and values are not normed."""
    ids = case(seed)
    mask = ids != 0
    ours = SASRec(ITEMS, E, HEADS, BLOCKS, max_length=T).eval()
    layers = SASRecTransformerLayers(BLOCKS, E, HEADS, 0.0)
    for block, layer in zip(ours.blocks, layers.transformer_blocks, strict=True):
        norms = (layer.q_layer_norm, layer.ff_layer_norm)
        copy(block, layer.multi_head_attn, norms, layer.feed_forward)
    theirs = backbone(layers, ours.positions, causal=True)
    with torch.no_grad():
        expected = theirs.encode_sessions({"x": ids}, ours.embedding.weight.detach())
        states = ours.positions(ours.embedding(ids), mask) * E**0.5
        for block in ours.blocks:
            states = states * mask[..., None]
            asking = block.attention_norm(states)
            W_Q, W_K, W_V = block.attention.query_key_value.weight.chunk(3)
            query, key, value = (
                split_heads(x @ W.T, HEADS)
                for x, W in ((asking, W_Q), (states, W_K), (states, W_V))
            )
            read = join_heads(attend(query, key, value, mask, causal=True))
            states = asking + block.attention.output(read)
            states = block.feed_forward_norm(states)
            states = states + block.feed_forward(states)
        found = nn.functional.layer_norm(states, (E,), eps=1e-8)
    torch.testing.assert_close(found[mask], expected[mask], atol=1e-5, rtol=1e-4)
