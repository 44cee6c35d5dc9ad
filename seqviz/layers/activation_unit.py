"""The local activation unit of DIN: a small network scores each behavior."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import (
    require_behaviors,
    require_choice,
    require_mask,
    require_vectors,
    require_whole,
)
from seqviz.layers.dice import Dice

ACTIVATIONS = ("sigmoid", "prelu", "dice")


class LocalActivationUnit(nn.Module):
    r"""One logit for each behavior, from a network over behavior and candidate.

    .. math:: s_t = \operatorname{MLP}\big([\,q,\; k_t,\; q - k_t,\; q \odot k_t\,]\big)

    The input ``[B, T, 4E]`` is never made. The first layer has a block of columns for
    each of the four parts, so that what it gives is

    .. math:: (W_q + W_d)\, q + (W_k - W_d)\, k_t + W_p\, (q \odot k_t) + b ,

    whose first term is worked out once per row, not once per behavior.

    Args:
        embedding_dim: E.
        hidden_units: widths of the hidden layers.
        activation: ``"sigmoid"``, ``"prelu"`` (a slope for each unit) or ``"dice"``.

    Call it with ``query [B, 1, E]`` (the candidate) and ``behaviors [B, T, E]``; it
    returns logits ``[B, T, 1]``. A ``mask [B, T]`` (bool, True = real) matters to Dice
    alone, whose statistics then leave the padding out; the logit of a padded position
    means nothing.

    Attributes:
        layers: ``Linear(4E, H)``, activation, ..., ``Linear(H, 1)``, in this order. The
            columns of the first stand for q, k, q − k, q ⊙ k.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape.

    Source: Zhou et al. 2018 (arXiv 1706.06978), section 4.3. The paper feeds in the
    outer product of the two vectors; the four parts are those of the authors' code.

    Example:
        >>> unit = LocalActivationUnit(embedding_dim=8, hidden_units=(16,))
        >>> list(unit(torch.randn(2, 1, 8), torch.randn(2, 5, 8)).shape)  # [B, T, 1]
        [2, 5, 1]
    """

    def __init__(
        self,
        embedding_dim: int,
        hidden_units: Sequence[int] = (80, 40),
        activation: str = "sigmoid",
    ) -> None:
        super().__init__()
        require_whole(embedding_dim=embedding_dim)
        self.embedding_dim = embedding_dim
        self.layers = dense_stack(4 * embedding_dim, hidden_units, activation)

    def forward(
        self, query: Tensor, behaviors: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """``[B, 1, E], [B, T, E] -> [B, T, 1]``: the logits."""
        require_behaviors(behaviors, self.embedding_dim)
        require_query(query, behaviors)
        if mask is not None:
            require_mask(mask, behaviors.shape[:2])
            mask = mask.flatten()
        first, *others = self.layers
        rows = split_first_layer(first, query, behaviors).flatten(0, 1)  # [BT, H]
        logits = run_stack(others, rows, mask)
        return logits.unflatten(0, behaviors.shape[:2])


def split_first_layer(layer: nn.Linear, query: Tensor, behaviors: Tensor) -> Tensor:
    """``layer`` on ``[q, k, q - k, q * k]`` without making that: ``[B, T, H]``.

    Args:
        layer: a linear layer with 4E inputs.
        query: ``[B, 1, E]``.
        behaviors: ``[B, T, E]``.
    """
    W_q, W_k, W_d, W_p = layer.weight.chunk(4, dim=1)  # [H, E] each
    hidden = F.linear(query * behaviors, W_p)
    hidden += F.linear(behaviors, W_k - W_d)  # in place: [B, T, H] is large
    hidden += F.linear(query, W_q + W_d, layer.bias)
    return hidden


def dense_stack(
    width: int, hidden_units: Sequence[int], activation: str
) -> nn.ModuleList:
    """Linear layers with an activation after each but the last, which has one output.

    Raises:
        TypeError, ValueError: a width is no whole number of at least 1, or
            ``activation`` is an unknown word.
    """
    if not isinstance(hidden_units, Sequence):
        raise TypeError(f"hidden_units must be a list of widths, got {hidden_units!r}")
    require_choice(ACTIVATIONS, activation=activation)
    layers = nn.ModuleList()
    for place, units in enumerate(hidden_units):
        require_whole(**{f"hidden_units[{place}]": units})
        layers += [nn.Linear(width, units), _activation(activation, units)]
        width = units
    layers.append(nn.Linear(width, 1))
    return layers


def run_stack(
    layers: Sequence[nn.Module], rows: Tensor, mask: Tensor | None = None
) -> Tensor:
    """Rows ``[R, F]`` through the layers; ``mask [R]`` goes to those that are Dice."""
    for layer in layers:
        rows = layer(rows, mask) if isinstance(layer, Dice) else layer(rows)
    return rows


def require_query(query: Tensor, behaviors: Tensor) -> None:
    """Raise unless ``query`` is ``[B, 1, E]`` beside ``behaviors [B, T, E]``."""
    require_vectors("query", query, 3)
    batch, _, width = behaviors.shape
    if tuple(query.shape) != (batch, 1, width):
        raise ValueError(
            f"query must have shape [{batch}, 1, {width}] to fit behaviors "
            f"{list(behaviors.shape)}, got {list(query.shape)}"
        )


def _activation(name: str, units: int) -> nn.Module:
    if name == "sigmoid":
        return nn.Sigmoid()
    return nn.PReLU(units) if name == "prelu" else Dice(units)
