"""Binary cross entropy of a true item and a few drawn ones, and how to calibrate it."""

import torch
import torch.nn.functional as F
from torch import Tensor

from seqviz.arguments import require_number


def calibrated_power(share: float, calibration: float) -> float:
    r"""The power :math:`\beta` of the true item's probability in gBCE.

    .. math::
        \beta = \alpha \big(t (1 - 1/\alpha) + 1/\alpha\big)

    Args:
        share: α, the negatives drawn for a prediction over all items but the true one.
        calibration: t. With 0 β is 1, the usual loss; with 1 it is α, and the
            probabilities that are learned are those of the whole catalog.

    Raises:
        TypeError, ValueError: ``share`` is not above 0, ``calibration`` not 0 to 1.

    Source: Petrov and Macdonald 2023 (arXiv 2308.07192), section 5.

    Example:
        >>> round(calibrated_power(share=0.1, calibration=0.0), 3)  # no correction
        1.0
        >>> round(calibrated_power(share=0.1, calibration=1.0), 3)
        0.1
    """
    require_number(low=0, ends=False, share=share)
    require_number(low=0, high=1, calibration=calibration)
    share = min(share, 1.0)  # more draws than items: nothing is left out
    return share * (calibration * (1 - 1 / share) + 1 / share)


def binary_loss(
    positive: Tensor,
    negatives: Tensor,
    *,
    power: float = 1.0,
    counted: Tensor | None = None,
) -> Tensor:
    r"""Mean over the predictions of the binary cross entropy of S + 1 items.

    .. math::
        -\frac{1}{S + 1} \Big( \beta \log \sigma(s^+)
        + \sum_{j=1}^{S} \log\big(1 - \sigma(s_j)\big) \Big)

    Args:
        positive: ``[n]``, the scores of the true items.
        negatives: ``[n, S]``, those of the drawn ones.
        power: β; 1 is the loss of SASRec.
        counted: ``[n, S]`` bool, False where a drawn item is the true one.

    Source: Kang and McAuley 2018 (arXiv 1808.09781), section III-E; with the power
    Petrov and Macdonald 2023 (arXiv 2308.07192), section 5.

    Example:
        >>> positive, negatives = torch.tensor([0.0]), torch.zeros(1, 3)
        >>> binary_loss(positive, negatives)  # four coins
        tensor(0.6931)
    """
    if negatives.dim() != 2 or positive.shape != negatives.shape[:1]:
        raise ValueError(
            "positive must be [n] and negatives [n, S], got "
            f"{list(positive.shape)} and {list(negatives.shape)}"
        )
    wide = torch.promote_types(positive.dtype, torch.float32)
    true = power * F.softplus(-positive.to(wide))  # [n]
    false = F.softplus(negatives.to(wide))  # [n, S]
    if counted is not None:
        false = false * counted
    return ((true + false.sum(1)) / (negatives.shape[1] + 1)).mean()
