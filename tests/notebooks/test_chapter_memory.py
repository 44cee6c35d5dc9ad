"""What the chapter on memory defines, against the package and PyTorch."""

import pytest
import torch
from definitions import definitions

from seqviz import layers
from seqviz.layers import GRU, LSTM, RNN

chapter = definitions("foundations/memory")
seeds = pytest.mark.parametrize("seed", range(3))
B, T, E = 7, 9, 5


@seeds
@pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_steps_and_the_loop(seed, kind, side):
    torch.manual_seed(seed)
    layer = kind(E)
    for weight in layer.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    mask = torch.arange(T) < torch.randint(0, T + 1, (B, 1))
    mask = mask if side == "right" else mask.flip(1)
    behaviors, zeros = torch.randn(B, T, E), torch.zeros(B, E)
    chapter.ours.__globals__["zeros"] = zeros
    step, start, weights = chapter.ours(layer)
    states, last = chapter.through(step, behaviors, mask, start, *weights)
    torch.testing.assert_close((states, last), layer(behaviors, mask))


@seeds
@pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
def test_slopes_are_the_norms_of_the_jacobian(seed, kind):
    torch.manual_seed(seed)
    layer, behaviors = kind(E), torch.randn(T, E)
    jacobian = torch.autograd.functional.jacobian(
        lambda x: layer(x[None])[0][0, -1], behaviors
    )  # [E, T, E]
    torch.testing.assert_close(
        chapter.slopes(layer, behaviors), jacobian.norm(dim=(0, 2))
    )


@seeds
def test_the_losses(seed):
    torch.manual_seed(seed)
    pair = torch.randn(8), 2 * torch.randn(8, 20)
    torch.testing.assert_close(
        chapter.bpr_max(*pair, 0.3), layers.bpr_max(*pair, regularization=0.3)
    )
    torch.testing.assert_close(chapter.top1_max(*pair), layers.top1_max(*pair))


def test_attention_over_states_is_the_three_steps():
    torch.manual_seed(0)
    sizes = {"CATEGORIES": 40, "ITEMS": 8, "ASKED": 4, "WIDTH": 32}
    chapter.GiveBack.__init__.__globals__.update(sizes)
    model = chapter.GiveBack("attention")
    ids, asked, right = chapter.draw(6, 10, torch.Generator().manual_seed(0))
    assert ((ids // 8)[:, None] == asked[..., None]).any(-1).all()
    there = (ids // 8)[:, None] == asked[..., None]
    assert torch.equal((ids % 8)[:, None].expand_as(there)[there].view(6, 4), right)
    query, context, weights = model.look(ids, asked)
    states, last = model.encoder(model.item(ids))
    expected = layers.attend(query, states, states)
    torch.testing.assert_close(context, expected)
    torch.testing.assert_close(weights.sum(-1), torch.ones(6, 4))
    for context, value in (("last state", last), ("mean", states.mean(1))):
        model.context = context
        _, found, _ = model.look(ids, asked)
        torch.testing.assert_close(found, value[:, None].expand_as(found))
