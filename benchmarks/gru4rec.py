"""A training step of GRU4Rec beside RecBole's, and ragged rows beside full ones.

Identical on both sides: one table, its defaults (width 64, state 128, dropout 0.3 of
the input, a linear layer behind the state), one prediction a row, cross entropy over
the whole catalog, a dense gradient of the table. ``check_same`` proves it: with
RecBole's weights ours gives its loss and its gradients.

Not identical, read in RecBole 1.2.1 (``model/sequential_recommender/gru4rec.py``): its
cell has no bias and its softmax has item 0. It applies the linear layer at every
position, ours at the latest alone. Ours computes no step of a row that has ended.

The rows come nearer to what a user of RecBole gets, as in ``benchmarks/sasrec.py``:
the same fused Adam, its default Adam, and with the anomaly detection that importing
``recbole`` switches on.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from benchmarks.cases import case
from benchmarks.quiet_recbole import import_recbole
from benchmarks.sasrec import Items, our_loss, steps, their_loss
from benchmarks.timing import Clock, Row, Sizes, compare, training
from seqviz.data import Batch
from seqviz.layers import GRU, LSTM, RNN, NegativeSampler, full_softmax_loss
from seqviz.models import GRU4Rec

import_recbole()
from recbole.model.sequential_recommender.gru4rec import GRU4Rec as RecboleGRU4Rec

DROPOUT = 0.3
SHORT = 8  # mean length of a ragged batch


def our_model(sizes: Sizes, **options) -> GRU4Rec:
    return GRU4Rec(
        sizes.items,
        sizes.dim,
        2 * sizes.dim,
        dropout=DROPOUT,
        all_positions=False,
        **options,
    )


def their_model(sizes: Sizes, length: int) -> RecboleGRU4Rec:
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
        "hidden_size": 2 * sizes.dim,
        "num_layers": 1,
        "dropout_prob": DROPOUT,
        "loss_type": "CE",
    }
    return RecboleGRU4Rec(config, Items(sizes.items + 1))


def ragged(sizes: Sizes, length: int) -> Iterator[Batch]:
    """The batches of ``steps`` with rows of 1 to 2 · SHORT - 1, padded on the right."""
    for batch in steps(sizes, length):
        most = min(length, 2 * SHORT - 1)
        lengths = torch.randint(1, most + 1, (len(batch.item_ids), 1))
        mask = torch.arange(length) < lengths
        yield batch._replace(item_ids=batch.item_ids * mask, mask=mask)


@case("gru4rec")
def gru4rec(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """At each length: alike, its defaults, as imported; ragged; our sampled loss."""
    check_same(sizes)
    for length in sizes.lengths:
        for name, fused, detect_anomaly in [
            ("Adam fused", True, False),
            ("theirs Adam default", None, False),
            ("theirs Adam default, anomaly detection", None, True),
        ]:
            yield compare(
                f"GRU4Rec step, T {length}, full softmax, {name}",
                training(our_model(sizes), our_loss, steps(sizes, length), fused=True),
                training(
                    their_model(sizes, length),
                    their_loss,
                    steps(sizes, length),
                    fused=fused,
                    detect_anomaly=detect_anomaly,
                ),
                repeats,
                clock=clock,
            )
    popularity = torch.arange(sizes.items + 1).flip(0)
    sampled = {
        "sampler": NegativeSampler.log_uniform(popularity),
        "num_negatives": sizes.shared_negatives,
    }
    for made, rows, options, loss in [
        (ragged, f"mean length {SHORT}", {}, "full softmax"),
        (steps, "full rows", sampled, "ours: shared negatives, log-Q"),
        (ragged, f"mean length {SHORT}", sampled, "ours: shared negatives, log-Q"),
    ]:
        yield compare(
            f"GRU4Rec step, T {length}, {rows}, {loss}, theirs Adam default",
            training(
                our_model(sizes, **options), our_loss, made(sizes, length), fused=True
            ),
            training(
                their_model(sizes, length), their_loss, made(sizes, length), fused=None
            ),
            repeats,
            clock=clock,
        )


@case("ragged")
def ragged_rows(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """A recurrent layer on short rows beside the same layer on full ones ("theirs")."""
    length = sizes.lengths[-1]
    behaviors = torch.randn(sizes.batch, length, sizes.dim, requires_grad=True)
    mask = next(ragged(sizes, length)).mask
    for kind in (RNN, LSTM, GRU):
        layer = kind(sizes.dim)

        def work(real: Tensor | None, layer=layer) -> None:
            states, _ = layer(behaviors, real)
            states.sum().backward()

        yield compare(
            f"{kind.__name__}, T {length}, mean length {SHORT} beside full rows",
            lambda work=work: work(mask),
            lambda work=work: work(None),
            repeats,
            clock=clock,
        )


def check_same(sizes: Sizes) -> None:
    """Raise unless ours with RecBole's weights gives its loss and gradients."""
    length = sizes.lengths[0]
    ours, theirs = our_model(sizes), their_model(sizes, length)
    ours.eval(), theirs.eval()  # no dropout
    cell, layer = ours.recurrent, theirs.gru_layers
    with torch.no_grad():
        ours.embedding.weight.copy_(theirs.item_embedding.weight)
        # ours scales its input up by the root of its width
        cell.input_weight.copy_(layer.weight_ih_l0 / sizes.dim**0.5)
        cell.state_weight.copy_(layer.weight_hh_l0)
        ours.output.load_state_dict(theirs.dense.state_dict())
    for batch in (next(steps(sizes, length)), next(ragged(sizes, length))):
        ours.zero_grad(), theirs.zero_grad()
        query = ours.interests(batch.item_ids)[:, 0]
        items = ours.item_vectors()
        # item 0 takes part in theirs: it is id 1 here
        shifted = torch.cat([torch.zeros_like(items[:1]), items])
        losses = (
            full_softmax_loss(query, shifted, batch.target_ids + 1),
            their_loss(theirs, batch),
        )
        torch.testing.assert_close(*losses)
        for loss in losses:
            loss.backward()
        for mine, other in [
            (ours.embedding.weight.grad[1:], theirs.item_embedding.weight.grad[1:]),
            (cell.state_weight.grad, layer.weight_hh_l0.grad),
            (ours.output.weight.grad, theirs.dense.weight.grad),
        ]:
            torch.testing.assert_close(mine, other, atol=1e-6, rtol=1e-3)
