"""What the chapter defines is compared with the package and with PyTorch."""

import pytest
import torch
import torch.nn.functional as F
from definitions import definitions

import seqviz.layers
from seqviz.data import Batch
from seqviz.layers import MultiInterestSelfAttention, NegativeSampler
from seqviz.metrics.lists import ndcg
from seqviz.models import ComiRecSA

chapter = definitions("interests/comirec_sa")


@pytest.fixture(params=range(3))
def case(request):
    """Behaviors, a mask with one empty row, and a layer of the package."""
    torch.manual_seed(request.param)
    mask = torch.rand(9, 12) < 0.6
    mask[:, 0], mask[-1] = True, False
    return torch.randn(9, 12, 8), mask, MultiInterestSelfAttention(8, 4)


def test_read_interests(case):
    behaviors, mask, layer = case
    interests, weights = chapter.read_interests(behaviors, mask, layer.W1, layer.W2)
    expected, expected_weights = layer(behaviors, mask, need_weights=True)
    torch.testing.assert_close(interests, expected)
    torch.testing.assert_close(weights, expected_weights)
    theirs = F.scaled_dot_product_attention(
        layer.W2.T.expand(8, -1, -1),
        torch.tanh(behaviors[:-1] @ layer.W1),
        behaviors[:-1],
        attn_mask=mask[:-1, None, :],
        scale=1.0,
    )
    torch.testing.assert_close(interests[:-1], theirs)


def test_the_rungs_are_the_layer_without_padding(case):
    behaviors, _, layer = case
    expected = layer(behaviors[:1])
    many, weights = chapter.many_interests(behaviors[0], layer.W1, layer.W2)
    torch.testing.assert_close(many, expected[0])
    torch.testing.assert_close(weights.sum(1), torch.ones(4))
    one, _ = chapter.one_interest(behaviors[0], layer.W1, layer.W2[:, 2])
    torch.testing.assert_close(one, many[2])


def test_read_out():
    torch.manual_seed(0)
    interests, target = torch.randn(20, 4, 8), torch.randn(20, 8)
    expected = seqviz.layers.read_out(interests, target)
    assert torch.equal(chapter.read_out(interests, target), expected)


def test_losses():
    torch.manual_seed(0)
    query, items = torch.randn(16, 8), torch.randn(51, 8)
    target = torch.randint(1, 51, (16,))
    sampler = NegativeSampler.log_uniform(torch.arange(51))
    arguments = query, items, target, sampler(40), sampler.log_probability
    torch.testing.assert_close(
        chapter.sampled_loss(*arguments),
        seqviz.layers.sampled_softmax_loss(*arguments),
    )
    everything = torch.arange(1, 51)
    torch.testing.assert_close(
        chapter.full_loss(query, items, target),
        seqviz.layers.sampled_softmax_loss(query, items, target, everything),
    )


def test_metrics_by_hand():
    recall, gain, hit = chapter.metrics([4, 9, 2, 7], {9, 7, 5})
    hits = torch.tensor([[False, True, False, True]])
    assert recall == pytest.approx(2 / 3) and hit == 1.0
    assert gain == pytest.approx(ndcg(hits, torch.tensor([3])).item())


def test_the_whole_model():
    torch.manual_seed(0)
    mine, theirs = chapter.ComiRec(30, 8, 3), ComiRecSA(30, 8, 3)
    mine.load_state_dict(
        {
            "embedding.weight": theirs.embedding.weight,
            "W1": theirs.attention.W1,
            "W2": theirs.attention.W2,
        }
    )
    item_ids = torch.randint(0, 31, (12, 6))
    target = torch.randint(1, 31, (12,))
    batch = Batch(item_ids, item_ids != 0, target, target[:, None], target, target)
    torch.testing.assert_close(mine.loss(item_ids, target), theirs.loss(batch))
    torch.testing.assert_close(
        mine.scores(item_ids)[:, 1:], theirs.scores(batch)[:, 1:]
    )
    assert (chapter.ComiRec(30, 8, 3).embedding.weight[0] == 0).all()
