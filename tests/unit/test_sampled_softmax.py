import pytest
import torch
import torch.nn.functional as F

from seqviz.layers import NegativeSampler, sampled_softmax_loss


def test_all_items_as_negatives_give_the_full_softmax():
    torch.manual_seed(0)
    query, items = torch.randn(7, 5), torch.randn(31, 5)
    target_ids = torch.randint(1, 31, (7,))
    full = F.cross_entropy(query @ items[1:].T, target_ids - 1)
    everything = torch.arange(1, 31)
    # the accidental hit takes the row's own target out of the negatives
    shared = sampled_softmax_loss(query, items, target_ids, everything)
    own = sampled_softmax_loss(query, items, target_ids, everything.expand(7, 30))
    torch.testing.assert_close(shared, full)
    torch.testing.assert_close(own, full)


def test_log_q_corrects_the_bias_of_a_skewed_sampler():
    """With many draws the corrected loss tends to the full one, the plain does not."""
    torch.manual_seed(0)
    query = torch.randn(200, 8, requires_grad=True)
    items, target_ids = torch.randn(51, 8), torch.randint(1, 51, (200,))
    sampler = NegativeSampler.log_uniform(torch.arange(51).flip(0))
    negative_ids = sampler(50_000)
    full = F.cross_entropy(query @ items[1:].T, target_ids - 1)
    (exact,) = torch.autograd.grad(full, query)

    def loss_and_error(log_probability):
        loss = sampled_softmax_loss(
            query, items, target_ids, negative_ids, log_probability
        )
        (estimate,) = torch.autograd.grad(loss, query)
        return loss.item(), float((estimate - exact).norm() / exact.norm())

    corrected, error = loss_and_error(sampler.log_probability)
    assert abs(corrected - full.item()) < 0.01 and error < 0.02
    plain, error = loss_and_error(None)
    assert abs(plain - full.item()) > 1 and error > 0.1


def test_an_accidental_hit_costs_nothing():
    query, items = torch.randn(1, 4), torch.randn(6, 4)
    target_ids = torch.tensor([3])
    loss = sampled_softmax_loss(query, items, target_ids, torch.tensor([3, 3, 3]))
    assert float(loss) == 0


def test_uniform_draws_every_item_and_no_padding():
    torch.manual_seed(0)
    draws = NegativeSampler.uniform(5)(10_000)
    assert torch.bincount(draws, minlength=6)[0] == 0
    torch.testing.assert_close(
        torch.bincount(draws)[1:] / 10_000, torch.full((5,), 0.2), atol=0.02, rtol=0
    )


def test_log_uniform_follows_the_popularity_rank():
    torch.manual_seed(0)
    popularity = torch.tensor([0, 1, 50, 7])
    sampler = NegativeSampler.log_uniform(popularity)
    rank = torch.tensor([2.0, 0.0, 1.0])
    expected = ((rank + 2) / (rank + 1)).log() / torch.tensor(4.0).log()
    torch.testing.assert_close(sampler.log_probability[1:].exp(), expected)
    share = torch.bincount(sampler(200, 100).flatten(), minlength=4)[1:] / 20_000
    torch.testing.assert_close(share, expected, atol=0.02, rtol=0)


def test_an_item_of_probability_zero_is_never_drawn():
    sampler = NegativeSampler(torch.tensor([0.0, 1.0, 0.0, 2.0, 0.0]))
    assert set(sampler(5_000).tolist()) == {1, 3}


@pytest.mark.parametrize(
    "probabilities, message",
    [
        ([[0.0, 1.0]], r"shape \[N \+ 1\]"),
        ([0.0], r"shape \[N \+ 1\]"),
        ([0.5, 0.5], "the padding, must be 0"),
        ([0.0, -1.0, 2.0], "must be finite, at least 0"),
        ([0.0, 0.0], "not all 0"),
        ([0.0, float("nan")], "finite"),
    ],
)
def test_bad_probabilities(probabilities, message):
    with pytest.raises(ValueError, match=message):
        NegativeSampler(torch.tensor(probabilities))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_reaches_the_whole_catalog(dtype):
    torch.manual_seed(0)
    sampler = NegativeSampler.uniform(20_000).to(dtype)
    assert len(sampler(400_000).unique()) > 19_000


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("temperature", [0.1, 0.02])
def test_autocast_does_not_round_the_logits(own, temperature):
    torch.manual_seed(0)
    query = F.normalize(torch.randn(16, 32), dim=1) / temperature
    items = F.normalize(torch.randn(41, 32), dim=1)
    target_ids = torch.randint(1, 41, (16,))
    negative_ids = torch.randint(1, 41, (16, 9) if own else (9,))

    def gradients(autocast):
        inputs = [x.clone().requires_grad_() for x in (query, items)]
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            loss = sampled_softmax_loss(*inputs, target_ids, negative_ids)
        return torch.autograd.grad(loss, inputs)

    for exact, found in zip(gradients(False), gradients(True), strict=True):
        assert torch.equal(found, exact)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_vectors_give_a_loss_in_float32(dtype):
    query, items = torch.randn(4, 8).to(dtype), torch.randn(6, 8).to(dtype)
    ids = torch.tensor([1, 2, 3, 5])
    loss = sampled_softmax_loss(query, items, ids, ids)
    assert loss.dtype == torch.float32
    expected = sampled_softmax_loss(query.float(), items.float(), ids, ids)
    torch.testing.assert_close(loss, expected)


def test_ids_may_be_int32_and_are_compared_with_the_table():
    query, items = torch.randn(4, 8), torch.randn(6, 8)
    ids = torch.tensor([1, 2, 3, 5])
    expected = sampled_softmax_loss(query, items, ids, ids)
    assert torch.equal(
        sampled_softmax_loss(query, items, ids.int(), ids.int()), expected
    )
    with pytest.raises(ValueError, match=r"target_ids must lie in 1\.\.5, got 0\.\.4"):
        sampled_softmax_loss(query, items, ids - 1, ids)
    with pytest.raises(
        ValueError, match=r"negative_ids must lie in 1\.\.5, got 2\.\.6"
    ):
        sampled_softmax_loss(query, items, ids, ids + 1)
    with pytest.raises(TypeError, match="target_ids must be whole numbers"):
        sampled_softmax_loss(query, items, ids.float(), ids)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_counts_may_lie_on_an_accelerator():
    counts = torch.tensor([0, 5, 1, 9])
    expected = NegativeSampler.log_uniform(counts).log_probability
    assert torch.equal(
        NegativeSampler.log_uniform(counts.cuda()).log_probability, expected
    )
    assert torch.equal(
        NegativeSampler(counts.cuda()).cumulative, NegativeSampler(counts).cumulative
    )
