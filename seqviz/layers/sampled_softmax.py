"""Softmax over the target and a few sampled items instead of the whole catalog."""

from math import log

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import require_ids
from seqviz.layers.precision import at_least_float32, exact_device

DRAWS = 2**53


class NegativeSampler(nn.Module):
    """Draws item ids 1..N with replacement from a fixed distribution.

    Args:
        probabilities: ``[N + 1]``, non-negative, any scale; entry 0 (padding) must be
            0. From any device; the sampler draws on the one that it is moved to.

    Raises:
        ValueError: ``probabilities`` have another shape, a value that is negative or
            not finite, something at the padding, or nothing anywhere.

    Example:
        >>> sampler = NegativeSampler(torch.tensor([0.0, 1.0, 0.0, 1.0]))
        >>> sampler(1000).unique()  # never 0 or 2
        tensor([1, 3])
    """

    def __init__(self, probabilities: Tensor) -> None:
        super().__init__()
        probabilities = torch.as_tensor(probabilities).cpu().double()
        if probabilities.dim() != 1 or len(probabilities) < 2:
            raise ValueError(
                f"probabilities must have shape [N + 1], "
                f"got {list(probabilities.shape)}"
            )
        if probabilities[0] != 0:
            raise ValueError(
                "probabilities[0], the padding, must be 0, got "
                f"{probabilities[0].item()}"
            )
        if not (probabilities >= 0).all() or not 0 < probabilities.sum() < torch.inf:
            raise ValueError(
                "probabilities must be finite, at least 0 and not all 0, got "
                f"{probabilities.min().item()} to {probabilities.max().item()}"
            )
        probabilities = probabilities / probabilities.sum()
        # whole numbers: model.half() would round a float table and lose the tail
        cumulative = (probabilities.cumsum(0) * DRAWS).long()
        self.register_buffer("cumulative", cumulative, persistent=False)
        self.register_buffer(
            "log_probability", probabilities.log().float(), persistent=False
        )

    @classmethod
    def uniform(cls, num_items: int) -> "NegativeSampler":
        """Every item with probability 1/N."""
        probabilities = torch.ones(num_items + 1, dtype=torch.float64)
        probabilities[0] = 0
        return cls(probabilities)

    @classmethod
    def log_uniform(cls, popularity: Tensor) -> "NegativeSampler":
        """The item of popularity rank r = 0, 1, ... with p ∝ log((r + 2) / (r + 1)).

        Args:
            popularity: ``[N + 1]`` counts; ties keep the order of the ids.
        """
        counts = torch.as_tensor(popularity).cpu()[1:]
        order = counts.argsort(descending=True, stable=True)
        rank = torch.arange(len(counts), dtype=torch.float64)
        probabilities = torch.zeros(len(counts) + 1, dtype=torch.float64)
        probabilities[1 + order] = ((rank + 2) / (rank + 1)).log()
        return cls(probabilities)

    def forward(self, *shape: int, generator: torch.Generator | None = None) -> Tensor:
        """Item ids of the given shape."""
        device = self.cumulative.device
        cumulative = self.cumulative.to(exact_device(device))
        draws = torch.randint(
            DRAWS, shape, device=cumulative.device, generator=generator
        )
        ids = torch.searchsorted(cumulative, draws, right=True)
        return ids.clamp(max=len(cumulative) - 1).to(device)


def sampled_softmax_loss(
    query: Tensor,
    item_vectors: Tensor,
    target_ids: Tensor,
    negative_ids: Tensor,
    log_probability: Tensor | None = None,
) -> Tensor:
    """Mean cross entropy of the target against sampled negatives.

    Args:
        query: ``[B, E]``, one vector per row.
        item_vectors: ``[N + 1, E]``.
        target_ids: ``[B]``.
        negative_ids: ``[S]`` shared by the batch, or ``[B, S]`` a row's own.
        log_probability: ``[N + 1]``, the sampler's. When given, the logit of each
            negative is lowered by the log of how often it is expected among the S draws
            (log-Q correction). The sum over the negatives is then an unbiased estimate
            of the sum over the catalog; without it popular items are punished for
            being drawn often. The target is always there and is not corrected.

    A negative that is the row's own target (accidental hit) is left out. Half precision
    and autocast are computed in float32: a logit is a cosine over a small temperature.

    Raises:
        TypeError, ValueError: ids are no whole numbers or do not lie in 1..N.

    Source: Bengio and Senécal 2008 (doi 10.1109/TNN.2007.912312); Jean et al. 2015
    (arXiv 1412.2007), section 3.

    Example:
        >>> query, items = torch.zeros(1, 4), torch.randn(10, 4)  # nothing is known
        >>> ids = torch.tensor([5]), torch.tensor([1, 2, 3])
        >>> sampled_softmax_loss(query, items, *ids)  # log 4: a guess among four
        tensor(1.3863)
    """
    num_items = len(item_vectors) - 1
    target_ids = require_ids("target_ids", target_ids, 1, num_items)
    negative_ids = require_ids("negative_ids", negative_ids, 1, num_items)
    return sampled_cross_entropy(
        query,
        item_vectors[target_ids],
        item_vectors[negative_ids],
        target_ids,
        negative_ids,
        log_probability,
    )


def sampled_cross_entropy(
    query: Tensor,
    target: Tensor,
    negatives: Tensor,
    target_ids: Tensor,
    negative_ids: Tensor,
    log_probability: Tensor | None = None,
) -> Tensor:
    """``sampled_softmax_loss`` where the items' vectors were looked up already.

    Args:
        target: ``[B, E]``, the vectors of ``target_ids``.
        negatives: ``[S, E]`` or ``[B, S, E]``, those of ``negative_ids``.

    Example:
        >>> query, target, negatives = (torch.zeros(rows, 4) for rows in (1, 1, 3))
        >>> ids = torch.tensor([5]), torch.tensor([1, 2, 3])
        >>> sampled_cross_entropy(query, target, negatives, *ids)  # log 4
        tensor(1.3863)
    """
    query, target, negatives = map(at_least_float32, (query, target, negatives))
    with torch.autocast(query.device.type, enabled=False):
        logit = torch.einsum("be,be->b", query, target)  # [B]
        if negative_ids.dim() == 1:
            logits = query @ negatives.T  # [B, S]
        else:
            logits = torch.einsum("be,bse->bs", query, negatives)
    if log_probability is not None:
        logits = logits - log_probability[negative_ids] - log(negative_ids.shape[-1])
    hit = negative_ids == target_ids[:, None]  # [B, S]
    logits = torch.cat([logit[:, None], logits.masked_fill(hit, -torch.inf)], 1)
    first = torch.zeros_like(target_ids, dtype=torch.long)
    return F.cross_entropy(logits, first)
