"""SR-GNN as a model: what it reads, its two losses, what it cannot see."""

import pytest
import torch
import torch.nn.functional as F

from seqviz.data import Batch, batches, planted_returns
from seqviz.experiments.train import fit
from seqviz.layers import NegativeSampler
from seqviz.models import SRGNN

N, T, E = 30, 6, 8


def make(seed=0, **options):
    torch.manual_seed(seed)
    return SRGNN(N, E, **options).eval()


def batch(seed=0, rows=6):
    """Few items, so that they come again; the last row is empty, row 0 one click."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, 6, (rows, T), generator=generator)
    ids[0, :-1] = 0
    ids[-1] = 0
    target = torch.randint(1, N + 1, (rows,), generator=generator)
    zeros = torch.zeros_like(target)
    return Batch(ids, ids != 0, target, target[:, None], zeros, zeros)


def own_query(model, data):
    output = model.read(data.item_ids).output
    if model.temperature:
        output = F.normalize(output, dim=1) / model.temperature
    return output


@pytest.mark.parametrize("temperature", [None, 0.5])
def test_the_loss_is_the_cross_entropy_of_the_next_item(temperature):
    model, data = make(temperature=temperature), batch()
    logits = own_query(model, data) @ model.item_vectors()[1:].T
    expected = F.cross_entropy(logits, data.target_ids - 1)
    torch.testing.assert_close(model.loss(data), expected)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("temperature", [None, 0.5])
def test_the_sampled_loss_against_all_items_is_the_loss(temperature, own):
    model, data = make(temperature=temperature), batch(1)
    negatives = torch.arange(1, N + 1)
    if own:
        negatives = negatives.expand(len(data.target_ids), -1)
    none = torch.full((N + 1,), -float(torch.tensor(float(N)).log()))  # undone
    found = model.sampled_loss(data, negatives, none)
    torch.testing.assert_close(found, model.loss(data))


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_gradients_of_both_losses_reach_every_parameter(steps):
    for sampler in (None, NegativeSampler.log_uniform(torch.arange(N + 1).flip(0))):
        model = make(num_steps=steps, sampler=sampler, num_negatives=8)
        model.loss(batch()).backward()
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None and parameter.grad.any(), name
        assert not model.embedding.weight.grad[0].any()


def test_without_steps_the_sequence_in_between_plays_no_part():
    ids = torch.tensor([[1, 2, 3, 4, 5, 6], [5, 3, 1, 4, 2, 6]])
    one, two = make(num_steps=0).interests(ids)
    torch.testing.assert_close(one, two)
    one, two = make(num_steps=1).interests(ids)
    assert (one - two).abs().max() > 1e-3


def test_what_it_cannot_see():
    """Detours in another order; what it can: what followed an item before."""
    model = make(num_steps=2)
    one, two = model.interests(torch.tensor([[1, 2, 1, 3, 1, 0], [1, 3, 1, 2, 1, 0]]))
    torch.testing.assert_close(one, two)
    one, two = model.interests(torch.tensor([[1, 2, 3, 4, 1, 0], [1, 3, 2, 4, 1, 0]]))
    assert (one - two).abs().max() > 1e-3


def test_empty_sessions_single_clicks_and_no_session():
    model, data = make(), batch()
    interests = model.interests(data.item_ids)
    assert interests.shape == (6, 1, E) and (interests[-1] == 0).all()
    assert interests[0].any()  # one click, a graph without edges
    assert model.interests(data.item_ids * 0).eq(0).all()
    assert model.interests(data.item_ids[:0]).shape == (0, 1, E)
    scores = model.scores(data)
    assert (scores[:, 0] == -torch.inf).all() and scores[:, 1:].isfinite().all()


def test_reading_says_what_each_click_weighs():
    model, data = make(), batch()
    reading = model.read(data.item_ids)
    assert reading.weights.shape == (6, T)
    assert (reading.weights[~data.mask] == 0).all()
    assert len(reading.states) == len(reading.graph.items)
    torch.testing.assert_close(reading.output, model.interests(data.item_ids)[:, 0])


def test_it_learns_what_followed():
    """Chance is one in 20; what followed the item before comes first."""
    learn = planted_returns(1500, num_items=20)
    test = planted_returns(300, num_items=20, seed=1)
    torch.manual_seed(0)
    model = SRGNN(20, 16, temperature=0.1)
    shuffled = batches(learn.examples, 128, 7, shuffle=True)
    fit(model, shuffled, epochs=12, learning_rate=1e-2, seed=0, progress=False)
    whole = next(iter(batches(test.examples, 300, 7)))
    with torch.no_grad():
        found = model.eval().scores(whole).argmax(1)
    assert (found == whole.target_ids).float().mean() > 0.8


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision(dtype):
    model, data = make().to(dtype), batch()
    assert model.interests(data.item_ids).dtype == dtype
    loss = model.loss(data)
    assert loss.isfinite() and loss.dtype == torch.float32


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SRGNN(N, E, -1), "num_steps must be at least 0, got -1"),
        (lambda: SRGNN(0, E), "num_items must be at least 1"),
        (lambda: make().interests(torch.tensor([[N + 1]])), "item_ids must lie in"),
        (lambda: make().interests(torch.tensor([1])), r"shape \[B, T\]"),
        (lambda: make().interests(torch.tensor([[1.0]])), "must be whole numbers"),
        (
            lambda: make().loss(batch()._replace(target_ids=torch.zeros(6).long())),
            "target_ids must lie in 1..30",
        ),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
