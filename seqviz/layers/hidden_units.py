"""A gate for each hidden unit, by who asks: LHUC."""

import torch
from torch import Tensor, nn

from seqviz.arguments import require_vectors, require_whole
from seqviz.layers.frozen import frozen_weights


class HiddenUnitGate(nn.Module):
    r"""Every hidden unit times a number between 0 and 2 that depends on who asks.

    .. math:: \mathbf{g} = 2\,\sigma(\mathbf{u} W + \mathbf{b}), \qquad
        \tilde{\mathbf{h}} = \mathbf{g} \odot \mathbf{h}

    It begins as the identity: weight and bias start at 0, where the gate is 1.

    Args:
        context_dim: E, width of the vector of who asks.
        num_units: D, hidden units.

    Call it with ``hidden [B, D]`` and ``context [B, E]``. It returns ``[B, D]``, with
    ``need_weights=True`` also the gate ``[B, D]``. ``frozen``, broadcastable to
    ``[B, D]``, takes its place.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape, or holds NaN.

    Source: Swietojanski, Li and Renals 2016 (LHUC, arXiv 1601.02828), equations 4 and
    5, who learn a vector for each speaker; here a linear map makes it of the user's
    embedding.

    Example:
        >>> layer = HiddenUnitGate(context_dim=4, num_units=3)
        >>> hidden = torch.tensor([[1.0, 2.0, 3.0]])
        >>> layer(hidden, torch.randn(1, 4))  # it begins as the identity
        tensor([[1., 2., 3.]], grad_fn=<MulBackward0>)
    """

    def __init__(self, context_dim: int, num_units: int) -> None:
        super().__init__()
        require_whole(context_dim=context_dim, num_units=num_units)
        self.context_dim = context_dim
        self.num_units = num_units
        self.gate = nn.Linear(context_dim, num_units)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def forward(
        self,
        hidden: Tensor,
        context: Tensor,
        *,
        frozen: Tensor | None = None,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, D], [B, E] -> [B, D]``; with ``need_weights`` also ``[B, D]``."""
        require_vectors("hidden", hidden, 2)
        require_vectors("context", context, 2)
        rows = hidden.shape[0]  # len() would fix it in an exported graph
        for name, vectors, width in (
            ("hidden", hidden, self.num_units),
            ("context", context, self.context_dim),
        ):
            if vectors.shape[0] != rows or vectors.shape[1] != width:
                raise ValueError(
                    f"{name} must have shape [{rows}, {width}], got "
                    f"{list(vectors.shape)}"
                )
        if frozen is None:
            gate = 2 * torch.sigmoid(self.gate(context))
        else:
            gate = frozen_weights(frozen, hidden)
        output = gate * hidden
        return (output, gate) if need_weights else output
