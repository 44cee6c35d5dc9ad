import pytest
import torch
import torch.nn.functional as F

from seqviz.data import ClickBatch
from seqviz.layers import TransformerBlock
from seqviz.models import BST

N, T = 30, 6


def make(seed=0, **options):
    torch.manual_seed(seed)
    return BST(N, 8, num_heads=2, max_length=9, **options).eval()


def batch(rows=6, seed=0, side="left"):
    """Rows of 1, 2, ... items; the last one is empty."""
    torch.manual_seed(seed)
    ids, targets = torch.randint(1, N + 1, (rows, T)), torch.randint(1, N + 1, (rows,))
    for row in range(rows):
        ids[row, : T - (row + 1) % rows] = 0
    if side == "right":
        ids = torch.stack([row.roll(int((row > 0).sum())) for row in ids])
    zeros = torch.zeros(rows, dtype=torch.long)
    return ClickBatch(ids, ids != 0, targets, zeros, zeros, (targets % 2).float())


@pytest.mark.parametrize("num_blocks", [1, 2])
@pytest.mark.parametrize("norm_first", [True, False])
def test_the_interest_is_the_candidates_row_of_the_whole_stack(num_blocks, norm_first):
    model, data = make(num_blocks=num_blocks, norm_first=norm_first), batch()
    pooling = model.pooling
    query, behaviors = model._vectors(data)
    found = pooling(query, behaviors, data.mask)
    for row in range(len(data.item_ids)):
        states = torch.cat([behaviors[row][data.mask[row]], query[row]])[None]
        states = pooling.positions(states) * 8**0.5
        for block in pooling.blocks:
            states = block(states)
        torch.testing.assert_close(found[row, 0], states[0, -1])
    again, weights = pooling(query, behaviors, data.mask, need_weights=True)
    torch.testing.assert_close(again, found)
    assert weights.shape == data.mask.shape and (weights[~data.mask] == 0).all()
    assert (weights.sum(1) < 1).all() and (weights[-1] == 0).all()


def test_neither_side_nor_amount_of_padding_matters():
    model, left, right = make(num_blocks=2), batch(), batch(side="right")
    more = F.pad(left.item_ids, (3, 0))
    wider = left._replace(item_ids=more, mask=more != 0)
    for other in (right, wider):
        torch.testing.assert_close(model.logits(left), model.logits(other))


def test_order_and_the_candidate_matter():
    model, data = make(), batch()
    turned = data._replace(item_ids=data.item_ids.flip(1), mask=data.mask.flip(1))
    assert not torch.allclose(model.logits(data)[1:5], model.logits(turned)[1:5])
    other = data._replace(target_ids=data.target_ids % N + 1)
    assert not torch.allclose(model.logits(data), model.logits(other))


def test_an_empty_history_leaves_the_candidate():
    model, data = make(), batch()
    alone = data._replace(
        item_ids=torch.zeros(6, 1, dtype=torch.long), mask=torch.zeros(6, 1).bool()
    )
    torch.testing.assert_close(model.logits(data)[-1], model.logits(alone)[-1])
    assert model.logits(alone).isfinite().all()


def test_the_block_is_the_books_block():
    assert isinstance(make().pooling.blocks[0], TransformerBlock)
    assert not make().pooling.blocks[0].attention.causal


def test_it_trains_every_parameter_and_never_the_padding():
    features = torch.randint(1, 5, (N + 1, 2))
    features[0] = 0
    model = make(item_features=features, dropout=0.1).train()
    model.loss(batch()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.isfinite().all(), name
        # of the first block's norm behind the attention all rows count
        assert parameter.grad.abs().sum() > 0, name
    assert (model.embedding.weight.grad[0] == 0).all()


def test_low_precision_stays_near():
    model, data = make(), batch()
    exact = model.loss(data)
    low = model.bfloat16().loss(data)
    torch.testing.assert_close(low.float(), exact, atol=0.05, rtol=0.05)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_the_cpu():
    model, data = make(), batch()
    expected = model.loss(data)
    found = model.cuda().loss(ClickBatch(*(tensor.cuda() for tensor in data)))
    torch.testing.assert_close(found.cpu(), expected, atol=1e-4, rtol=1e-4)


def test_bad_arguments():
    data = batch()
    with pytest.raises(ValueError, match="num_heads must divide embedding_dim"):
        BST(N, 8, num_heads=3)
    with pytest.raises(ValueError, match="num_blocks must be at least 1, got 0"):
        make(num_blocks=0)
    longer = F.pad(data.item_ids, (4, 0))
    with pytest.raises(ValueError, match=r"at most max_length = 9, got \[6, 10, 8\]"):
        make().logits(data._replace(item_ids=longer, mask=longer != 0))
    with pytest.raises(ValueError, match=r"target_ids must lie in 1\.\.30, got 0"):
        make().logits(data._replace(target_ids=torch.zeros(6, dtype=torch.long)))
