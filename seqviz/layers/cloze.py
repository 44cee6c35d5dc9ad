"""The cloze: which items of a history are hidden, to be told from the others."""

import torch
from torch import Tensor

from seqviz.arguments import require_number
from seqviz.layers.positions import latest as latest_of


def cloze(
    mask: Tensor,
    share: float,
    *,
    latest: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """What to hide: ``[B, T]`` bool, True = hidden.

    Each real behavior is hidden with probability ``share``, by itself. A row in which
    none would be hidden hides its latest, since a row without a question teaches
    nothing; a row of padding hides nothing.

    Args:
        mask: ``[B, T]`` bool, True = real.
        share: above 0, up to 1. With 1 every real behavior is hidden, and a model sees
            positions only.
        latest: how often a row hides its latest behavior alone, 0 to 1: the question
            that is asked when serving.
        generator: of the draws, on the mask's device.

    Raises:
        TypeError, ValueError: a share is no number or out of range, or the mask is not
            bool ``[B, T]``.

    Source: Sun et al. 2019 (arXiv 1904.06690), section 3.6.

    Example:
        >>> mask = torch.ones(1, 5) > 0
        >>> generator = torch.Generator().manual_seed(0)
        >>> cloze(mask, 0.4, generator=generator)
        tensor([[False,  True,  True,  True, False]])
        >>> cloze(mask, 0.4, latest=1.0)  # as the test asks: the end alone
        tensor([[False, False, False, False,  True]])
    """
    if mask.dtype != torch.bool or mask.dim() != 2:
        raise ValueError(
            f"mask must be bool [B, T], got {mask.dtype} {list(mask.shape)}"
        )
    require_number(low=0, high=1, share=share, latest=latest)
    if share == 0:
        raise ValueError(f"share must be above 0, got {share}")
    B, T = mask.shape
    draws = torch.rand(B, T + 1, device=mask.device, generator=generator)
    hidden = mask & (draws[:, 1:] < share)  # [B, T]
    alone = (draws[:, 0] < latest) | ~hidden.any(1)  # [B]
    last = torch.arange(T, device=mask.device) == latest_of(mask)[:, None]
    return torch.where(alone[:, None], last & mask, hidden)


def hide(behaviors: Tensor, hidden: Tensor, mask_vector: Tensor) -> Tensor:
    """``[B, T, E]`` with the mask's vector ``[E]`` where ``hidden [B, T]`` is True.

    The item's own vector is gone, not added to: a model must not see what it is to
    tell.

    Example:
        >>> hidden = torch.tensor([[False, True]])
        >>> hide(torch.ones(1, 2, 2), hidden, torch.tensor([9.0, 9.0]))
        tensor([[[1., 1.],
                 [9., 9.]]])
    """
    return torch.where(hidden[..., None], mask_vector, behaviors)
