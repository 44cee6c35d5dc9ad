"""A training step of ComiRec-DR and of MIND, ours beside torch-rechub's.

Identical on both sides: batches, negatives, shapes of the table, the votes of
ComiRec-DR (a matrix for each position and interest), three iterations of which the last
carries the gradient, squash, vectors brought to length 1, cross entropy of the target
against the row's own negatives, a dense gradient of the whole table, torch's default
Adam. ``check_same`` proves the votes and the squash: with one iteration and as many
positions as interests, the two softmaxes at logits of 0 both give 1 / K.

Not identical, read in torch-rechub 0.9.0 (``basic/layers.py``): its softmax runs over
the sequence, ours over the interests; it multiplies ``w * u`` elementwise, as a tensor
[B, T, K * E, E], and sums; its capsule weights are uninitialized memory, so they get
ours here; its MIND draws the logits anew at every step and has K interests for all, as
ours has here (``adaptive=False``); a user feature and a matrix [1 + E, E] more, as in
``benchmarks/rechub.py``.
"""

from collections.abc import Iterator

import torch
from torch import nn
from torch_rechub.basic.features import DenseFeature, SequenceFeature, SparseFeature
from torch_rechub.basic.layers import CapsuleNetwork
from torch_rechub.models.matching import MIND as RechubMIND
from torch_rechub.models.matching import ComirecDR

from benchmarks.cases import case
from benchmarks.rechub import our_loss, steps, their_loss
from benchmarks.timing import Clock, Row, Sizes, compare, training
from seqviz.layers import DynamicRouting
from seqviz.models import MIND, ComiRecDR, Retriever


@case("routing")
def routing(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """ComiRec-DR and MIND at each length, the same Adam on both sides."""
    check_same(sizes)
    for name, make in [("ComiRec-DR", comirec_dr), ("MIND", mind)]:
        for length in sizes.lengths:
            ours, theirs = make(sizes, length)
            yield compare(
                f"{name} step, T {length}, Adam default",
                training(ours, our_loss, steps(sizes, length, sizes.items)),
                training(theirs, their_loss, steps(sizes, length, sizes.items)),
                repeats,
                clock=clock,
            )


def comirec_dr(sizes: Sizes, length: int) -> tuple[ComiRecDR, ComirecDR]:
    """Ours and theirs with the same item vectors and matrices."""
    ours = ComiRecDR(sizes.items, sizes.dim, sizes.interests, length, temperature=1.0)
    theirs = _theirs(ComirecDR, ours, sizes, length)
    with torch.no_grad():
        _copy(ours.routing, theirs.capsule)
    return ours, theirs


def mind(sizes: Sizes, length: int) -> tuple[MIND, RechubMIND]:
    """Ours and theirs with the same item vectors and map; both pick the nearest."""
    ours = MIND(
        sizes.items,
        sizes.dim,
        sizes.interests,
        length,
        temperature=1.0,
        power=torch.inf,
        adaptive=False,
    )
    theirs = _theirs(RechubMIND, ours, sizes, length)
    with torch.no_grad():
        theirs.capsule.linear.weight.copy_(ours.routing.weight)
    return ours, theirs


def check_same(sizes: Sizes) -> None:
    """Raise unless votes and squash agree where the two softmaxes do."""
    K, E = sizes.interests, sizes.dim
    behaviors = torch.randn(sizes.batch, K, E)  # T = K
    layer = DynamicRouting(E, K, K, iterations=1)
    other = CapsuleNetwork(E, K, bilinear_type=2, interest_num=K, routing_times=1)
    with torch.no_grad():
        _copy(layer, other)
        expected = other(behaviors, torch.ones(sizes.batch, K))
        torch.testing.assert_close(layer(behaviors), expected, atol=1e-5, rtol=1e-4)


def _theirs(
    kind: type[nn.Module], ours: Retriever, sizes: Sizes, length: int
) -> nn.Module:
    rows, dim = sizes.items + 1, sizes.dim

    def sequence(name: str) -> SequenceFeature:
        return SequenceFeature(name, rows, dim, pooling="concat", shared_with="item")

    model = kind(
        user_features=[DenseFeature("user")],
        history_features=[sequence("history")],
        item_features=[SparseFeature("item", rows, dim)],
        neg_item_feature=[sequence("negatives")],
        max_length=length,
        interest_num=sizes.interests,
    )
    with torch.no_grad():
        model.embedding.embed_dict["item"].weight.copy_(ours.embedding.weight)
        identity = torch.cat([torch.zeros(1, dim), torch.eye(dim)])
        model.convert_user_weight.copy_(identity)
    return model


def _copy(ours: DynamicRouting, theirs: CapsuleNetwork) -> None:
    # ours counts positions back from the latest behavior, theirs from the first slot
    theirs.w.copy_(ours.weight.flip(0)[None])
