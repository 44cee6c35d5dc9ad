"""The mechanisms that a report trains: one code path, one grid, a part of their own.

Each takes a history and gives interests, whose inner product with an item is a score.
DIN and its kin are not among them. They score one candidate at a time, so they rank
what another method has found; and they learn from what was shown and not taken, which
a log of choices does not tell: with negatives that are drawn instead, the answer would
be as much about the drawing (see the chapter on the funnel).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch

from seqviz.layers import NegativeSampler
from seqviz.models import (
    MIND,
    SDM,
    BERT4Rec,
    ComiRecDR,
    ComiRecSA,
    GRU4Rec,
    MeanPooling,
    Retriever,
    SASRec,
)

#: Catalogs above this are trained against items that are drawn.
LARGE = 20_000
NEGATIVES = 1024
#: What all families choose from.
GRID: Mapping[str, Sequence[Any]] = {
    "learning_rate": (3e-3, 1e-2),
    "temperature": (None, 0.1, 0.05),
}
INTERESTS = {"num_interests": (2, 4, 8)}


class Family(NamedTuple):
    """A mechanism: how it is made, what it may choose, what a row of training is.

    Attributes:
        make: number of items, length and setting to an untrained model.
        grid: its own part of the grid.
        whole: whether a row is a user's whole history with a prediction at each place;
            else it is a prefix with one.
        full: whether it needs the full softmax.
        sessions: whether it reads the session and the past apart, and the items'
            attributes: more than ids, so it is not stored.
    """

    make: Callable[..., Retriever]
    grid: Mapping[str, Sequence[Any]]
    whole: bool = False
    full: bool = False
    sessions: bool = False


def _one_vector(num_items: int, length: int, **own: Any) -> Retriever:
    return MeanPooling(num_items, **own)


def _comirec_sa(num_items: int, length: int, **own: Any) -> Retriever:
    return ComiRecSA(num_items, **own)


def _nearest(num_items: int, length: int, **own: Any) -> Retriever:
    return ComiRecSA(num_items, nearest=True, **own)


def _comirec_dr(num_items: int, length: int, **own: Any) -> Retriever:
    return ComiRecDR(num_items, max_length=length, **own)


def _mind(num_items: int, length: int, start: str, **own: Any) -> Retriever:
    model = MIND(num_items, max_length=length, **own)
    if start == "identity":  # a click votes for itself
        torch.nn.init.eye_(model.routing.weight)
    return model


def _sasrec(num_items: int, length: int, **own: Any) -> Retriever:
    return SASRec(num_items, max_length=length, **own)


def _bert4rec(num_items: int, length: int, **own: Any) -> Retriever:
    return BERT4Rec(num_items, max_length=length, **own)


def _sdm(num_items: int, length: int, **own: Any) -> Retriever:
    return SDM(num_items, **own)


def _gru4rec(num_items: int, length: int, **own: Any) -> Retriever:
    return GRU4Rec(num_items, **own)


#: Where time is short the first ones are trained.
FAMILIES: Mapping[str, Family] = {
    "one vector": Family(_one_vector, {}),
    "ComiRec-SA": Family(_comirec_sa, INTERESTS),
    "SASRec": Family(_sasrec, {"num_heads": (1, 2), "dropout": (0.2, 0.5)}, whole=True),
    "GRU4Rec": Family(_gru4rec, {"dropout": (0.0, 0.2)}, whole=True),
    "MIND": Family(
        _mind,
        {**INTERESTS, "power": (1.0, math.inf), "start": ("normal", "identity")},
    ),
    "ComiRec-SA, nearest": Family(_nearest, INTERESTS, full=True),
    "ComiRec-DR": Family(_comirec_dr, INTERESTS),
    "SDM": Family(
        _sdm, {"fusion": ("gate", "sum"), "recurrent": (True, False)}, sessions=True
    ),
    "BERT4Rec": Family(
        _bert4rec, {"hidden_share": (0.2, 0.5), "dropout": (0.2, 0.5)}, whole=True
    ),
}


def fitting(num_items: int) -> dict[str, Family]:
    """The families that a catalog of this size allows."""
    return {
        name: family
        for name, family in FAMILIES.items()
        if num_items <= LARGE or not family.full
    }


def build(
    family: str,
    num_items: int,
    length: int,
    setting: Mapping[str, Any],
    attributes: torch.Tensor | None = None,
) -> Retriever:
    """Return an untrained model of a family.

    Args:
        attributes: int64 ``[N + 1, F]``, for one that reads sessions.
    """
    options = dict(setting)
    if FAMILIES[family].sessions:
        options["attributes"] = attributes
    if num_items > LARGE:
        options["sampler"] = NegativeSampler.uniform(num_items)
        options["num_negatives"] = NEGATIVES
    return FAMILIES[family].make(num_items, length, **options)
