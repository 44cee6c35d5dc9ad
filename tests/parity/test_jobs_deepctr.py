"""Our AFM, SENet, AutoInt and MMoE are deepctr-torch's: same weights, same numbers."""

import pytest
import torch

from benchmarks.quiet_deepctr import import_deepctr
from seqviz.layers import (
    InteractingLayer,
    MixtureOfExperts,
    PairwiseAttention,
    SqueezeExcitation,
)

import_deepctr()
from deepctr_torch.inputs import DenseFeat
from deepctr_torch.layers import interaction
from deepctr_torch.models import MMOE

B, F, E, D = 7, 6, 8, 5
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
    fields = torch.randn(B, F, E, requires_grad=True)
    output, weights = ours(fields, need_weights=True)
    expected = theirs(list(fields.split(1, dim=1)))
    torch.testing.assert_close(output @ theirs.projection_p, expected, **close)
    torch.testing.assert_close(weights, theirs.normalized_att_score[..., 0], **close)
    mine, other = (
        torch.autograd.grad(y.square().sum(), fields)[0]
        for y in (output @ theirs.projection_p, expected)
    )
    torch.testing.assert_close(mine, other, **close)


@seeds
@pytest.mark.parametrize("reduction", [1, 3, 20])
def test_senet(seed, reduction):
    torch.manual_seed(seed)
    ours = SqueezeExcitation(F, reduction)
    theirs = interaction.SENETLayer(F, reduction)
    with torch.no_grad():
        for weight in ours.parameters():
            weight.abs_()  # some fields must get through both ReLUs
        theirs.excitation[0].weight.copy_(ours.squeeze.weight)
        theirs.excitation[2].weight.copy_(ours.excite.weight)
    fields = torch.randn(B, F, E)
    assert ours(fields).any()
    torch.testing.assert_close(ours(fields), theirs(fields), **close)


@seeds
@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("num_heads", [1, 2, 4])
def test_autoint(seed, num_heads, residual):
    torch.manual_seed(seed)
    ours = InteractingLayer(E, num_heads, residual)
    theirs = interaction.InteractingLayer(E, num_heads, residual, scaling=False)
    names = ["W_Query", "W_key", "W_Value", "W_Res"][: 4 if residual else 3]
    with torch.no_grad():
        for name, block in zip(names, ours.projections.weight.split(E), strict=True):
            getattr(theirs, name).copy_(block.T)
    fields = torch.randn(B, F, E)
    output, weights = ours(fields, need_weights=True)
    # it squeezes a list of one head away, its batch stays
    torch.testing.assert_close(output, theirs(fields), **close)
    torch.testing.assert_close(
        weights, theirs.normalized_att_scores.transpose(0, 1), **close
    )


@seeds
@pytest.mark.parametrize("units", [(4,), (6, 4)])
def test_mmoe(seed, units):
    torch.manual_seed(seed)
    X, Y = 3, 2
    ours = MixtureOfExperts(D, X, Y, units)
    theirs = MMOE(
        [DenseFeat(f"x{d}", 1) for d in range(D)],
        num_experts=X,
        expert_dnn_hidden_units=units,
        gate_dnn_hidden_units=(),
        tower_dnn_hidden_units=(),
    )
    with torch.no_grad():
        for x, expert in enumerate(theirs.expert_dnn):
            first, *others = expert.linears
            rows = slice(x * units[0], (x + 1) * units[0])
            first.weight.copy_(ours.first.weight[rows])
            first.bias.copy_(ours.first.bias[rows])
            for layer, weight, bias in zip(
                others, ours.weights, ours.biases, strict=True
            ):
                layer.weight.copy_(weight[x].T)
                layer.bias.copy_(bias[x, 0])
        for y, gate in enumerate(theirs.gate_dnn_final_layer):
            gate.weight.copy_(ours.gate.weight[y * X : (y + 1) * X])
        for tower in theirs.tower_dnn_final_layer:
            torch.nn.init.normal_(tower.weight)
    inputs = torch.randn(B, D)
    output = ours(inputs)  # [B, Y, E]
    logits = [
        tower(output[:, y]) + theirs.out[y].bias
        for y, tower in enumerate(theirs.tower_dnn_final_layer)
    ]
    assert torch.cat(logits).std() > 1e-2
    torch.testing.assert_close(torch.cat(logits, 1).sigmoid(), theirs(inputs), **close)
