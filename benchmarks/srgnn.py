"""A training step of SR-GNN beside RecBole's, the graphs built anew on both sides.

Identical on both sides of a step: one table, one gated step, the read-out, one
prediction a row, cross entropy over the whole catalog, a dense gradient of the table.
``check_same`` proves it: with RecBole's weights ours gives its loss and its gradients.

Not identical, read in RecBole 1.2.1 (``model/sequential_recommender/srgnn.py``): it
builds the graphs in Python, click by click, and fills every graph up to T nodes; ours
sorts all clicks at once and computes the real nodes alone. It has a bias more in each
of its message layers (0 here), the padding as one more item of the softmax, and it
counts an edge once, as ours is told to.

Rows come nearer to what a user of RecBole gets, as in ``benchmarks/sasrec.py``: the
same fused Adam, then its default Adam with the anomaly detection that importing
``recbole`` switches on, then our sampled loss beside its only one. With 50,000 items
the catalog is most of a step; what a session costs alone, graph and backward pass
included, is the last row of each kind.
"""

from collections.abc import Callable, Iterator
from itertools import product

import torch
from torch import Tensor, nn

from benchmarks.cases import case
from benchmarks.gru4rec import SHORT, ragged
from benchmarks.quiet_recbole import import_recbole
from benchmarks.sasrec import Items, our_loss, steps, their_loss
from benchmarks.timing import Clock, Row, Sizes, compare, training
from seqviz.data import Batch
from seqviz.layers import NegativeSampler, full_softmax_loss
from seqviz.models import SRGNN

import_recbole()
from recbole.model.sequential_recommender.srgnn import SRGNN as RecboleSRGNN


def our_model(sizes: Sizes, **options) -> SRGNN:
    return SRGNN(sizes.items, sizes.dim, count_repeats=False, **options)


def their_model(sizes: Sizes, length: int) -> RecboleSRGNN:
    """Its configuration is read like a dictionary; the rest is its default."""
    config = {
        "USER_ID_FIELD": "user_id",
        "ITEM_ID_FIELD": "item_id",
        "LIST_SUFFIX": "_list",
        "ITEM_LIST_LENGTH_FIELD": "item_length",
        "NEG_PREFIX": "neg_",
        "MAX_ITEM_LIST_LENGTH": length,
        "device": "cpu",
        "embedding_size": sizes.dim,
        "step": 1,
        "loss_type": "CE",
    }
    return RecboleSRGNN(config, Items(sizes.items + 1))


@case("srgnn")
def srgnn(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """At each length full rows and short sessions: alike, as imported, sampled."""
    check_same(sizes)
    popularity = torch.arange(sizes.items + 1).flip(0)
    sampled = {
        "sampler": NegativeSampler.log_uniform(popularity),
        "num_negatives": sizes.shared_negatives,
    }
    for length, (made, rows) in product(
        sizes.lengths, [(steps, "full rows"), (ragged, f"{SHORT} clicks on average")]
    ):
        for name, options, fused, detect_anomaly in [
            ("full softmax, Adam fused", {}, True, False),
            ("full softmax, theirs Adam default, anomaly detection", {}, None, True),
            (
                "ours: shared negatives, log-Q, theirs Adam default",
                sampled,
                None,
                False,
            ),
        ]:
            yield compare(
                f"SR-GNN step, T {length}, {rows}, {name}",
                training(
                    our_model(sizes, **options),
                    our_loss,
                    made(sizes, length),
                    fused=True,
                ),
                training(
                    their_model(sizes, length),
                    their_loss,
                    made(sizes, length),
                    fused=fused,
                    detect_anomaly=detect_anomaly,
                ),
                repeats,
                clock=clock,
            )
        yield compare(
            f"SR-GNN graph and session, T {length}, {rows}",
            reading(our_model(sizes), our_session, made(sizes, length)),
            reading(their_model(sizes, length), their_session, made(sizes, length)),
            repeats,
            clock=clock,
        )


def reading(
    model: nn.Module, session: Callable[..., Tensor], batches: Iterator[Batch]
) -> Callable[[], None]:
    """A function to time: the graphs, the sessions' vectors and the way back."""
    table = next(part for part in model.children() if isinstance(part, nn.Embedding))
    table.requires_grad_(False)  # the gradient of a table is as large as the catalog

    def step() -> None:
        session(model, next(batches)).sum().backward()

    return step


def our_session(model: SRGNN, batch: Batch) -> Tensor:
    return model.interests(batch.item_ids)


def their_session(model: RecboleSRGNN, batch: Batch) -> Tensor:
    return model(batch.item_ids, batch.mask.sum(1))


def copy_weights(ours: SRGNN, theirs: RecboleSRGNN) -> None:
    """RecBole's weights into ours; its biases of the messages become the GRU's."""
    gnn, cell, read_out = theirs.gnn, ours.step.cell, ours.read_out
    width = gnn.embedding_size
    with torch.no_grad():
        # a session without an edge hears no bias in ours
        gnn.linear_edge_in.bias.zero_(), gnn.linear_edge_out.bias.zero_()
        theirs.linear_transform.bias.zero_()
        # ours scales the items up by the root of their width
        ours.embedding.weight.copy_(theirs.item_embedding.weight / width**0.5)
        ours.embedding.weight[0] = 0
        ours.step.incoming.weight.copy_(gnn.linear_edge_in.weight)
        ours.step.outgoing.weight.copy_(gnn.linear_edge_out.weight)
        # their update gate is the share of the new state, ours that of the old one
        sign = torch.ones(3 * width, 1)
        sign[width : 2 * width] = -1
        messages = torch.cat([gnn.b_iah, gnn.b_ioh])
        cell.weight_ih.copy_(sign * gnn.w_ih)
        cell.weight_hh.copy_(sign * gnn.w_hh)
        cell.bias_ih.copy_(sign[:, 0] * (gnn.b_ih + gnn.w_ih @ messages))
        cell.bias_hh.copy_(sign[:, 0] * gnn.b_hh)
        read_out.of_latest.load_state_dict(theirs.linear_one.state_dict())
        read_out.of_latest.bias += theirs.linear_two.bias
        read_out.of_click.weight.copy_(theirs.linear_two.weight)
        read_out.question.weight.copy_(theirs.linear_three.weight)
        read_out.join.weight.copy_(theirs.linear_transform.weight.roll(width, 1))


def check_same(sizes: Sizes) -> None:
    """Raise unless ours with RecBole's weights gives its loss and gradients."""
    length = sizes.lengths[0]
    ours, theirs = our_model(sizes), their_model(sizes, length)
    copy_weights(ours, theirs)
    for batch in (next(steps(sizes, length)), next(ragged(sizes, length))):
        ours.zero_grad(), theirs.zero_grad()
        query = ours.interests(batch.item_ids)[:, 0]
        # the items of theirs, item 0 among them, which is id 1 here
        items = theirs.item_embedding.weight.detach()
        shifted = torch.cat([torch.zeros_like(items[:1]), items])
        found = full_softmax_loss(query, shifted, batch.target_ids + 1)
        expected = their_loss(theirs, batch)
        torch.testing.assert_close(found, expected)
        found.backward(), expected.backward()
        read_out = ours.read_out
        for mine, other in [
            (ours.step.incoming.weight.grad, theirs.gnn.linear_edge_in.weight.grad),
            (read_out.of_click.weight.grad, theirs.linear_two.weight.grad),
            (read_out.question.weight.grad, theirs.linear_three.weight.grad),
        ]:
            torch.testing.assert_close(mine, other, atol=1e-6, rtol=1e-3)
