"""Losses that push the target above the strongest of its sampled negatives."""

import torch
import torch.nn.functional as F
from torch import Tensor

from seqviz.arguments import require_number


def bpr_max(
    target: Tensor,
    negatives: Tensor,
    real: Tensor | None = None,
    *,
    regularization: float = 1.0,
) -> Tensor:
    r"""The target against each negative, weighed by how strong that one is.

    .. math::
        -\log \sum_{j=1}^{S} s_j\, \sigma(r_i - r_j) +
        \lambda \sum_{j=1}^{S} s_j\, r_j^2 , \quad
        s = \operatorname{softmax}_S(r)

    The mean over the rows. The softmax runs over the negatives alone, so that s says
    which of them is the strongest. The target is not among them: if it were, it would
    take the more of the weight the better it is ranked, and the slope would fade.

    Args:
        target: ``[B]``, the score of the item that came next.
        negatives: ``[B, S]``, the scores of the sampled ones.
        real: bool ``[B, S]``, False where a negative is the row's own target. A row
            without a real one counts 0.
        regularization: λ. Scores are compared, so nothing else keeps them small.

    Raises:
        ValueError: shapes that do not fit, ``regularization`` below 0.

    Source: Hidasi and Karatzoglou 2018 (arXiv 1706.03847), section 3.3.

    Example:
        >>> bpr_max(torch.tensor([5.0]), torch.tensor([[0.0, 0.0]]), regularization=0.0)
        tensor(0.0067)
    """
    require_number(low=0, regularization=regularization)
    log_share, scores, known = _shares(target, negatives, real)
    gain = torch.logsumexp(log_share + F.logsigmoid(target[:, None] - scores), 1)
    size = (log_share.exp() * scores.square()).sum(1)
    return (torch.where(known, regularization * size - gain, 0.0)).mean()


def top1_max(target: Tensor, negatives: Tensor, real: Tensor | None = None) -> Tensor:
    r"""How many negatives stand above the target, weighed by how strong they are.

    .. math::
        \sum_{j=1}^{S} s_j \big(\sigma(r_j - r_i) + \sigma(r_j^2)\big), \quad
        s = \operatorname{softmax}_S(r)

    The mean over the rows. Arguments as of ``bpr_max``. The second part keeps the
    scores of negatives near 0.

    Source: Hidasi and Karatzoglou 2018 (arXiv 1706.03847), section 3.2.

    Example:
        >>> top1_max(torch.tensor([9.0]), torch.tensor([[-9.0, -9.0]]))
        tensor(1.)
    """
    log_share, scores, known = _shares(target, negatives, real)
    above = torch.sigmoid(scores - target[:, None]) + torch.sigmoid(scores.square())
    return torch.where(known, (log_share.exp() * above).sum(1), 0.0).mean()


def _shares(
    target: Tensor, negatives: Tensor, real: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Log s ``[B, S]``, the scores with 0 for what is not real, and who has one."""
    if target.dim() != 1 or negatives.dim() != 2 or len(target) != len(negatives):
        raise ValueError(
            "target must be [B] and negatives [B, S], "
            f"got {list(target.shape)} and {list(negatives.shape)}"
        )
    if real is None:
        real = torch.ones_like(negatives, dtype=torch.bool)
    if real.dtype != torch.bool or real.shape != negatives.shape:
        raise ValueError(
            f"real must be bool of shape {list(negatives.shape)}, "
            f"got {real.dtype} {list(real.shape)}"
        )
    known = real.any(1)  # [B]
    lowest = torch.finfo(negatives.dtype).min
    scores = negatives.masked_fill(~real, 0.0)
    log_share = negatives.masked_fill(~real, lowest).log_softmax(1)
    return log_share, scores, known
