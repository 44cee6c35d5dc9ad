"""What every retrieval model shares: the item table, the scores, the loss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.data import Batch
from seqviz.layers import NegativeSampler, read_out, sampled_cross_entropy


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
    ) -> None:
        super().__init__()
        if num_items < 1:
            raise ValueError(f"num_items must be at least 1, got {num_items}")
        if temperature is not None and not temperature > 0:
            raise ValueError(f"temperature must be above 0, got {temperature}")
        if num_negatives < 1:
            raise ValueError(f"num_negatives must be at least 1, got {num_negatives}")
        if sampler is not None and len(sampler.log_probability) != num_items + 1:
            raise ValueError(
                f"sampler draws from {len(sampler.log_probability) - 1} items, "
                f"but num_items is {num_items}"
            )
        self.embedding = nn.Embedding(num_items + 1, embedding_dim, padding_idx=0)
        nn.init.normal_(self.embedding.weight, std=embedding_dim**-0.5)
        with torch.no_grad():
            self.embedding.weight[0] = 0
        self.temperature = temperature
        self.sampler = sampler
        self.num_negatives = num_negatives
        self.log_q = log_q

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

    def behaviors(self, item_ids: Tensor) -> tuple[Tensor, Tensor]:
        """``[B, T]`` ids to embeddings ``[B, T, E]`` and mask ``[B, T]``."""
        if item_ids.dim() != 2 or item_ids.is_floating_point():
            raise ValueError(
                f"item_ids must be integers of shape [B, T], got "
                f"{item_ids.dtype} {list(item_ids.shape)}"
            )
        return self._look_up(item_ids), item_ids != 0

    def item_vectors(self) -> Tensor:
        """``[N + 1, E]``: what an interest is compared with; row 0 is padding."""
        return self._normalized(self.embedding.weight)

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: for each item the largest score over the K interests.

        Padding (column 0) scores -inf. Source: Cen et al. 2020, equation 9.
        """
        interests = self.scaled_interests(batch.item_ids)  # [B, K, E]
        items = self.item_vectors().T  # [E, N + 1]
        scores = interests[:, 0] @ items
        for k in range(1, interests.shape[1]):  # never holds [B, K, N + 1]
            scores = torch.maximum(scores, interests[:, k] @ items)
        scores[:, 0] = -torch.inf
        return scores

    def loss(self, batch: Batch) -> Tensor:
        """Mean cross entropy of the next item, read out by the nearest interest."""
        self._check_targets(batch.target_ids)
        if self.sampler is not None:
            log_probability = self.sampler.log_probability if self.log_q else None
            negative_ids = self.sampler(self.num_negatives)
            return self.sampled_loss(batch, negative_ids, log_probability)
        items = self.item_vectors()
        interests = self.scaled_interests(batch.item_ids)
        query = self.query(interests, items[batch.target_ids])  # [B, E]
        return F.cross_entropy((query @ items[1:].T).float(), batch.target_ids - 1)

    def sampled_loss(
        self, batch: Batch, negative_ids: Tensor, log_probability: Tensor | None = None
    ) -> Tensor:
        """``loss`` against the given items only.

        Args:
            negative_ids: ``[S]`` shared by the batch, or ``[B, S]``.
            log_probability: ``[N + 1]``, see ``sampled_softmax_loss``.
        """
        # one look-up: the gradient of each is as large as the whole table
        ids = (batch.item_ids, batch.target_ids, negative_ids)
        vectors = self._look_up(torch.cat([part.flatten() for part in ids]))
        behaviors, target, negatives = (
            part.unflatten(0, own.shape)
            for part, own in zip(
                vectors.split([part.numel() for part in ids]), ids, strict=True
            )
        )
        interests = self._scaled(self.pool(behaviors, batch.item_ids != 0))
        target, negatives = self._normalized(target), self._normalized(negatives)
        return sampled_cross_entropy(
            self.query(interests, target),
            target,
            negatives,
            batch.target_ids,
            negative_ids,
            log_probability,
        )

    def scaled_interests(self, item_ids: Tensor) -> Tensor:
        """``[B, K, E]``: interests whose product with the item vectors is the score."""
        return self._scaled(self.interests(item_ids))

    def _check_targets(self, target_ids: Tensor) -> None:
        # reading a value from a GPU would make every step wait
        if target_ids.device.type == "cpu" and not (
            1 <= target_ids.min() and target_ids.max() <= self.num_items
        ):
            raise ValueError(
                f"target_ids must lie in 1..{self.num_items}, got "
                f"{int(target_ids.min())}..{int(target_ids.max())}"
            )

    def _look_up(self, ids: Tensor) -> Tensor:
        try:
            return self.embedding(ids)
        except IndexError:
            raise ValueError(
                f"item_ids must lie in 0..{self.num_items}, got "
                f"{int(ids.min())}..{int(ids.max())}"
            ) from None

    def _scaled(self, interests: Tensor) -> Tensor:
        if self.temperature is None:
            return interests
        return self._normalized(interests) / self.temperature

    def _normalized(self, vectors: Tensor) -> Tensor:
        if self.temperature is None:
            return vectors
        # in float32: the smallest divisor would be 0 in half precision
        return F.normalize(vectors.float(), dim=-1).to(vectors.dtype)
