"""Routing by agreement: behaviors vote, interests form (MIND and ComiRec-DR)."""

from typing import Literal

import torch
from torch import Tensor, nn

from seqviz.arguments import (
    require_behaviors,
    require_choice,
    require_mask,
    require_whole,
)
from seqviz.layers.masking import masked_softmax
from seqviz.layers.positions import recency, require_length

FORMS = ("comirec-dr", "b2i")


def squash(vectors: Tensor, dim: int = -1) -> Tensor:
    r"""Keep the direction, bring the length into [0, 1).

    .. math:: \frac{\|v\|^2}{1 + \|v\|^2} \frac{v}{\|v\|}

    A zero vector stays zero, and its gradient is 0, not NaN. Half precision is
    computed in float32.

    Source: Sabour et al. 2017 (arXiv 1710.09829), equation 1.

    Example:
        >>> squash(torch.tensor([[3.0, 4.0], [0.0, 0.0]])).norm(dim=-1)
        tensor([0.9615, 0.0000])
    """
    wide = vectors.to(torch.promote_types(vectors.dtype, torch.float32))
    # the square of a long vector would be infinite: it is measured in units of its size
    size = wide.detach().abs().amax(dim, keepdim=True)
    size = torch.where(size > 1e15, size, 1.0)
    small = wide / size
    length = torch.linalg.vector_norm(small, dim=dim, keepdim=True)
    return (small * (length / (size**-2 + length.square()))).to(vectors.dtype)


def adaptive_num_interests(num_behaviors: Tensor, num_interests: int) -> Tensor:
    """``max(1, min(K, log2 T))``, rounded down, for the real T of each user ``[B]``.

    Source: Li et al. 2019 (MIND, arXiv 1904.08030), equation 9.

    Example:
        >>> adaptive_num_interests(torch.tensor([0, 3, 8, 50]), num_interests=4)
        tensor([1, 1, 3, 4])
    """
    require_whole(num_interests=num_interests)
    # whole numbers: log2 in floating point may fall just below 3 at T = 8
    most = min(num_interests, 62)  # 2 to the 63 is no int64
    powers = 2 ** torch.arange(1, most + 1, device=num_behaviors.device)
    return (num_behaviors[:, None] >= powers).sum(1).clamp(min=1)


class DynamicRouting(nn.Module):
    r"""K interests of one behavior sequence by routing by agreement.

    Each behavior casts a vote :math:`\hat e_{kt}` for each interest. One iteration:

    .. math::
        w_{kt} = \operatorname{softmax}_k(b_{kt}), \quad
        u_k = \operatorname{squash}\Big(\sum_t w_{kt}\,\hat e_{kt}\Big), \quad
        b_{kt} \leftarrow b_{kt} + \hat e_{kt}^\top u_k

    The softmax runs over the *interests*: a behavior shares itself out. Padding gets
    0 after it. All iterations but the last run without gradients, on detached votes.

    Two published forms:

    * ``"comirec-dr"``: a matrix for each position and interest,
      :math:`\hat e_{kt} = W_{kt} x_t`, and logits of 0. Positions are counted back
      from the latest real behavior, so the side of the padding does not matter. The
      published matrices begin as N(0, 1), which makes a vote :math:`\sqrt E` times as
      long as its behavior; here they begin as N(0, 1/E), votes as long as behaviors.
    * ``"b2i"`` (MIND): one matrix S for all, :math:`\hat e_{t} = S x_t`, so the votes
      for all interests are equal and logits of 0 would never part them. The logits
      are drawn once from N(0, 1), for each interest and position, and kept in the
      state of the module: evaluation is deterministic. A user with T real behaviors
      has only ``max(1, min(K, log2 T))`` interests; the others are zero vectors and
      take no part in the softmax.

    Args:
        embedding_dim: E.
        num_interests: K. It may be larger than T.
        max_length: longest history.
        form: ``"comirec-dr"`` or ``"b2i"``.
        iterations: R, at least 1.
        adaptive: only for ``"b2i"``: False gives all users K interests.

    Shapes: ``behaviors [B, T, E]``, ``mask [B, T]`` (bool, True = real) to
    ``interests [B, K, E]``, with ``need_weights=True`` also ``coupling
    [B, R, K, T]``, the :math:`w_{kt}` of every iteration. A history without a real
    behavior gives zeros.

    Raises:
        TypeError: a size is no whole number, behaviors are ids, ``mask`` is not bool.
        ValueError: a size or ``iterations`` below 1, an unknown form, behaviors of
            another shape, with NaN or longer than ``max_length``.

    Source: Cen et al. 2020 (arXiv 2005.09347), section 3.1 and the authors' code;
    Li et al. 2019 (arXiv 1904.08030), section 3.3.

    Example:
        >>> routing = DynamicRouting(embedding_dim=8, num_interests=4, max_length=10)
        >>> behaviors = torch.randn(2, 5, 8)
        >>> interests, coupling = routing(behaviors, need_weights=True)
        >>> list(interests.shape), list(coupling.shape)  # [B, K, E], [B, R, K, T]
        ([2, 4, 8], [2, 3, 4, 5])
        >>> coupling.sum(2)[0, 0]  # a click shares itself out
        tensor([1., 1., 1., 1., 1.])
    """

    def __init__(
        self,
        embedding_dim: int,
        num_interests: int,
        max_length: int,
        *,
        form: Literal["comirec-dr", "b2i"] = "comirec-dr",
        iterations: int = 3,
        adaptive: bool = True,
    ) -> None:
        super().__init__()
        require_whole(
            embedding_dim=embedding_dim,
            num_interests=num_interests,
            max_length=max_length,
            iterations=iterations,
        )
        require_choice(FORMS, form=form)
        self.embedding_dim = embedding_dim
        self.num_interests = num_interests
        self.max_length = max_length
        self.form = form
        self.iterations = iterations
        self.adaptive = adaptive and form == "b2i"
        E, K, L = embedding_dim, num_interests, max_length
        shape = (L, K * E, E) if form == "comirec-dr" else (E, E)
        self.weight = nn.Parameter(torch.empty(shape))
        self.register_buffer("first_logits", torch.empty(L, K))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the matrices anew from N(0, 1/E), MIND's logits from N(0, 1)."""
        nn.init.normal_(self.weight, std=self.embedding_dim**-0.5)
        if self.form == "b2i":
            nn.init.normal_(self.first_logits)
        else:
            nn.init.zeros_(self.first_logits)

    def forward(
        self,
        behaviors: Tensor,
        mask: Tensor | None = None,
        *,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        """``[B, T, E] -> [B, K, E]``; with ``need_weights`` also ``[B, R, K, T]``."""
        mask = self._check(behaviors, mask)
        order, votes, logits = self._start(behaviors, mask)
        real = mask if order is None else mask.gather(1, order)
        active = self.active(mask)[:, :, None] if self.adaptive else None  # [B, K, 1]
        history = []
        fixed = votes.detach()
        for iteration in range(self.iterations):
            last = iteration == self.iterations - 1
            # over the interests; they are no row, a softmax over rows of K is slow
            if active is None:
                coupling = logits.softmax(1)
            else:
                coupling = masked_softmax(logits, active, dim=1)
            coupling = coupling * real[:, None]  # [B, K, T]
            history.append(coupling)
            interests = squash(_gather(coupling, votes if last else fixed))
            if not last:
                logits = logits + _agreement(fixed, interests)
        if not need_weights:
            return interests
        coupling = torch.stack(history, 1)  # [B, R, K, T]
        if order is not None:
            back = order.argsort(1)[:, None, None].expand_as(coupling)
            coupling = coupling.gather(3, back)
        return interests, coupling

    def votes(self, behaviors: Tensor, mask: Tensor | None = None) -> Tensor:
        """``[B, T, E] -> [B, T, K, E]``: what each behavior says of each interest."""
        order, votes, _ = self._start(behaviors, self._check(behaviors, mask))
        if order is None:
            return votes[:, :, None].expand(-1, -1, self.num_interests, -1)
        back = order.argsort(1)[..., None, None].expand_as(votes)
        return votes.gather(1, back)

    def active(self, mask: Tensor) -> Tensor:
        """``[B, T] -> [B, K]`` bool: the interests that a user has."""
        index = torch.arange(self.num_interests, device=mask.device)
        if not self.adaptive:
            return (index >= 0).expand(mask.shape[0], -1)
        number = adaptive_num_interests(mask.sum(1), self.num_interests)
        return index < number[:, None]

    def _start(
        self, behaviors: Tensor, mask: Tensor
    ) -> tuple[Tensor | None, Tensor, Tensor]:
        """The order of the votes, the votes, the first logits ``[B, K, T]``.

        Of MIND the votes ``[B, T, E]`` are the same for all interests, in the order of
        the behaviors (None). Else they are ``[B, T, K, E]``, the latest first.
        """
        if self.form == "b2i":
            votes = behaviors @ self.weight.T
            steps = recency(behaviors, mask, self.max_length)  # [B, T]
            first = self.first_logits.to(votes.dtype).T[:, steps]  # [K, B, T]
            return None, votes, first.transpose(0, 1)
        # The rows differ in where a position lies. Moving the behaviors [B, T, E], not
        # the matrices [B, T, K * E, E], leaves one matrix product for each position.
        order = _latest_first(mask)
        behaviors = behaviors.gather(1, order[..., None].expand_as(behaviors))
        matrices = self.weight[: behaviors.shape[1]]  # [T, K * E, E]
        votes = torch.bmm(behaviors.transpose(0, 1), matrices.transpose(1, 2))
        votes = votes.unflatten(2, (self.num_interests, -1)).transpose(0, 1)
        first = self.first_logits[: mask.shape[1]].to(votes.dtype).T  # [K, T]
        return order, votes, first.expand(mask.shape[0], -1, -1)

    def _check(self, behaviors: Tensor, mask: Tensor | None) -> Tensor:
        require_behaviors(behaviors, self.embedding_dim)
        require_length(behaviors, self.max_length)
        shape = behaviors.shape[:2]
        if mask is None:
            return torch.ones(shape, dtype=torch.bool, device=behaviors.device)
        require_mask(mask, shape)
        return mask


def _latest_first(mask: Tensor) -> Tensor:
    """``[B, T]`` places: the real behaviors, the latest first, then the padding."""
    later = mask.flip(1).cumsum(1).flip(1)  # real behaviors from here on
    rest = mask.shape[1] + torch.arange(mask.shape[1], device=mask.device)
    return torch.where(mask, later, rest + 1).argsort(1)


def _gather(coupling: Tensor, votes: Tensor) -> Tensor:
    """``[B, K, T]`` and votes to the weighted sums ``[B, K, E]``."""
    if votes.dim() == 3:
        return coupling @ votes
    return torch.einsum("bkt,btke->bke", coupling, votes)


def _agreement(votes: Tensor, interests: Tensor) -> Tensor:
    """Votes and ``[B, K, E]`` to their inner products ``[B, K, T]``."""
    if votes.dim() == 3:
        return interests @ votes.transpose(1, 2)
    return torch.einsum("btke,bke->bkt", votes, interests)
