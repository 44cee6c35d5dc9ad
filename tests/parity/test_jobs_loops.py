"""The layers of the jobs of attention are their papers' equations, written as loops."""

import math

import pytest
import torch

from seqviz.layers import (
    HiddenUnitGate,
    InteractingLayer,
    MixtureOfExperts,
    PairwiseAttention,
    SqueezeExcitation,
)

B, F, E, D = 4, 5, 6, 3
seeds = pytest.mark.parametrize("seed", range(3))


@pytest.fixture(autouse=True)
def double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def softmax(logits):
    powers = [math.exp(logit) for logit in logits]
    return [power / sum(powers) for power in powers]


def times(vector, layer):
    """``x W + b``, entry by entry, with the weight as torch keeps it."""
    bias = [0.0] * len(layer.weight) if layer.bias is None else layer.bias
    return [
        sum(x * w for x, w in zip(vector, row, strict=True)) + b
        for row, b in zip(layer.weight, bias, strict=True)
    ]


def relu(vector):
    return [max(float(x.detach()), 0.0) for x in vector]


@seeds
def test_pairwise_attention(seed):
    torch.manual_seed(seed)
    fields, layer = torch.randn(B, F, E), PairwiseAttention(E, D)
    output, found = layer(fields, need_weights=True)
    for row in range(B):
        pairs = [(i, j) for i in range(F) for j in range(i + 1, F)]
        products = [fields[row, i] * fields[row, j] for i, j in pairs]
        logits = [
            float(times(relu(times(p, layer.attention)), layer.score)[0])
            for p in products
        ]
        weights = softmax(logits)
        expected = sum(w * p for w, p in zip(weights, products, strict=True))
        torch.testing.assert_close(output[row], expected)
        torch.testing.assert_close(found[row], torch.tensor(weights))


@seeds
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_squeeze_excitation(seed, activation):
    torch.manual_seed(seed)
    fields, layer = torch.randn(B, F, E), SqueezeExcitation(F, 2, activation)
    output = layer(fields)
    for row in range(B):
        squeezed = [sum(v) / E for v in fields[row]]
        logits = times(relu(times(squeezed, layer.squeeze)), layer.excite)
        for f, logit in enumerate(map(float, logits)):
            gate = max(logit, 0) if activation == "relu" else 1 / (1 + math.exp(-logit))
            torch.testing.assert_close(output[row, f], gate * fields[row, f])


@seeds
def test_hidden_unit_gate(seed):
    torch.manual_seed(seed)
    hidden, context, layer = torch.randn(B, D), torch.randn(B, E), HiddenUnitGate(E, D)
    torch.nn.init.normal_(layer.gate.weight)
    output = layer(hidden, context)
    for row in range(B):
        for unit, logit in enumerate(times(context[row], layer.gate)):
            expected = 2 / (1 + math.exp(-logit)) * hidden[row, unit]
            torch.testing.assert_close(output[row, unit], expected)


@seeds
@pytest.mark.parametrize("units", [(4,), (4, 5)])
def test_mixture_of_experts(seed, units):
    torch.manual_seed(seed)
    X, Y = 3, 2
    inputs, layer = torch.randn(B, D), MixtureOfExperts(D, X, Y, units)
    output = layer(inputs)
    first = layer.first.weight.split(units[0]), layer.first.bias.split(units[0])
    for row in range(B):
        says = []
        for x in range(X):
            hidden = torch.relu(first[0][x] @ inputs[row] + first[1][x])
            if len(units) > 1:
                weight, bias = layer.weights[0][x], layer.biases[0][x, 0]
                hidden = torch.relu(hidden @ weight + bias)
            says.append(hidden)
        for y in range(Y):
            logits = layer.gate.weight[y * X : (y + 1) * X] @ inputs[row]
            weights = softmax(logits.tolist())
            expected = sum(w * s for w, s in zip(weights, says, strict=True))
            torch.testing.assert_close(output[row, y], expected)


@seeds
@pytest.mark.parametrize("residual", [True, False])
def test_interacting_layer(seed, residual):
    torch.manual_seed(seed)
    H, width = 2, E // 2
    fields, layer = torch.randn(B, F, E), InteractingLayer(E, H, residual)
    output = layer(fields)
    matrices = layer.projections.weight.split(E)
    for row in range(B):
        query, key, value, *own = (fields[row] @ W.T for W in matrices)
        for f in range(F):
            read = []
            for h in range(H):
                part = slice(h * width, (h + 1) * width)
                weights = softmax([float(query[f, part] @ k[part]) for k in key])
                read.append(
                    sum(w * v[part] for w, v in zip(weights, value, strict=True))
                )
            expected = torch.cat(read) + (own[0][f] if residual else 0)
            torch.testing.assert_close(output[row, f], torch.relu(expected))
