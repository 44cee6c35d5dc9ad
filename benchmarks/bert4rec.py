"""A training step of BERT4Rec beside RecBole's, and a cached click beside all clicks.

Identical on both sides of a step: full rows of T items, the same of them hidden, one
table and one vector for the mask, two post-norm blocks of two heads with GELU,
feed-forward width 4E, dropout 0.2, a layer with GELU and a norm behind them, cross
entropy of the hidden items over the catalog, a dense gradient of the table.
``check_same`` proves it: the same weights give the same loss and gradients.

Not identical, read in RecBole 1.2.1
(``model/sequential_recommender/bert4rec.py``): its attention has four biases more and
its output one for each item, all 0 at the start; item 0, the padding, takes part in its
softmax (kept out by its bias for the proof). It multiplies the states by a one-hot
tensor to pick the hidden ones and gets logits ``[B * hidden, N + 1]`` with their
softmax and slope from autograd; ours makes the slope with the loss, some rows at a
time.

The rows come nearer to what a user of RecBole gets, as in ``sasrec.py``; in the last
one each step also draws what is hidden, theirs with ``MaskItemSequence``, which its
data loader calls, ours with ``cloze``.
"""

from collections.abc import Iterator
from itertools import cycle
from types import SimpleNamespace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from benchmarks.cases import case
from benchmarks.quiet_recbole import import_recbole
from benchmarks.sasrec import Items
from benchmarks.timing import Clock, Row, Sizes, compare, training
from seqviz.data import Batch
from seqviz.models import BERT4Rec, SASRec

import_recbole()
from recbole.data.interaction import Interaction
from recbole.data.transform import MaskItemSequence
from recbole.model.sequential_recommender.bert4rec import BERT4Rec as RecboleBERT4Rec

HEADS, BLOCKS, DROPOUT, HIDDEN = 2, 2, 0.2, 0.2
SERVED = 200  # clicks that are there before the new one


class Step(NamedTuple):
    """One batch and what is hidden of it, bool ``[B, T]``."""

    batch: Batch
    hidden: Tensor


def steps(sizes: Sizes, length: int, pool: int = 20) -> Iterator[Step]:
    """Full rows of uniform ids, over and over; of each as many hidden as RecBole asks.

    Never the first item of a row: RecBole leaves its loss out.
    """
    made = []
    for _ in range(pool):
        ids = torch.randint(1, sizes.items + 1, (sizes.batch, length))
        users, target_ids = torch.arange(sizes.batch), ids[:, -1]
        history = ids[:, :-1]
        batch = Batch(
            history, history != 0, target_ids, target_ids[:, None], users, users
        )
        places = 1 + torch.rand(sizes.batch, length - 1).topk(_asked(length)).indices
        hidden = torch.zeros(sizes.batch, length, dtype=torch.bool)
        made.append(Step(batch, hidden.scatter(1, places, True)))
    return cycle(made)


def our_model(sizes: Sizes, length: int) -> BERT4Rec:
    return BERT4Rec(
        sizes.items,
        sizes.dim,
        num_heads=HEADS,
        num_blocks=BLOCKS,
        max_length=length - 1,
        dropout=DROPOUT,
        hidden_share=HIDDEN,
    )


def their_config(sizes: Sizes, length: int) -> dict[str, object]:
    """Its configuration is read like a dictionary; the rest is its default."""
    return {
        "USER_ID_FIELD": "user_id",
        "ITEM_ID_FIELD": "item_id",
        "LIST_SUFFIX": "_list",
        "ITEM_LIST_LENGTH_FIELD": "item_length",
        "NEG_PREFIX": "neg_",
        "MASK_ITEM_SEQ": "Mask_item_id_list",
        "POS_ITEMS": "Pos_item_id",
        "NEG_ITEMS": "Neg_item_id",
        "MASK_INDEX": "MASK_INDEX",
        "MAX_ITEM_LIST_LENGTH": length,
        "device": "cpu",
        "n_layers": BLOCKS,
        "n_heads": HEADS,
        "hidden_size": sizes.dim,
        "inner_size": 4 * sizes.dim,
        "hidden_dropout_prob": DROPOUT,
        "attn_dropout_prob": DROPOUT,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
        "initializer_range": 0.02,
        "mask_ratio": HIDDEN,
        "loss_type": "CE",
    }


def our_loss(model: BERT4Rec, step: Step) -> Tensor:
    """Of what the step hides."""
    return model.loss(
        step.batch, questions=model.questions(step.batch, hidden=step.hidden)
    )


def our_drawn_loss(model: BERT4Rec, step: Step) -> Tensor:
    """Of what is drawn now."""
    return model.loss(step.batch)


def their_loss(model: RecboleBERT4Rec, step: Step) -> Tensor:
    """Of what the step hides, in its form."""
    rows = _rows(step)
    places = step.hidden.nonzero()[:, 1].view(len(rows), -1)  # [B, hidden]
    told = rows.gather(1, places)
    return model.calculate_loss(
        {
            "Mask_item_id_list": rows.masked_fill(step.hidden, model.mask_token),
            "Pos_item_id": told,
            "Neg_item_id": told,
            "MASK_INDEX": places,
        }
    )


def their_drawn_loss(model: RecboleBERT4Rec, step: Step) -> Tensor:
    """Of what its transform draws now."""
    rows = _rows(step)
    lengths = torch.full((len(rows),), rows.shape[1])
    given = Interaction({"item_id_list": rows, "item_length": lengths})
    dataset = SimpleNamespace(num=lambda field: model.n_items)
    return model.calculate_loss(model.transform(dataset, given))


@case("bert4rec")
def bert4rec(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """At each length: alike, as it is imported, and with its way to hide."""
    check_same(sizes)
    for length in sizes.lengths:
        for name, ours_of, theirs_of, fused, anomaly in [
            ("Adam fused", our_loss, their_loss, True, False),
            (
                "theirs Adam default, anomaly detection",
                our_loss,
                their_loss,
                None,
                True,
            ),
            (
                "theirs as shipped, hiding included",
                our_drawn_loss,
                their_drawn_loss,
                None,
                True,
            ),
        ]:
            theirs = their_model(sizes, length)
            yield compare(
                f"BERT4Rec step, T {length}, {name}",
                training(
                    our_model(sizes, length),
                    ours_of,
                    steps(sizes, length),
                    fused=True,
                ),
                training(
                    theirs,
                    theirs_of,
                    steps(sizes, length),
                    fused=fused,
                    detect_anomaly=anomaly,
                ),
                repeats,
                clock=clock,
            )


def their_model(sizes: Sizes, length: int) -> RecboleBERT4Rec:
    config = their_config(sizes, length)
    model = RecboleBERT4Rec(config, Items(sizes.items + 1))
    model.transform = MaskItemSequence(config)
    return model


def check_same(sizes: Sizes) -> None:
    """Raise unless the same weights give the same loss and gradients."""
    length = sizes.lengths[0]
    ours, theirs = our_model(sizes, length), their_model(sizes, length)
    ours.eval(), theirs.eval()  # no dropout
    copy_weights(ours, theirs)
    step = next(steps(sizes, length, pool=1))
    losses = our_loss(ours, step), their_loss(theirs, step)
    torch.testing.assert_close(*losses)
    for loss in losses:
        loss.backward()
    table = theirs.item_embedding.weight.grad
    pairs = [
        (ours.embedding.weight.grad[1:], table[1:-1]),
        (ours.mask_vector.grad, table[-1]),
    ]
    for block, other in zip(ours.blocks, theirs.trm_encoder.layer, strict=True):
        pairs += [
            (
                block.attention.output.weight.grad,
                other.multi_head_attention.dense.weight.grad,
            ),
            (
                block.feed_forward[0].weight.grad,
                other.feed_forward.dense_1.weight.grad,
            ),
        ]
    for mine, other in pairs:
        torch.testing.assert_close(mine, other, atol=1e-6, rtol=1e-3)


@torch.no_grad()
def copy_weights(ours: BERT4Rec, theirs: RecboleBERT4Rec) -> None:
    """Theirs into ours; for full rows, since theirs counts from the first slot."""
    table = theirs.item_embedding.weight
    table[0] = 0.0  # its initializer fills the padding
    theirs.output_bias[0] = -1e9  # ours does not compare with padding
    ours.embedding.weight.copy_(table[:-1])
    ours.mask_vector.copy_(table[-1])
    ours.positions.weight.copy_(theirs.position_embedding.weight.flip(0))
    for module in ours.modules():
        if isinstance(module, nn.LayerNorm):
            module.eps = 1e-12
    for block, other in zip(ours.blocks, theirs.trm_encoder.layer, strict=True):
        attention, network = other.multi_head_attention, other.feed_forward
        parts = (attention.query, attention.key, attention.value)
        packed = torch.cat([part.weight for part in parts])
        block.attention.query_key_value.weight.copy_(packed)
        block.attention.output.weight.copy_(attention.dense.weight)
        for mine, layer in [
            (block.attention_norm, attention.LayerNorm),
            (block.feed_forward[0], network.dense_1),
            (block.feed_forward[3], network.dense_2),
            (block.feed_forward_norm, network.LayerNorm),
        ]:
            mine.load_state_dict(layer.state_dict())
    ours.input_norm.load_state_dict(theirs.LayerNorm.state_dict())
    ours.output[0].load_state_dict(theirs.output_ffn.state_dict())
    ours.output[2].load_state_dict(theirs.output_ln.state_dict())


@case("cached keys")
def cached_keys(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """One more click of each history; theirs is our own SASRec that reads all again."""
    served = SERVED if sizes != Sizes.tiny() else 5
    room = served + 2 * repeats + 10
    model = SASRec(
        sizes.items,
        sizes.dim,
        num_heads=HEADS,
        num_blocks=BLOCKS,
        max_length=room,
        from_oldest=True,
    ).eval()
    ids = torch.randint(1, sizes.items + 1, (sizes.batch, served))
    clicked = torch.randint(1, sizes.items + 1, (sizes.batch,))
    whole = torch.cat([ids, clicked[:, None]], 1)
    with torch.no_grad():
        _, cache = model.remember(ids)
        torch.testing.assert_close(
            model.follow(clicked, cache), model.interests(whole), atol=1e-4, rtol=1e-4
        )
        yield compare(
            f"SASRec, one more click at T {served}, ours: cached keys",
            lambda: model.follow(clicked, cache),
            lambda: model.interests(whole),
            repeats,
            clock=clock,
        )


def _rows(step: Step) -> Tensor:
    return torch.cat([step.batch.item_ids, step.batch.target_ids[:, None]], 1)


def _asked(length: int) -> int:
    """How many places of a row RecBole's loss has room for."""
    return int(HIDDEN * length)
