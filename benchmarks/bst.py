"""A training step of BST beside torch-rechub's.

Identical on both sides: one table for history and candidate, learned positions, the
candidate behind T behaviors, one post-norm block of four heads with a feed-forward
network of 2,048 (torch's default, which torch-rechub leaves), dropout 0.2, the
candidate's output beside the candidate in a network of 200 and 80, binary cross
entropy, a dense gradient of the table. ``check_same`` proves it for the block: the same
weights give the same interest.

Not identical, read in torch-rechub 0.9.0 (``models/ranking/bst.py``): its block has
LeakyReLU (ReLU for the proof) and biases in the attention (0 at the start), its network
a batch norm in front of each activation; it refuses to go without a context feature, so
it gets one number. It looks the table up once a feature, so that two gradients of its
size are made and added; ours once. It computes every row of the block, ours the
candidate's, the one that is read.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_rechub.basic.features import DenseFeature, SequenceFeature, SparseFeature
from torch_rechub.models.ranking.bst import BST as RechubBST

from benchmarks.cases import case
from benchmarks.timing import Clock, Row, Sizes, compare, training
from seqviz.data import ClickBatch
from seqviz.models import BST

HEADS, WIDTH, DROPOUT, NETWORK = 4, 2_048, 0.2, (200, 80)


class Step(NamedTuple):
    """One batch in the form of each."""

    ours: ClickBatch
    theirs: dict[str, Tensor]


def steps(sizes: Sizes, length: int, pool: int = 20) -> Iterator[Step]:
    """Full histories of uniform ids, over and over: ``pool`` different batches."""
    made = []
    for _ in range(pool):
        ids = torch.randint(1, sizes.items + 1, (sizes.batch, length))
        target_ids = torch.randint(1, sizes.items + 1, (sizes.batch,))
        users = torch.arange(sizes.batch)
        clicked = torch.randint(2, (sizes.batch,)).float()
        batch = ClickBatch(ids, ids != 0, target_ids, users, users, clicked)
        features = {
            "context": torch.ones(sizes.batch, 1),
            "history": ids,
            "item": target_ids,
        }
        made.append(Step(batch, features))
    return cycle(made)


def our_model(sizes: Sizes, length: int) -> BST:
    return BST(
        sizes.items,
        sizes.dim,
        num_heads=HEADS,
        max_length=length,
        dropout=DROPOUT,
        hidden_dim=WIDTH,
        hidden_units=NETWORK,
    )


def their_model(sizes: Sizes, length: int) -> RechubBST:
    rows, dim = sizes.items + 1, sizes.dim
    history = SequenceFeature(
        "history", rows, dim, pooling="concat", shared_with="item", padding_idx=0
    )
    return RechubBST(
        features=[DenseFeature("context")],
        history_features=[history],
        target_features=[SparseFeature("item", rows, dim)],
        mlp_params={"dims": list(NETWORK), "activation": "prelu"},
        nhead=HEADS,
        dropout=DROPOUT,
        num_layers=1,
        max_seq_len=length + 1,
    )


def our_loss(model: BST, step: Step) -> Tensor:
    return model.loss(step.ours)


def their_loss(model: RechubBST, step: Step) -> Tensor:
    """What its ``CTRTrainer`` minimizes."""
    return F.binary_cross_entropy(model(step.theirs), step.ours.clicked)


@case("bst")
def bst(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """At each length: the same Adam, then its default."""
    check_same(sizes)
    for length in sizes.lengths:
        for name, fused in [("Adam fused", True), ("theirs Adam default", None)]:
            yield compare(
                f"BST step, T {length}, {name}",
                training(
                    our_model(sizes, length), our_loss, steps(sizes, length), fused=True
                ),
                training(
                    their_model(sizes, length),
                    their_loss,
                    steps(sizes, length),
                    fused=fused,
                ),
                repeats,
                clock=clock,
            )


@torch.no_grad()
def check_same(sizes: Sizes) -> None:
    """Raise unless the same weights give the same interest."""
    length = sizes.lengths[0]
    ours, theirs = our_model(sizes, length).eval(), their_model(sizes, length).eval()
    pooling, (layer,) = ours.pooling, theirs.transformer_layers.layers
    (block,) = pooling.blocks
    layer.activation = nn.ReLU()
    layer.self_attn.in_proj_weight.copy_(block.attention.query_key_value.weight)
    layer.self_attn.out_proj.weight.copy_(block.attention.output.weight)
    for mine, other in [
        (block.attention_norm, layer.norm1),
        (block.feed_forward_norm, layer.norm2),
        (block.feed_forward[0], layer.linear1),
        (block.feed_forward[3], layer.linear2),
    ]:
        other.load_state_dict(mine.state_dict())
    step = next(steps(sizes, length, pool=1))
    behaviors = ours.item_vectors()[step.ours.item_ids]
    query = ours.item_vectors()[step.ours.target_ids][:, None]
    # ours counts positions back from the candidate and scales both up by √E
    states = torch.cat([behaviors, query], 1) + pooling.positions.weight.flip(0)
    expected = theirs.transformer_layers(states * sizes.dim**0.5)[:, -1:]
    found = pooling(query, behaviors, step.ours.mask)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
