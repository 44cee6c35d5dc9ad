"""A training step of SASRec beside RecBole's, and self-attention beside torch's kernel.

Identical on both sides of a step: full histories of T items, one table, two blocks of
two heads, feed-forward width 4E, dropout 0.2, one prediction a row, cross entropy over
the whole catalog, a dense gradient of the table. ``check_same`` proves that the parts
are the same: ours, put together in RecBole's order and with its weights, give RecBole's
loss and its gradients.

Not identical, read in RecBole 1.2.1 (``model/layers.py``, ``model/loss.py`` and
``model/sequential_recommender/sasrec.py``): it norms after each sum (post-norm) and the
input, ours before each part and the output; its attention has four biases more (0 at
the start), its softmax item 0. It computes every position in the last block, ours the
latest alone, as only that one is read; ours has a dropout more, within the feed-forward
network. It gets logits ``[B, N + 1]``, their softmax and its slope one after the other
from autograd; ours makes the slope with the loss, some rows at a time.

The rows come nearer to what a user of RecBole gets: first with ReLU and the same fused
Adam on both sides, then with RecBole's default GELU and Adam, then as it is imported:
``sine.py``, one of its models, switches torch's anomaly detection on for the process,
so that each gradient is searched for NaN.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.cases import case
from benchmarks.quiet_recbole import import_recbole
from benchmarks.timing import Clock, Row, Sizes, compare, training
from seqviz.data import Batch
from seqviz.layers import SelfAttention, full_softmax_loss
from seqviz.models import Retriever, SASRec

import_recbole()
from recbole.model.abstract_recommender import SequentialRecommender
from recbole.model.sequential_recommender.sasrec import SASRec as RecboleSASRec

HEADS, BLOCKS, DROPOUT = 2, 2, 0.2


class Items:
    """All that RecBole's model asks its dataset: how many ids a field has."""

    def __init__(self, count: int) -> None:
        self.count = count

    def num(self, field: str) -> int:
        return self.count


def steps(sizes: Sizes, length: int, pool: int = 20) -> Iterator[Batch]:
    """Full histories of uniform ids, over and over: ``pool`` different batches."""
    made = []
    for _ in range(pool):
        ids = torch.randint(1, sizes.items + 1, (sizes.batch, length))
        target_ids = torch.randint(1, sizes.items + 1, (sizes.batch,))
        users = torch.arange(sizes.batch)
        made.append(Batch(ids, ids != 0, target_ids, target_ids[:, None], users, users))
    return cycle(made)


def our_model(sizes: Sizes, length: int) -> SASRec:
    return SASRec(
        sizes.items,
        sizes.dim,
        num_heads=HEADS,
        num_blocks=BLOCKS,
        max_length=length,
        dropout=DROPOUT,
        hidden_dim=4 * sizes.dim,
        all_positions=False,
    )


def their_model(sizes: Sizes, length: int, activation: str) -> RecboleSASRec:
    """Its configuration is read like a dictionary; the rest is its default."""
    config = {
        "USER_ID_FIELD": "user_id",
        "ITEM_ID_FIELD": "item_id",
        "LIST_SUFFIX": "_list",
        "ITEM_LIST_LENGTH_FIELD": "item_length",
        "NEG_PREFIX": "neg_",
        "MAX_ITEM_LIST_LENGTH": length,
        "device": "cpu",
        "n_layers": BLOCKS,
        "n_heads": HEADS,
        "hidden_size": sizes.dim,
        "inner_size": 4 * sizes.dim,
        "hidden_dropout_prob": DROPOUT,
        "attn_dropout_prob": DROPOUT,
        "hidden_act": activation,
        "layer_norm_eps": 1e-12,
        "initializer_range": 0.02,
        "loss_type": "CE",
    }
    return RecboleSASRec(config, Items(sizes.items + 1))


def our_loss(model: Retriever, batch: Batch) -> Tensor:
    return model.loss(batch)


def their_loss(model: SequentialRecommender, batch: Batch) -> Tensor:
    """As its ``Trainer``, which adds nothing for these models."""
    interaction = {
        "item_id_list": batch.item_ids,
        "item_length": batch.mask.sum(1),
        "item_id": batch.target_ids,
    }
    return model.calculate_loss(interaction)


@case("sasrec")
def sasrec(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """At each length: alike, with RecBole's defaults, as it is imported."""
    check_same(sizes)
    for length in sizes.lengths:
        for name, activation, fused, detect_anomaly in [
            ("both ReLU, Adam fused", "relu", True, False),
            ("theirs GELU, Adam default", "gelu", None, False),
            ("theirs GELU, Adam default, anomaly detection", "gelu", None, True),
        ]:
            ours = our_model(sizes, length)
            theirs = their_model(sizes, length, activation)
            yield compare(
                f"SASRec step, T {length}, full softmax, {name}",
                training(ours, our_loss, steps(sizes, length), fused=True),
                training(
                    theirs,
                    their_loss,
                    steps(sizes, length),
                    fused=fused,
                    detect_anomaly=detect_anomaly,
                ),
                repeats,
                clock=clock,
            )


def check_same(sizes: Sizes) -> None:
    """Raise unless our parts in RecBole's order give its loss and gradients."""
    length = sizes.lengths[0]
    ours, theirs = our_model(sizes, length), their_model(sizes, length, "relu")
    ours.eval(), theirs.eval()  # no dropout
    with torch.no_grad():
        ours.embedding.weight.copy_(theirs.item_embedding.weight)
        # ours counts positions back from the latest item, theirs from the first slot
        ours.positions.weight.copy_(theirs.position_embedding.weight.flip(0))
        for block, other in zip(ours.blocks, theirs.trm_encoder.layer, strict=True):
            attention = other.multi_head_attention
            parts = (attention.query, attention.key, attention.value)
            packed = torch.cat([part.weight for part in parts])
            block.attention.query_key_value.weight.copy_(packed)
            block.attention.output.weight.copy_(attention.dense.weight)
            for mine, linear in [
                (block.feed_forward[0], other.feed_forward.dense_1),
                (block.feed_forward[3], other.feed_forward.dense_2),
            ]:
                mine.weight.copy_(linear.weight)
                mine.bias.copy_(linear.bias)
    batch = next(steps(sizes, length, pool=1))
    losses = _in_their_order(ours, batch), their_loss(theirs, batch)
    torch.testing.assert_close(*losses)
    for loss in losses:
        loss.backward()
    pairs = [(ours.embedding.weight, theirs.item_embedding.weight)]
    for block, other in zip(ours.blocks, theirs.trm_encoder.layer, strict=True):
        attention = other.multi_head_attention
        pairs += [
            (block.attention.output.weight, attention.dense.weight),
            (block.feed_forward[0].weight, other.feed_forward.dense_1.weight),
            (block.feed_forward[3].weight, other.feed_forward.dense_2.weight),
        ]
    for mine, other in pairs:
        torch.testing.assert_close(mine.grad, other.grad, atol=1e-7, rtol=1e-3)


def _in_their_order(model: SASRec, batch: Batch) -> Tensor:
    """Norm the input, norm after each sum, read the last, let item 0 take part."""
    behaviors, mask = model.behaviors(batch.item_ids)
    states = _norm(model.positions(behaviors, mask))
    for block in model.blocks:
        read = block.attention(states, mask)
        states = _norm(states + read)
        states = _norm(states + block.feed_forward(states))
    items = model.item_vectors()
    shifted = torch.cat([torch.zeros_like(items[:1]), items])  # item 0 is id 1 here
    return full_softmax_loss(states[:, -1], shifted, batch.target_ids + 1)


def _norm(vectors: Tensor) -> Tensor:
    return F.layer_norm(vectors, vectors.shape[-1:], eps=1e-12)


@case("attention")
def attention(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """``SelfAttention`` against the same products and kernel written by hand."""
    for length in sizes.lengths:
        mask = torch.arange(length) >= torch.randint(0, length, (sizes.batch, 1))
        behaviors = torch.randn(sizes.batch, length, sizes.dim)
        for causal, kind in [(False, "padding"), (True, "causal and padding")]:
            layer = SelfAttention(sizes.dim, HEADS, causal=causal)
            inputs = (layer, behaviors, mask)
            torch.testing.assert_close(by_layer(*inputs)[mask], by_hand(*inputs)[mask])
            for name, passes in [("forward", _forward), ("with backward", _backward)]:
                yield compare(
                    f"self-attention, T {length}, {kind} mask, {name}",
                    partial(passes, by_layer, *inputs),
                    partial(passes, by_hand, *inputs),
                    repeats,
                    clock=clock,
                )


def by_layer(layer: SelfAttention, behaviors: Tensor, mask: Tensor) -> Tensor:
    return layer(behaviors, mask)


def by_hand(layer: SelfAttention, behaviors: Tensor, mask: Tensor) -> Tensor:
    """No checks, and padding is left as it comes out: ``[B, T, E]``."""
    count, length, width = behaviors.shape
    packed = F.linear(behaviors, layer.query_key_value.weight)
    packed = packed.view(count, length, 3, layer.num_heads, -1)
    query, key, value = packed.permute(2, 0, 3, 1, 4)
    readable = mask[:, None, None]  # [B, 1, 1, T]
    if layer.causal:
        readable = readable & torch.ones(length, length, dtype=torch.bool).tril()
    read = F.scaled_dot_product_attention(query, key, value, attn_mask=readable)
    read = read.transpose(1, 2).reshape(count, length, width)
    return F.linear(read, layer.output.weight)


@torch.no_grad()
def _forward(
    run: Callable[..., Tensor], layer: SelfAttention, behaviors: Tensor, mask: Tensor
) -> None:
    run(layer, behaviors, mask)


def _backward(
    run: Callable[..., Tensor], layer: SelfAttention, behaviors: Tensor, mask: Tensor
) -> None:
    behaviors = behaviors.detach().requires_grad_()
    output = run(layer, behaviors, mask)
    slope = mask[..., None].expand_as(output).to(output)  # padding counts for nothing
    torch.autograd.grad(output, (behaviors, *layer.parameters()), slope)
