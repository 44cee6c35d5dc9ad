"""ComiRec-SA: K interests by self-attentive pooling, and two ways to score."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.data import Batch
from seqviz.layers import MultiInterestSelfAttention
from seqviz.models.retriever import Retriever


class ComiRecSA(Retriever):
    """Retrieval with K interests read by ``MultiInterestSelfAttention``.

    Without ``max_length`` the order of the clicks does not matter.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E.
        num_interests: K.
        max_length: longest history; when given, positions enter the logits.
        **options: of ``Retriever``: temperature, sampler, num_negatives, log_q.

    Source: Cen et al. 2020 (arXiv 2005.09347).

    Example:
        >>> model = ComiRecSA(num_items=100, embedding_dim=8, num_interests=4)
        >>> ids = torch.tensor([[0, 5, 3, 9]])
        >>> interests, weights = model.interests(ids, need_weights=True)
        >>> list(interests.shape), list(weights.shape)  # [B, K, E], [B, K, T]
        ([1, 4, 8], [1, 4, 4])
        >>> weights[0, 0, 0].item()  # padding has none
        0.0
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

    def pool(
        self, behaviors: Tensor, mask: Tensor, *, need_weights: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, T, E]`` to ``[B, K, E]``; with ``need_weights`` also ``[B, K, T]``."""
        return self.attention(behaviors, mask, need_weights=need_weights)

    def interests(
        self, item_ids: Tensor, *, need_weights: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, T]`` ids to ``[B, K, E]``; with ``need_weights`` also ``[B, K, T]``."""
        ages = 1 if self.attention.position is None else item_ids.shape[1]
        if (
            not torch.compiler.is_compiling()  # a compiled batch has no size yet
            and ages * self.num_items < item_ids.numel()
        ):
            item_ids = self._checked(item_ids)
            return self.attention.of_items(
                self.embedding.weight, item_ids, need_weights=need_weights
            )
        return super().interests(item_ids, need_weights=need_weights)


class StrengthWeighted(nn.Module):
    r"""Scores by a mixture of a model's interests instead of their maximum.

    .. math::
        p(i \mid u) = \sum_k \pi_k \, \operatorname{softmax}_i(e_i^\top u_k)

    The weights of an interest sum to 1 whether it reads twenty clicks or one. The
    mixture gives each interest its strength back: :math:`\pi_k` is the share of the
    real behaviors that interest k reads more than any other interest does. The order of
    the clicks does not matter if it does not matter to the model.

    Args:
        model: a trained ComiRec-SA; nothing is trained here.

    Example:
        >>> from seqviz.data import Batch
        >>> ids = torch.tensor([[0, 5, 3, 9]])
        >>> batch = Batch(ids, ids != 0, torch.tensor([7]), *[None] * 3)
        >>> model = ComiRecSA(num_items=100, embedding_dim=8, temperature=0.1)
        >>> list(StrengthWeighted(model).scores(batch).shape)  # [B, N + 1]
        [1, 101]
    """

    def __init__(self, model: ComiRecSA) -> None:
        super().__init__()
        self.model = model

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]`` log-probabilities; padding scores -inf."""
        _, weights = self.model.interests(
            batch.item_ids, need_weights=True
        )  # [B, K, T]
        interests = self.model.scaled_interests(batch.item_ids)  # [B, K, E]
        logits = interests @ self.model.item_vectors().T  # [B, K, N + 1]
        logits[..., 0] = -torch.inf
        reader = F.one_hot(weights.argmax(1), interests.shape[1])  # [B, T, K]
        count = (reader * batch.mask[..., None]).sum(1)  # [B, K]
        clicks = count.sum(1, keepdim=True)
        share = torch.where(clicks > 0, count / clicks, 1 / count.shape[1])
        log_share = share.clamp(min=1e-6).log()[..., None]  # [B, K, 1]
        return (logits.log_softmax(-1) + log_share).logsumexp(1)
