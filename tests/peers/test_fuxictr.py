"""Our DIN layers are fuxictr's: the same weights give the same numbers."""

import pytest
import torch

pytest.importorskip("fuxictr", reason="make test-peers")

from fuxictr.pytorch.layers import Dice as TheirDice
from fuxictr.pytorch.layers import DIN_Attention

from seqviz.layers import AttentionSequencePooling, Dice

B, T, E, UNITS = 7, 9, 8, [6, 3]
seeds = pytest.mark.parametrize("seed", range(3))
each_form = pytest.mark.parametrize("softmax", [False, True])
close = {"atol": 1e-6, "rtol": 1e-5}


def case(seed):
    """Histories with holes anywhere, one real behavior at least."""
    torch.manual_seed(seed)
    mask = torch.rand(B, T) < 0.6
    mask[torch.arange(B), torch.randint(T, (B,))] = True
    return torch.randn(B, 1, E), torch.randn(B, T, E), mask


def pair(softmax):
    ours = AttentionSequencePooling(E, UNITS, "sigmoid", softmax=softmax)
    theirs = DIN_Attention(E, UNITS, "Sigmoid", use_softmax=softmax)
    linear = torch.nn.Linear
    mine = [layer for layer in ours.unit.layers if isinstance(layer, linear)]
    other = [layer for layer in theirs.attention_layer.mlp if isinstance(layer, linear)]
    for one, two in zip(mine, other, strict=True):
        two.load_state_dict(one.state_dict())
    return ours, theirs


@seeds
@each_form
def test_pooling(seed, softmax):
    query, behaviors, mask = case(seed)
    ours, theirs = pair(softmax)
    interest = ours(query, behaviors, mask)[:, 0]
    torch.testing.assert_close(interest, theirs(query[:, 0], behaviors, mask), **close)
    assert interest.std() > 1e-2


@seeds
@each_form
def test_gradients_of_the_pooling(seed, softmax):
    query, behaviors, mask = case(seed)
    ours, theirs = pair(softmax)
    slope = torch.randn(B, E)
    inputs = query.requires_grad_(), behaviors.requires_grad_()
    mine = torch.autograd.grad((ours(*inputs, mask)[:, 0] * slope).sum(), inputs)
    other = torch.autograd.grad(
        (theirs(query[:, 0], behaviors, mask) * slope).sum(), inputs
    )
    for one, two in zip(mine, other, strict=True):
        torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-4)


@seeds
@pytest.mark.parametrize("alpha", [0.0, 0.3])
def test_dice(seed, alpha):
    """Alike up to the momentum of the running statistics: 0.1 here, 0.01 there."""
    torch.manual_seed(seed)
    ours, theirs = Dice(E), TheirDice(E)
    for one in (ours, theirs):
        torch.nn.init.constant_(one.alpha, alpha)
    s = 3 * torch.randn(B, E) + 1
    torch.testing.assert_close(ours(s), theirs(s), **close)
    ours.running_mean.copy_(theirs.bn.running_mean)
    ours.running_var.copy_(theirs.bn.running_var)
    ours.eval(), theirs.eval()
    torch.testing.assert_close(ours(s), theirs(s), **close)
