"""Telling attention, which is blind to order, how long ago a behavior was."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import (
    require_behaviors,
    require_mask,
    require_number,
    require_whole,
)


def recency(behaviors: Tensor, mask: Tensor | None, max_length: int) -> Tensor:
    """0 for the latest real behavior, 1 for the one before: ``[B, T]``.

    It counts real behaviors only, so the side of the padding does not matter. Padding
    after the latest gets 0 too. Without a mask the result is ``[T]``.

    Raises:
        ValueError: ``behaviors [B, T, ...]`` holds more than ``max_length`` steps.

    Example:
        >>> mask = torch.tensor([[False, True, True]])
        >>> recency(torch.randn(1, 3, 8), mask, max_length=10)
        tensor([[1, 1, 0]])
    """
    require_length(behaviors, max_length)
    if mask is None:
        length = behaviors.shape[1]
        return torch.arange(length - 1, -1, -1, device=behaviors.device)
    later = mask.flip(1).cumsum(1).flip(1)  # real behaviors from here on
    return (later - 1).clamp(min=0)


def places(behaviors: Tensor, mask: Tensor | None, max_length: int) -> Tensor:
    """0 for the oldest real behavior, 1 for the one after it: ``[B, T]``.

    ``recency`` from the other end: a behavior keeps its number for ever. Padding before
    the oldest gets 0 too. Without a mask the result is ``[T]``.

    Raises:
        ValueError: ``behaviors [B, T, ...]`` holds more than ``max_length`` steps.

    Example:
        >>> mask = torch.tensor([[False, True, True]])
        >>> places(torch.randn(1, 3, 8), mask, max_length=10)
        tensor([[0, 0, 1]])
    """
    require_length(behaviors, max_length)
    if mask is None:
        return torch.arange(behaviors.shape[1], device=behaviors.device)
    return (mask.cumsum(1) - 1).clamp(min=0)


def require_length(behaviors: Tensor, max_length: int) -> None:
    """Raise ValueError if ``behaviors [B, T, ...]`` has more than ``max_length``."""
    if behaviors.shape[1] > max_length:
        raise ValueError(
            f"behaviors must have a T of at most max_length = {max_length}, got "
            f"{list(behaviors.shape)}; cut the history or raise max_length"
        )


def latest(mask: Tensor) -> Tensor:
    """Where the latest real behavior stands: ``[B, T] -> [B]``; 0 if there is none.

    Example:
        >>> latest(torch.tensor([[True, True, False], [False, True, True]]))
        tensor([1, 2])
    """
    steps = torch.arange(1, mask.shape[1] + 1, device=mask.device)
    return (mask * steps).argmax(1)


def at_latest(vectors: Tensor, mask: Tensor) -> Tensor:
    """The vector of the latest real behavior: ``[B, T, E] -> [B, 1, E]``.

    A history without one gives whatever stands first.
    """
    rows = torch.arange(mask.shape[0], device=mask.device)
    return vectors[rows, latest(mask)][:, None]


class LearnedPositions(nn.Module):
    """Adds to each behavior a learned vector for how many came after it.

    Args:
        max_length: the longest history.
        embedding_dim: E.
        from_oldest: count how many came before it instead. Then a behavior keeps its
            vector when another follows, which is what a ``KeyCache`` needs.

    Shapes: ``behaviors [B, T, E]``, ``mask [B, T]`` (bool, True = real) to
    ``[B, T, E]``. Padding gets a vector too; whoever reads the sum masks it.

    Source: Kang and McAuley 2018 (arXiv 1808.09781), section III-A. There a short
    sequence is padded on the left, so the last slot is always the latest item: the same
    count.

    Example:
        >>> layer = LearnedPositions(max_length=10, embedding_dim=8)
        >>> list(layer(torch.randn(2, 5, 8)).shape)
        [2, 5, 8]
    """

    def __init__(
        self, max_length: int, embedding_dim: int, *, from_oldest: bool = False
    ) -> None:
        super().__init__()
        require_whole(max_length=max_length, embedding_dim=embedding_dim)
        self.from_oldest = from_oldest
        self.weight = nn.Parameter(torch.empty(max_length, embedding_dim))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the vectors anew, of length about 1, like an item's embedding."""
        nn.init.normal_(self.weight, std=self.weight.shape[1] ** -0.5)

    def forward(self, behaviors: Tensor, mask: Tensor | None = None) -> Tensor:
        """``[B, T, E]`` and a mask ``[B, T]`` to ``[B, T, E]``."""
        max_length, width = self.weight.shape
        require_behaviors(behaviors, width, finite=False)
        if mask is not None:
            require_mask(mask, behaviors.shape[:2])
        count = places if self.from_oldest else recency
        steps = count(behaviors, mask, max_length)  # [B, T]
        return behaviors + F.embedding(steps, self.weight)


def sinusoidal_positions(
    length: int,
    embedding_dim: int,
    *,
    base: float = 10_000.0,
    device: torch.device | str | None = None,
) -> Tensor:
    r"""A fixed vector for each position: waves from fast to slow, ``[length, E]``.

    .. math::
        P_{p,\,2i} = \sin\big(p / b^{2i/E}\big), \quad
        P_{p,\,2i+1} = \cos\big(p / b^{2i/E}\big)

    Row p is a rotation of row 0 by an angle that grows with p, so the inner product of
    two rows depends on their distance alone.

    Args:
        length: how many positions.
        embedding_dim: E, even.
        base: b; the slowest wave repeats after about 2πb positions.

    Source: Vaswani et al. 2017 (arXiv 1706.03762), section 3.5.

    Example:
        >>> sinusoidal_positions(3, 4)[0]  # sines begin at 0, cosines at 1
        tensor([0., 1., 0., 1.])
    """
    require_whole(length=length, embedding_dim=embedding_dim)
    if embedding_dim % 2:
        raise ValueError(f"embedding_dim must be even, got {embedding_dim}")
    require_number(low=1, ends=False, base=base)
    even = torch.arange(0, embedding_dim, 2, dtype=torch.float64)  # 2i
    position = torch.arange(length, dtype=torch.float64)
    angle = position[:, None] * base ** (-even / embedding_dim)  # [length, E/2]
    waves = torch.stack([angle.sin(), angle.cos()], -1)  # [length, E/2, 2]
    return waves.flatten(1).to(torch.get_default_dtype()).to(device)
