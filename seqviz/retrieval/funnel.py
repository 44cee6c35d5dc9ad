"""From a history to a list in three stages: retrieve, rank, re-rank."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from seqviz.arguments import require_ids, require_number, require_whole
from seqviz.data import Batch, ClickBatch
from seqviz.layers.precision import in_float64
from seqviz.models import ClickModel, Retriever
from seqviz.retrieval.rerank import greedy_diversity
from seqviz.retrieval.search import Candidates, ItemSearch, candidates

STAGES = ("retrieved", "ranked", "listed")

Retrieve = Callable[[Batch], Candidates]
Rank = Callable[[Batch, Candidates], Tensor]
Rerank = Callable[[Tensor, Tensor, Tensor, int], Tensor]


class Trace(NamedTuple):
    """What stood where after each stage, for B users. C candidates, M ranked, L listed.

    An id of 0 is an empty place: the user has fewer candidates.

    Example:
        >>> from seqviz.data import Batch
        >>> from seqviz.models import MeanPooling
        >>> ids = torch.tensor([[5, 3]])
        >>> batch = Batch(ids, ids != 0, *[None] * 4)
        >>> retrieve = InterestSearch(MeanPooling(num_items=100), n=50)
        >>> funnel = Funnel(retrieve, as_retrieved)
        >>> trace = funnel(batch, 20, 10)
        >>> [list(part.shape) for part in (trace.scores, trace.ranked, trace.listed)]
        [[1, 50], [1, 20], [1, 10]]
    """

    candidates: Candidates
    """``[B, C]`` each: what was retrieved, repeats removed, best first."""
    scores: Tensor
    """``[B, C]``, the ranker's score of each candidate, -inf where there is none."""
    ranked: Tensor
    """``[B, M]`` ids, the ranker's best."""
    listed: Tensor
    """``[B, L]`` ids, what the user sees."""

    @property
    def stages(self) -> dict[str, Tensor]:
        """The ids after each stage, by its name."""
        ids = self.candidates.items, self.ranked, self.listed
        return dict(zip(STAGES, ids, strict=True))

    def places(self, items: Tensor) -> Tensor:
        """Where items stood after each stage: ``[B, R]`` ids to ``[B, R, 3]``.

        Places count from 1; 0 says that the item is not there. An item that falls out
        of a stage is in no later one.

        Raises:
            TypeError, ValueError: ``items`` are no ids ``[B, R]``.
        """
        wanted = _wanted("items", items, len(self.ranked)).to(self.ranked.device)
        places = []
        for ids in self.stages.values():
            same = (wanted[:, :, None] == ids[:, None]) & (wanted > 0)[:, :, None]
            place = same.int().argmax(2) + 1  # [B, R]
            places.append(place * same.any(2))
        return torch.stack(places, 2)

    def ceilings(self, truths: Tensor) -> Tensor:
        """Recall@L of a perfect ranker behind each stage: ``[B, R]`` to ``[B, 4]``.

        The four are: all items of the catalog to choose from, the candidates, the M
        ranked, and the list as it is. A perfect ranker puts every true item that it is
        given into the L places, so behind x true items the recall is min(x, L) over the
        number of truths. Each is at most the one before; the differences say what
        retrieval, the cut after ranking and the choice of the list have lost.

        Args:
            truths: ids, each once in a row, 0 for none.

        Raises:
            TypeError, ValueError: ``truths`` are no ids ``[B, R]``, a row has none, or
                one twice.
        """
        truths = _wanted("truths", truths, len(self.ranked)).to(self.ranked.device)
        real = truths > 0
        number = real.sum(1)  # [B]
        if (number == 0).any():
            row = int((number == 0).int().argmax())
            raise ValueError(
                f"truths must hold an item in every row, got none in {row}"
            )
        ordered = truths.sort(1).values
        twice = ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] > 0)).any(1)
        if twice.any():
            row = int(twice.int().argmax())
            raise ValueError(f"truths must hold an item once, got one twice in {row}")
        there = (self.places(truths) > 0).sum(1)  # [B, 3]
        there = torch.cat([number[:, None], there], 1)
        N = self.listed.shape[1]
        return in_float64(there.clamp(max=N)) / number[:, None]


class Funnel:
    """Retrieve candidates, keep the ranker's best M, make a list of L of them.

    Args:
        retrieve: batch to ``Candidates`` ``[B, C]``, see :class:`InterestSearch`.
        rank: batch and candidates to scores ``[B, C]``, finite where there is a
            candidate; see :class:`ByModel`, :class:`ByScores`, :func:`as_retrieved`.
            Equal scores stay in the order of retrieval.
        rerank: ids ``[B, M]``, scores ``[B, M]``, mask ``[B, M]`` and L to the columns
            ``[B, L]`` of the list, those without an item last; see :class:`Greedy`.
            The first L, if not given.

    Raises:
        TypeError: a stage cannot be called.

    Example:
        >>> from seqviz.data import Batch
        >>> from seqviz.models import MeanPooling
        >>> ids = torch.tensor([[5, 3]])
        >>> batch = Batch(ids, ids != 0, *[None] * 4)
        >>> retrieve = InterestSearch(MeanPooling(num_items=100), n=50)
        >>> funnel = Funnel(retrieve, as_retrieved)
        >>> list(funnel(batch, 20, 10).listed.shape)  # [B, L]
        [1, 10]
    """

    def __init__(
        self, retrieve: Retrieve, rank: Rank, rerank: Rerank | None = None
    ) -> None:
        rerank = best_first if rerank is None else rerank
        for name, stage in (
            ("retrieve", retrieve),
            ("rank", rank),
            ("rerank", rerank),
        ):
            if not callable(stage):
                raise TypeError(f"{name} must be callable, got {type(stage).__name__}")
        self.retrieve, self.rank, self.rerank = retrieve, rank, rerank

    @torch.no_grad()
    def __call__(self, batch: Batch, m: int, n: int) -> Trace:
        """The list of every user of a batch, and what stood where on the way.

        Args:
            batch: B histories. Its truths are not read.
            m: M, how many the ranker keeps.
            n: L, the length of the list, at most M.

        Raises:
            TypeError, ValueError: widths out of range, or a stage that returns another
                shape than it should, or scores that are not finite.
        """
        require_whole(m=m, n=n)
        require_whole(high=m, n=n)
        found = self.retrieve(batch)
        shape = found.items.shape
        if len(shape) != 2 or len(shape) != found.mask.dim() or shape[1] < 1:
            raise ValueError(
                f"retrieve must return candidates [B, C], got items {list(shape)}"
            )
        scores = self.rank(batch, found)
        if scores.shape != shape:
            raise ValueError(
                f"rank must return scores like the candidates {list(shape)}, got "
                f"{list(scores.shape)}"
            )
        mask = found.mask.to(scores.device)
        bad = mask & ~scores.isfinite()
        if bad.any():
            raise ValueError(
                "rank must return finite scores, got "
                f"{scores[bad][0].item()} in row {int(bad.any(1).int().argmax())}"
            )
        scores = scores.masked_fill(~mask, -torch.inf)
        order = scores.argsort(dim=1, descending=True, stable=True)[:, :m]
        items = found.items.to(order.device).gather(1, order)  # [B, M]
        kept = scores.gather(1, order)
        real = mask.gather(1, order)
        items, kept, real = _widened(m, items, kept, real)
        columns = self.rerank(items, kept, real, n)
        if columns.shape != (len(items), n):
            raise ValueError(
                f"rerank must return columns {[len(items), n]}, got "
                f"{list(columns.shape)}"
            )
        return Trace(found, scores, items, items.gather(1, columns))


class InterestSearch:
    """The first stage: K interests, each with its ``n`` nearest items, joined.

    Args:
        model: a trained retriever, put in eval mode for each call.
        n: items for each interest, at most N.
        search: of the model's item vectors; an exact one if not given.
        length: T, the last behaviors that the model reads; all of the batch's, if not
            given.

    Example:
        >>> from seqviz.data import Batch
        >>> from seqviz.models import ComiRecSA
        >>> ids = torch.tensor([[5, 3]])
        >>> retrieve = InterestSearch(ComiRecSA(num_items=100, num_interests=4), n=20)
        >>> list(retrieve(Batch(ids, ids != 0, *[None] * 4)).items.shape)  # [B, K * n]
        [1, 80]
    """

    def __init__(
        self,
        model: Retriever,
        n: int,
        search: ItemSearch | None = None,
        *,
        length: int | None = None,
    ) -> None:
        search = ItemSearch(model.item_vectors()) if search is None else search
        require_whole(high=search.num_items, n=n)
        require_whole(length=1 if length is None else length)
        self.model, self.n, self.search, self.length = model, n, search, length

    def __call__(self, batch: Batch) -> Candidates:
        """``[B, K * n]``."""
        with _asked(self.model):
            interests = self.model.scaled_interests(
                _latest(batch.item_ids, self.length)
            )
        return candidates(self.search, interests, self.n)


class ByModel:
    """The second stage: a click model's log-odds, asked of the candidates alone.

    Args:
        model: put in eval mode for each call.
        chunk: pairs of a user and a candidate at a time, which bounds the memory to
            ``chunk`` histories.
        length: T, the last behaviors that the model reads; all of the batch's, if not
            given.

    Example:
        >>> from seqviz.models import DIN
        >>> rank = ByModel(DIN(num_items=100), chunk=512)
        >>> rank.chunk  # rows at a time
        512
    """

    def __init__(
        self, model: ClickModel, *, chunk: int = 2048, length: int | None = None
    ) -> None:
        require_whole(chunk=chunk, length=1 if length is None else length)
        self.model, self.chunk, self.length = model, chunk, length

    def __call__(self, batch: Batch, found: Candidates) -> Tensor:
        """``[B, C]``, 0 where there is no candidate."""
        row, column = found.mask.nonzero(as_tuple=True)  # only real pairs cost
        ids, mask = (_latest(x, self.length) for x in (batch.item_ids, batch.mask))
        parts = []
        with _asked(self.model):
            for at, place in zip(
                row.split(self.chunk), column.split(self.chunk), strict=True
            ):
                pairs = ClickBatch(
                    ids[at],
                    mask[at],
                    found.items[at, place],
                    batch.users[at],
                    batch.times[at],
                    torch.zeros(len(at), device=ids.device),
                )
                parts.append(self.model.logits(pairs))
        scores = torch.zeros(found.items.shape, device=ids.device)
        if parts:
            scores[row, column] = torch.cat(parts).to(scores)
        return scores


class _Scorer(Protocol):
    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``; column 0 is padding."""


class ByScores:
    """The second stage: whatever scores the catalog, read at the candidates.

    Args:
        recommender: a count or a retriever, with ``scores(batch)``, ``[B, N + 1]``.

    Example:
        >>> from seqviz.data import Batch
        >>> from seqviz.models import MeanPooling
        >>> ids = torch.tensor([[5, 3]])
        >>> batch = Batch(ids, ids != 0, *[None] * 4)
        >>> found = join(torch.tensor([[[3, 4]]]), torch.tensor([[[0.9, 0.5]]]))
        >>> list(ByScores(MeanPooling(num_items=100))(batch, found).shape)  # [B, C]
        [1, 2]
    """

    def __init__(self, recommender: _Scorer) -> None:
        self.recommender = recommender

    def __call__(self, batch: Batch, found: Candidates) -> Tensor:
        """``[B, C]``, 0 where there is no candidate."""
        scores = self.recommender.scores(batch)
        ids = require_ids("items", found.items, 0, scores.shape[1] - 1)
        own = scores.gather(1, ids.to(scores.device))
        return own.masked_fill(~found.mask.to(own.device), 0.0)


def as_retrieved(batch: Batch, found: Candidates) -> Tensor:
    """The second stage left out: the scores of retrieval, ``[B, C]``.

    Example:
        >>> found = join(torch.tensor([[[3, 4]]]), torch.tensor([[[0.9, 0.5]]]))
        >>> as_retrieved(None, found)
        tensor([[0.9000, 0.5000]])
    """
    return found.scores


def best_first(items: Tensor, scores: Tensor, mask: Tensor, n: int) -> Tensor:
    """The third stage left out: the first ``n`` columns, ``[B, L]``."""
    return torch.arange(n, device=items.device).expand(len(items), n)


class Greedy:
    """The third stage: :func:`greedy_diversity`, also of users with fewer candidates.

    Args:
        categories: ``[N + 1]`` integers, the category of each item.
        diversity_weight: λ, 0 or more.

    Example:
        >>> rerank = Greedy(torch.tensor([0, 1, 1, 2]), diversity_weight=5.0)
        >>> items, scores = torch.tensor([[1, 2, 3]]), torch.tensor([[3.0, 2.9, 1.0]])
        >>> rerank(items, scores, items > 0, 2)  # the third is of another category
        tensor([[0, 2]])
    """

    def __init__(self, categories: Tensor, diversity_weight: float) -> None:
        require_number(low=0, diversity_weight=diversity_weight)
        if categories.dim() != 1 or categories.is_floating_point():
            raise ValueError(
                f"categories must be whole numbers [N + 1], got {categories.dtype} "
                f"{list(categories.shape)}"
            )
        self.categories, self.diversity_weight = categories, diversity_weight

    def __call__(self, items: Tensor, scores: Tensor, mask: Tensor, n: int) -> Tensor:
        """Columns ``[B, L]``, those without an item last."""
        require_ids("items", items, 0, len(self.categories) - 1)
        kinds = self.categories.to(items.device)[items]
        values = in_float64(scores)
        mask, weight = mask.to(values.device), self.diversity_weight
        least = values.masked_fill(~mask, torch.inf).amin(1, keepdim=True)
        # below all that a real item can fall to: by λ for each place of its category
        low = least.masked_fill(~least.isfinite(), 0.0) - weight * items.shape[1] - 1
        values = values.where(mask, low)
        return greedy_diversity(values, kinds.to(values.device), n, weight).to(
            items.device
        )


@contextmanager
def _asked(model: nn.Module) -> Iterator[None]:
    """A model in eval mode and without gradients, and then as it was."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def _latest(columns: Tensor, length: int | None) -> Tensor:
    """The last ``length`` of ``[B, T]``, padded at the left; all for None."""
    return columns if length is None else columns[:, -length:]


def _wanted(name: str, ids: Tensor, rows: int) -> Tensor:
    if ids.dim() != 2 or len(ids) != rows:
        raise ValueError(
            f"{name} must be ids [B, R] with B = {rows}, got {list(ids.shape)}"
        )
    return require_ids(name, ids, 0, torch.iinfo(torch.int64).max)


def _widened(m: int, items: Tensor, scores: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
    """At least ``m`` columns: the new ones hold no item."""
    more = m - items.shape[1]
    if more <= 0:
        return items, scores, mask
    return tuple(
        torch.cat([part, part.new_full((len(part), more), empty)], 1)
        for part, empty in ((items, 0), (scores, -torch.inf), (mask, False))
    )
