"""ComiRec-SA is attention with K learned queries: torch's own kernel agrees."""

import pytest
import torch
import torch.nn.functional as F

from seqviz.layers import MultiInterestSelfAttention


@pytest.mark.parametrize("seed", range(5))
def test_equals_scaled_dot_product_attention(seed):
    torch.manual_seed(seed)
    layer = MultiInterestSelfAttention(8, 4)
    behaviors = torch.randn(6, 11, 8)
    mask = torch.rand(6, 11) < 0.6
    mask[:, 0] = True
    interests = layer(behaviors, mask)
    theirs = F.scaled_dot_product_attention(
        query=layer.W2.T.expand(6, -1, -1),
        key=torch.tanh(behaviors @ layer.W1),
        value=behaviors,
        attn_mask=mask[:, None, :],
        scale=1.0,
    )
    torch.testing.assert_close(interests, theirs)
