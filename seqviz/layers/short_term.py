"""The short-term half of SDM: what the current session is about, for this user."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seqviz.arguments import (
    require_behaviors,
    require_finite,
    require_mask,
    require_vectors,
)
from seqviz.layers.masking import masked_softmax
from seqviz.layers.precision import at_least_float32
from seqviz.layers.self_attention import SelfAttention
from seqviz.layers.through_time import LSTMCell, Plan, ThroughTime

SHORT = 4  # clicks: sessions up to here are read as one group


class ShortTermEncoder(nn.Module):
    r"""LSTM, then multi-head self-attention, then attention of the user.

    .. math::
        h_t = \operatorname{LSTM}(x_t, h_{t-1}), \quad
        \hat H = \operatorname{MultiHead}(H), \quad
        \alpha = \operatorname{softmax}_T\big(\hat H u\big), \quad
        s = \alpha \hat H

    Args:
        embedding_dim: E, a multiple of ``num_heads``.
        num_heads: H.
        recurrent: False leaves the LSTM out: the heads read the behaviors.
        self_attention: False leaves the heads out.
        user_attention: False reads the last state instead of asking with the user.
        bounded: the score of the authors' code, :math:`\tanh(\hat h_t^\top u) /
            \sqrt E`, instead of the paper's.

    Call it with ``behaviors [B, T, E]``, ``mask [B, T]`` (bool, True = real) and
    ``user [B, E]``. It returns ``short [B, E]``, with ``need_weights=True`` also
    ``weights [B, T]``, those of the user (of the last state: 1 at the latest behavior).
    Padding on either side changes nothing. A session without a behavior gives zeros in
    both.

    On a CPU the LSTM takes no step for padding, and the heads read the sessions in
    groups of similar length, so that a short one does not pay for the longest.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape; on the CPU also
            NaN or infinity, padding included.

    Source: Lv et al. 2019 (arXiv 1909.00385), section 3.4, with the scores of the heads
    divided by :math:`\sqrt{E/H}`.

    Example:
        >>> layer = ShortTermEncoder(embedding_dim=8, num_heads=2)
        >>> mask = torch.tensor([[True] * 5, [False] * 5])
        >>> short = layer(torch.randn(2, 5, 8), mask, torch.randn(2, 8))
        >>> list(short.shape), bool(short[1].any())  # without a click nothing is said
        ([2, 8], False)
    """

    def __init__(
        self,
        embedding_dim: int,
        num_heads: int = 4,
        *,
        recurrent: bool = True,
        self_attention: bool = True,
        user_attention: bool = True,
        bounded: bool = False,
    ) -> None:
        super().__init__()
        self.embedding_dim = embedding_dim
        self.heads = SelfAttention(embedding_dim, num_heads) if self_attention else None
        self.lstm = None
        if recurrent:
            self.lstm = nn.LSTM(embedding_dim, embedding_dim, batch_first=True)
        self.user_attention = user_attention
        self.bounded = bounded

    def forward(
        self,
        behaviors: Tensor,
        mask: Tensor,
        user: Tensor,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, T, E], [B, T], [B, E] -> [B, E]``; and ``[B, T]``."""
        self._check(behaviors, mask, user)
        given, behaviors, real, order = behaviors, *_real_first(behaviors, mask)
        states = self._recurrent(behaviors, real)  # [B, T, E]
        length = mask.shape[1]
        rows, sizes, lengths = _by_length(real)
        outputs, found = [], []
        # cut once, and then again: each cut has a gradient as large as what it cuts
        for longest, own, look, asks in zip(
            lengths,
            *(x.index_select(0, rows).split(sizes) for x in (states, real, user)),
            strict=True,
        ):
            own, look = own[:, :longest], look[:, :longest]
            if self.heads is not None:
                own = self.heads(own, look)
            weights = self._weights(own, look, asks)
            outputs.append(weighted_sum(weights, own))  # [b, E]
            found.append(F.pad(weights, (0, length - longest)))  # [b, T]
        place = rows.argsort()  # back to the order of the batch
        short = torch.cat(outputs)[place]  # [B, E]
        require_finite("behaviors", given)
        if not need_weights:
            return short
        weights = torch.cat(found)[place]
        return short, torch.zeros_like(weights).scatter(1, order, weights)

    def head_weights(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """What each head reads, ``[B, T, E], [B, T] -> [B, H, T, T]``.

        Raises:
            ValueError: the heads are left out.
        """
        if self.heads is None:
            raise ValueError("self_attention must be True for head_weights, got False")
        behaviors, real, order = _real_first(behaviors, mask)
        _, weights = self.heads(
            self._recurrent(behaviors, real), real, need_weights=True
        )
        back = order.argsort(1)[:, None]  # [B, 1, T]
        weights = weights.take_along_dim(back[..., None], 2)
        return weights.take_along_dim(back[:, :, None], 3)

    def _check(self, behaviors: Tensor, mask: Tensor, user: Tensor) -> None:
        require_behaviors(behaviors, self.embedding_dim, finite=False)
        require_mask(mask, behaviors.shape[:2])
        require_vectors("user", user, 2)
        if user.shape != behaviors[:, 0].shape:
            raise ValueError(
                f"user must have shape {list(behaviors[:, 0].shape)} to fit behaviors "
                f"{list(behaviors.shape)}, got {list(user.shape)}"
            )

    def _recurrent(self, behaviors: Tensor, real: Tensor) -> Tensor:
        """The LSTM's states ``[B, T, E]``; what stands at padding means nothing."""
        lstm = self.lstm
        if lstm is None:
            return behaviors
        # padding comes last here, so it changes no state before it
        if not _by_events(real) or real.all():
            return lstm(behaviors)[0]
        weights = lstm.weight_ih_l0, lstm.weight_hh_l0
        bias = lstm.bias_ih_l0 + lstm.bias_hh_l0
        with torch.autocast(behaviors.device.type, enabled=False):
            behaviors = behaviors.to(bias.dtype)
            start = torch.zeros_like(behaviors[:, 0])
            plan = Plan.of(real)
            return ThroughTime.apply(
                LSTMCell, plan, behaviors, *weights, bias, None, None, start, start
            )[0]

    def _weights(self, states: Tensor, real: Tensor, user: Tensor) -> Tensor:
        if not self.user_attention:
            later = real.flip(1).cumsum(1).flip(1)
            return ((later == 1) & real).to(states.dtype)
        return user_weights(states, real, user, self.bounded)


def user_weights(vectors: Tensor, mask: Tensor, user: Tensor, bounded: bool) -> Tensor:
    """The user asks: ``[..., T, E], [..., T], [..., E] -> [..., T]``."""
    # many small products: faster as one sum
    scores = (at_least_float32(vectors) * at_least_float32(user)[..., None, :]).sum(-1)
    if bounded:
        scores = scores.tanh() / vectors.shape[-1] ** 0.5
    return masked_softmax(scores, mask).to(vectors.dtype)


def weighted_sum(weights: Tensor, vectors: Tensor) -> Tensor:
    """``[..., T], [..., T, E] -> [..., E]``."""
    return (weights[..., None] * vectors).sum(-2)


def real_first(ids: Tensor) -> Tensor:
    """``[B, T]`` ids with the padding, 0, at the right."""
    return ids.gather(1, (ids == 0).long().argsort(dim=1, stable=True))


def _real_first(behaviors: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The real behaviors before the padding, in their order; and where each stood."""
    if mask.device.type == "cpu" and not torch.compiler.is_compiling():
        if not (mask[:, 1:] & ~mask[:, :-1]).any():  # they stand so already
            order = torch.arange(mask.shape[1]).expand_as(mask)
            return behaviors, mask, order
    order = (~mask).long().argsort(dim=1, stable=True)  # [B, T]
    # take_along_dim would fix the batch when exported
    front = behaviors.gather(1, order[..., None].expand_as(behaviors))
    return front, mask.gather(1, order), order


def _by_events(real: Tensor) -> bool:
    """Whether to look at each row's length: on a GPU or in a graph that is dear."""
    return real.device.type == "cpu" and not torch.compiler.is_compiling()


def _by_length(real: Tensor) -> tuple[Tensor, list[int], list[int]]:
    """The rows in the order of their lengths, and how to read them in groups.

    Of each group the size and the longest row. But for the shortest group no row is
    under half as long as another, so at most half of what is read is padding.
    """
    batch, length = real.shape
    if _by_events(real) and batch:
        lengths, rows = real.sum(1).sort()
        if lengths[0] < length:
            most = SHORT * 2 ** torch.arange(length.bit_length())  # 4, 8, 16, ...
            stops = torch.searchsorted(lengths, most, right=True).tolist()
            pairs = [
                (stop - start, max(1, int(lengths[stop - 1])))
                for start, stop in pairwise([0, *stops])
                if stop > start
            ]
            sizes, longest = map(list, zip(*pairs, strict=True))
            return rows, sizes, longest
    return torch.arange(batch, device=real.device), [batch], [length]
