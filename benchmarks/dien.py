"""A training step of DIEN beside deepctr-torch's, and its AUGRU alone.

All get a user, a shown item and T behaviors, one table of N + 1 items and the same
widths (attention 64-16, then 256-128); a step is forward, backward and Adam.

"same numbers": ours put together as theirs is, so with a network in the place of the
paper's bilinear attention and without the auxiliary loss. ``check_same`` proves that
the same weights give the same probabilities, loss and gradients. "as published": ours
with the bilinear attention and the inner products of the paper's auxiliary loss, theirs
with its two networks (as in the authors' code); both with one negative a behavior.

Not identical: deepctr-torch carries ids in one float matrix and looks tables up once a
field; the bias of its AUGRU is one tensor under two names (0 here, where that does not
show).
"""

from collections.abc import Iterator
from itertools import cycle
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from benchmarks.cases import case
from benchmarks.quiet_deepctr import import_deepctr
from benchmarks.timing import Clock, Row, Sizes, compare, training
from seqviz.data import ClickBatch
from seqviz.layers import InterestEvolution, InterestExtractor, LocalActivationUnit
from seqviz.layers.masking import masked_softmax
from seqviz.models import DIEN, ClickModel

import_deepctr()
from deepctr_torch.inputs import SparseFeat, VarLenSparseFeat
from deepctr_torch.layers.sequence import DynamicGRU
from deepctr_torch.models import DIEN as DeepctrDIEN

USERS = 1_000
ATTENTION, HIDDEN = (64, 16), (256, 128)


class Step(NamedTuple):
    """One batch in the form of each."""

    ours: ClickBatch
    negative_ids: Tensor
    deepctr: Tensor


class TheirForm(nn.Module):
    """Ours with the attention of theirs: the network of DIN with a softmax."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.extractor = InterestExtractor(dim)
        self.unit = LocalActivationUnit(dim, ATTENTION, "sigmoid")
        self.evolution = InterestEvolution(dim)
        self.evolution.score.requires_grad_(False)  # not asked

    def forward(self, query: Tensor, behaviors: Tensor, mask: Tensor) -> Tensor:
        states = self.extractor(behaviors, mask)
        weights = masked_softmax(self.unit(query, states)[..., 0], mask)
        return self.evolution.evolve(states, weights, mask)[:, -1:]


def steps(
    sizes: Sizes, length: int, uneven: bool = False, pool: int = 20
) -> Iterator[Step]:
    """Uniform ids, padded at the right, over and over: ``pool`` different batches.

    Args:
        uneven: whether the lengths are drawn from 1 to ``length``, else all are full.
    """
    made = []
    for _ in range(pool):
        shape = sizes.batch, length
        ids, negatives = torch.randint(1, sizes.items + 1, (2, *shape))
        lengths = torch.full((sizes.batch, 1), length)
        if uneven:
            lengths = torch.randint(1, length + 1, (sizes.batch, 1))
        mask = torch.arange(length) < lengths
        ids, negatives = ids * mask, negatives * mask
        target_ids = torch.randint(1, sizes.items + 1, (sizes.batch,))
        users = torch.randint(USERS, (sizes.batch,))
        clicked = torch.randint(2, (sizes.batch,)).float()
        columns = users[:, None], target_ids[:, None], ids, lengths, negatives
        batch = ClickBatch(ids, mask, target_ids, users, users, clicked)
        made.append(Step(batch, negatives, torch.cat(columns, 1).float()))
    return cycle(made)


def our_model(sizes: Sizes, as_theirs: bool) -> ClickModel:
    """Ours, with the user's number as her field."""
    options = {"user_features": torch.arange(USERS)[:, None], "hidden_units": HIDDEN}
    if as_theirs:
        return ClickModel(sizes.items, TheirForm(sizes.dim), sizes.dim, **options)
    return DIEN(sizes.items, sizes.dim, **options)


def deepctr_model(sizes: Sizes, length: int, negatives: bool) -> DeepctrDIEN:
    """deepctr-torch's, without its L2 (ours has none here)."""
    item = {"vocabulary_size": sizes.items + 1, "embedding_dim": sizes.dim}
    columns = [
        SparseFeat("user", USERS, embedding_dim=sizes.dim),
        SparseFeat("item", **item),
    ]
    for name in ("hist_item", "neg_hist_item"):
        feature = SparseFeat(name, **item, embedding_name="item")
        columns.append(VarLenSparseFeat(feature, length, length_name="length"))
    return DeepctrDIEN(
        columns,
        ["item"],
        gru_type="AUGRU",
        use_negsampling=negatives,
        dnn_hidden_units=HIDDEN,
        att_hidden_units=ATTENTION,
        att_activation="sigmoid",
        l2_reg_embedding=0.0,
    )


def our_loss(model: ClickModel, step: Step) -> Tensor:
    if isinstance(model, DIEN):
        return model.loss(step.ours, step.negative_ids)
    return model.loss(step.ours)


def deepctr_loss(model: DeepctrDIEN, step: Step) -> Tensor:
    """As its ``fit``: the probability against the label, plus its auxiliary loss."""
    predicted = model(step.deepctr).squeeze(-1)
    loss = F.binary_cross_entropy(predicted, step.ours.clicked)
    return loss + model.aux_loss.squeeze()


@case("dien")
def dien(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Whole steps, each trainer's own Adam, and the AUGRU alone."""
    check_same(sizes)
    check_same_augru(sizes)
    for length in sizes.lengths:
        for uneven in (False, True):
            rows = "lengths 1 to T" if uneven else "full rows"
            for name, as_theirs in (("same numbers", True), ("as published", False)):
                yield compare(
                    f"DIEN step, T {length}, {rows}, {name}, deepctr-torch",
                    training(
                        our_model(sizes, as_theirs),
                        our_loss,
                        steps(sizes, length, uneven),
                        fused=True,
                    ),
                    training(
                        deepctr_model(sizes, length, negatives=not as_theirs),
                        deepctr_loss,
                        steps(sizes, length, uneven),
                    ),
                    repeats,
                    clock=clock,
                )
        yield compare(
            f"AUGRU forward and backward, T {length}, full rows, deepctr-torch",
            *augru(sizes, length)[:2],
            repeats,
            clock=clock,
        )


def augru(sizes: Sizes, length: int):
    """Two functions to time, and the slopes that they leave."""
    shape = sizes.batch, length
    states = torch.randn(*shape, sizes.dim)
    weights, mask = torch.rand(shape).softmax(1), torch.ones(shape, dtype=torch.bool)
    ours = InterestEvolution(sizes.dim)
    theirs = DynamicGRU(sizes.dim, sizes.dim, gru_type="AUGRU")
    with torch.no_grad():
        theirs.rnn.weight_ih.copy_(ours.input_weight)
        theirs.rnn.weight_hh.copy_(ours.state_weight)
    lengths = mask.sum(1)
    found = {}

    def run(name: str, evolve) -> None:
        inputs = states.clone().requires_grad_(), weights.clone().requires_grad_()
        last = evolve(*inputs)
        last.sum().backward()
        found[name] = last.detach(), *(part.grad for part in inputs)

    def packed(vectors: Tensor):
        return pack_padded_sequence(vectors, lengths, batch_first=True)

    def their_last(states: Tensor, weights: Tensor) -> Tensor:
        done = theirs(packed(states), packed(weights))
        return pad_packed_sequence(done, batch_first=True)[0][:, -1]

    return (
        lambda: run("ours", lambda *own: ours.evolve(*own, mask)[:, -1]),
        lambda: run("theirs", their_last),
        found,
    )


def check_same_augru(sizes: Sizes) -> None:
    """Raise unless both give the same states and slopes."""
    ours, theirs, found = augru(sizes, sizes.lengths[0])
    ours(), theirs()
    for mine, other in zip(found["ours"], found["theirs"], strict=True):
        torch.testing.assert_close(mine, other, atol=1e-5, rtol=1e-4)


def check_same(sizes: Sizes) -> None:
    """Raise unless ours in their form and theirs agree, copied weight by weight."""
    length = sizes.lengths[0]
    ours = our_model(sizes, as_theirs=True)
    theirs = deepctr_model(sizes, length, negatives=False)
    mine, gru = ours.pooling, theirs.interest_extractor.gru
    evolving = theirs.interest_evolution
    unit, cell = evolving.attention.local_att, evolving.interest_evolution.rnn
    pairs = [
        (ours.embedding.weight, theirs.embedding_dict["item"].weight),
        (ours.user_embeddings[0].weight, theirs.embedding_dict["user"].weight),
        (mine.extractor.gru.input_weight, gru.weight_ih_l0),
        (mine.extractor.gru.state_weight, gru.weight_hh_l0),
        (mine.extractor.gru.bias, gru.bias_ih_l0),
        (mine.evolution.input_weight, cell.weight_ih),
        (mine.evolution.state_weight, cell.weight_hh),
        (ours.layers[-1].weight, theirs.linear.weight),
        (ours.layers[-1].bias, theirs.out.bias),
    ]
    for stack, other in [
        (mine.unit.layers, [*unit.dnn.linears, unit.dense]),
        (ours.layers, theirs.dnn.linears),
    ]:
        linear = [layer for layer in stack if isinstance(layer, nn.Linear)]
        for one, two in zip(linear, other, strict=False):
            pairs += [(one.weight, two.weight), (one.bias, two.bias)]
    # theirs puts history, user, item side by side; ours user, history, item
    order = torch.arange(3 * sizes.dim).view(3, -1)[[1, 0, 2]].flatten()
    first = ours.layers[0].weight
    with torch.no_grad():
        for layer in ours.layers:
            if isinstance(layer, nn.PReLU):
                layer.weight.zero_()
        gru.bias_hh_l0.zero_()
        for one, other in pairs:
            own = one[:, order] if one is first else one
            other.copy_(own.reshape(other.shape))
    step = next(steps(sizes, length, uneven=True, pool=1))
    predicted = ours.probabilities(step.ours)
    torch.testing.assert_close(predicted, theirs(step.deepctr).squeeze(-1))
    losses = our_loss(ours, step), deepctr_loss(theirs, step)
    torch.testing.assert_close(*losses)
    for loss in losses:
        loss.backward()
    for one, other in pairs:
        own = one.grad[:, order] if one is first else one.grad
        torch.testing.assert_close(
            own.reshape(other.shape), other.grad, atol=1e-5, rtol=1e-4
        )
