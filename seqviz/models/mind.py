"""MIND: adaptive interests by B2I routing, trained by label-aware attention."""

import torch
from torch import Tensor

from seqviz.layers import DynamicRouting, LabelAwareAttention
from seqviz.models.retriever import Retriever


class MIND(Retriever):
    """Retrieval with up to K interests formed by ``DynamicRouting``, form "b2i".

    The order of the clicks matters, since each position begins with logits of its own.

    A user with T real behaviors has ``max(1, min(K, log2 T))`` interests. The places of
    the others repeat the first interest: a zero vector there would score 0 for every
    item and win over all negative scores.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E.
        num_interests: K.
        max_length: longest history.
        iterations: of the routing.
        power: of the label-aware attention that reads out the interests in training.
            It is applied to the scores as trained on, so to the cosine divided by the
            temperature where there is one.
        adaptive: False gives all users K interests.
        **options: of ``Retriever``: temperature, sampler, num_negatives, log_q.

    Left out of the published model: the user's profile and the two dense layers that
    join it to the interests.

    Source: Li et al. 2019 (arXiv 1904.08030).

    Example:
        >>> model = MIND(num_items=100, embedding_dim=8, num_interests=4)
        >>> interests = model(torch.tensor([[0, 0, 5, 9]]))
        >>> list(interests.shape), len(interests[0].unique(dim=0))  # two clicks: one
        ([1, 4, 8], 1)
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 64,
        num_interests: int = 4,
        max_length: int = 50,
        *,
        iterations: int = 3,
        power: float = 1.0,
        adaptive: bool = True,
        **options,
    ) -> None:
        super().__init__(num_items, embedding_dim, **options)
        self.routing = DynamicRouting(
            embedding_dim,
            num_interests,
            max_length,
            form="b2i",
            iterations=iterations,
            adaptive=adaptive,
        )
        self.attention = LabelAwareAttention(power)

    def pool(
        self, behaviors: Tensor, mask: Tensor, *, need_weights: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, T, E]`` to ``[B, K, E]``, the places a user lacks repeating the first.

        With ``need_weights`` also the last coupling ``[B, K, T]``, 0 where a place
        repeats the first interest.
        """
        if not need_weights:
            return self._filled(self.routing(behaviors, mask), mask)
        interests, coupling = self.routing(behaviors, mask, need_weights=True)
        return self._filled(interests, mask), coupling[:, -1]

    def query(self, interests: Tensor, target: Tensor) -> Tensor:
        """``[B, K, E], [B, E] -> [B, E]``: label-aware attention, repeats left out."""
        own = (interests != interests[:, :1]).any(-1)  # [B, K]
        own[:, 0] = True
        return self.attention(interests, target, own)

    def _filled(self, interests: Tensor, mask: Tensor) -> Tensor:
        active = self.routing.active(mask)[..., None]
        return torch.where(active, interests, interests[:, :1])
