import pytest
import torch
import torch.nn.functional as F

from seqviz.data import Batch, Ragged, session_parallel
from seqviz.layers import NegativeSampler, bpr_max, top1_max
from seqviz.models import GRU4Rec

N, T, E = 30, 6, 8
cells = pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])


def make(seed=0, **options):
    torch.manual_seed(seed)
    return GRU4Rec(N, E, **options).eval()


def batch(seed=0, side="left"):
    """Rows of 1, 2, ... items; the last one is empty."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, N + 1, (5, T), generator=generator)
    for row in range(5):
        ids[row, : T - (row + 1) % 5] = 0
    if side == "right":
        ids = torch.stack([row.roll(int((row > 0).sum())) for row in ids])
    target_ids = torch.randint(1, N + 1, (5,), generator=generator)
    zeros = torch.zeros_like(target_ids)
    return Batch(ids, ids != 0, target_ids, target_ids[:, None], zeros, zeros)


def predictions(data):
    for row, ids in enumerate(data.item_ids.tolist()):
        places = [t for t in range(T) if ids[t]]
        following = [ids[t] for t in places[1:]] + [int(data.target_ids[row])]
        yield from ((row, t, n) for t, n in zip(places, following, strict=False))


@cells
@pytest.mark.parametrize("hidden_dim", [None, 5])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_loss_is_the_cross_entropy_of_every_next_item(cell, hidden_dim, side):
    model, data = make(cell=cell, hidden_dim=hidden_dim), batch(side=side)
    states = model.states(*model.behaviors(data.item_ids))
    items = model.item_vectors()[1:]
    losses = [
        F.cross_entropy(items @ states[row, place], torch.tensor(following - 1))
        for row, place, following in predictions(data)
    ]
    torch.testing.assert_close(model.loss(data), torch.stack(losses).mean())


@cells
@pytest.mark.parametrize("hidden_dim", [None, 5])
def test_the_interest_is_the_state_after_the_last_click(cell, hidden_dim):
    model = make(cell=cell, hidden_dim=hidden_dim)
    left, right = batch(), batch(side="right")
    interests = model.interests(left.item_ids)
    torch.testing.assert_close(interests, model.interests(right.item_ids))
    states = model.states(*model.behaviors(left.item_ids))
    torch.testing.assert_close(interests[:4, 0], states[:4, -1])
    assert interests.shape == (5, 1, E) and (interests[-1] == 0).all()


@cells
@pytest.mark.parametrize("temperature", [None, 0.5])
def test_click_by_click_is_the_whole_row(cell, temperature):
    model = make(cell=cell, hidden_dim=5, temperature=temperature)
    ids, state = torch.randint(1, N + 1, (4, T)), None
    for clicked in ids.unbind(1):
        query, state = model.advance(clicked, state)
    torch.testing.assert_close(query, model.scaled_interests(ids)[:, 0])


def test_lanes_that_forget_are_rows_by_themselves():
    """A state that is reset where a session begins knows nothing of the one before."""
    model = make()
    rows = Ragged.from_rows([[1, 2, 3], [4, 5], [6, 7, 8, 9], [3, 2]])
    state = torch.zeros(2, E)
    for step in session_parallel(rows, lanes=2):
        before = torch.where(step.first[:, None], 0.0, state[step.lanes])
        query, after = model.advance(step.item_ids, before)
        state = state.index_copy(0, step.lanes, after)
        for lane, (row, item) in enumerate(
            zip(step.rows.tolist(), step.item_ids.tolist(), strict=True)
        ):
            known = rows[row].tolist()
            history = torch.tensor([known[: known.index(item) + 1]])
            alone = model.interests(history)[0, 0]
            torch.testing.assert_close(query[lane], alone)


@pytest.mark.parametrize("objective", ["bpr-max", "top1-max"])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("all_positions", [False, True])
def test_the_ranking_losses_by_hand(objective, own, all_positions):
    model = make(
        objective=objective,
        sampler=NegativeSampler.uniform(N),
        all_positions=all_positions,
        regularization=0.3,
    )
    data = batch()
    data = Batch(*(part[:4] for part in data))  # no empty history
    negatives = torch.randint(1, N + 1, (4, 7) if own else (7,))
    states = model.states(*model.behaviors(data.item_ids))
    items, losses = model.item_vectors(), []
    for row, place, following in predictions(data):
        if not all_positions and place != T - 1:
            continue
        others = negatives[row] if own else negatives
        others = others[others != following]
        query = states[row, place]
        scores = (items[following] @ query)[None], (items[others] @ query)[None]
        losses.append(
            bpr_max(*scores, regularization=0.3)
            if objective == "bpr-max"
            else top1_max(*scores)
        )
    found = model.sampled_loss(data, negatives)
    torch.testing.assert_close(found, torch.stack(losses).mean())
    assert model.loss(data, negatives) == found


@cells
@pytest.mark.parametrize("objective", ["cross-entropy", "bpr-max", "top1-max"])
def test_every_loss_trains_every_parameter_and_never_the_padding(cell, objective):
    sampler = NegativeSampler.uniform(N)
    model = make(
        cell=cell, hidden_dim=5, objective=objective, sampler=sampler, num_negatives=20
    )
    model.train()
    model.loss(batch()).backward()
    for parameter in model.parameters():
        assert parameter.grad.isfinite().all() and parameter.grad.abs().sum() > 0
    assert (model.embedding.weight.grad[0] == 0).all()


def test_bad_input():
    with pytest.raises(ValueError, match="cell must be one of gru, lstm, rnn"):
        GRU4Rec(N, E, cell="gated")
    with pytest.raises(ValueError, match="objective must be one of"):
        GRU4Rec(N, E, objective="bpr")
    with pytest.raises(ValueError, match="sampler must be given for objective bpr-max"):
        GRU4Rec(N, E, objective="bpr-max")
    with pytest.raises(ValueError, match="calibration must be None for objective bpr-"):
        GRU4Rec(N, E, objective="bpr-max", calibration=0.75)
    for wrong in (0, N + 1):
        message = rf"item_ids must lie in 1\.\.{N}, got {wrong}\.\.{wrong}"
        with pytest.raises(ValueError, match=message):
            make().advance(torch.tensor([wrong]))
    with pytest.raises(
        ValueError, match=r"item_ids must have shape \[B\], got \[1, 1\]"
    ):
        make().advance(torch.tensor([[1]]))
