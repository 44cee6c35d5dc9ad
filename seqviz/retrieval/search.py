"""The items nearest to many interests, exactly or by an index, and one list of them."""

from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from seqviz.arguments import (
    require_choice,
    require_ids,
    require_vectors,
    require_whole,
)
from seqviz.layers.precision import in_float64
from seqviz.retrieval.exact import top_items

if TYPE_CHECKING:
    import faiss

METHODS = ("exact", "flat", "ivf", "hnsw")


class NormRecall(NamedTuple):
    """What a search finds of the exact lists, by the length of the items: ``[G]`` each.

    The groups hold equally many items, short ones first.

    Example:
        >>> items = torch.randn(201, 8)
        >>> found = ItemSearch(items).recall_by_norm(items[1:], n=5, groups=2)
        >>> found.recall  # an exact search finds all, the short items and the long
        tensor([1., 1.], dtype=torch.float64)
    """

    norms: Tensor
    """The longest item of the group."""
    places: Tensor
    """How many places of the exact lists its items have."""
    recall: Tensor
    """The share of these places that was found; NaN where there is none."""


class ItemSearch:
    """One catalog, ready to be asked for the items of largest inner product.

    Args:
        item_vectors: ``[N + 1, E]``; row 0 is padding and is never found. They are not
            copied; a model that trains on needs a new search.
        method: ``exact`` compares all items in torch, on the vectors' device, a chunk
            of the queries at a time. The others are FAISS indexes on the CPU: ``flat``
            compares all items, ``ivf`` only those in the nearest cells, ``hnsw`` walks
            a graph of neighbors.
        chunk: rows of a query at a time for ``exact``; they need ``chunk * N`` numbers.
        cells: of ``ivf``; the root of N if not given.
        probes: cells of ``ivf`` to look into.
        links: neighbors of an item in the graph of ``hnsw``, at least 2.
        effort: candidates that ``hnsw`` keeps on its way, at least n.

    Raises:
        TypeError, ValueError: an unknown method, a size out of range, a wrong type or
            shape, vectors that are not finite.
        ImportError: an index is asked for and FAISS is not installed.

    Example:
        >>> items = torch.randn(101, 8)
        >>> scores, ids = ItemSearch(items).top(items[[7]], 5)
        >>> list(ids.shape), bool(ids.min() > 0)  # padding is never found
        ([1, 5], True)
    """

    def __init__(
        self,
        item_vectors: Tensor,
        method: str = "exact",
        *,
        chunk: int = 64,
        cells: int | None = None,
        probes: int = 8,
        links: int = 32,
        effort: int = 128,
    ) -> None:
        require_choice(METHODS, method=method)
        if item_vectors.dim() != 2 or len(item_vectors) < 2:
            raise ValueError(
                f"item_vectors must be [N + 1, E], got {list(item_vectors.shape)}"
            )
        require_vectors("item_vectors", item_vectors, 2)
        self.num_items = len(item_vectors) - 1
        cells = round(self.num_items**0.5) if cells is None else cells
        require_whole(
            chunk=chunk, cells=cells, probes=probes, links=links, effort=effort
        )
        require_whole(low=2, links=links)  # with 1 FAISS would end the process
        require_whole(high=self.num_items, cells=cells)
        self.method, self.chunk, self.effort = method, chunk, effort
        self._vectors = item_vectors.detach()
        if method != "exact":
            self._index = self._build(cells, probes, links)

    def _build(self, cells: int, probes: int, links: int) -> "faiss.Index":
        faiss = _faiss(self.method)
        width = self._vectors.shape[1]
        if self.method == "hnsw":
            index = faiss.IndexHNSWFlat(width, links, faiss.METRIC_INNER_PRODUCT)
        else:
            index = faiss.IndexFlatIP(width)
        if self.method == "ivf":
            self._coarse = index  # the index below does not own it
            index = faiss.IndexIVFFlat(index, width, cells, faiss.METRIC_INNER_PRODUCT)
            index.nprobe = min(probes, cells)
            index.cp.min_points_per_centroid = 1  # else a warning on the terminal
        items = self._vectors[1:].float().cpu().numpy()
        if not index.is_trained:
            index.train(items)
        index.add(items)
        return index

    @torch.no_grad()
    def top(self, query: Tensor, n: int) -> tuple[Tensor, Tensor]:
        """Scores and ids ``[Q, n]`` for queries ``[Q, E]``, best first.

        They lie where the query does, whatever device the items are on. An approximate
        index may find fewer than ``n``: then the rest is -inf and 0.

        Raises:
            TypeError, ValueError: the query has another width or type than the items or
                is not finite, or ``n`` is not in 1..N.
        """
        if query.dim() != 2 or query.shape[1] != self._vectors.shape[1]:
            raise ValueError(
                f"query must be [Q, {self._vectors.shape[1]}], got {list(query.shape)}"
            )
        if query.dtype != self._vectors.dtype:
            raise TypeError(
                f"query must be {self._vectors.dtype} like the items, got {query.dtype}"
            )
        require_vectors("query", query, 2)
        require_whole(high=self.num_items, n=n)
        if self.method == "exact":
            there = query.to(self._vectors.device)
            scores, ids = top_items(there, self._vectors, n, chunk=self.chunk)
            return scores.to(query.device), ids.to(query.device)
        if self.method == "hnsw":
            self._index.hnsw.efSearch = max(self.effort, n)
        scores, rows = self._index.search(query.detach().float().cpu().numpy(), n)
        ids = torch.from_numpy(rows).to(query.device) + 1  # FAISS says -1 for nothing
        scores = torch.from_numpy(scores).to(query)
        return scores.masked_fill(ids == 0, -torch.inf), ids

    @torch.no_grad()
    def recall_by_norm(self, query: Tensor, n: int, groups: int = 4) -> NormRecall:
        """How much of the exact lists of ``n`` is found, for short and long items.

        An index may lose items by their length alone, which the mean over all lists
        hides: long items fill most places of them.

        Args:
            query: ``[Q, E]``.
            n: length of a list.
            groups: G, how many groups of items.

        Raises:
            TypeError, ValueError: what ``top`` raises, or ``groups`` not in 1..N.
        """
        require_whole(high=self.num_items, groups=groups)
        found = self.top(query, n)[1].cpu()
        there = query.to(self._vectors.device)
        exact = top_items(there, self._vectors, n, chunk=self.chunk)[1].cpu()
        norms, order = in_float64(self._vectors[1:]).cpu().norm(dim=1).sort(stable=True)
        group_of = torch.empty_like(order)
        group_of[order] = torch.arange(self.num_items) * groups // self.num_items
        # a query and an item as one number
        own = torch.arange(len(query))[:, None] * (self.num_items + 1)
        hit = torch.isin(own + exact, own + found)  # [Q, n]
        group = group_of[exact - 1].flatten()
        places = torch.bincount(group, minlength=groups)
        hits = torch.bincount(group, hit.flatten().double(), minlength=groups)
        last = torch.bincount(group_of, minlength=groups).cumsum(0) - 1
        return NormRecall(norms[last], places, hits / places)


def _faiss(method: str) -> ModuleType:
    # here alone, since Colab does not have it
    try:
        import faiss
    except ImportError as error:
        raise ImportError(
            f"method {method!r} needs FAISS, which is not installed here: "
            "pip install faiss-cpu"
        ) from error
    return faiss


class Candidates(NamedTuple):
    """Distinct items per user, best first: four tensors ``[B, K * n]``.

    Example:
        >>> items = torch.tensor([[[3, 4], [4, 5]]])  # [B, K, n]
        >>> found = join(items, torch.tensor([[[9.0, 5.0], [7.0, 1.0]]]))
        >>> found.items, found.mask  # item 4 was found twice
        (tensor([[3, 4, 5, 0]]), tensor([[ True,  True,  True, False]]))
    """

    items: Tensor
    """Ids, 0 where there is none."""
    scores: Tensor
    """-inf where there is no item."""
    interest: Tensor
    """Which of the K interests found the item, -1 where there is none."""
    mask: Tensor
    """bool, True where there is an item."""


@torch.no_grad()
def candidates(
    search: ItemSearch, interests: Tensor, n: int, *, seen: Tensor | None = None
) -> Candidates:
    """The best ``n`` items of each interest, joined: ``[B, K, E] -> [B, K * n]``.

    An item that several interests found stands once, with its largest score and the
    interest it comes from. The first ``n`` columns are the list of the largest
    maximum over the interests.

    Args:
        seen: ``[B, T]`` ids to leave out, 0 for none. Each interest then finds ``n``
            others, as long as there are so many.

    Raises:
        TypeError, ValueError: a wrong shape or type, ``n`` not in 1..N, ``seen`` not in
            0..N.

    Example:
        >>> items = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
        >>> found = candidates(ItemSearch(items), torch.eye(2)[None], n=2)
        >>> found.items  # distinct, best first
        tensor([[1, 3, 2, 0]])
    """
    if interests.dim() != 3:
        raise ValueError(f"interests must be [B, K, E], got {list(interests.shape)}")
    require_whole(high=search.num_items, n=n)
    if seen is not None and (seen.dim() != 2 or len(seen) != len(interests)):
        raise ValueError(
            f"seen must be [B, T] with B = {len(interests)}, got {list(seen.shape)}"
        )
    B, K, _ = interests.shape
    more = 0 if seen is None else seen.shape[1]
    found = min(n + more, search.num_items)
    scores, items = search.top(interests.flatten(0, 1), found)
    scores, items = scores.view(B, K, found), items.view(B, K, found)
    if seen is not None:
        seen = require_ids("seen", seen, 0, search.num_items).to(items.device)
        # a user and an item as one number
        own = torch.arange(B, device=items.device)[:, None] * (search.num_items + 1)
        left_out = torch.isin(items + own[:, :, None], (seen + own).flatten())
        scores = scores.masked_fill(left_out, -torch.inf)
        scores, order = scores.sort(dim=2, descending=True, stable=True)
        items = items.gather(2, order)
    return join(items[:, :, :n], scores[:, :, :n])


@torch.no_grad()
def join(items: Tensor, scores: Tensor) -> Candidates:
    """One list of what K interests found: ``[B, K, n]`` each to ``[B, K * n]``.

    An item stands once, with its largest score and the interest that it comes from; of
    equal scores the lower interest, then the earlier place, comes first.

    Args:
        items: ids, 0 where there is none.
        scores: of the items, -inf where there is none.

    Raises:
        ValueError: another shape.

    Example:
        >>> items = torch.tensor([[[3, 4], [4, 5]]])  # [B, K, n]
        >>> found = join(items, torch.tensor([[[9.0, 5.0], [7.0, 1.0]]]))
        >>> found.items, found.interest
        (tensor([[3, 4, 5, 0]]), tensor([[ 0,  1,  1, -1]]))
    """
    if items.dim() != 3 or items.shape != scores.shape:
        raise ValueError(
            "items and scores must both be [B, K, n], got "
            f"{list(items.shape)} and {list(scores.shape)}"
        )
    B, K, n = items.shape
    items, scores = items.flatten(1), scores.flatten(1)
    interest = torch.arange(K, device=items.device).repeat_interleave(n)

    # repeats: best first, then by item, and only the first of an item stays
    scores, order = scores.sort(dim=1, descending=True, stable=True)
    items, interest = items.gather(1, order), interest.expand(B, -1).gather(1, order)
    together, by_item = items.sort(dim=1, stable=True)
    repeats = torch.zeros_like(items, dtype=torch.bool)
    repeats[:, 1:] = together[:, 1:] == together[:, :-1]
    repeats = torch.empty_like(repeats).scatter_(1, by_item, repeats)
    mask = ~repeats & (scores > -torch.inf)
    order = (~mask).int().argsort(dim=1, stable=True)  # real ones first
    mask = mask.gather(1, order)
    return Candidates(
        items.gather(1, order).where(mask, 0),
        scores.gather(1, order).where(mask, -torch.inf),
        interest.gather(1, order).where(mask, -1),
        mask,
    )


def search_recall(approximate: Tensor, exact: Tensor) -> Tensor:
    """Share of the exact list that the approximate one holds: two ``[Q, n] -> [Q]``.

    Example:
        >>> search_recall(torch.tensor([[3, 9]]), exact=torch.tensor([[3, 4]]))
        tensor([0.5000], dtype=torch.float64)
    """
    if approximate.shape != exact.shape or exact.dim() != 2:
        raise ValueError(
            "approximate and exact must both be [Q, n], "
            f"got {list(approximate.shape)} and {list(exact.shape)}"
        )
    found = exact[:, :, None] == approximate.to(exact.device)[:, None, :]
    return in_float64(found.any(2)).mean(1)
