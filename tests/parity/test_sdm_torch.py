"""SDM's parts are torch's: the same weights give the same numbers."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seqviz.layers import LongTermInterest, ShortTermEncoder

B, T, E = 7, 11, 8


def case(seed):
    torch.manual_seed(seed)
    lengths = torch.randint(1, T + 1, (B,))
    mask = torch.arange(T) < lengths[:, None]
    return torch.randn(B, T, E), mask, torch.randn(B, E), lengths


@pytest.mark.parametrize("num_heads", [1, 2, 4])
@pytest.mark.parametrize("seed", range(3))
def test_short_term_is_a_packed_lstm_and_torchs_attentions(seed, num_heads):
    behaviors, mask, user, lengths = case(seed)
    ours = ShortTermEncoder(E, num_heads)
    lstm = nn.LSTM(E, E, batch_first=True)
    lstm.load_state_dict(ours.lstm.state_dict())
    attention = nn.MultiheadAttention(E, num_heads, bias=False, batch_first=True)
    with torch.no_grad():
        attention.in_proj_weight.copy_(ours.heads.query_key_value.weight)
        attention.out_proj.weight.copy_(ours.heads.output.weight)
    packed = pack_padded_sequence(
        behaviors, lengths, batch_first=True, enforce_sorted=False
    )
    states, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=T)
    states, _ = attention(states, states, states, key_padding_mask=~mask)
    theirs = F.scaled_dot_product_attention(
        user[:, None], states, states, attn_mask=mask[:, None], scale=1.0
    )[:, 0]
    torch.testing.assert_close(ours(behaviors, mask, user), theirs)
    flipped = ours(behaviors.roll(3, 1), mask.roll(3, 1), user)
    whole = lengths <= T - 3  # the others begin in the middle of their session
    torch.testing.assert_close(flipped[whole], theirs[whole])


@pytest.mark.parametrize("seed", range(3))
def test_long_term_is_one_attention_for_each_attribute(seed):
    torch.manual_seed(seed)
    values, user = torch.randn(B, 3, 5, E), torch.randn(B, E)
    mask = torch.rand(B, 3, 5) < 0.6
    mask[..., 0] = True
    ours = LongTermInterest(E, 3)
    read = F.scaled_dot_product_attention(
        user[:, None, None].expand(B, 3, 1, E),
        values,
        values,
        attn_mask=mask[:, :, None],
        scale=1.0,
    )
    theirs = torch.tanh(ours.join(read.flatten(1)))
    torch.testing.assert_close(ours(values, mask, user), theirs)
