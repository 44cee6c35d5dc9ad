"""ComiRec-SA: K interests by self-attentive pooling."""

from torch import Tensor

from ..layers import MultiInterestSelfAttention
from .retriever import Retriever


class ComiRecSA(Retriever):
    """Retrieval with K interests read by ``MultiInterestSelfAttention``.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E.
        num_interests: K.
        max_length: longest history; when given, positions enter the logits.
        **options: of ``Retriever``: temperature, sampler, num_negatives, log_q.

    Source: Cen et al. 2020 (arXiv 2005.09347).
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 64,
        num_interests: int = 4,
        max_length: int | None = None,
        **options,
    ) -> None:
        super().__init__(num_items, embedding_dim, **options)
        self.attention = MultiInterestSelfAttention(
            embedding_dim, num_interests, max_length=max_length
        )

    def interests(self, item_ids: Tensor) -> Tensor:
        """``[B, T]`` ids to ``[B, K, E]``."""
        return self.read(item_ids)[0]

    def read(self, item_ids: Tensor) -> tuple[Tensor, Tensor]:
        """``[B, T]`` ids to interests ``[B, K, E]`` and weights ``[B, K, T]``."""
        return self.attention(*self.behaviors(item_ids))
