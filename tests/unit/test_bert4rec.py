import numpy as np
import pytest
import torch
import torch.nn.functional as F

from seqviz.data import Batch, Examples, Ragged, batches
from seqviz.experiments.train import fit
from seqviz.layers import NegativeSampler, binary_loss, calibrated_power
from seqviz.models import BERT4Rec

N, T, E = 30, 6, 8
AS_SASREC = {
    "norm_first": True,
    "activation": "relu",
    "output_layer": False,
    "hidden_dim": E,
}
stacks = pytest.mark.parametrize("stack", [{}, AS_SASREC], ids=["published", "SASRec"])


def make(seed=0, **options):
    torch.manual_seed(seed)
    return BERT4Rec(N, E, 2, max_length=9, **options).eval()


def as_batch(item_ids, target_ids):
    zeros = torch.zeros_like(target_ids)
    return Batch(item_ids, item_ids != 0, target_ids, target_ids[:, None], zeros, zeros)


def batch(rows=5, seed=0, side="left"):
    """Rows of 1, 2, ... items; the last one is empty."""
    generator = torch.Generator().manual_seed(seed)
    item_ids = torch.randint(1, N + 1, (rows, T), generator=generator)
    target_ids = torch.randint(1, N + 1, (rows,), generator=generator)
    for row in range(rows):
        item_ids[row, : T - (row + 1) % rows] = 0
    if side == "right":
        item_ids = torch.stack([ids.roll(int((ids > 0).sum())) for ids in item_ids])
    return as_batch(item_ids, target_ids)


def hidden_of(data):
    """Some of each row; of the empty one its target."""
    mask = torch.cat([data.mask, torch.ones(len(data.mask), 1).bool()], 1)
    torch.manual_seed(1)
    hidden = mask & (torch.rand(mask.shape) < 0.6)
    hidden[-1, -1] = True
    return hidden


def told_by_loops(model, data, hidden):
    """State and id of each hidden place, row by row and without padding."""
    for ids, target, asked in zip(data.item_ids, data.target_ids, hidden, strict=True):
        row = torch.cat([ids, target[None]])
        row, asked = row[row > 0], asked[row > 0]
        seen = model.embedding.weight[row].clone()
        seen[asked] = model.mask_vector
        states = model.states(seen[None], torch.ones(1, len(row)).bool())[0]
        yield from zip(states[asked], row[asked].tolist(), strict=True)


@stacks
@pytest.mark.parametrize("temperature", [None, 0.5])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_loss_is_the_cross_entropy_of_what_is_hidden(side, temperature, stack):
    model, data = make(temperature=temperature, **stack), batch(side=side)
    hidden = hidden_of(data)
    items, losses = model.item_vectors(), []
    for state, item in told_by_loops(model, data, hidden):
        query = F.normalize(state, dim=0) / temperature if temperature else state
        logits = items[1:] @ query
        losses.append(logits.logsumexp(0) - logits[item - 1])
    assert len(losses) == hidden.sum() >= 4
    found = model.loss(data, questions=model.questions(data, hidden))
    torch.testing.assert_close(found, torch.stack(losses).mean())


@pytest.mark.parametrize("shape", [(7,), (5, 7), (5, T + 1, 7)])
def test_the_sampled_and_the_binary_loss_by_hand(shape):
    data = batch()
    hidden = hidden_of(data)
    negatives = torch.randint(1, N + 1, shape)
    of_place = negatives.view((1,) * (3 - len(shape)) + shape)
    if len(shape) == 2:
        of_place = negatives[:, None]
    of_place = of_place.expand(5, T + 1, 7)[hidden]  # [n, 7]
    sampler = NegativeSampler.uniform(N)
    softmax = make(sampler=sampler, num_negatives=7)
    binary = make(calibration=0.6, num_negatives=7)
    told = list(told_by_loops(softmax, data, hidden))
    items, by_softmax, by_binary = softmax.item_vectors(), [], []
    power = calibrated_power(7 / (N - 1), 0.6)
    for (state, item), drawn in zip(told, of_place, strict=True):
        others = drawn[drawn != item]
        logits = torch.cat([(items[item] @ state)[None], items[others] @ state])
        by_softmax.append(logits.logsumexp(0) - logits[0])
        scores = (items[drawn] @ state)[None]
        by_binary.append(
            binary_loss(
                (items[item] @ state)[None],
                scores,
                power=power,
                counted=drawn[None] != item,
            )
        )
    asked = {"questions": softmax.questions(data, hidden)}
    found = softmax.sampled_loss(data, negatives, **asked)
    torch.testing.assert_close(found, torch.stack(by_softmax).mean())
    found = binary.sampled_loss(data, negatives, **asked)
    torch.testing.assert_close(found, torch.stack(by_binary).mean())


@stacks
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_interest_is_the_state_of_a_mask_behind_the_history(side, stack):
    model, data = make(num_blocks=3, **stack), batch(side=side)
    interests = model.interests(data.item_ids)
    hidden = torch.zeros(5, T + 1).bool()
    hidden[:, -1] = True
    told = [state for state, _ in told_by_loops(model, data, hidden)]
    torch.testing.assert_close(interests[:, 0], torch.stack(told))


def test_neither_side_nor_amount_of_padding_matters():
    model = make()
    left, right = batch(side="left"), batch(side="right")
    more = F.pad(left.item_ids, (3, 0))
    for other in (right.item_ids, more):
        torch.testing.assert_close(
            model.interests(left.item_ids), model.interests(other)
        )


def test_an_empty_history_is_the_same_for_everybody():
    model = make()
    empty = torch.zeros(2, T, dtype=torch.long)
    interests = model.interests(empty)
    assert interests.isfinite().all() and interests.abs().sum() > 0
    torch.testing.assert_close(interests[0], interests[1])
    torch.testing.assert_close(interests[:1], model.interests(empty[:1, :1]))


def test_a_hidden_item_leaves_no_trace_and_what_follows_is_read():
    model, data = make(), batch()
    hidden = torch.zeros(5, T + 1).bool()
    hidden[:4, -2] = hidden[4, -1] = True  # the latest of each history
    other = data.item_ids.clone()
    other[:4, -1] = other[:4, -1] % N + 1
    for changed, equal in (
        (as_batch(other, data.target_ids), True),
        (data._replace(target_ids=data.target_ids % N + 1), False),
    ):
        states = [
            model.answering(*model.behaviors(q.item_ids), q.asked)[:4]
            for q in (model.questions(d, hidden) for d in (data, changed))
        ]
        assert torch.allclose(*states, atol=1e-6) == equal


def test_order_matters():
    model, ids = make(), torch.tensor([[1, 2, 3]])
    assert not torch.allclose(model.interests(ids), model.interests(ids[:, [1, 0, 2]]))


def test_all_positions_hidden_is_the_same_question_for_everybody():
    model = make(hidden_share=1.0)
    data = batch()
    asked = model.questions(data)
    assert torch.equal(asked.asked, asked.item_ids != 0)
    states = model.answering(*model.behaviors(asked.item_ids), asked.asked)
    again = model.questions(data._replace(item_ids=(data.item_ids % N + 1) * data.mask))
    assert torch.equal(
        states, model.answering(*model.behaviors(again.item_ids), again.asked)
    )
    assert model.loss(data).isfinite()


def test_weights_to_look_at():
    data = batch()
    weights = make().weights(data.item_ids)
    assert weights.shape == (5, 2, 2, T + 1, T + 1)
    real = torch.cat([data.mask, torch.ones(5, 1).bool()], 1)
    torch.testing.assert_close(
        weights.sum(-1), real[:, None, None].float().expand(5, 2, 2, T + 1)
    )
    assert (weights.mT[:, 0, 0][~real] == 0).all()


@stacks
def test_every_loss_trains_every_parameter_and_never_the_padding(stack):
    sampler = NegativeSampler.uniform(N)
    for options in (
        {},
        {"sampler": sampler, "num_negatives": 64},
        {"calibration": 0.0, "num_negatives": 64},
    ):
        model = make(hidden_share=0.5, **stack, **options).train()
        model.loss(batch()).backward()
        for name, parameter in model.named_parameters():
            assert parameter.grad.isfinite().all(), name
            assert parameter.grad.abs().sum() > 0, name
        assert (model.embedding.weight.grad[0] == 0).all()


def test_low_precision_gives_about_the_same_loss():
    model, data = make(), batch()
    hidden = hidden_of(data)
    exact = model.loss(data, questions=model.questions(data, hidden))
    for mixed in (True, False):
        model = model if mixed else model.bfloat16()
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            found = model.loss(data, questions=model.questions(data, hidden))
        found.backward()
        torch.testing.assert_close(found.float(), exact, atol=0.05, rtol=0.05)
        model.zero_grad()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_the_cpu():
    model, data = make(), batch()
    hidden = hidden_of(data)
    expected = model.loss(data, questions=model.questions(data, hidden))
    there = Batch(*(tensor.cuda() for tensor in data))
    model.cuda()
    found = model.loss(there, questions=model.questions(there, hidden.cuda()))
    torch.testing.assert_close(found.cpu(), expected, atol=1e-4, rtol=1e-4)
    assert model.loss(there).isfinite()


@pytest.mark.parametrize("options", [{}, {"calibration": 0.0, "num_negatives": 4}])
def test_fit_learns_a_walk_through_the_catalog(options):
    """After item i comes i + step, and the step shows in the items around."""
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
    model = BERT4Rec(
        N,
        16,
        max_length=T,
        dropout=0.0,
        latest_share=0.3,
        **{**AS_SASREC, "hidden_dim": 32},
        **options,
    )
    train = batches(data.select(slice(250)), 50, T, shuffle=True)
    fit(model, train, epochs=100, learning_rate=1e-2, progress=False, device="cpu")
    (test,) = batches(data.select(slice(250, 300)), 50, T)
    with torch.no_grad():
        right = model.eval().scores(test).argmax(1) == test.target_ids
    assert right.float().mean() > 0.8


def test_bad_arguments():
    with pytest.raises(ValueError, match="num_blocks must be at least 1, got 0"):
        make(num_blocks=0)
    with pytest.raises(ValueError, match="share must be above 0, got 0"):
        make(hidden_share=0.0)
    with pytest.raises(ValueError, match=r"calibration must lie in 0\.\.1, got 2"):
        make(calibration=2)
    with pytest.raises(ValueError, match="activation must be one of relu, gelu"):
        make(activation="tanh")
    with pytest.raises(ValueError, match="T of at most max_length = 9"):
        make().interests(torch.ones(2, 10, dtype=torch.long))
    data = batch()
    with pytest.raises(ValueError, match="hidden must hide an item, .* got 0 items"):
        make().questions(data, torch.zeros(5, T + 1).bool())
    with pytest.raises(ValueError, match="hidden must .* places of padding"):
        make().questions(data, torch.ones(5, T + 1).bool())
    with pytest.raises(ValueError, match=r"target_ids must lie in 1\.\.30, got 0"):
        make().loss(data._replace(target_ids=torch.zeros(5, dtype=torch.long)))
