"""What the chapter defines is compared with the package and with PyTorch."""

import runpy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from definitions import BOOK, definitions

import seqviz.layers
from seqviz.data import Batch, Examples, Ragged
from seqviz.layers import MultiInterestSelfAttention, NegativeSampler
from seqviz.metrics.lists import ndcg
from seqviz.models import ComiRecSA
from seqviz.models.counting import PersonalFrequency

chapter = definitions("interests/comirec_sa")


@pytest.fixture(scope="module")
def script():
    """What the stored sweep of the losses was made with."""
    return runpy.run_path(str(BOOK / "interests/comirec_sa_losses_experiment.py"))


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


def test_read_in_order():
    torch.manual_seed(0)
    layer = MultiInterestSelfAttention(8, 4, max_length=15)
    mask = torch.rand(9, 12) < 0.6
    mask[-1] = False
    behaviors = torch.randn(9, 12, 8)
    ours = chapter.read_in_order(behaviors, mask, layer.W1, layer.W2, layer.position)
    for mine, theirs in zip(
        ours, layer(behaviors, mask, need_weights=True), strict=True
    ):
        torch.testing.assert_close(mine, theirs)


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


def test_the_target_too_is_lowered_by_its_own_expected_count():
    torch.manual_seed(0)
    user, items = torch.randn(16, 8), torch.randn(51, 8)
    target = torch.randint(1, 51, (16,))
    sampler = NegativeSampler.log_uniform(torch.arange(51))
    drawn, log_q = sampler(40), sampler.log_probability
    # logits of [user, 1] and [item, -log expected] are those of user and item, lowered
    lowered = torch.cat([items, -(log_q + np.log(40))[:, None]], 1)
    longer = torch.cat([user, torch.ones(16, 1)], 1)
    lowered[0] = 0
    torch.testing.assert_close(
        chapter.sampled_loss(user, items, target, drawn, log_q, target_too=True),
        seqviz.layers.sampled_softmax_loss(longer, lowered, target, drawn),
    )


@pytest.fixture
def batch():
    torch.manual_seed(0)
    item_ids, target = torch.randint(0, 31, (12, 6)), torch.randint(1, 31, (12,))
    return Batch(item_ids, item_ids != 0, target, target[:, None], target, target)


def test_the_loss_by_maximum_asks_what_serving_asks(batch):
    model = ComiRecSA(30, 8, 3, temperature=0.1, nearest=True)
    loss = chapter.by_maximum(
        model.scaled_interests(batch.item_ids), model.item_vectors(), batch.target_ids
    )
    torch.testing.assert_close(loss, model.loss(batch))
    model.nearest = False
    assert loss > model.loss(batch)  # it fights all interests


@pytest.mark.parametrize("hardness", [0.0, 0.3, 1.0])
def test_hard_negatives_weigh_by_their_score(hardness):
    torch.manual_seed(0)
    user, items = torch.randn(16, 8).double(), torch.randn(51, 8).double()
    target, drawn = torch.randint(1, 51, (16,)), torch.randint(1, 51, (40,))
    expected = []
    for u, i in zip(user, target, strict=True):
        s = (items[drawn] @ u)[drawn != i]
        weights = (hardness * s).exp()
        # at hardness 0 an accidental hit stays among those that are counted
        weights = weights / (weights.sum() if hardness else len(drawn))
        own = (items[i] @ u).exp()
        expected.append(-(own / (own + 50 * (weights * s.exp()).sum())).log())
    torch.testing.assert_close(
        chapter.hard_negatives(user, items, target, drawn, hardness),
        torch.stack(expected).mean(),
    )


def test_unevenness():
    mask = torch.tensor([[True] * 4, [True, True, False, False], [False] * 4])
    even = mask / mask.sum(1, keepdim=True).clamp(min=1)
    assert chapter.unevenness(even[:, None].repeat(1, 3, 1), mask) == 0
    single = torch.zeros(3, 3, 4)
    single[:2, :, 0] = 1  # each reader rests on one click: 1 - 1/4 and 1 - 1/2 away
    expected = (3 * 0.75**2 + 3 * 0.5**2 + 0) / 3
    assert chapter.unevenness(single, mask).item() == pytest.approx(expected)


def test_the_sweep_was_made_with_these_losses(batch, script):
    sampler = NegativeSampler.uniform(30)
    model = script["Remi"](
        *(30, 8, 3),
        hardness=0.3,
        evenness=0.7,
        sampler=sampler,
        num_negatives=20,
        temperature=0.1,
    )
    torch.manual_seed(1)
    drawn = sampler(20)
    interests, items = model.scaled_interests(batch.item_ids), model.item_vectors()
    user = chapter.read_out(interests, items[batch.target_ids])
    _, weights = model.interests(batch.item_ids, need_weights=True)
    expected = chapter.hard_negatives(user, items, batch.target_ids, drawn, 0.3)
    expected = expected + 0.7 * chapter.unevenness(weights, batch.mask)
    torch.manual_seed(1)
    torch.testing.assert_close(model.loss(batch), expected)


def test_in_batch_negatives_are_the_other_targets(batch, script):
    popularity = torch.arange(31)
    model = script["InBatch"](30, 8, 3, popularity=popularity, temperature=0.1)
    items, target = model.item_vectors(), batch.target_ids
    user = chapter.read_out(model.scaled_interests(batch.item_ids), items[target])
    log_q = (popularity / popularity.sum()).log()
    torch.testing.assert_close(
        model.loss(batch), chapter.sampled_loss(user, items, target, target, log_q)
    )


class Fixed:
    """Recommends by given numbers."""

    def __init__(self, scores):
        self.row = scores

    def scores(self, batch):
        return self.row.repeat(len(batch.item_ids), 1)


def test_own_counts_are_those_of_the_package(batch):
    popular = torch.randperm(31).double()
    ours = chapter.OwnCounts(popular).scores(batch)
    theirs = PersonalFrequency(30, fallback=Fixed(popular)).scores(batch)
    assert torch.equal(ours.argsort(1), theirs.argsort(1))


def test_share_after():
    def rows(times):
        places = np.arange(len(times))
        item = Ragged(np.ones(len(times), int), places, places + 1)
        return Examples(np.arange(len(times)), np.array(times), item, item)

    class Cut:
        train, test = rows([1, 2, 3, 4]), rows([2, 4])

    assert chapter.share_after(Cut) == pytest.approx((2 / 4 + 0) / 2)


def test_an_ndcg_by_truths_does_not_look_at_the_list():
    truths = ["a", "b", "c"]
    lists = (["c", "x", "y"], ["y", "x", "c"])
    assert [chapter.by_truths(top, truths) for top in lists] == [0.5, 0.5]


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
