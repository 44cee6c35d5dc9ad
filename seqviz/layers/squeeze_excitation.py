"""A gate for each field, from all of them: SENet."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import (
    require_choice,
    require_fields,
    require_finite,
    require_mask,
    require_whole,
)
from seqviz.layers.frozen import frozen_weights

ACTIVATIONS = ("relu", "sigmoid")


class SqueezeExcitation(nn.Module):
    r"""Every field times one number, which depends on all fields of the row.

    .. math::
        z_f = \frac{1}{E} \sum_e v_{fe}, \qquad
        \mathbf{g} = \phi\big(\operatorname{ReLU}(\mathbf{z} W_1) W_2\big), \qquad
        \tilde{\mathbf{v}}_f = g_f\, \mathbf{v}_f

    Args:
        num_fields: F.
        reduction: the hidden width is F divided by it, at least 1.
        activation: :math:`\phi`, ``"relu"`` as published or ``"sigmoid"``, which is
            never stuck at 0.

    Call it with ``fields [B, F, E]`` and, if fields may be missing, ``mask [B, F]``
    (bool, True = there): a missing field is squeezed to 0. It returns ``[B, F, E]``,
    with ``need_weights=True`` also the gate ``[B, F]``. ``frozen``, broadcastable to
    ``[B, F]``, takes its place.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape, or holds NaN.

    Source: Huang et al. 2019 (FiBiNET, arXiv 1905.09433), section 3.2; Hu et al. 2018
    (arXiv 1709.01507) for images.

    Example:
        >>> layer = SqueezeExcitation(num_fields=5)
        >>> output, gate = layer(torch.randn(2, 5, 8), need_weights=True)
        >>> list(output.shape), list(gate.shape)  # [B, F, E], [B, F]
        ([2, 5, 8], [2, 5])
    """

    def __init__(
        self, num_fields: int, reduction: int = 3, activation: str = "relu"
    ) -> None:
        super().__init__()
        require_whole(num_fields=num_fields, reduction=reduction)
        require_choice(ACTIVATIONS, activation=activation)
        self.num_fields = num_fields
        self.activation = activation
        hidden_dim = max(1, num_fields // reduction)
        self.squeeze = nn.Linear(num_fields, hidden_dim, bias=False)
        self.excite = nn.Linear(hidden_dim, num_fields, bias=False)

    def forward(
        self,
        fields: Tensor,
        mask: Tensor | None = None,
        *,
        frozen: Tensor | None = None,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, F, E] -> [B, F, E]``; with ``need_weights`` also ``[B, F]``."""
        require_fields(fields, self.num_fields, finite=False)
        E = fields.shape[-1]
        # the mean as a product, whose way back is several times faster
        squeezed = fields @ fields.new_full((E,), 1 / E)  # [B, F]
        require_finite("fields", fields, squeezed)
        if mask is not None:
            require_mask(mask, fields.shape[:2])
            fields = fields.masked_fill(~mask[..., None], 0.0)
            squeezed = squeezed.masked_fill(~mask, 0.0)
        if frozen is None:
            logits = self.excite(F.relu(self.squeeze(squeezed)))
            relu = self.activation == "relu"
            gate = F.relu(logits) if relu else torch.sigmoid(logits)
        else:
            gate = frozen_weights(frozen, fields[..., 0])
        output = gate[..., None] * fields
        return (output, gate) if need_weights else output
