"""DSIN: what sessions were about, how they follow, which ones the target asks."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqviz.arguments import (
    require_finite,
    require_heads,
    require_mask,
    require_vectors,
    require_whole,
)
from seqviz.layers.masking import masked_softmax
from seqviz.layers.positions import recency
from seqviz.layers.recurrent import LSTM
from seqviz.layers.self_attention import SelfAttention


class BiasEncoding(nn.Module):
    r"""Adds to each coordinate what its session, its place and the coordinate say.

    .. math:: BE_{k,t,c} = w^K_k + w^T_t + w^C_c

    Three short vectors instead of a table: S + T + E numbers. Sessions and places are
    counted back from the latest, real ones only, so that padding does not move them.

    Args:
        num_sessions: S, at most.
        session_length: T, at most.
        embedding_dim: E.

    Call it with ``sessions [B, S, T, E]`` and ``mask [B, S, T]`` (bool, True = real);
    it returns ``[B, S, T, E]``. Padding gets something too; whoever reads masks it.

    Source: Feng et al. 2019 (arXiv 1905.06482), equation 2.

    Example:
        >>> encode = BiasEncoding(num_sessions=3, session_length=4, embedding_dim=8)
        >>> sessions, mask = torch.zeros(2, 3, 4, 8), torch.ones(2, 3, 4) > 0
        >>> list(encode(sessions, mask).shape)  # [B, S, T, E]
        [2, 3, 4, 8]
    """

    def __init__(
        self, num_sessions: int, session_length: int, embedding_dim: int
    ) -> None:
        super().__init__()
        require_whole(
            num_sessions=num_sessions,
            session_length=session_length,
            embedding_dim=embedding_dim,
        )
        self.session = nn.Parameter(torch.zeros(num_sessions))
        self.place = nn.Parameter(torch.zeros(session_length))
        self.coordinate = nn.Parameter(torch.zeros(embedding_dim))

    def forward(self, sessions: Tensor, mask: Tensor) -> Tensor:
        """``[B, S, T, E], [B, S, T] -> [B, S, T, E]``."""
        require_sessions(sessions, mask, len(self.coordinate))
        B, S, T = mask.shape
        if S > len(self.session) or T > len(self.place):
            raise ValueError(
                f"sessions must have at most {len(self.session)} sessions of "
                f"{len(self.place)} behaviors, got {list(sessions.shape)}"
            )
        number = recency(sessions, mask.any(2), S)  # [B, S]
        place = recency(sessions.flatten(0, 1), mask.flatten(0, 1), T)  # [B * S, T]
        place = self.place[place].view(B, S, T)
        return sessions + (
            self.session[number][:, :, None, None] + place[..., None] + self.coordinate
        )


class SessionExtractor(nn.Module):
    r"""One vector for each session: the mean of a transformer block over its behaviors.

    .. math::
        Y = \operatorname{Norm}(Q + \operatorname{MultiHead}(Q)), \quad
        Z = \operatorname{Norm}(Y + \operatorname{FFN}(Y)), \quad
        I_k = \frac{1}{|Q_k|} \sum_t Z_t

    Args:
        embedding_dim: E, a multiple of ``num_heads``.
        num_heads: H.

    All sessions share the weights. Call it with ``sessions [B, S, T, E]`` and
    ``mask [B, S, T]`` (bool, True = real). It returns ``interests [B, S, E]``, with
    ``need_weights=True`` also ``[B, S, H, T, T]``. A session without a behavior gives
    zeros in both.

    Source: Feng et al. 2019 (arXiv 1905.06482), equations 3 to 5, with the scores of
    the heads divided by :math:`\sqrt{E/H}` and padding left out of the mean.

    Example:
        >>> layer = SessionExtractor(embedding_dim=8, num_heads=2)
        >>> sessions, mask = torch.randn(2, 3, 4, 8), torch.ones(2, 3, 4) > 0
        >>> list(layer(sessions, mask).shape)  # [B, S, E]
        [2, 3, 8]
    """

    def __init__(self, embedding_dim: int, num_heads: int = 1) -> None:
        super().__init__()
        require_heads(embedding_dim, num_heads)
        self.embedding_dim = embedding_dim
        self.attention = SelfAttention(embedding_dim, num_heads)
        self.attention_norm = nn.LayerNorm(embedding_dim)
        self.network = nn.Sequential(
            nn.Linear(embedding_dim, 4 * embedding_dim),
            nn.ReLU(),
            nn.Linear(4 * embedding_dim, embedding_dim),
        )
        self.network_norm = nn.LayerNorm(embedding_dim)

    def forward(
        self, sessions: Tensor, mask: Tensor, *, need_weights: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, S, T, E], [B, S, T] -> [B, S, E]``, and ``[B, S, H, T, T]``."""
        require_sessions(sessions, mask, self.embedding_dim)
        if need_weights or torch.compiler.is_compiling():
            return self._read(sessions, mask, need_weights)
        begun = mask.any(2)  # [B, S]; many histories have few sessions
        interests = self._read(sessions[begun][None], mask[begun][None], False)
        empty = interests.new_zeros(*begun.shape, self.embedding_dim)
        return empty.masked_scatter(begun[..., None], interests)

    def _read(
        self, sessions: Tensor, mask: Tensor, need_weights: bool
    ) -> Tensor | tuple[Tensor, Tensor]:
        behaviors, real = sessions.flatten(0, 1), mask.flatten(0, 1)  # [B * S, T, E]
        read = self.attention(behaviors, real, need_weights=need_weights)
        if need_weights:
            read, weights = read
        read = self.attention_norm(behaviors + read)
        read = self.network_norm(read + self.network(read))
        count = real.sum(1, keepdim=True).clamp(min=1)
        interests = (read * real[..., None]).sum(1) / count  # [B * S, E]
        interests = interests.unflatten(0, mask.shape[:2])
        if not need_weights:
            return interests
        return interests, weights.unflatten(0, mask.shape[:2])


class SessionWeights(NamedTuple):
    """What ``SessionInterest`` looked at; 0 at padding.

    Example:
        >>> layer = SessionInterest(embedding_dim=8, num_sessions=3, session_length=4)
        >>> sessions, mask = torch.randn(2, 3, 4, 8), torch.ones(2, 3, 4) > 0
        >>> _, weights = layer(torch.randn(2, 1, 8), sessions, mask, need_weights=True)
        >>> list(weights.interests.shape), list(weights.behaviors.shape)
        ([2, 3], [2, 3, 1, 4, 4])
    """

    interests: Tensor
    """``[B, S]``: the target's, over the sessions."""
    evolved: Tensor
    """``[B, S]``: the target's, over the states of the Bi-LSTM."""
    behaviors: Tensor
    """``[B, S, H, T, T]``: the behaviors' of a session, over each other."""


class SessionInterest(nn.Module):
    r"""All of DSIN between the embeddings and the network.

    .. math::
        I_k &= \operatorname{extract}(Q_k + BE_k), \qquad
        H_k = \big[\overrightarrow{\operatorname{LSTM}}(I)_k,\;
        \overleftarrow{\operatorname{LSTM}}(I)_k\big] \\
        a^I &= \operatorname{softmax}_S\big(I_k^\top W^I e\big), \qquad
        a^H = \operatorname{softmax}_S\big(H_k^\top W^H e\big) \\
        u &= \Big[\sum_k a^I_k I_k, \; \sum_k a^H_k H_k\Big]

    Args:
        embedding_dim: E, a multiple of ``num_heads``.
        num_sessions: S, at most.
        session_length: T, at most.
        num_heads: H.

    Call it with ``query [B, 1, E]`` (the target e), ``sessions [B, S, T, E]`` (oldest
    first) and ``mask [B, S, T]`` (bool, True = real). It returns ``interest [B, 1,
    3E]``, with ``need_weights=True`` also ``SessionWeights``. Padding changes nothing,
    wherever it stands: behaviors, sessions, or whole histories, which give zeros.

    Raises:
        TypeError, ValueError: an argument has a wrong type or shape, or there are more
            sessions or behaviors than said; on the CPU also NaN or infinity, padding
            included.

    Source: Feng et al. 2019 (arXiv 1905.06482), section 3.3, equations 2 to 8. The two
    directions of the LSTM stand side by side.

    Example:
        >>> layer = SessionInterest(embedding_dim=8, num_sessions=3, session_length=4)
        >>> sessions, mask = torch.randn(2, 3, 4, 8), torch.ones(2, 3, 4) > 0
        >>> list(layer(torch.randn(2, 1, 8), sessions, mask).shape)
        [2, 1, 24]
    """

    def __init__(
        self,
        embedding_dim: int,
        num_sessions: int = 5,
        session_length: int = 10,
        num_heads: int = 1,
    ) -> None:
        super().__init__()
        self.bias = BiasEncoding(num_sessions, session_length, embedding_dim)
        self.extractor = SessionExtractor(embedding_dim, num_heads)
        self.forward_lstm = LSTM(embedding_dim)
        self.backward_lstm = LSTM(embedding_dim)
        self.for_interests = nn.Linear(embedding_dim, embedding_dim, bias=False)
        self.for_evolved = nn.Linear(embedding_dim, 2 * embedding_dim, bias=False)

    def forward(
        self,
        query: Tensor,
        sessions: Tensor,
        mask: Tensor,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, SessionWeights]:
        """``[B, 1, E], [B, S, T, E], [B, S, T] -> [B, 1, 3E]``, and the weights."""
        require_sessions(sessions, mask, self.extractor.embedding_dim)
        require_vectors("query", query, 3)
        expected = [sessions.shape[0], 1, sessions.shape[-1]]
        if list(query.shape) != expected:
            raise ValueError(
                f"query must have shape {expected}, got {list(query.shape)}"
            )
        encoded = self.bias(sessions, mask)
        within = None
        if need_weights:
            interests, within = self.extractor(encoded, mask, need_weights=True)
        else:
            interests = self.extractor(encoded, mask)  # [B, S, E]
        real = mask.any(2)  # [B, S]
        evolved = self.evolve(interests, real)  # [B, S, 2E]
        parts, weights = [], []
        for vectors, matrix in (
            (interests, self.for_interests),
            (evolved, self.for_evolved),
        ):
            scores = (matrix(query) @ vectors.mT)[:, 0]  # [B, S]
            weights.append(masked_softmax(scores, real))
            parts.append(weights[-1][:, None] @ vectors)
        interest = torch.cat(parts, -1)  # [B, 1, 3E]
        return (
            (interest, SessionWeights(*weights, within)) if need_weights else interest
        )

    def evolve(self, interests: Tensor, real: Tensor) -> Tensor:
        """The Bi-LSTM, ``[B, S, E], [B, S] -> [B, S, 2E]``: both ways."""
        ahead, _ = self.forward_lstm(interests, real)
        back, _ = self.backward_lstm(interests.flip(1), real.flip(1))
        return torch.cat([ahead, back.flip(1)], -1)


def require_sessions(sessions: Tensor, mask: Tensor, embedding_dim: int) -> None:
    """Raise unless ``sessions`` is ``[B, S, T, E]`` beside ``mask [B, S, T]``."""
    require_vectors("sessions", sessions, 4, finite=False)
    shape = list(sessions.shape)
    if shape[3] != embedding_dim or not shape[1] or not shape[2]:
        raise ValueError(
            f"sessions must have shape [B, S, T, {embedding_dim}] with S and T of at "
            f"least 1, got {shape}"
        )
    require_mask(mask, sessions.shape[:3])
    require_finite("sessions", sessions)
