"""The readers of a history in PyTorch, with the rounded weights that the page has."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seqviz.data import ClickBatch, SessionBatch
from seqviz.explorers.core.codec import encode
from seqviz.models import (
    DIN,
    MIND,
    SDM,
    ComiRecDR,
    ComiRecSA,
    GRU4Rec,
    MeanPooling,
    SASRec,
)

#: Class to the kind that the page knows.
KINDS = {
    MeanPooling: "mean",
    ComiRecSA: "comirec_sa",
    ComiRecDR: "comirec_dr",
    MIND: "mind",
    SASRec: "sasrec",
    GRU4Rec: "gru4rec",
    SDM: "sdm",
    DIN: "din",
}
COUNTS = {"popularity": "popularity", "own counts": "own counts"}
#: How many of the latest clicks an SDM takes for its session.
SESSION = 4


def rounded(model: nn.Module) -> nn.Module:
    """Return a copy whose weights are those of half precision, in eval mode."""
    twin = copy.deepcopy(model).cpu().eval()
    with torch.no_grad():
        for weight in (*twin.parameters(), *twin.buffers()):
            if weight.is_floating_point():
                weight.copy_(weight.half().float())
    return twin


def encoded(model: nn.Module) -> dict[str, Any]:
    """Return the weights by name as the page reads them."""
    kept = {name: w for name, w in model.state_dict().items() if w.numel()}
    if isinstance(model, DIN):
        # the page has no use for the tables that these are made of
        unused = ("embedding", "feature_embeddings", "item_features", "counts")
        kept = {n: w for n, w in kept.items() if not n.startswith(unused)}
        kept["items"] = model.item_vectors().detach()
    if isinstance(model, SDM) and model.attributes.shape[1] > 1:
        kept["rows"] = model._rows(model.attributes[:, 1:])
    return {name: encode(w.numpy()) for name, w in kept.items()}


def options(model: nn.Module) -> dict[str, Any]:
    """Return what the page has to know besides the weights."""
    if isinstance(model, (ComiRecDR, MIND)):
        routing = model.routing
        return {"iterations": routing.iterations, "adaptive": routing.adaptive}
    if isinstance(model, SDM):
        return {"heads": model.short.heads.num_heads, "session": SESSION}
    return {}


@torch.no_grad()
def scores(model: nn.Module, item_ids: Sequence[int]) -> np.ndarray:
    """``[N + 1]``: the largest cosine of an interest and an item, DIN's log-odds.

    Without clicks a model that has nothing to begin with gives zeros.
    """
    ids = torch.tensor([list(item_ids)], dtype=torch.long)
    if isinstance(model, DIN):
        return _log_odds(model, ids)
    items = nn.functional.normalize(model.item_vectors(), dim=-1)
    if isinstance(model, SDM):
        interests = model.read(session_batch(model, ids)).output  # [1, E]
    elif not len(item_ids):
        return np.zeros(len(items))
    else:
        interests = model.interests(ids)[0]  # [K, E]
    asked = nn.functional.normalize(interests, dim=-1)
    return (asked @ items.T).amax(0).numpy().astype(np.float64)


def click_batch(model: nn.Module, item_ids: Tensor) -> ClickBatch:
    """A history ``[1, T]`` before each item of the catalog."""
    count = model.num_items
    given = item_ids if item_ids.shape[1] else torch.zeros(1, 1, dtype=torch.long)
    rows = given.expand(count, -1)
    nothing = torch.zeros(count, dtype=torch.long)
    shown = torch.arange(1, count + 1)
    return ClickBatch(rows, rows != 0, shown, nothing, nothing, nothing.float())


def session_batch(model: SDM, item_ids: Tensor) -> SessionBatch:
    """Histories ``[B, T]`` without padding: the latest clicks and those before."""
    cut = max(0, item_ids.shape[1] - SESSION)
    session, past = item_ids[:, cut:], item_ids[:, :cut]
    nothing = torch.zeros(len(item_ids), dtype=torch.long)
    padding = torch.zeros(len(item_ids), 1, dtype=torch.long)
    values = model.attributes[torch.cat([past, padding], 1)].movedim(2, 1)  # [B, F, L]
    # an id that came before is padding: each value counts once
    before = torch.ones(values.shape[2], values.shape[2]).tril(-1).bool()
    twice = ((values[..., None] == values[..., None, :]) & before).any(-1)
    if not item_ids.shape[1]:
        session = padding
    return SessionBatch(
        item_ids,
        item_ids != 0,
        nothing,
        padding,
        nothing,
        nothing,
        session,
        values.masked_fill(twice, 0),
    )


def _log_odds(model: DIN, item_ids: Tensor) -> np.ndarray:
    found = model.logits(click_batch(model, item_ids)).numpy()
    return np.append(0.0, found.astype(np.float64))


def counted(kind: str, shares: np.ndarray, item_ids: Sequence[int]) -> np.ndarray:
    """``[N + 1]``: the share of all clicks, and for "own counts" hers before it."""
    own = np.bincount(list(item_ids), minlength=len(shares))
    return shares + (own if kind == "own counts" else 0)
