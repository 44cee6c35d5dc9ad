"""Ways to say how well a behavior answers a query.

All five have the same call, ``[B, Q, E], [B, T, E] -> [B, Q, T]``, so that one can
stand in for another. With heads they take ``[B, H, Q, E]`` and ``[B, H, T, E]``.
"""

import torch
from torch import Tensor, nn

from seqviz.arguments import require_whole
from seqviz.layers.attention import require_query_and_key
from seqviz.layers.precision import at_least_float32


def dot(query: Tensor, key: Tensor) -> Tensor:
    r""":math:`q^\top k`: grows with the angle's cosine and with both lengths.

    Example:
        >>> vectors = torch.tensor([[[3.0, 4.0], [-3.0, -4.0]]])
        >>> dot(vectors, vectors)
        tensor([[[ 25., -25.],
                 [-25.,  25.]]])
    """
    require_query_and_key(query, key)
    return query @ key.mT  # [B, Q, T]


def scaled_dot(query: Tensor, key: Tensor) -> Tensor:
    r""":math:`q^\top k / \sqrt{E}`: its spread does not grow with E.

    The product of two vectors of E independent entries with variance 1 has variance E.
    Source: Vaswani et al. 2017 (arXiv 1706.03762), section 3.2.1.

    Example:
        >>> ones = torch.ones(1, 1, 16)
        >>> scaled_dot(ones, ones), dot(ones, ones)
        (tensor([[[4.]]]), tensor([[[16.]]]))
    """
    return dot(query * query.shape[-1] ** -0.5, key)


def cosine(query: Tensor, key: Tensor) -> Tensor:
    r""":math:`q^\top k / (\lVert q \rVert \lVert k \rVert)`, between -1 and 1.

    A zero vector (padding) scores 0. Divide by a temperature before the softmax: over
    cosines alone no weight is more than :math:`e^2` times another.

    Example:
        >>> vectors = torch.tensor([[[3.0, 4.0], [-3.0, -4.0]]])
        >>> cosine(vectors, vectors)
        tensor([[[ 1., -1.],
                 [-1.,  1.]]])
    """
    require_query_and_key(query, key)
    return direction(query) @ direction(key).mT


class AdditiveScore(nn.Module):
    r""":math:`v^\top \tanh(W_q q + W_k k)`: a small network of both.

    Args:
        embedding_dim: E.
        hidden_dim: D, width of the hidden layer; E if not given.

    Holds ``[B, Q, T, D]``, where the others hold ``[B, Q, T]``.

    Source: Bahdanau et al. 2015 (arXiv 1409.0473), appendix A.1.2.

    Example:
        >>> score = AdditiveScore(embedding_dim=8)
        >>> list(score(torch.randn(2, 1, 8), torch.randn(2, 5, 8)).shape)  # [B, Q, T]
        [2, 1, 5]
    """

    def __init__(self, embedding_dim: int, hidden_dim: int | None = None) -> None:
        super().__init__()
        hidden_dim = embedding_dim if hidden_dim is None else hidden_dim
        require_whole(embedding_dim=embedding_dim, hidden_dim=hidden_dim)
        self.query = nn.Linear(embedding_dim, hidden_dim, bias=False)
        self.key = nn.Linear(embedding_dim, hidden_dim, bias=False)
        self.v = nn.Parameter(torch.empty(hidden_dim))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew (Glorot)."""
        nn.init.xavier_uniform_(self.query.weight)
        nn.init.xavier_uniform_(self.key.weight)
        nn.init.xavier_uniform_(self.v[None])

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """``[B, Q, E], [B, T, E] -> [B, Q, T]``."""
        require_query_and_key(query, key)
        asked = self.query(query).unsqueeze(-2)  # [B, Q, 1, D]
        offered = self.key(key).unsqueeze(-3)  # [B, 1, T, D]
        return (asked + offered).tanh() @ self.v  # [B, Q, T]


class BilinearScore(nn.Module):
    r""":math:`q^\top W k`: a dot product in a space that is learned.

    Starts as the identity divided by :math:`\sqrt{E}`, that is, as ``scaled_dot``.

    Source: Luong et al. 2015 (arXiv 1508.04025), section 3.1, "general".

    Example:
        >>> score = BilinearScore(embedding_dim=8)
        >>> list(score(torch.randn(2, 1, 8), torch.randn(2, 5, 8)).shape)  # [B, Q, T]
        [2, 1, 5]
    """

    def __init__(self, embedding_dim: int) -> None:
        super().__init__()
        require_whole(embedding_dim=embedding_dim)
        self.W = nn.Parameter(torch.empty(embedding_dim, embedding_dim))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weights back to the start."""
        with torch.no_grad():
            nn.init.eye_(self.W).mul_(len(self.W) ** -0.5)

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """``[B, Q, E], [B, T, E] -> [B, Q, T]``."""
        require_query_and_key(query, key)
        return query @ self.W @ key.mT  # [B, Q, T]


def direction(vectors: Tensor) -> Tensor:
    """Each vector brought to length 1; zeros stay zeros, with a finite gradient.

    ``F.normalize`` divides a zero vector by 1e-12, which half precision rounds to 0.
    """
    wide = at_least_float32(vectors)  # the length may pass the largest half
    length = wide.norm(dim=-1, keepdim=True)
    return (wide / length.masked_fill(length == 0, 1.0)).to(vectors.dtype)
