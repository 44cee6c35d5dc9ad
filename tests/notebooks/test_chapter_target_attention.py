"""What the chapter defines is compared with the package and with PyTorch."""

import pytest
import torch
import torch.nn.functional as F
from definitions import definitions

from seqviz.checks import exercise
from seqviz.data.planted import planted_orders
from seqviz.layers import TargetAttention

chapter = definitions("attention/target_attention")
B, M, T, E = 9, 3, 12, 8


@pytest.fixture(params=range(3))
def case(request):
    """Candidates, behaviors, a mask with one empty row, and a layer of the package."""
    torch.manual_seed(request.param)
    mask = torch.rand(B, T) < 0.6
    mask[:, 0], mask[-1] = True, False
    return torch.randn(B, M, E), torch.randn(B, T, E), mask, TargetAttention(E)


def matrices(layer):
    W_K, W_V = layer.key_value.weight.T.chunk(2, -1)
    return layer.query.weight.T, W_K, W_V, layer.output.weight.T


def test_the_last_rung_is_the_layer_and_torch(case):
    candidates, behaviors, mask, layer = case
    W_Q, W_K, W_V, W_O = matrices(layer)
    interest, weights = chapter.target_attention(
        candidates, behaviors, mask, W_Q, W_K, W_V, W_O
    )
    expected, expected_weights = layer(candidates, behaviors, mask, need_weights=True)
    torch.testing.assert_close(interest, expected)
    torch.testing.assert_close(weights, expected_weights[:, 0])
    theirs = F.scaled_dot_product_attention(
        candidates @ W_Q, behaviors @ W_K, behaviors @ W_V, mask[:, None]
    )
    torch.testing.assert_close(interest[:-1], (theirs @ W_O)[:-1])
    assert (interest[-1] == 0).all()


def test_each_rung_is_the_next_one_with_less(case):
    candidates, behaviors, mask, layer = case
    parts = matrices(layer)
    many, _ = chapter.target_attention(candidates, behaviors, mask, *parts)
    one, _ = chapter.projected(candidates[:, 1], behaviors, mask, *parts)
    torch.testing.assert_close(one, many[:, 1])
    identity = [torch.eye(E)] * 4
    plain, _ = chapter.projected(candidates[:, 0], behaviors, mask, *identity)
    batched, weights = chapter.batched(candidates[:, 0], behaviors, mask)
    torch.testing.assert_close(batched, plain)
    bare, own = chapter.bare(candidates[0, 0], behaviors[0][mask[0]])
    torch.testing.assert_close(bare, batched[0])
    torch.testing.assert_close(own, weights[0][mask[0]])
    package = TargetAttention(E, projection=False)(candidates, behaviors, mask)
    torch.testing.assert_close(batched, package[:, 0])


@pytest.mark.parametrize("attention", [None, TargetAttention(16)])
def test_the_ranker_scores_candidates_one_by_one_as_together(attention):
    torch.manual_seed(0)
    model = chapter.Ranker(20, attention)
    ids = torch.randint(0, 21, (4, 6))
    ids[:, -1] = 3
    candidates = torch.randint(1, 21, (4, 5))
    together = model(ids, candidates)
    for m in range(5):
        alone = model(ids, candidates[:, m : m + 1])[:, 0]
        torch.testing.assert_close(alone, together[:, m])
    longer = torch.cat([torch.zeros(4, 3).long(), ids], 1)
    torch.testing.assert_close(model(longer, candidates), together)


def test_the_planted_readers_do_not_see_order():
    torch.manual_seed(0)
    data = planted_orders(6)
    turned = data._replace(
        **{name: getattr(data, name).flip(1) for name in ("item", "mark", "order")}
    )
    for attention in (None, TargetAttention(16)):
        reader = chapter.PlantedReader(attention)
        torch.testing.assert_close(reader(turned), reader(data))


def test_the_faults_are_what_the_chapter_says():
    assert chapter.most_preference(64) == pytest.approx(1.284, abs=1e-3)
    assert chapter.mass_on_padding(5) == 0
    assert chapter.mass_on_padding(50) > chapter.mass_on_padding(10) > 0.3


def test_the_fault_of_a_mask_after_the_softmax_is_a_mistake_of_the_exercise():
    wrong = exercise("target-attention/seen").mistake("mask-after-softmax").wrong
    query, key = torch.randn(1, 1, 4), torch.randn(1, 3, 4)
    value = torch.ones(1, 3, 1)
    total = wrong(query, key, value, torch.tensor([[2]]))
    assert 0 < total.item() < 1
