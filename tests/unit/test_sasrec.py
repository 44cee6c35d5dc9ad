import numpy as np
import pytest
import torch
import torch.nn.functional as F

from seqviz.data import Batch, Examples, Ragged, batches
from seqviz.experiments.train import fit
from seqviz.layers import NegativeSampler
from seqviz.models import SASRec

N, T = 30, 6


def make(seed=0, **options):
    torch.manual_seed(seed)
    return SASRec(N, 8, 2, max_length=9, **options).eval()


def as_batch(item_ids, target_ids):
    zeros = torch.zeros_like(target_ids)
    return Batch(item_ids, item_ids != 0, target_ids, target_ids[:, None], zeros, zeros)


def batch(rows=5, seed=0, side="left"):
    """Rows of 1, 2, ... items; the last one is empty."""
    generator = torch.Generator().manual_seed(seed)
    item_ids = torch.randint(1, N + 1, (rows, T), generator=generator)
    target_ids = torch.randint(1, N + 1, (rows,), generator=generator)
    for row in range(rows):
        length = (row + 1) % rows
        item_ids[row, : T - length] = 0
    if side == "right":
        item_ids = torch.stack([ids.roll(int((ids > 0).sum())) for ids in item_ids])
    return as_batch(item_ids, target_ids)


def predictions(data):
    """Row, place in the row and next item of each real behavior, by a loop."""
    found = []
    for row, ids in enumerate(data.item_ids.tolist()):
        places = [t for t in range(T) if ids[t]]
        following = [ids[t] for t in places[1:]] + [int(data.target_ids[row])]
        found += [(row, t, n) for t, n in zip(places, following, strict=False)]
    return found


@pytest.mark.parametrize("temperature", [None, 0.5])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_loss_is_the_cross_entropy_of_every_next_item(side, temperature):
    model, data = make(temperature=temperature), batch(side=side)
    states = model.states(*model.behaviors(data.item_ids))
    items = model.item_vectors()
    losses = []
    for row, place, following in predictions(data):
        query = states[row, place]
        if temperature:
            query = F.normalize(query, dim=0) / temperature
        logits = items[1:] @ query
        losses.append(logits.logsumexp(0) - logits[following - 1])
    assert len(losses) == 10
    torch.testing.assert_close(model.loss(data), torch.stack(losses).mean())


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("temperature", [None, 0.5])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_sampled_loss_by_hand(side, temperature, own):
    model, data = make(temperature=temperature), batch(side=side)
    negatives = torch.randint(1, N + 1, (5, 7) if own else (7,))
    log_probability = torch.randn(N + 1)
    states = model.states(*model.behaviors(data.item_ids))
    items = model.item_vectors()
    losses = []
    for row, place, following in predictions(data):
        query = states[row, place]
        if temperature:
            query = F.normalize(query, dim=0) / temperature
        others = negatives[row] if own else negatives
        others = others[others != following]
        rest = items[others] @ query - log_probability[others] - np.log(7)
        logits = torch.cat([(items[following] @ query)[None], rest])
        losses.append(logits.logsumexp(0) - logits[0])
    found = model.sampled_loss(data, negatives, log_probability)
    torch.testing.assert_close(found, torch.stack(losses).mean())


def test_one_row_a_user_trains_what_all_her_prefixes_train():
    """Up to the positions: the prefix counts back from its own end."""
    whole, prefix = make(), make(all_positions=False)
    for model in (whole, prefix):
        torch.nn.init.zeros_(model.positions.weight)
    ids = torch.randint(1, N + 1, (1, T + 1))
    rows = [
        F.pad(ids[:, : t + 1], (T - t - 1, 0)) for t in range(T)
    ]  # [1, T], padded left
    prefixes = as_batch(torch.cat(rows), ids[0, 1:])
    longest = as_batch(ids[:, :-1], ids[:, -1])
    torch.testing.assert_close(whole.loss(longest), prefix.loss(prefixes))
    negatives = torch.arange(1, 8)
    torch.testing.assert_close(
        whole.sampled_loss(longest, negatives),
        prefix.sampled_loss(prefixes, negatives),
    )


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_interest_is_the_state_of_the_latest_item(side):
    model, data = make(num_blocks=3), batch(side=side)
    torch.nn.init.ones_(model.norm.bias)  # what the norm makes of zeros
    interests = model.interests(data.item_ids)
    states = model.states(*model.behaviors(data.item_ids))
    assert interests.shape == (5, 1, 8) and (interests[-1] == 0).all()
    for row in range(4):
        last = data.mask[row].nonzero().max()
        torch.testing.assert_close(interests[row, 0], states[row, last])


def test_the_side_of_the_padding_does_not_matter():
    model = make()
    left, right = batch(side="left"), batch(side="right")
    torch.testing.assert_close(
        model.interests(left.item_ids), model.interests(right.item_ids)
    )
    torch.testing.assert_close(model.loss(left), model.loss(right))


def test_a_later_item_never_changes_an_earlier_state():
    model, data = make(), batch()
    before = model.states(*model.behaviors(data.item_ids))
    changed = data.item_ids.clone()
    changed[:4, -1] = changed[:4, -1] % N + 1
    after = model.states(*model.behaviors(changed))
    torch.testing.assert_close(after[:, :-1], before[:, :-1])
    assert not torch.allclose(after[:, -1], before[:, -1])


def test_order_matters():
    model = make()
    ids = torch.tensor([[1, 2, 3]])
    assert not torch.allclose(model.interests(ids), model.interests(ids[:, [1, 0, 2]]))


def test_weights_to_look_at():
    data = batch()
    weights = make().weights(data.item_ids)
    assert weights.shape == (5, 2, 2, T, T)
    assert (weights.triu(1) == 0).all()
    torch.testing.assert_close(
        weights.sum(-1), data.mask[:, None, None].float().expand(5, 2, 2, T)
    )


@pytest.mark.parametrize("all_positions", [True, False])
def test_every_loss_trains_every_parameter_and_never_the_padding(all_positions):
    sampler = NegativeSampler.uniform(N)
    for options in ({}, {"sampler": sampler, "num_negatives": 64}):
        model = make(all_positions=all_positions, **options).train()
        model.loss(batch()).backward()
        for name, parameter in model.named_parameters():
            assert parameter.grad.isfinite().all(), name
            assert parameter.grad.abs().sum() > 0, name
        assert (model.embedding.weight.grad[0] == 0).all()


@pytest.mark.parametrize("all_positions", [True, False])
@pytest.mark.parametrize("options", [{}, {"temperature": 0.5}])
def test_low_precision_gives_about_the_same_loss(options, all_positions):
    model, data = make(all_positions=all_positions, **options), batch()
    negatives = torch.arange(1, 9)
    exact = model.loss(data), model.sampled_loss(data, negatives)
    for mixed in (True, False):
        model = model if mixed else model.bfloat16()
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            found = model.loss(data), model.sampled_loss(data, negatives)
        model.zero_grad()
        sum(found).backward()
        for loss, expected in zip(found, exact, strict=True):
            torch.testing.assert_close(loss.float(), expected, atol=0.05, rtol=0.05)
        assert all(p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("all_positions", [True, False])
def test_cuda_agrees_with_the_cpu(all_positions):
    model, data = make(all_positions=all_positions), batch()
    negatives = torch.arange(1, 9)
    expected = model.loss(data), model.sampled_loss(data, negatives)
    there = Batch(*(tensor.cuda() for tensor in data))
    model.cuda()
    found = model.loss(there), model.sampled_loss(there, negatives.cuda())
    for loss, cpu in zip(found, expected, strict=True):
        torch.testing.assert_close(loss.cpu(), cpu, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("options", [{}, {"sampler": NegativeSampler.uniform(N)}])
def test_fit_learns_a_walk_through_the_catalog(options):
    """After item i comes i + step, and the step shows in the two items before."""
    rng = np.random.default_rng(0)
    start, step = rng.integers(0, N, 300), rng.integers(1, 4, 300)
    walks = (start[:, None] + step[:, None] * np.arange(T + 1)) % N + 1
    data = Examples(
        np.arange(300),
        np.zeros(300, np.int64),
        Ragged.from_rows(walks[:, :-1]),
        Ragged.from_rows(walks[:, -1:]),
    )
    torch.manual_seed(0)
    model = SASRec(N, 16, max_length=T, dropout=0.0, **options)
    train = batches(data.select(slice(250)), 50, T, shuffle=True)
    fit(model, train, epochs=40, learning_rate=1e-2, progress=False, device="cpu")
    (test,) = batches(data.select(slice(250, 300)), 50, T)
    with torch.no_grad():
        right = model.eval().scores(test).argmax(1) == test.target_ids
    assert right.float().mean() > 0.9


def test_bad_arguments():
    with pytest.raises(ValueError, match="num_blocks must be at least 1, got 0"):
        make(num_blocks=0)
    with pytest.raises(ValueError, match="num_heads must divide embedding_dim"):
        SASRec(N, 8, 3)
    with pytest.raises(ValueError, match="T of at most max_length = 9"):
        make().interests(torch.ones(2, 10, dtype=torch.long))
    nothing = torch.zeros(2, T, dtype=torch.long)
    for options in ({}, {"sampler": NegativeSampler.uniform(N)}):
        with pytest.raises(ValueError, match=r"item_ids must hold an item, .*\[2, 6\]"):
            make(**options).loss(as_batch(nothing, torch.ones(2, dtype=torch.long)))
