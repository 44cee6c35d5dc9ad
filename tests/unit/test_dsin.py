import pytest
import torch

from seqviz.data import (
    ClickRows,
    Ragged,
    SessionClickBatch,
    click_batches,
    load_shop,
    shown_clicks,
)
from seqviz.models import DIN, DSIN

N = 30


def model(seed=0, **options):
    torch.manual_seed(seed)
    sizes = {"num_sessions": 3, "session_length": 4, "hidden_units": (8,)}
    module = DSIN(N, 4, **sizes | options)
    for weight in module.pooling.bias.parameters():
        torch.nn.init.normal_(weight)
    return module


def batch(ids, sessions, **more):
    ids, sessions = torch.tensor(ids), torch.tensor(sessions)
    zeros = torch.zeros(len(ids), dtype=torch.int64)
    found = SessionClickBatch(
        ids, ids != 0, zeros + 7, zeros, zeros, zeros.float(), sessions
    )
    return found._replace(**more)


def test_the_fold():
    ids = [[0, 9, 8, 7, 6, 5, 4, 3], [1, 2, 0, 0, 3, 4, 0, 5]]
    numbers = [[0, 3, 2, 2, 2, 1, 1, 1], [4, 3, 0, 0, 2, 1, 0, 1]]
    folded, slots = model(session_length=2)._folded(batch(ids, numbers))
    assert folded.item_ids.tolist() == [
        [[0, 9], [7, 6], [4, 3]],
        [[0, 2], [0, 3], [4, 5]],
    ]
    assert torch.equal(folded.mask, folded.item_ids != 0)
    assert slots.tolist() == [[6, 1, 6, 2, 3, 6, 4, 5], [6, 1, 6, 6, 3, 4, 6, 5]]


def test_what_is_cut_off_is_not_read():
    one = batch([[9, 8, 7, 6]], [[4, 3, 2, 1]])
    other = batch([[5, 8, 7, 6]], [[4, 3, 2, 1]])
    assert torch.equal(model().logits(one), model().logits(other))
    weights = model().weights(one)
    assert weights[0, 0] == 0 and (weights[0, 1:] > 0).all()
    torch.testing.assert_close(weights.sum(), torch.tensor(1.0))


def test_where_a_session_ends_matters():
    one = batch([[9, 8, 7, 6]], [[2, 2, 1, 1]])
    other = batch([[9, 8, 7, 6]], [[2, 1, 1, 1]])
    assert not torch.allclose(model().logits(one), model().logits(other))


def test_gradients():
    data = batch([[0, 8, 7, 6], [0, 0, 0, 0]], [[0, 2, 1, 1], [0, 0, 0, 0]])
    module = model(num_heads=2)
    module.loss(data).backward()
    assert all(p.grad.isfinite().all() for p in module.parameters())
    assert (module.embedding.weight.grad[0] == 0).all()


def test_rows_know_the_sessions():
    """Of the shop the gap of half an hour finds them as the world drew them."""
    shop = load_shop(100, seed=3)
    rows = shown_clicks(shop.interactions, session_gap=1800)
    table = shop.interactions.table
    times = table["time"].to_numpy()[(table["kind"] == "click").to_numpy()]
    clocks = rows.histories.over(times)
    for row in range(0, len(rows), 97):
        begins = (clocks[row][1:] - clocks[row][:-1]) >= 1800
        numbers = rows.sessions[row]
        assert ((numbers[1:] != numbers[:-1]) == begins).all()
    for side in ("left", "right"):
        for data in click_batches(rows, 256, 9, side=side):
            assert isinstance(data, SessionClickBatch)
            assert torch.equal(data.sessions > 0, data.mask)
            real = data.mask[:, 1:] & data.mask[:, :-1]
            step = (data.sessions[:, :-1] - data.sessions[:, 1:])[real]
            assert ((step == 0) | (step == 1)).all()
            some = data.mask.any(1)
            last = data.sessions.masked_fill(~data.mask, 99).amin(1)
            assert (last[some] == 1).all()
    few = rows.select(slice(10))
    assert len(few.sessions) == 10
    assert DIN(240, 4).logits(next(iter(click_batches(few, 10, 5)))).shape == (10,)


def test_bad_input_is_named():
    data = batch([[9, 8]], [[1, 1]])
    plain = next(iter(click_batches(_rows(), 1, 2)))
    with pytest.raises(TypeError, match="batch must be a SessionClickBatch"):
        model().loss(plain)
    with pytest.raises(ValueError, match=r"sessions must lie in 0\.\.2, got 3\.\.3"):
        model().logits(data._replace(sessions=data.sessions + 2))
    with pytest.raises(ValueError, match=r"item_ids must lie in 0\.\.30"):
        model().logits(data._replace(item_ids=data.item_ids + N))
    with pytest.raises(ValueError, match="num_sessions must be at least 1, got 0"):
        model(num_sessions=0)
    with pytest.raises(ValueError, match="num_heads must divide embedding_dim"):
        model(num_heads=3)
    with pytest.raises(ValueError, match="sessions must be as long as histories"):
        _rows(sessions=Ragged.from_rows([[1]]))


def _rows(**more):
    return ClickRows([0], [5], Ragged.from_rows([[1, 2]]), [3], [1], **more)
