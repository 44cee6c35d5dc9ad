"""DIEN's layers are the paper's equations, written out one user and step at a time."""

import pytest
import torch

from seqviz.layers import InterestEvolution, InterestExtractor

B, T, E = 6, 9, 5
seeds = pytest.mark.parametrize("seed", range(3))


def case(seed, kind):
    torch.manual_seed(seed)
    module = InterestEvolution(E, kind).double()
    for weight in module.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    lengths = torch.randint(0, T + 1, (B,))
    mask = (torch.arange(T) < lengths[:, None]).flip(1)  # padding at the left
    states, target = torch.randn(B, T, E).double(), torch.randn(B, E).double()
    return module, states, target, mask


def evolved(module, history, target):
    """Equations 8 to 14 for one user: a list of h_t and the target to h'_T."""
    after = torch.zeros(E).double()
    if not len(history):
        return after
    scores = torch.stack([h @ module.score.W.T @ target for h in history])
    attention = scores.exp() / scores.exp().sum()
    W, U, b = (
        list(weight.split(E))
        for weight in (module.input_weight, module.state_weight, module.bias)
    )
    for h, a in zip(history, attention, strict=True):
        i = a * h if module.kind == "aigru" else h
        r = 1 / (1 + (-(W[0] @ i + U[0] @ after + b[0])).exp())
        candidate = torch.tanh(W[-1] @ i + r * (U[-1] @ after) + b[-1])
        if module.kind == "agru":
            u = a
        else:
            u = 1 / (1 + (-(W[1] @ i + U[1] @ after + b[1])).exp())
        if module.kind == "augru":
            u = a * u
        after = (1 - u) * after + u * candidate
    return after


@seeds
@pytest.mark.parametrize("kind", ["aigru", "agru", "augru"])
def test_evolution(seed, kind):
    module, states, target, mask = case(seed, kind)
    interest = module(target[:, None], states, mask)[:, 0]
    expected = torch.stack(
        [evolved(module, states[u, mask[u]], target[u]) for u in range(B)]
    )
    torch.testing.assert_close(interest, expected)
    assert interest.std() > 1e-2


@seeds
def test_extraction(seed):
    """Equations 2 to 5. Theirs writes with u, our GRU keeps with z = 1 - u."""
    _, behaviors, _, mask = case(seed, "augru")
    module = InterestExtractor(E).double()
    for weight in module.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    gru = module.gru
    W, U, b = (
        list(weight.split(E))
        for weight in (gru.input_weight, gru.state_weight, gru.bias)
    )
    with torch.no_grad():
        gru.state_bias.zero_()  # theirs has none
    states = module(behaviors, mask)
    for user in range(B):
        h = torch.zeros(E).double()
        for t in mask[user].nonzero()[:, 0]:
            e = behaviors[user, t]
            u = torch.sigmoid(-W[1] @ e - U[1] @ h - b[1])
            r = torch.sigmoid(W[0] @ e + U[0] @ h + b[0])
            candidate = torch.tanh(W[2] @ e + r * (U[2] @ h) + b[2])
            h = (1 - u) * h + u * candidate
            torch.testing.assert_close(states[user, t], h)
