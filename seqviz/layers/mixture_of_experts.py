"""Several small networks, and for each label a gate that mixes them: MMoE."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import require_vectors, require_whole
from seqviz.layers.frozen import frozen_weights


class MixtureOfExperts(nn.Module):
    r"""For each label its own mixture of the same experts.

    .. math::
        \mathbf{o}_y = \sum_x w_{yx}\, f_x(\mathbf{v}), \qquad
        \mathbf{w}_y = \operatorname{softmax}(\mathbf{v} W_y)

    One expert is a shared bottom: its weight is always 1.

    Args:
        input_dim: D, width of the input.
        num_experts: X.
        num_labels: Y, a gate for each.
        hidden_units: widths of an expert's layers, each with a ReLU.

    Call it with ``inputs [B, D]``. It returns ``[B, Y, E]``, E the last of
    ``hidden_units``, with ``need_weights=True`` also the weights ``[B, Y, X]``.
    ``frozen``, broadcastable to ``[B, Y, X]``, takes their place.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape, or holds NaN.

    Source: Ma et al. 2018 (KDD, doi 10.1145/3219819.3220007), equations 5 to 7.

    Example:
        >>> layer = MixtureOfExperts(input_dim=12, num_experts=4, num_labels=2)
        >>> output, weights = layer(torch.randn(3, 12), need_weights=True)
        >>> list(output.shape), list(weights.shape)  # [B, Y, E], [B, Y, X]
        ([3, 2, 16], [3, 2, 4])
    """

    def __init__(
        self,
        input_dim: int,
        num_experts: int = 4,
        num_labels: int = 2,
        hidden_units: Sequence[int] = (16,),
    ) -> None:
        super().__init__()
        require_whole(
            input_dim=input_dim, num_experts=num_experts, num_labels=num_labels
        )
        if not isinstance(hidden_units, Sequence) or not hidden_units:
            raise TypeError(
                f"hidden_units must be a list of widths, got {hidden_units!r}"
            )
        for place, units in enumerate(hidden_units):
            require_whole(**{f"hidden_units[{place}]": units})
        self.input_dim = input_dim
        self.num_experts = num_experts
        self.num_labels = num_labels
        # all experts read the same input: their first layers are one product
        self.first = nn.Linear(input_dim, num_experts * hidden_units[0])
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for width, units in zip(hidden_units, hidden_units[1:], strict=False):
            bound = width**-0.5
            shape = num_experts, width, units
            self.weights.append(torch.empty(shape).uniform_(-bound, bound))
            self.biases.append(
                torch.empty(num_experts, 1, units).uniform_(-bound, bound)
            )
        self.gate = nn.Linear(input_dim, num_labels * num_experts, bias=False)

    def experts(self, inputs: Tensor) -> Tensor:
        """``[B, D] -> [B, X, E]``: what each expert says."""
        return self._deeper(self.first(inputs))

    def _deeper(self, first: Tensor) -> Tensor:
        """``[B, X units] -> [B, X, E]``: what follows the first product."""
        hidden = F.relu(first).unflatten(1, (self.num_experts, -1))
        if not len(self.weights):
            return hidden
        hidden = hidden.transpose(0, 1)  # [X, B, E]
        for weight, bias in zip(self.weights, self.biases, strict=True):
            hidden = F.relu(torch.baddbmm(bias, hidden, weight))
        return hidden.transpose(0, 1)

    def forward(
        self,
        inputs: Tensor,
        *,
        frozen: Tensor | None = None,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, D] -> [B, Y, E]``; with ``need_weights`` also ``[B, Y, X]``."""
        require_vectors("inputs", inputs, 2)
        if inputs.shape[1] != self.input_dim:
            raise ValueError(
                f"inputs must have shape [B, {self.input_dim}], got "
                f"{list(inputs.shape)}"
            )
        shape = self.num_labels, self.num_experts
        if frozen is None:  # gates and experts read the same input: one product
            first, gate = self.first, self.gate.weight
            bias = torch.cat([first.bias, gate.new_zeros(len(gate))])
            both = F.linear(inputs, torch.cat([first.weight, gate]), bias)
            hidden, logits = both.split([len(first.bias), len(gate)], 1)
            weights = logits.unflatten(1, shape).softmax(-1)  # [B, Y, X]
            experts = self._deeper(hidden)
        else:
            weights = frozen_weights(frozen, inputs.new_empty(len(inputs), *shape))
            experts = self.experts(inputs)
        # for so few experts faster than a product of matrices for each row
        output = (weights[..., None] * experts[:, None]).sum(2)  # [B, Y, E]
        return (output, weights) if need_weights else output
