"""What the chapter on the jobs of attention defines is compared with the package."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from definitions import definitions, experiment
from torch import nn

from seqviz.data.planted_fields import planted_fields
from seqviz.experiments.field_trial import variance_split
from seqviz.layers import (
    HiddenUnitGate,
    InteractingLayer,
    InterestEvolution,
    InterestExtractor,
    MixtureOfExperts,
    PairwiseAttention,
    SqueezeExcitation,
)
from seqviz.layers.session_interest import BiasEncoding

chapter = definitions("attention/jobs")
B, F, E, D, X, Y = 6, 5, 8, 3, 4, 2


@pytest.fixture(params=range(3))
def fields(request):
    torch.manual_seed(request.param)
    return torch.randn(B, F, E)


def test_pairs(fields):
    layer = PairwiseAttention(E, D)
    own = layer.attention.weight.T, layer.attention.bias, layer.score.weight[0]
    output, weights = chapter.pairwise(fields, *own)
    expected, expected_weights = layer(fields, need_weights=True)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(weights, expected_weights)


@pytest.mark.parametrize("last", ["relu", "sigmoid"])
def test_gates(fields, last):
    layer = SqueezeExcitation(F, 2, last)
    own = layer.squeeze.weight.T, layer.excite.weight.T, getattr(torch, last)
    output, gate = chapter.squeeze_excite(fields, *own)
    expected, expected_gate = layer(fields, need_weights=True)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(gate, expected_gate)


def test_units(fields):
    layer, hidden = HiddenUnitGate(E, D), torch.randn(B, D)
    nn.init.normal_(layer.gate.weight)
    own = fields[:, 0], layer.gate.weight.T, layer.gate.bias
    torch.testing.assert_close(
        chapter.hidden_unit_gate(hidden, *own)[0], layer(hidden, fields[:, 0])
    )


def test_experts(fields):
    layer, inputs = MixtureOfExperts(E, X, Y, (D,)), fields[:, 0]
    W = layer.gate.weight.view(Y, X, E).mT
    output, weights = chapter.mixture(inputs, layer.experts(inputs), W)
    expected, expected_weights = layer(inputs, need_weights=True)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(weights, expected_weights)


def test_fields_that_read(fields):
    layer = InteractingLayer(E, 1)
    own = [W.T for W in layer.projections.weight.split(E)]
    output, weights = chapter.interacting(fields, *own)
    expected, expected_weights = layer(fields, need_weights=True)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(weights, expected_weights[:, 0])


@pytest.mark.parametrize("kind", ["aigru", "augru"])
def test_a_step_of_dien(fields, kind):
    layer = InterestEvolution(E, kind)
    nn.init.normal_(layer.bias)
    step = SimpleNamespace(
        W=[W.T for W in layer.input_weight.split(E)],
        U=[U.T for U in layer.state_weight.split(E)],
        b=layer.bias.split(E),
    )
    weight = torch.rand(B, 1)
    found = chapter.evolve(fields[:, 0], fields[:, 1], weight, step, kind)
    expected, _ = layer.step(fields[:, 0], fields[:, 1], weight)
    torch.testing.assert_close(found, expected)
    if kind == "augru":  # nothing counts, nothing is written
        still = chapter.evolve(fields[:, 0], fields[:, 1], 0 * weight, step, kind)
        torch.testing.assert_close(still, fields[:, 1])


def test_the_auxiliary_loss(fields):
    clicked, other = torch.randn(2, B, F, E)
    real = torch.ones(B, F, dtype=torch.bool)
    torch.testing.assert_close(
        chapter.auxiliary_loss(fields, clicked, other),
        InterestExtractor(E).auxiliary_loss(fields, clicked, other, real),
    )


def test_the_bias_encoding():
    layer, sessions = BiasEncoding(3, F, E), torch.randn(B, 3, F, E)
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    own = layer.session.flip(0), layer.place.flip(0), layer.coordinate
    real = torch.ones(B, 3, F, dtype=torch.bool)
    torch.testing.assert_close(
        chapter.bias_encoding(sessions, *own), layer(sessions, real)
    )


def test_the_split_is_the_packages():
    torch.manual_seed(0)
    gates = torch.rand(40, 5) + torch.rand(5)
    rows = planted_fields(40, 5).fields
    expected = variance_split(gates, rows)["inputs"]
    assert chapter.from_inputs(gates) == pytest.approx(expected, abs=1e-5)


def test_the_attention_of_the_summed_pairs_is_always_one(fields):
    own = torch.randn(E, D), torch.randn(D), torch.randn(D)
    output, weight = chapter.summed_first(fields, *own)
    assert (weight == 1).all()
    layer = PairwiseAttention(E)
    torch.testing.assert_close(output, layer(fields, frozen=torch.ones(())))


def test_the_published_gate_reads_the_other_rows():
    W, norm, inputs = torch.randn(E, X), nn.BatchNorm1d(X), torch.randn(B, E)
    whole = chapter.published_gate(inputs, W, norm)
    part = chapter.published_gate(inputs[:3], W, norm)
    assert not torch.allclose(whole[:3], part, atol=1e-3)


def test_a_relu_shuts_fields_and_a_sigmoid_does_not():
    assert chapter.shut_fields(torch.relu, starts=20) > 0
    assert chapter.shut_fields(torch.sigmoid, starts=20) == 0


def test_the_experiments_build_every_model():
    rows = planted_fields(30, 8, seed=1)
    for name in ("attention/jobs", "attention/jobs_labels"):
        script = experiment(name)
        fixed = next(iter(script.STUDY.data.values()))
        width = {"embedding_dim": fixed["embedding_dim"], "hidden_dim": 16}
        for make in script.MODELS.values():
            model = make(rows.sizes, **width)
            assert model(rows.batch()).shape == (30, len(model.labels))


def test_a_pair_that_is_taken_away_is_missed():
    script = experiment("attention/jobs")
    rows = planted_fields(200, 8, seed=1)
    torch.manual_seed(0)
    model = script.MODELS["pairs, summed"](rows.sizes)
    found = script.without_each_pair(model.eval(), rows)
    assert len(found["lost without the pair"]) == 21
    assert np.abs(found["lost without the pair"]).max() > 0
    assert sum(found["interacts"]) == 4
    assert script.without_each_pair(script.MODELS["network"](rows.sizes), rows) == {}
