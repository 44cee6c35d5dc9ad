"""Which models the page can run."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from seqviz.explorers.history.reading import KINDS, rounded
from seqviz.models import DIN, MIND, SDM, ComiRecDR, ComiRecSA, GRU4Rec, SASRec

MOST_MODELS, MOST_CLICKS = 8, 12


def check_models(models: Any) -> dict[str, nn.Module]:
    """Return rounded copies.

    Raises:
        TypeError, ValueError: for a model that the page cannot run.
    """
    if not isinstance(models, Mapping) or not 1 <= len(models) <= MOST_MODELS:
        raise ValueError(
            f"models must map 1 to {MOST_MODELS} names to models, got {models!r}"
        )
    found = {}
    for name, model in models.items():
        argument = f"models[{name!r}]"
        if type(model) not in KINDS:
            known = ", ".join(one.__name__ for one in KINDS)
            raise TypeError(
                f"{argument} must be one of {known}, got {type(model).__name__}"
            )
        for fits, wanted, came in _wishes(model):
            if not fits:
                raise ValueError(f"{argument} must {wanted}, got {came}")
        found[str(name)] = rounded(model)
    return found


def _wishes(model: nn.Module) -> list[tuple[bool, str, Any]]:
    """Whether it fits, what it must do, what came."""
    if isinstance(model, DIN):
        return _of_din(model)
    cosine = model.temperature is not None, "score by the cosine", "no temperature"
    own = {
        ComiRecSA: _of_comirec_sa,
        ComiRecDR: _of_routing,
        MIND: _of_routing,
        SASRec: _of_sasrec,
        GRU4Rec: _of_gru4rec,
        SDM: _of_sdm,
    }.get(type(model), lambda model: [])
    return [cosine, *own(model)]


def _long_enough(max_length: int) -> tuple[bool, str, str]:
    wanted = f"read {MOST_CLICKS} clicks"
    return max_length >= MOST_CLICKS, wanted, f"max_length {max_length}"


def _of_comirec_sa(model: ComiRecSA) -> list[tuple[bool, str, Any]]:
    return [(model.attention.position is None, "have no positions", "max_length")]


def _of_routing(model: ComiRecDR | MIND) -> list[tuple[bool, str, Any]]:
    return [_long_enough(model.routing.max_length)]


def _of_sasrec(model: SASRec) -> list[tuple[bool, str, Any]]:
    block = model.blocks[0]
    published = block.norm_first and not model.positions.from_oldest
    wanted = "have the norm first and count positions from the latest click"
    heads = block.attention.num_heads
    return [
        (published, wanted, "another form"),
        (heads == 1, "have one head", heads),
        _long_enough(len(model.positions.weight)),
    ]


def _of_gru4rec(model: GRU4Rec) -> list[tuple[bool, str, Any]]:
    cell = model.recurrent
    width = isinstance(model.output, nn.Identity)
    return [
        (hasattr(cell, "state_bias"), "have the GRU cell", type(cell).__name__),
        (width, "have a state of width E", "another"),
    ]


def _of_sdm(model: SDM) -> list[tuple[bool, str, Any]]:
    gate = model.fusion == "gate"
    short = model.short
    whole = gate and bool(short.lstm and short.heads and short.user_attention)
    users = model.user_embedding.num_embeddings
    return [
        (gate, "join by the gate", f"fusion {model.fusion!r}"),
        (whole, "have LSTM, heads and attention of the user", "one left out"),
        (not (gate and short.bounded), "have the paper's score", "bounded"),
        (not users, "know no users", f"num_users {users}"),
    ]


def _of_din(model: DIN) -> list[tuple[bool, str, Any]]:
    pooling = model.pooling
    known = (nn.Linear, nn.Sigmoid, nn.PReLU)
    others = [
        type(layer).__name__
        for layer in (*pooling.unit.layers, *model.layers)
        if not isinstance(layer, known)
    ]
    users = model.user_features is None
    return [
        (pooling.softmax, "weigh with the softmax", "softmax False"),
        (not others, "have sigmoid or PReLU units", "".join(others[:1])),
        (users, "know no users", "user_features"),
    ]
