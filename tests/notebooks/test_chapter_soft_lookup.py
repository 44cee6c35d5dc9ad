"""What the soft look-up chapter defines, against the package and PyTorch."""

import pytest
import torch
import torch.nn.functional as F
from definitions import definitions

from seqviz.layers import (
    AdditiveScore,
    BilinearScore,
    attend,
    hard_attention,
    score_function_loss,
    scores,
)

chapter = definitions("foundations/soft_lookup")


@pytest.fixture(params=range(3))
def case(request):
    """Queries, keys, values and a mask whose last row is empty."""
    torch.manual_seed(request.param)
    mask = torch.rand(9, 12) < 0.6
    mask[:, 0], mask[-1] = True, False
    return torch.randn(9, 4, 8), torch.randn(9, 12, 8), torch.randn(9, 12, 5), mask


@pytest.mark.parametrize("temperature", [0.1, 1.0, 7.0])
def test_look_up(case, temperature):
    query, key, value, mask = case
    output, weights = chapter.look_up(query, key, value, mask, temperature)
    expected, expected_weights = attend(
        query, key, value, mask, temperature=temperature, need_weights=True
    )
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(weights, expected_weights)
    theirs = F.scaled_dot_product_attention(
        query[:-1],
        key[:-1],
        value[:-1],
        attn_mask=mask[:-1, None],
        scale=8**-0.5 / temperature,
    )
    torch.testing.assert_close(output[:-1], theirs)
    assert (output[-1] == 0).all()


def test_the_rungs(case):
    query, key, value, _ = (part[0] for part in case)
    output, weights = chapter.soft(query[0], key, value, temperature=8**0.5)
    whole = torch.ones(1, 12, dtype=torch.bool)
    expected, expected_weights = chapter.look_up(
        query[None], key[None], value[None], whole
    )
    torch.testing.assert_close(output, expected[0, 0])
    torch.testing.assert_close(weights, expected_weights[0, 0])
    cold, _ = chapter.soft(query[0], key, value, temperature=1e-4)
    torch.testing.assert_close(cold, chapter.nearest(query[0], key, value))


def test_the_five_scores(case):
    query, key, _, _ = (part[0] for part in case)
    batch = query[None], key[None]
    for name in ("dot", "scaled_dot", "cosine"):
        expected = getattr(scores, name)(*batch)[0]
        torch.testing.assert_close(getattr(chapter, name)(query, key), expected)
    layer = BilinearScore(8)
    torch.nn.init.normal_(layer.W)
    torch.testing.assert_close(chapter.bilinear(query, key, layer.W), layer(*batch)[0])
    layer = AdditiveScore(8, 6)
    mine = chapter.additive(
        query, key, layer.query.weight.T, layer.key.weight.T, layer.v
    )
    torch.testing.assert_close(mine, layer(*batch)[0])


def test_the_gradients_of_a_draw(case):
    query, key, value, mask = case
    query = query[:-1, :1].requires_grad_()
    key, value, mask = key[:-1], value[:-1], mask[:-1]
    weights = attend(query, key, value, mask, need_weights=True)[1][:, 0]
    for straight_through in (False, True):
        torch.manual_seed(7)
        picked = hard_attention(
            query, key, value, mask, straight_through=straight_through
        )
        choice = picked.choice[:, 0]
        loss = picked.output[:, 0].square().sum(-1)
        if straight_through:
            reading = chapter.straight_through(weights, choice)
            torch.testing.assert_close(reading, choice)
            mine = (reading[:, None] @ value)[:, 0].square().sum(-1).mean()
            theirs = loss.mean()
        else:
            plain = (choice[:, None] @ value)[:, 0].square().sum(-1)
            mine = chapter.score_function(plain, weights, choice, 2.0).mean()
            theirs = score_function_loss(loss, picked.log_probability, 2.0)
        torch.testing.assert_close(mine, theirs)
        (one,) = torch.autograd.grad(mine, query, retain_graph=True)
        (other,) = torch.autograd.grad(theirs, query, retain_graph=True)
        torch.testing.assert_close(one, other)


def test_a_draw_follows_its_weights():
    torch.manual_seed(0)
    weights = torch.tensor([0.0, 0.2, 0.8]).expand(20000, 3)
    drawn = chapter.draw(weights)
    assert drawn.sum(1).eq(1).all() and drawn[:, 0].eq(0).all()
    torch.testing.assert_close(drawn.mean(0), weights[0], atol=0.02, rtol=0)


def test_the_gradient_of_the_softmax():
    torch.manual_seed(0)
    logits = torch.randn(5, 6)
    size = chapter.gradient_size(logits.softmax(-1))
    for row, expected in zip(logits, size, strict=True):
        jacobian = torch.autograd.functional.jacobian(
            lambda scores: scores.softmax(0), row
        )
        torch.testing.assert_close(jacobian.norm(), expected)


def test_the_wrong_versions_are_wrong_where_the_chapter_says_so(case):
    _, _, _, mask = case
    logits = torch.zeros(9, 2, 12)
    rows = chapter.capsule_weights(logits, mask).sum(-1)
    torch.testing.assert_close(rows, (mask.float().mean(1)[:, None]).expand(9, 2))
    after = chapter.masked_after(logits[0, 0], mask[0])
    assert after.sum() < 1
    large = torch.where(mask[0], 0.0, 200.0)
    assert chapter.renormalized(large, mask[0]).isnan().any()
    assert not chapter.guessed_mask(torch.zeros(4, 3)).any()
