"""A training step of DIN beside deepctr-torch's and torch-rechub's.

All three get a user, a shown item and T behaviors, one table of N + 1 items, the same
widths (attention 64-16, then 256-128) and the same Adam; a step is forward, backward
and Adam. ``check_same`` proves that ours and deepctr-torch's compute the same thing:
same weights give the same probabilities, loss and gradients (activation sigmoid in the
unit; in the network deepctr-torch has ReLU, ours PReLU with slope 0 for that proof).

Not identical: deepctr-torch carries ids in one float matrix, looks tables up once a
field and makes ``[B, T, 4E]``; its Dice counts padding. torch-rechub adds a batch norm
before every activation, knows no mask (the histories are full here, so that costs
nobody anything), and its Dice normalizes over the units.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_rechub.basic.features import SequenceFeature, SparseFeature
from torch_rechub.models.ranking import DIN as RechubDIN

from benchmarks.cases import case
from benchmarks.quiet_deepctr import import_deepctr
from benchmarks.timing import Clock, Row, Sizes, compare, training
from seqviz.data import ClickBatch
from seqviz.models import DIN

import_deepctr()
from deepctr_torch.inputs import SparseFeat, VarLenSparseFeat
from deepctr_torch.models import DIN as DeepctrDIN

USERS = 1_000
ATTENTION, HIDDEN = (64, 16), (256, 128)


class Step(NamedTuple):
    """One batch in the form of each."""

    ours: ClickBatch
    deepctr: Tensor
    rechub: dict[str, Tensor]


def steps(sizes: Sizes, length: int, pool: int = 20) -> Iterator[Step]:
    """Full histories of uniform ids, over and over: ``pool`` different batches."""
    made = []
    for _ in range(pool):
        ids = torch.randint(1, sizes.items + 1, (sizes.batch, length))
        target_ids = torch.randint(1, sizes.items + 1, (sizes.batch,))
        users = torch.randint(USERS, (sizes.batch,))
        clicked = torch.randint(2, (sizes.batch,)).float()
        lengths = torch.full((sizes.batch, 1), length)
        matrix = torch.cat([users[:, None], target_ids[:, None], ids, lengths], 1)
        features = {"user": users, "item": target_ids, "history": ids}
        batch = ClickBatch(ids, ids != 0, target_ids, users, users, clicked)
        made.append(Step(batch, matrix.float(), features))
    return cycle(made)


def our_model(sizes: Sizes, activation: str) -> DIN:
    """Ours, with the user's number as her field."""
    return DIN(
        sizes.items,
        sizes.dim,
        attention_units=ATTENTION,
        attention_activation=activation,
        user_features=torch.arange(USERS)[:, None],
        hidden_units=HIDDEN,
        activation="prelu" if activation == "sigmoid" else activation,
    )


def deepctr_model(sizes: Sizes, length: int, activation: str) -> DeepctrDIN:
    """deepctr-torch's, without its L2 (ours has none here)."""
    columns = [
        SparseFeat("user", USERS, embedding_dim=sizes.dim),
        SparseFeat("item", sizes.items + 1, embedding_dim=sizes.dim),
        VarLenSparseFeat(
            SparseFeat(
                "hist_item",
                sizes.items + 1,
                embedding_dim=sizes.dim,
                embedding_name="item",
            ),
            length,
            length_name="length",
        ),
    ]
    return DeepctrDIN(
        columns,
        ["item"],
        dnn_hidden_units=HIDDEN,
        att_hidden_size=ATTENTION,
        att_activation=activation,
        l2_reg_embedding=0.0,
    )


def rechub_model(sizes: Sizes, activation: str) -> RechubDIN:
    """torch-rechub's; the activation of its network is Dice and cannot be chosen."""
    rows, dim = sizes.items + 1, sizes.dim
    return RechubDIN(
        features=[SparseFeature("user", USERS, dim)],
        history_features=[
            SequenceFeature("history", rows, dim, pooling="concat", shared_with="item")
        ],
        target_features=[SparseFeature("item", rows, dim)],
        mlp_params={"dims": list(HIDDEN)},
        attention_mlp_params={"dims": list(ATTENTION), "activation": activation},
    )


def our_loss(model: DIN, step: Step) -> Tensor:
    return model.loss(step.ours)


def deepctr_loss(model: DeepctrDIN, step: Step) -> Tensor:
    """As its ``fit``: the probability against the label, plus its L2 (here 0)."""
    predicted = model(step.deepctr).squeeze(-1)
    return F.binary_cross_entropy(predicted, step.ours.clicked)


def rechub_loss(model: RechubDIN, step: Step) -> Tensor:
    """As its ``CTRTrainer``."""
    return F.binary_cross_entropy(model(step.rechub), step.ours.clicked)


@case("din")
def din(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Ours against both, each trainer's own Adam and then the same fused one."""
    check_same(sizes)
    for length in sizes.lengths:
        for activation in ("sigmoid", "dice"):
            for name, fused in [
                ("each one's own Adam", None),
                ("all Adam fused", True),
            ]:
                rivals = {
                    "deepctr-torch": (
                        deepctr_model(sizes, length, activation.capitalize()),
                        deepctr_loss,
                    ),
                    "torch-rechub": (rechub_model(sizes, activation), rechub_loss),
                }
                for rival, (model, loss) in rivals.items():
                    yield compare(
                        f"DIN step, T {length}, {activation}, {rival}, {name}",
                        training(
                            our_model(sizes, activation),
                            our_loss,
                            steps(sizes, length),
                            fused=True,
                        ),
                        training(model, loss, steps(sizes, length), fused=fused),
                        repeats,
                        clock=clock,
                    )


def check_same(sizes: Sizes) -> None:
    """Raise unless ours and deepctr-torch's agree, copied weight by weight."""
    length = sizes.lengths[0]
    ours = our_model(sizes, "sigmoid")
    theirs = deepctr_model(sizes, length, "sigmoid")
    pairs = [
        (ours.embedding.weight, theirs.embedding_dict["item"].weight),
        (ours.user_embeddings[0].weight, theirs.embedding_dict["user"].weight),
    ]
    unit = theirs.attention.local_att
    for mine, other in [
        (ours.pooling.unit.layers, [*unit.dnn.linears, unit.dense]),
        (ours.layers, theirs.dnn.linears),
    ]:
        linear = [layer for layer in mine if isinstance(layer, nn.Linear)]
        for one, two in zip(linear, other, strict=False):
            pairs += [(one.weight, two.weight), (one.bias, two.bias)]
    pairs.append((ours.layers[-1].weight, theirs.dnn_linear.weight))
    pairs.append((ours.layers[-1].bias, theirs.out.bias))
    with torch.no_grad():
        for layer in ours.layers:
            if isinstance(layer, nn.PReLU):
                layer.weight.zero_()
        # theirs puts user, item, history side by side; ours user, history, item
        order = torch.arange(3 * sizes.dim).view(3, -1)[[0, 2, 1]].flatten()
        for mine, other in pairs:
            if mine is ours.layers[0].weight:
                other.copy_(mine[:, order])
            else:
                other.copy_(mine.reshape(other.shape))
    step = next(steps(sizes, length, pool=1))
    predicted = ours.probabilities(step.ours)
    torch.testing.assert_close(predicted, theirs(step.deepctr).squeeze(-1))
    losses = our_loss(ours, step), deepctr_loss(theirs, step)
    torch.testing.assert_close(*losses)
    for loss in losses:
        loss.backward()
    for mine, other in pairs:
        if mine is not ours.layers[0].weight:
            torch.testing.assert_close(
                mine.grad.reshape(other.shape), other.grad, atol=1e-6, rtol=1e-3
            )
