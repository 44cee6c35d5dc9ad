"""Dice: a PReLU whose step follows the data."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import (
    require_mask,
    require_number,
    require_vectors,
    require_whole,
)

MOMENTUM = 0.1


class Dice(nn.Module):
    r"""The data adaptive activation function of DIN.

    .. math::
        f(s) = p(s)\, s + \big(1 - p(s)\big)\, \alpha\, s, \qquad
        p(s) = \sigma\!\left(\frac{s - E[s]}{\sqrt{Var[s] + \epsilon}}\right)

    Each unit has its own :math:`\alpha`, which starts at 0. In training, mean and
    variance are those of the unit over the batch (the variance is the mean of the
    squares); at evaluation they are the running ones, as in ``nn.BatchNorm1d`` without
    scale and shift.

    Args:
        num_features: F, number of units.
        eps: added to the variance.

    Call it with ``s [B, F]`` or ``[B, T, F]`` and, if some positions are padding,
    ``mask`` (bool, True = real) of shape ``[B]`` or ``[B, T]``. Masked positions do not
    move the statistics, and a batch without a real position leaves the running ones as
    they are.

    Raises:
        TypeError, ValueError: ``s`` or ``mask`` has a wrong type or shape.

    Source: Zhou et al. 2018 (arXiv 1706.06978), section 5.3, equations 8 and 9.

    Example:
        >>> dice = Dice(num_features=2).eval()
        >>> dice(torch.tensor([[-2.0, 2.0]]))  # far below the mean little is left
        tensor([[-0.2384,  1.7616]], grad_fn=<MulBackward0>)
    """

    def __init__(self, num_features: int, eps: float = 1e-8) -> None:
        super().__init__()
        require_whole(num_features=num_features)
        require_number(low=0, ends=False, eps=eps)
        self.num_features = num_features
        self.eps = eps
        self.alpha = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def extra_repr(self) -> str:
        """What ``print`` shows of it."""
        return f"{self.num_features}, eps={self.eps:g}"

    def forward(self, s: Tensor, mask: Tensor | None = None) -> Tensor:
        """``[B, F]`` or ``[B, T, F]`` and a mask without the F to as much."""
        require_vectors("s", s, 2, 3)
        if s.shape[-1] != self.num_features:
            raise ValueError(
                f"s must have {self.num_features} features, got shape {list(s.shape)}"
            )
        if mask is not None:
            require_mask(mask, s.shape[:-1])
            mask = mask.reshape(-1)
        rows = s.reshape(-1, self.num_features)
        gate = self._standardized(rows, mask).sigmoid().view_as(s)
        return s * torch.lerp(self.alpha.to(s.dtype), s.new_ones(()), gate)

    def _standardized(self, rows: Tensor, real: Tensor | None) -> Tensor:
        """``[R, F]``: mean 0 and variance 1 over the real rows."""
        if self.training and not _all(real, rows):
            return self._masked(rows, real)
        return F.batch_norm(
            rows,
            self.running_mean,
            self.running_var,
            training=self.training,
            momentum=MOMENTUM,
            eps=self.eps,
        )

    def _masked(self, rows: Tensor, real: Tensor | None) -> Tensor:
        if real is None:
            real = torch.ones_like(rows[:, 0], dtype=torch.bool)
        padding = ~real[:, None]
        wide = rows.to(torch.promote_types(rows.dtype, torch.float32))
        count = real.sum()
        share = (1 / count.clamp(min=1)).to(wide.dtype)
        mean = wide.masked_fill(padding, 0).sum(0) * share  # [F]
        gap = (wide - mean).masked_fill(padding, 0)
        variance = gap.square().sum(0) * share
        with torch.no_grad():
            # as nn.BatchNorm1d: the running variance is the unbiased one
            keep = MOMENTUM * (count > 0)
            unbiased = variance * (count / (count - 1).clamp(min=1))
            self.running_mean.lerp_(mean.to(self.running_mean), keep)
            self.running_var.lerp_(unbiased.to(self.running_var), keep)
        return ((wide - mean) * (variance + self.eps).rsqrt()).to(rows.dtype)


def _all(real: Tensor | None, rows: Tensor) -> bool:
    """Whether torch's own batch norm can do it: no padding and at least two rows."""
    if len(rows) < 2:
        return False
    if real is None:
        return True
    # reading a value from an accelerator would make every step wait
    return real.device.type == "cpu" and bool(real.all())
