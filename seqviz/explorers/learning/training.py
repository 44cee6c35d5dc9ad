"""The same training in PyTorch: the book's own models, on the draws of ``draws.py``.

The page writes forward and backward by hand (``model.js``). The tests hold the two
together, step by step and gradient by gradient; the chapter measures with this one.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from math import ceil, sqrt
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from seqviz.arguments import require_number, require_whole
from seqviz.data import Batch
from seqviz.explorers.learning.draws import STREAM, draw_items, shuffled, uniform
from seqviz.explorers.learning.shop import LearningShop
from seqviz.layers import NegativeSampler
from seqviz.layers.look_up import look_up
from seqviz.models import ComiRecSA, MeanPooling, Retriever

WIDTH, BATCH = 16, 256
MOST_INTERESTS = 8


@dataclass(frozen=True)
class Setting:
    """How a model is trained.

    Args:
        interests: K, 1 to 8; 0 for one vector, the mean of the clicks.
        temperature: what a cosine is divided by.
        learning_rate: of Adam.
        negatives: S, drawn by popularity, shared by a batch.
        log_q: whether a logit is lowered by the log of the chance to be drawn.
        seed: of the weights, the batches and the negatives.

    Raises:
        TypeError, ValueError: naming the argument.

    Example:
        >>> setting = Setting(interests=2, negatives=20)
        >>> setting.temperature, setting.log_q
        (0.1, True)
    """

    interests: int = 4
    temperature: float = 0.1
    learning_rate: float = 0.01
    negatives: int = 50
    log_q: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        require_whole(low=0, high=MOST_INTERESTS, interests=self.interests)
        require_number(low=0, ends=False, temperature=self.temperature)
        require_number(low=0, ends=False, learning_rate=self.learning_rate)
        require_whole(high=500, negatives=self.negatives)
        require_whole(low=0, high=2**32 - 1, seed=self.seed)
        if not isinstance(self.log_q, bool):
            raise TypeError(f"log_q must be a bool, got {type(self.log_q).__name__}")

    def but(self, **changes: Any) -> "Setting":
        """Return this setting with some of it changed."""
        return replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """Return it by names."""
        return asdict(self)


class Run:
    """A training that takes one step at a time.

    Args:
        shop: what is learned.
        setting: how.

    Attributes:
        model: ``MeanPooling`` or ``ComiRecSA``, with the weights so far.
        per_epoch: how many steps an epoch has.
    """

    def __init__(self, shop: LearningShop, setting: Setting) -> None:
        self.shop, self.setting = shop, setting
        self.clicks, self.mask, self.targets = map(torch.from_numpy, shop.examples())
        self.counts = shop.counts
        self.per_epoch = ceil(len(self.targets) / BATCH)
        self.model = new_model(shop, setting)
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), setting.learning_rate, fused=True
        )
        self._draws = self._drawn()

    def loss(self) -> Tensor:
        """Return the loss of the next batch, which a call moves on to.

        That is the model's own, read from the whole table, as the page does it: a small
        shop has fewer items than a batch has clicks.
        """
        batch, drawn = next(self._draws)
        model, items = self.model, self.model.item_vectors()  # [N + 1, E]
        target, negatives = look_up(items, batch.target_ids), look_up(items, drawn)
        query = model.query(model.scaled_interests(batch.item_ids), target)  # [B, E]
        chances = model.sampler.log_probability if model.log_q else None
        return model.against(query, target, negatives, batch.target_ids, drawn, chances)

    def step(self) -> float:
        """Take one step and return the loss before it."""
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def train(self, epochs: int) -> "Run":
        """Take the steps of some epochs and return this run."""
        for _ in range(epochs * self.per_epoch):
            self.step()
        return self

    def _drawn(self) -> Iterator[tuple[Batch, Tensor]]:
        """Yield batch and negatives of step 0, 1, ..."""
        seed, size = self.setting.seed, self.setting.negatives
        step = 0
        while True:
            order = shuffled(len(self.targets), seed, step // self.per_epoch)
            for rows in torch.from_numpy(order).split(BATCH):
                drawn = torch.from_numpy(draw_items(self.counts, size, seed, step))
                yield self._batch(rows), drawn
                step += 1

    def _batch(self, rows: Tensor) -> Batch:
        targets = self.targets[rows]
        return Batch(
            self.clicks[rows], self.mask[rows], targets, targets[:, None], rows, rows
        )


def new_model(shop: LearningShop, setting: Setting) -> Retriever:
    """Return the model of a setting with the weights that its seed draws."""
    N, K, seed = shop.num_items, setting.interests, setting.seed
    options = {
        "temperature": setting.temperature,
        "sampler": NegativeSampler(torch.from_numpy(shop.counts)),
        "num_negatives": setting.negatives,
        "log_q": setting.log_q,
    }
    model = ComiRecSA(N, WIDTH, K, **options) if K else MeanPooling(N, WIDTH, **options)
    items = uniform(sqrt(3 / WIDTH), (N + 1, WIDTH), seed, STREAM["items"])
    items[0] = 0
    weights = {"embedding.weight": items}
    if K:
        hidden = 4 * WIDTH
        for name, shape in (("W1", (WIDTH, hidden)), ("W2", (hidden, K))):
            bound = sqrt(6 / sum(shape))
            drawn = uniform(bound, shape, seed, STREAM[name])
            weights[f"attention.{name}"] = drawn
    model.load_state_dict(
        {name: torch.from_numpy(value) for name, value in weights.items()}
    )
    return model


@torch.no_grad()
def unit_interests(model: Retriever, shop: LearningShop) -> np.ndarray:
    """``[U, K, E]``: the interests of the people held out, with length 1."""
    clicks = shop.padded([history for history, _ in shop.held_out])
    interests = model.interests(torch.from_numpy(clicks))
    return torch.nn.functional.normalize(interests, dim=-1).numpy()


@torch.no_grad()
def measure(model: Retriever, shop: LearningShop, n: int = 20) -> dict[str, np.ndarray]:
    """Return recall, cosine and the busiest interest's share.

    Returns:
        ``"recall"``: ``[U]``, Recall@n of each person held out, over the whole catalog.
        ``"cosine"``: ``[U]``, the mean cosine of two different interests of hers; NaN
        with one. ``"busiest"``: ``[]``, the share of what came next that the interest
        serves which serves most.
    """
    interests = unit_interests(model, shop)  # [U, K, E]
    items = torch.nn.functional.normalize(model.embedding.weight, dim=-1).numpy()
    scores = interests @ items.T  # [U, K, N + 1]
    best = scores.max(1)  # [U, N + 1]
    best[:, 0] = -np.inf
    rank = np.argsort(np.argsort(-best, axis=1, kind="stable"), axis=1)
    truths = [row for _, row in shop.held_out]
    recall = [(rank[u, row] < n).mean() for u, row in enumerate(truths)]
    served = [scores[u][:, row].argmax(0) for u, row in enumerate(truths)]
    K = interests.shape[1]
    busy = np.bincount(np.concatenate(served), minlength=K)
    cosine = np.full(len(truths), np.nan)
    if K > 1:
        pairs = interests @ interests.transpose(0, 2, 1)  # [U, K, K]
        own = np.trace(pairs, axis1=1, axis2=2)
        cosine = (pairs.sum((1, 2)) - own) / (K * (K - 1))
    return {
        "recall": np.array(recall),
        "cosine": cosine,
        "busiest": busy.max() / busy.sum(),
    }


@dataclass(frozen=True, eq=False)
class Learned:
    """What a training has come to.

    Attributes:
        log: a row for each epoch, from 0 on: loss (the mean of its steps; NaN at 0),
            recall, cosine, busiest, the means of what ``measure`` returns.
        model: with its last weights.
    """

    log: pd.DataFrame
    model: Retriever


def learn(shop: LearningShop, setting: Setting, epochs: int) -> Learned:
    """Train a model and measure it after each epoch.

    Raises:
        TypeError, ValueError: ``epochs`` is no whole number of 0 or more.
    """
    require_whole(low=0, epochs=epochs)
    run = Run(shop, setting)
    rows = []
    for epoch in range(epochs + 1):
        steps = range(run.per_epoch if epoch else 0)
        losses = [run.step() for _ in steps]
        values = measure(run.model, shop)
        means = {name: float(value.mean()) for name, value in values.items()}
        loss = sum(losses) / len(losses) if losses else float("nan")
        rows.append({"epoch": epoch, "loss": loss, **means})
    return Learned(pd.DataFrame(rows), run.model)
