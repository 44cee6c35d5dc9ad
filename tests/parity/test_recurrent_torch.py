"""Our recurrent layers are torch's: the same weights give the same numbers."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seqviz.layers import GRU, LSTM, RNN

B, T, E, H = 6, 11, 5, 7
seeds = pytest.mark.parametrize("seed", range(3))
pairs = pytest.mark.parametrize(
    ("kind", "theirs"), [(RNN, nn.RNN), (LSTM, nn.LSTM), (GRU, nn.GRU)]
)


def case(kind, theirs, seed):
    """The weights of torch's layer in ours: torch's second bias is ours added up."""
    torch.manual_seed(seed)
    ours, theirs = kind(E, H), theirs(E, H, batch_first=True)
    with torch.no_grad():
        ours.input_weight.copy_(theirs.weight_ih_l0)
        ours.state_weight.copy_(theirs.weight_hh_l0)
        if kind is GRU:  # the candidate's stays inside the reset gate
            ours.state_bias.copy_(theirs.bias_hh_l0[2 * H :])
            inside = torch.cat([theirs.bias_hh_l0[: 2 * H], torch.zeros(H)])
        else:
            inside = theirs.bias_hh_l0
        ours.bias.copy_(theirs.bias_ih_l0 + inside)
    lengths = torch.randint(1, T + 1, (B,))
    return ours, theirs, torch.randn(B, T, E), lengths


def parts(state):
    return state if isinstance(state, tuple) else (state,)


def first(kind):
    pair = torch.randn(2, 1, B, H)
    return tuple(pair) if kind is LSTM else pair[0]


def flat(state):
    """Torch has an axis for its layers."""
    one = tuple(part[0] for part in parts(state))
    return one if len(one) > 1 else one[0]


@seeds
@pairs
@pytest.mark.parametrize("begun", [False, True])
def test_full_rows(kind, theirs, seed, begun):
    ours, theirs, behaviors, _ = case(kind, theirs, seed)
    state = first(kind) if begun else None
    expected, last = theirs(behaviors, state)
    own = flat(state) if begun else None
    torch.testing.assert_close(ours(behaviors, None, own), (expected, flat(last)))
    if kind is not RNN:
        *found, _ = ours(behaviors, None, own, need_gates=True)
        torch.testing.assert_close(tuple(found), (expected, flat(last)))


@seeds
@pairs
@pytest.mark.parametrize("side", ["left", "right"])
def test_packed(kind, theirs, seed, side):
    """States at the real steps, the last state, and all slopes."""
    ours, theirs, behaviors, lengths = case(kind, theirs, seed)
    state = first(kind)
    packed = pack_padded_sequence(
        behaviors, lengths, batch_first=True, enforce_sorted=False
    )
    packed, last = theirs(packed, state)
    expected, _ = pad_packed_sequence(packed, batch_first=True, total_length=T)
    right = torch.arange(T) < lengths[:, None]
    mask = right if side == "right" else right.flip(1)
    padded = torch.full_like(behaviors, 9.0)
    padded[mask] = behaviors[right]
    states, ended = ours(padded, mask, flat(state))
    torch.testing.assert_close(states[mask], expected[right])
    torch.testing.assert_close(ended, flat(last))
    slope, end = torch.randn(int(mask.sum()), H), torch.randn(B, H)
    for own, other in [
        ((states[mask] * slope).sum(), (expected[right] * slope).sum()),
        tuple(
            sum((part * end).sum() for part in parts(state))
            for state in (ended, flat(last))
        ),
    ]:
        ours.zero_grad(), theirs.zero_grad()
        own.backward(retain_graph=True), other.backward(retain_graph=True)
        for mine, name in [
            (ours.input_weight, "weight_ih_l0"),
            (ours.state_weight, "weight_hh_l0"),
            (ours.bias, "bias_ih_l0"),
        ]:
            torch.testing.assert_close(
                mine.grad, getattr(theirs, name).grad, atol=1e-5, rtol=1e-4
            )
        if kind is GRU:
            torch.testing.assert_close(
                ours.state_bias.grad, theirs.bias_hh_l0.grad[2 * H :]
            )
