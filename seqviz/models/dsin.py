"""DSIN: sessions first, then the clicks in them."""

import torch
import torch.nn.functional as F
from torch import Tensor

from seqviz.arguments import require_ids, require_whole
from seqviz.data import SessionClickBatch
from seqviz.layers import SessionInterest
from seqviz.models.din import ClickModel, item_width


class DSIN(ClickModel):
    """The Deep Session Interest Network: a history is a few sessions of a few clicks.

    It reads the latest ``session_length`` clicks of each of the latest ``num_sessions``
    sessions. The order of the clicks matters, in a session and of the sessions; the
    side of the padding does not. Called with batches of rows that know sessions, see
    ``shown_clicks(..., session_gap=1800)``.

    Args:
        num_items: N.
        embedding_dim: width of one field's embedding.
        num_sessions: S, at most.
        session_length: T, at most.
        num_heads: H, a divisor of the width of an item.
        options: those of :class:`ClickModel`.

    Source: Feng et al. 2019 (arXiv 1905.06482).

    Example:
        >>> from seqviz.data import SessionClickBatch
        >>> ids, sessions = torch.tensor([[5, 9, 3]]), torch.tensor([[2, 2, 1]])
        >>> rest = *[ids[:, 0]] * 3, torch.ones(1), sessions
        >>> batch = SessionClickBatch(ids, ids != 0, *rest)
        >>> list(DSIN(num_items=100, num_sessions=2, session_length=4)(batch).shape)
        [1]
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 16,
        *,
        num_sessions: int = 5,
        session_length: int = 10,
        num_heads: int = 1,
        item_features: Tensor | None = None,
        **options,
    ) -> None:
        require_whole(num_sessions=num_sessions, session_length=session_length)
        width = item_width(num_items, embedding_dim, item_features)
        pooling = SessionInterest(width, num_sessions, session_length, num_heads)
        super().__init__(
            num_items,
            pooling,
            embedding_dim,
            pooled_dim=3 * width,
            item_features=item_features,
            **options,
        )
        self.num_sessions = num_sessions
        self.session_length = session_length

    def logits(self, batch: SessionClickBatch) -> Tensor:
        """``[B]``: the log-odds of a click."""
        return super().logits(self._folded(batch)[0])

    def loss(self, batch: SessionClickBatch) -> Tensor:
        """Mean cross entropy of the clicks, plus the penalty."""
        return super().loss(self._folded(batch)[0])

    def weights(self, batch: SessionClickBatch) -> Tensor:
        """``[B, T]``: the weight of a session's interest, shared out to its clicks."""
        folded, slots = self._folded(batch)
        query, sessions = self._vectors(folded)
        _, found = self.pooling(query, sessions, folded.mask, need_weights=True)
        share = found.interests / folded.mask.sum(2).clamp(min=1)  # [B, S]
        share = share.repeat_interleave(self.session_length, 1)  # [B, S * T]
        return F.pad(share, (0, 1)).gather(1, slots)  # what was cut off has none

    def _folded(self, batch: SessionClickBatch) -> tuple[SessionClickBatch, Tensor]:
        """Ids and mask ``[B, S, T]``, and in which of the S · T slots each click is.

        The latest session stands last, and in it the latest click. What does not fit
        goes into one slot more.
        """
        if not isinstance(batch, SessionClickBatch):
            raise TypeError(
                "batch must be a SessionClickBatch, made from rows that know sessions, "
                f"got {type(batch).__name__}"
            )
        S, T = self.num_sessions, self.session_length
        numbers = require_ids("sessions", batch.sessions, 0, batch.sessions.shape[1])
        numbers = numbers * batch.mask  # [B, T]
        own = F.one_hot(numbers.clamp(max=S + 1), S + 2)[..., 1:-1]  # [B, T, S]
        place = (own.flip(1).cumsum(1).flip(1) * own).sum(2)  # 1 = latest, 0 = not in
        fits = (place > 0) & (place <= T)
        slots = torch.where(fits, (S - numbers) * T + T - place, S * T)
        ids = batch.item_ids.new_zeros(slots.shape[0], S * T + 1)
        ids = ids.scatter(1, slots, batch.item_ids)[:, :-1].unflatten(1, (S, T))
        mask = torch.zeros_like(ids, dtype=torch.bool).flatten(1)
        mask = F.pad(mask, (0, 1)).scatter(1, slots, batch.mask)[:, :-1]
        mask = mask.unflatten(1, (S, T))
        return batch._replace(item_ids=ids, mask=mask), slots
