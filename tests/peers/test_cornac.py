"""GRU4Rec and BPR-max are those of cornac, which follows the authors' program."""

import pytest
import torch

pytest.importorskip("cornac", reason="make test-peers")

from cornac.models.gru4rec.gru4rec import GRU4RecModel, score
from cornac.models.seq_utils.losses import bpr_max_loss

from seqviz.layers import bpr_max
from seqviz.models import GRU4Rec

ITEMS, E = 30, 8
seeds = pytest.mark.parametrize("seed", range(3))


@seeds
def test_gru4rec(seed):
    """Its items begin at 0 and its padding is the last row; it scales nothing."""
    torch.manual_seed(seed)
    theirs, ours = GRU4RecModel(ITEMS, layers=[E]).eval(), GRU4Rec(ITEMS, E).eval()
    for bias in (theirs.By.weight, theirs.G[0].bias_ih, theirs.G[0].bias_hh):
        torch.nn.init.normal_(bias)
    cell, theirs_cell = ours.recurrent, theirs.G[0]
    with torch.no_grad():
        ours.embedding.weight[1:] = theirs.Wy.weight[:ITEMS]
        # ours scales its input up by √E, and adds the biases of both gates
        cell.input_weight.copy_(theirs_cell.weight_ih / E**0.5)
        cell.state_weight.copy_(theirs_cell.weight_hh)
        cell.bias.copy_(theirs_cell.bias_ih)
        cell.bias[: 2 * E] += theirs_cell.bias_hh[: 2 * E]
        cell.state_bias.copy_(theirs_cell.bias_hh[2 * E :])
    history = torch.randint(0, ITEMS, (7,))
    expected = torch.from_numpy(score(theirs, [E], "cpu", history.tolist()))
    query = ours.interests(1 + history[None])[0, 0]
    found = ours.embedding.weight[1:] @ query + theirs.By.weight[:ITEMS, 0]
    torch.testing.assert_close(found, expected[:ITEMS], atol=1e-5, rtol=1e-4)


@seeds
@pytest.mark.parametrize("regularization", [0.0, 0.7])
def test_bpr_max(seed, regularization):
    """In a mini-batch the others' targets are the negatives."""
    torch.manual_seed(seed)
    scores = torch.randn(6, 6)
    own = torch.eye(6, dtype=torch.bool)
    theirs = bpr_max_loss(scores, bpreg=regularization, elu_param=0)
    ours = bpr_max(scores.diagonal(), scores, ~own, regularization=regularization)
    torch.testing.assert_close(ours, theirs)
