"""funrec's AFM, AutoInt and MMoE are ours: the same weights give the same numbers."""

import sys
import types

import pytest
import torch

from seqviz.layers import InteractingLayer, MixtureOfExperts, PairwiseAttention

# its own asks PyPI for a newer version as soon as it is imported
quiet = types.ModuleType("funrec.utils")
quiet.check_version = lambda version: None
sys.modules.setdefault("funrec.utils", quiet)
pytest.importorskip("funrec", reason="make test-peers")

from funrec.inputs import DenseFeat
from funrec.layers import interaction
from funrec.models.p2018.mmoe.code import MMOE

B, F, E, D, X, Y = 7, 6, 8, 5, 3, 2
seeds = pytest.mark.parametrize("seed", range(3))
close = {"atol": 1e-6, "rtol": 1e-5}


@seeds
def test_afm(seed):
    torch.manual_seed(seed)
    ours, theirs = PairwiseAttention(E, D), interaction.AFMLayer(E, D)
    with torch.no_grad():
        theirs.attention_W.copy_(ours.attention.weight.T)
        theirs.attention_b.copy_(ours.attention.bias)
        theirs.projection_h.copy_(ours.score.weight.T)
    fields = torch.randn(B, F, E)
    expected = theirs(list(fields.split(1, dim=1)))
    torch.testing.assert_close(ours(fields) @ theirs.projection_p, expected, **close)


@seeds
@pytest.mark.parametrize("num_heads", [1, 2])
def test_autoint(seed, num_heads):
    torch.manual_seed(seed)
    ours = InteractingLayer(E, num_heads)
    theirs = interaction.InteractingLayer(E, num_heads, scaling=False)
    names = "W_Query", "W_key", "W_Value", "W_Res"
    with torch.no_grad():
        for name, block in zip(names, ours.projections.weight.split(E), strict=True):
            getattr(theirs, name).copy_(block.T)
    fields = torch.randn(B, F, E)
    torch.testing.assert_close(ours(fields), theirs(fields), **close)


@seeds
def test_mmoe(seed):
    torch.manual_seed(seed)
    ours = MixtureOfExperts(D, X, Y, (4,))
    theirs = MMOE(
        [DenseFeat(f"x{d}", 1) for d in range(D)],
        num_experts=X,
        expert_dnn_hidden_units=(4,),
        gate_dnn_hidden_units=(),
        tower_dnn_hidden_units=(),
    )
    with torch.no_grad():
        for x, expert in enumerate(theirs.expert_dnn):
            expert.linears[0].weight.copy_(ours.first.weight[4 * x : 4 * x + 4])
            expert.linears[0].bias.copy_(ours.first.bias[4 * x : 4 * x + 4])
        for y, gate in enumerate(theirs.gate_dnn_final_layer):
            gate.weight.copy_(ours.gate.weight[X * y : X * y + X])
        for tower in theirs.tower_dnn_final_layer:
            torch.nn.init.normal_(tower.weight)
    inputs = torch.randn(B, D)
    output = ours(inputs)
    logits = [
        tower(output[:, y]) + theirs.out[y].bias
        for y, tower in enumerate(theirs.tower_dnn_final_layer)
    ]
    torch.testing.assert_close(torch.cat(logits, 1).sigmoid(), theirs(inputs), **close)
