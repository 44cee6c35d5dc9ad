"""The one-vector baseline: the mean of the history."""

from torch import Tensor

from seqviz.models.retriever import Retriever


class MeanPooling(Retriever):
    """Retrieval with the mean of the clicked items' embeddings, K = 1.

    The order of the clicks does not matter.

    The candidate generator of YouTube DNN without its tower and side features.
    Source: Covington et al. 2016 (doi 10.1145/2959100.2959190), section 3.

    Example:
        >>> model = MeanPooling(num_items=100, embedding_dim=8)
        >>> interest = model(torch.tensor([[0, 5, 5, 9]]))
        >>> torch.allclose(interest[0, 0], model.embedding.weight[[5, 5, 9]].mean(0))
        True
    """

    def __init__(self, num_items: int, embedding_dim: int = 64, **options) -> None:
        super().__init__(num_items, embedding_dim, **options)

    def pool(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """``[B, T, E]`` to ``[B, 1, E]``; an empty history gives zeros."""
        total = mask[:, None].to(behaviors.dtype) @ behaviors  # [B, 1, E]
        return total / mask.sum(1).clamp(min=1)[:, None, None]
