"""torch-rechub's ComiRec-SA beside ours, with the same weights and the same batches.

What one training step does, read in torch-rechub 0.9.0 (``models/matching/comirec.py``,
``basic/layers.py``, ``trainers/match_trainer.py``):

Identical on both sides: one table of N + 1 rows for history, target and negatives;
H = tanh(X W1) with 4E hidden units, softmax of H W2 over the sequence, A X; vectors
brought to length 1; the interest nearest to the target; cross entropy of the target
against the row's own negatives; a dense gradient of the whole table; Adam.
``check_same`` proves it: same weights give the same layer outputs, the same loss and
the same gradients.

Not identical: theirs refuses to go without a user feature, so it gets the smallest, one
number a user, and multiplies [number, interest] by a matrix [1 + E, E]. It looks the
table up three times, so that three gradients of its size are made and added; ours once.
Ours leaves out a negative that is the target and gives zeros for an empty history;
theirs does neither. Positions are off: theirs has none.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_rechub.basic.features import DenseFeature, SequenceFeature, SparseFeature
from torch_rechub.basic.layers import MultiInterestSA
from torch_rechub.models.matching import ComirecSA

from benchmarks.timing import Sizes
from seqviz.data import Batch
from seqviz.layers import MultiInterestSelfAttention
from seqviz.models import ComiRecSA, Retriever


class Step(NamedTuple):
    """The input of one training step."""

    batch: Batch
    negatives: Tensor

    def features(self) -> dict[str, Tensor]:
        """The same in torch-rechub's form."""
        return {
            "user": torch.ones(len(self.negatives), 1),
            "history": self.batch.item_ids,
            "item": self.batch.target_ids,
            "negatives": self.negatives,
        }


def steps(sizes: Sizes, length: int, items: int, pool: int = 20) -> Iterator[Step]:
    """Full histories of uniform ids, over and over: ``pool`` different batches."""
    made = []
    for _ in range(pool):
        ids = torch.randint(1, items + 1, (sizes.batch, length))
        # target and negatives of a row all differ, as their losses then agree
        others = torch.rand(sizes.batch, items).topk(1 + sizes.negatives).indices + 1
        target_ids = others[:, 0].contiguous()
        zeros = torch.zeros_like(target_ids)
        batch = Batch(ids, ids != 0, target_ids, target_ids[:, None], zeros, zeros)
        made.append(Step(batch, others[:, 1:].contiguous()))
    return cycle(made)


def models(
    sizes: Sizes, items: int, temperature: float | None = 1.0
) -> tuple[ComiRecSA, ComirecSA]:
    """Ours and theirs with the same weights."""
    dim = sizes.dim
    ours = ComiRecSA(items, dim, sizes.interests, temperature=temperature)
    theirs = bare(sizes, items)
    with torch.no_grad():
        theirs.embedding.embed_dict["item"].weight.copy_(ours.embedding.weight)
        _copy(ours.attention, theirs.multi_interest_sa)
        # the user feature counts for nothing, the interest passes as it is
        identity = torch.cat([torch.zeros(1, dim), torch.eye(dim)])
        theirs.convert_user_weight.copy_(identity)
    return ours, theirs


def bare(sizes: Sizes, items: int) -> ComirecSA:
    """Theirs as it begins."""
    rows, dim = items + 1, sizes.dim
    return ComirecSA(
        user_features=[DenseFeature("user")],
        history_features=[_sequence("history", rows, dim)],
        item_features=[SparseFeature("item", rows, dim)],
        neg_item_feature=[_sequence("negatives", rows, dim)],
        interest_num=sizes.interests,
    )


def our_loss(model: Retriever, step: Step) -> Tensor:
    """Against the row's own negatives."""
    return model.sampled_loss(*step)


def their_loss(model: ComirecSA, step: Step) -> Tensor:
    """What ``MatchTrainer`` (mode 2, list-wise) minimizes."""
    return F.cross_entropy(
        model(step.features()), torch.zeros_like(step.batch.target_ids)
    )


def check_same(sizes: Sizes) -> None:
    """Raise unless layer, loss and gradients agree."""
    behaviors = torch.randn(sizes.batch, sizes.lengths[0], sizes.dim)
    mask = torch.ones(behaviors.shape[:2], dtype=torch.bool)
    layer = MultiInterestSelfAttention(sizes.dim, sizes.interests)
    other = MultiInterestSA(sizes.dim, sizes.interests)
    with torch.no_grad():
        _copy(layer, other)
        torch.testing.assert_close(
            layer(behaviors, mask), other(behaviors, mask[..., None])
        )
    ours, theirs = models(sizes, sizes.items)
    step = next(steps(sizes, sizes.lengths[0], sizes.items, pool=1))
    losses = ours.sampled_loss(*step), their_loss(theirs, step)
    torch.testing.assert_close(*losses)
    for loss in losses:
        loss.backward()
    for mine, other in [
        (ours.embedding.weight, theirs.embedding.embed_dict["item"].weight),
        (ours.attention.W1, theirs.multi_interest_sa.W1),
        (ours.attention.W2, theirs.multi_interest_sa.W2),
    ]:
        torch.testing.assert_close(mine.grad, other.grad, atol=1e-7, rtol=1e-3)


def _sequence(name: str, rows: int, dim: int) -> SequenceFeature:
    return SequenceFeature(name, rows, dim, pooling="concat", shared_with="item")


def _copy(ours: nn.Module, theirs: nn.Module) -> None:
    theirs.W1.copy_(ours.W1)
    theirs.W2.copy_(ours.W2)
