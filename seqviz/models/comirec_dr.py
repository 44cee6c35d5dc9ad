"""ComiRec-DR: K interests by routing by agreement."""

from torch import Tensor

from seqviz.layers import DynamicRouting
from seqviz.models.retriever import Retriever


class ComiRecDR(Retriever):
    """Retrieval with K interests formed by ``DynamicRouting``, form "comirec-dr".

    The order of the clicks matters.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E.
        num_interests: K.
        max_length: longest history; each position has its own matrices.
        iterations: of the routing.
        **options: of ``Retriever``: temperature, sampler, num_negatives, log_q.

    Squashed interests are shorter than 1; with the inner product (``temperature=None``)
    the length of the item vectors alone can make a score large.

    Source: Cen et al. 2020 (arXiv 2005.09347).

    Example:
        >>> model = ComiRecDR(num_items=100, embedding_dim=8, num_interests=4)
        >>> ids = torch.tensor([[0, 5, 3, 9]])
        >>> interests, coupling = model.interests(ids, need_weights=True)
        >>> list(interests.shape), list(coupling.shape)  # [B, K, E], [B, K, T]
        ([1, 4, 8], [1, 4, 4])
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 64,
        num_interests: int = 4,
        max_length: int = 50,
        *,
        iterations: int = 3,
        **options,
    ) -> None:
        super().__init__(num_items, embedding_dim, **options)
        self.routing = DynamicRouting(
            embedding_dim, num_interests, max_length, iterations=iterations
        )

    def pool(
        self, behaviors: Tensor, mask: Tensor, *, need_weights: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, T, E]`` to ``[B, K, E]``; and the last coupling ``[B, K, T]``."""
        if not need_weights:
            return self.routing(behaviors, mask)
        interests, coupling = self.routing(behaviors, mask, need_weights=True)
        return interests, coupling[:, -1]
