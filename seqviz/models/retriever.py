"""What every retrieval model shares: the item table, the scores, the loss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import require_ids, require_number, require_whole
from seqviz.data import Batch
from seqviz.layers import NegativeSampler, read_out, sampled_cross_entropy
from seqviz.layers.embedding_table import EmbeddingTable
from seqviz.layers.largest_score import largest_score
from seqviz.layers.precision import at_least_float32
from seqviz.layers.scores import direction

CHUNK = 4096  # items scored at a time


class Retriever(nn.Module):
    """Scores every item of the catalog by the nearest of a user's K interests.

    A subclass defines ``pool(behaviors, mask) -> [B, K, E]``, and may take
    ``need_weights=True`` there to return the weights ``[B, K, T]`` too.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E.
        temperature: None scores by the inner product; a number scores by the cosine
            divided by it.
        sampler: None trains on the full softmax; else on ``num_negatives`` items drawn
            once a batch and shared by its rows.
        num_negatives: S, used with ``sampler``.
        log_q: lower each logit by the log-probability of drawing the item.
        nearest: train as ``scores`` serves, each item scored by its own nearest
            interest; else by the interest that is nearest to the target.

    Raises:
        TypeError, ValueError: an argument has a wrong type or range, the sampler draws
            from another number of items, or ``nearest`` is asked for with a sampler.

    Example:
        >>> from seqviz.data import Batch
        >>> ids = torch.tensor([[0, 5, 3, 9]])
        >>> batch = Batch(ids, ids != 0, torch.tensor([7]), *[None] * 3)
        >>> model = MeanPooling(num_items=100, embedding_dim=8, temperature=0.1)
        >>> list(model.scores(batch).shape), list(model.loss(batch).shape)  # [B, N + 1]
        ([1, 101], [])
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int,
        *,
        temperature: float | None = None,
        sampler: NegativeSampler | None = None,
        num_negatives: int = 1024,
        log_q: bool = True,
        nearest: bool = False,
    ) -> None:
        super().__init__()
        require_whole(
            num_items=num_items,
            embedding_dim=embedding_dim,
            num_negatives=num_negatives,
        )
        if temperature is not None:
            require_number(low=0, ends=False, temperature=temperature)
        if sampler is not None and len(sampler.log_probability) != num_items + 1:
            raise ValueError(
                f"sampler must draw from num_items = {num_items} items, got one of "
                f"{len(sampler.log_probability) - 1}"
            )
        if nearest and sampler is not None:
            raise ValueError("sampler must be None where nearest is True, got one")
        self.embedding = EmbeddingTable(num_items + 1, embedding_dim, padding_idx=0)
        nn.init.normal_(self.embedding.weight, std=embedding_dim**-0.5)
        with torch.no_grad():
            self.embedding.weight[0] = 0
        self.temperature = temperature
        self.sampler = sampler
        self.num_negatives = num_negatives
        self.log_q = log_q
        self.nearest = nearest

    @property
    def num_items(self) -> int:
        """N, without the padding."""
        return self.embedding.num_embeddings - 1

    def pool(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """``[B, T, E]`` and ``[B, T]`` to interests ``[B, K, E]``."""
        raise NotImplementedError

    def query(self, interests: Tensor, target: Tensor) -> Tensor:
        """``[B, K, E], [B, E] -> [B, E]``: what training compares with the items."""
        return read_out(interests, target)

    def forward(self, item_ids: Tensor) -> Tensor:
        """``[B, T]`` ids to interests ``[B, K, E]``: what is asked of the catalog."""
        return self.interests(item_ids)

    def interests(
        self, item_ids: Tensor, *, need_weights: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, T]`` ids to ``[B, K, E]``.

        With ``need_weights`` also weights ``[B, K, T]``, of a model whose ``pool`` has
        them: ComiRec and MIND.
        """
        if need_weights:
            return self.pool(*self.behaviors(item_ids), need_weights=True)
        return self.pool(*self.behaviors(item_ids))

    def interests_of(self, batch: Batch) -> Tensor:
        """A batch to ``[B, K, E]``: what a subclass overrides that reads more of it."""
        return self.interests(batch.item_ids)

    def behaviors(self, item_ids: Tensor) -> tuple[Tensor, Tensor]:
        """``[B, T]`` ids to embeddings ``[B, T, E]`` and mask ``[B, T]``."""
        item_ids = self._checked(item_ids)
        return self.embedding(item_ids), item_ids != 0

    def item_vectors(self) -> Tensor:
        """``[N + 1, E]``: what an interest is compared with; row 0 is padding."""
        return self._normalized(self.embedding.weight)

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: for each item the largest score over the K interests.

        Padding (column 0) scores -inf. Source: Cen et al. 2020, equation 9.
        """
        interests = self._scaled(self.interests_of(batch))  # [B, K, E]
        # some items at a time: [B, K, N + 1] would not stay in the cache
        parts = self.item_vectors().split(CHUNK)
        scores = torch.cat([(interests @ part.T).amax(1) for part in parts], 1)
        scores[:, 0] = -torch.inf
        return scores

    def draw(self, generator: torch.Generator | None = None) -> Tensor | None:
        """The negatives ``[S]`` of a batch; None with the full softmax."""
        if self.sampler is None:
            return None
        return self.sampler(self.num_negatives, generator=generator)

    def loss(self, batch: Batch, negative_ids: Tensor | None = None) -> Tensor:
        """Mean cross entropy of the next item, read out by the nearest interest.

        Args:
            negative_ids: what ``draw`` returned; drawn here if not given.
        """
        if self.sampler is not None:
            log_probability = self.sampler.log_probability if self.log_q else None
            if negative_ids is None:
                negative_ids = self.draw()
            return self.sampled_loss(batch, negative_ids, log_probability)
        target_ids = require_ids("target_ids", batch.target_ids, 1, self.num_items)
        interests = at_least_float32(self.interests_of(batch))
        items = at_least_float32(self.item_vectors())
        with torch.autocast(items.device.type, enabled=False):
            interests = self._scaled(interests)
            if self.nearest:
                scores = largest_score(interests, items[1:])  # [B, N]
            else:
                query = self.query(interests, items[target_ids])  # [B, E]
                scores = query @ items[1:].T
            return F.cross_entropy(scores, target_ids - 1)

    def sampled_loss(
        self, batch: Batch, negative_ids: Tensor, log_probability: Tensor | None = None
    ) -> Tensor:
        """``loss`` against the given items only.

        Args:
            negative_ids: ``[S]`` shared by the batch, or ``[B, S]``.
            log_probability: ``[N + 1]``, see ``sampled_softmax_loss``.
        """
        item_ids = self._checked(batch.item_ids)
        target_ids = require_ids("target_ids", batch.target_ids, 1, self.num_items)
        negative_ids = require_ids("negative_ids", negative_ids, 1, self.num_items)
        # one look-up: the gradient of each is as large as the whole table
        ids = (item_ids, target_ids, negative_ids)
        all_ids = torch.cat([part.flatten() for part in ids])
        vectors = self.embedding(all_ids)
        behaviors, target, negatives = (
            part.unflatten(0, own.shape)
            for part, own in zip(
                vectors.split([part.numel() for part in ids]), ids, strict=True
            )
        )
        interests = at_least_float32(self.pool(behaviors, item_ids != 0))
        target, negatives = map(at_least_float32, (target, negatives))
        with torch.autocast(target.device.type, enabled=False):
            target, negatives = self._normalized(target), self._normalized(negatives)
            query = self.query(self._scaled(interests), target)  # [B, E]
        return self.against(
            query, target, negatives, target_ids, negative_ids, log_probability
        )

    def against(self, *parts: Tensor | None) -> Tensor:
        """The loss of queries against sampled items, see ``sampled_cross_entropy``."""
        return sampled_cross_entropy(*parts)

    def scaled_interests(self, item_ids: Tensor) -> Tensor:
        """``[B, K, E]``: interests whose product with the item vectors is the score."""
        return self._scaled(self.interests(item_ids))

    def _checked(self, item_ids: Tensor) -> Tensor:
        """``[B, T]`` ids as int64, after they are found to lie in 0..N."""
        if item_ids.dim() != 2:
            raise ValueError(
                f"item_ids must have shape [B, T], got {list(item_ids.shape)}"
            )
        return require_ids("item_ids", item_ids, 0, self.num_items)

    def _scaled(self, interests: Tensor) -> Tensor:
        if self.temperature is None:
            return interests
        return self._normalized(interests) / self.temperature

    def _normalized(self, vectors: Tensor) -> Tensor:
        if self.temperature is None:
            return vectors
        return direction(vectors)
