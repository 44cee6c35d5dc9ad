import math

import pytest
import torch

from seqviz.data import Batch, batches, load_shop, split_by_user
from seqviz.experiments.evaluate import evaluate
from seqviz.experiments.train import fit
from seqviz.layers import NegativeSampler, read_out
from seqviz.models import MIND, ComiRecDR

N = 30


def batch(rows=6, length=9, seed=0):
    """Random histories padded on the left; the last one is empty."""
    generator = torch.Generator().manual_seed(seed)
    item_ids = torch.randint(1, N + 1, (rows, length), generator=generator)
    item_ids[1, :6] = 0
    item_ids[-1] = 0
    target_ids = torch.randint(1, N + 1, (rows,), generator=generator)
    zeros = torch.zeros(rows, dtype=torch.long)
    return Batch(item_ids, item_ids != 0, target_ids, target_ids[:, None], zeros, zeros)


MODELS = [ComiRecDR, MIND]


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("temperature", [None, 0.1])
@pytest.mark.parametrize("sampled", [True, False])
def test_every_loss_trains_every_parameter(make, temperature, sampled):
    torch.manual_seed(0)
    sampler = NegativeSampler.log_uniform(torch.arange(N + 1)) if sampled else None
    options = {"temperature": temperature, "sampler": sampler, "num_negatives": 8}
    model = make(N, 8, 3, **options)
    model.loss(batch()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.isfinite().all() and parameter.grad.any(), name
    assert not model.embedding.weight.grad[0].any()


@pytest.mark.parametrize("make", MODELS)
def test_read_gives_the_interests_and_the_last_coupling(make):
    model, data = make(N, 8, 3), batch()
    interests, coupling = model.interests(data.item_ids, need_weights=True)
    assert interests.equal(model.interests(data.item_ids))
    torch.testing.assert_close(coupling.sum(1), data.mask.float())


def test_places_that_a_user_of_mind_lacks_repeat_the_first_interest():
    torch.manual_seed(0)
    model, data = MIND(N, 8, 4), batch()
    interests = model.interests(data.item_ids)
    for row, number in [(0, 3), (1, 1)]:  # 9 and 3 real behaviors
        assert len(interests[row].unique(dim=0)) == number
    only = interests[1, 0] @ model.item_vectors()[1:].T
    assert (only < 0).any()
    torch.testing.assert_close(model.scores(data)[1, 1:], only)


def test_query_of_mind_counts_a_repeated_interest_once():
    torch.manual_seed(0)
    model, data = MIND(N, 8, 4), batch()
    interests = model.interests(data.item_ids)
    target = model.item_vectors()[data.target_ids]
    query = model.query(interests, target)
    torch.testing.assert_close(query[1], interests[1, 0])
    torch.testing.assert_close(
        query[0], model.attention(interests[:1, :3], target[:1])[0]
    )
    hard = MIND(N, 8, 4, power=math.inf)
    torch.testing.assert_close(
        hard.query(interests, target), read_out(interests, target)
    )


@pytest.mark.parametrize("make", MODELS)
def test_fit_learns_and_evaluation_gives_the_same_twice(make):
    clicks = load_shop(num_users=200, seed=3).interactions.of_kind("click")
    split = split_by_user(clicks)
    torch.manual_seed(0)
    model = make(clicks.num_items, 16, 3, max_length=20, temperature=0.1)
    before = evaluate(model, split.validation, length=20)
    train = batches(split.train, 256, 20, shuffle=True)
    fit(model, train, epochs=3, learning_rate=5e-3, device="cpu", progress=False)
    after = evaluate(model, split.validation, length=20)
    assert evaluate(model, split.validation, length=20) == after
    assert after["recall@50"] > 1.2 * before["recall@50"]
