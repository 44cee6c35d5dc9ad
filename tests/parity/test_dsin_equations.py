"""DSIN is the paper's equations, written out one user, session and head at a time."""

import pytest
import torch

from seqviz.layers import SessionInterest

B, S, T, E, H = 5, 3, 4, 6, 2


def softmax(scores):
    return scores.exp() / scores.exp().sum()


def normalized(vector, norm):
    spread = ((vector - vector.mean()) ** 2).mean()
    return (vector - vector.mean()) / (
        spread + norm.eps
    ).sqrt() * norm.weight + norm.bias


def interest_of(module, Q):
    """Equations 3 to 5: one session ``[t, E]`` to ``[E]``."""
    attention, network = module.attention, module.network
    W_Q, W_K, W_V = attention.query_key_value.weight.chunk(3)
    read = []
    for x in Q:
        heads = []
        for h in range(H):
            own = slice(h * E // H, (h + 1) * E // H)
            scores = torch.stack([(W_Q @ x)[own] @ (W_K @ y)[own] for y in Q])
            weights = softmax(scores / (E / H) ** 0.5)
            heads.append(
                sum(w * (W_V @ y)[own] for w, y in zip(weights, Q, strict=True))
            )
        y = normalized(
            x + attention.output.weight @ torch.cat(heads), module.attention_norm
        )
        hidden = (network[0].weight @ y + network[0].bias).clamp(min=0)
        z = network[2].weight @ hidden + network[2].bias
        read.append(normalized(y + z, module.network_norm))
    return sum(read) / len(Q)


def lstm(layer, inputs):
    h = C = torch.zeros(E).double()
    states = []
    for x in inputs:
        i, f, c, o = (
            layer.input_weight @ x + layer.state_weight @ h + layer.bias
        ).chunk(4)
        C = f.sigmoid() * C + i.sigmoid() * c.tanh()
        h = o.sigmoid() * C.tanh()
        states.append(h)
    return states


def expected(module, target, history):
    """A history is a list of sessions ``[t, E]``, oldest first."""
    if not history:
        return torch.zeros(3 * E).double()
    bias, interests = module.bias, []
    for k, Q in enumerate(history):
        session = bias.session[len(history) - 1 - k]
        encoded = [
            q + session + bias.place[len(Q) - 1 - t] + bias.coordinate
            for t, q in enumerate(Q)
        ]
        interests.append(interest_of(module.extractor, encoded))
    ahead = lstm(module.forward_lstm, interests)
    back = lstm(module.backward_lstm, interests[::-1])[::-1]
    states = [torch.cat(pair) for pair in zip(ahead, back, strict=True)]
    parts = []
    for vectors, matrix in (
        (interests, module.for_interests),
        (states, module.for_evolved),
    ):
        weights = softmax(torch.stack([v @ matrix.weight @ target for v in vectors]))
        parts.append(sum(w * v for w, v in zip(weights, vectors, strict=True)))
    return torch.cat(parts)


@pytest.mark.parametrize("seed", range(3))
def test_dsin(seed):
    torch.manual_seed(seed)
    module = SessionInterest(E, S, T, H).double()
    for weight in module.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    query, sessions = torch.randn(B, 1, E).double(), torch.randn(B, S, T, E).double()
    lengths = torch.randint(0, T + 1, (B, S))
    lengths[0], lengths[1] = T, 0
    mask = torch.arange(T) < lengths[..., None]
    found = module(query, sessions, mask)[:, 0]
    for user in range(B):
        history = [
            sessions[user, k, mask[user, k]] for k in range(S) if lengths[user, k]
        ]
        theirs = expected(module, query[user, 0], history)
        torch.testing.assert_close(found[user], theirs)
