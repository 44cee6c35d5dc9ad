"""Our DIN layers are deepctr-torch's: the same weights give the same numbers."""

import pytest
import torch

from benchmarks.quiet_deepctr import import_deepctr
from seqviz.layers import AttentionSequencePooling, Dice, LocalActivationUnit

import_deepctr()
from deepctr_torch.layers import activation, core, sequence

B, T, E = 7, 9, 8
seeds = pytest.mark.parametrize("seed", range(3))
close = {"atol": 1e-6, "rtol": 1e-6}


def case(seed):
    """Right-padded histories of random length, as theirs has them; no empty one."""
    torch.manual_seed(seed)
    lengths = torch.randint(1, T + 1, (B, 1))
    mask = torch.arange(T) < lengths
    return torch.randn(B, 1, E), torch.randn(B, T, E), mask, lengths


def copy(ours, theirs):
    """Our weights into theirs; theirs start near 0 and would prove little."""
    linear = [layer for layer in ours.layers if isinstance(layer, torch.nn.Linear)]
    with torch.no_grad():
        for mine, other in zip(
            linear, [*theirs.dnn.linears, theirs.dense], strict=True
        ):
            other.weight.copy_(mine.weight)
            other.bias.copy_(mine.bias)
        if isinstance(ours.layers[1], torch.nn.PReLU):
            for mine, other in zip(
                ours.layers[1::2], theirs.dnn.activation_layers, strict=True
            ):
                mine.weight.fill_(other.weight.item())  # theirs is one number


@seeds
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("activation", ["sigmoid", "prelu", "dice"])
@pytest.mark.parametrize("hidden_units", [(5,), (6, 3)])
def test_local_activation_unit(seed, dtype, activation, hidden_units):
    query, behaviors, _, _ = (tensor.to(dtype) for tensor in case(seed))
    ours = LocalActivationUnit(E, hidden_units, activation).to(dtype)
    theirs = core.LocalActivationUnit(hidden_units, E, activation).to(dtype)
    copy(ours, theirs)
    for training in (True, False):
        ours.train(training)
        theirs.train(training)
        logits = ours(query, behaviors)
        assert logits.std() > 1e-3
        torch.testing.assert_close(logits, theirs(query, behaviors), **close)


@seeds
@pytest.mark.parametrize("softmax", [False, True])
def test_attention_sequence_pooling(seed, softmax):
    query, behaviors, mask, lengths = case(seed)
    ours = AttentionSequencePooling(E, (6, 3), softmax=softmax)
    theirs = sequence.AttentionSequencePoolingLayer(
        (6, 3), weight_normalization=softmax, embedding_dim=E
    )
    scores = sequence.AttentionSequencePoolingLayer(
        (6, 3), weight_normalization=softmax, embedding_dim=E, return_score=True
    )
    copy(ours.unit, theirs.local_att)
    copy(ours.unit, scores.local_att)
    interest, weights = ours(query, behaviors, mask, need_weights=True)
    torch.testing.assert_close(interest, theirs(query, behaviors, lengths), **close)
    torch.testing.assert_close(
        weights[:, None], scores(query, behaviors, lengths), **close
    )


@seeds
@pytest.mark.parametrize("softmax", [False, True])
def test_gradients_of_the_pooling(seed, softmax):
    query, behaviors, mask, lengths = case(seed)
    ours = AttentionSequencePooling(E, (6, 3), softmax=softmax)
    theirs = sequence.AttentionSequencePoolingLayer(
        (6, 3), weight_normalization=softmax, embedding_dim=E
    )
    copy(ours.unit, theirs.local_att)
    inputs = query.requires_grad_(), behaviors.requires_grad_()
    mine = torch.autograd.grad(
        ours(*inputs, mask).square().sum(), [*inputs, ours.unit.layers[0].weight]
    )
    other = torch.autograd.grad(
        theirs(*inputs, lengths).square().sum(),
        [*inputs, theirs.local_att.dnn.linears[0].weight],
    )
    for one, two in zip(mine, other, strict=True):
        torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-5)


@seeds
@pytest.mark.parametrize("alpha", [0.0, 0.3])
def test_dice(seed, alpha):
    torch.manual_seed(seed)
    for shape, dim in [((B, E), 2), ((B, T, E), 3)]:
        ours, theirs = Dice(E), activation.Dice(E, dim)
        with torch.no_grad():
            ours.alpha.fill_(alpha)
            theirs.alpha.fill_(alpha)
        for training in (True, True, False):  # the last reads the running statistics
            ours.train(training)
            theirs.train(training)
            s = 3 * torch.randn(shape) + 1
            torch.testing.assert_close(ours(s), theirs(s), **close)
