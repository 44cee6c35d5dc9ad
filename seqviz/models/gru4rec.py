"""GRU4Rec: a recurrent state, one step per click, predicts the next item."""

from functools import partial

import torch
from torch import Tensor, nn

from seqviz.arguments import require_choice
from seqviz.layers import GRU, LSTM, RNN, Dropout, bpr_max, top1_max
from seqviz.models.next_item import NextItem

CELLS = {"gru": GRU, "lstm": LSTM, "rnn": RNN}
OBJECTIVES = ("cross-entropy", "bpr-max", "top1-max")


class GRU4Rec(NextItem):
    """Retrieval with one interest: the state after the last click.

    The order of the clicks matters.

    Every position of a row says what comes after it, see ``NextItem``. Trained a step
    at a time on ``session_parallel`` mini-batches, as published, it takes ``advance``.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E. One table serves the input and the scores (the paper's
            constrained embeddings).
        hidden_dim: H, width of the state, which a linear layer brings back to E; left
            out, the state has width E and is the query itself.
        cell: "gru", "lstm" or "rnn".
        objective: "cross-entropy", or "bpr-max" or "top1-max" with a ``sampler``.
        regularization: of BPR-max.
        dropout: share of the entries of the input set to 0 in training.
        all_positions: False trains the last position of a row only.
        **options: of ``Retriever``: temperature, sampler, num_negatives, log_q (the
            correction is of the cross entropy; the other two compare scores as they
            are).

    Raises:
        ValueError: an unknown cell or objective, or one of the two without a sampler.

    Source: Hidasi et al. 2016 (arXiv 1511.06939); Hidasi and Karatzoglou 2018 (arXiv
    1706.03847).

    Example:
        >>> model = GRU4Rec(num_items=100, embedding_dim=8, hidden_dim=6)
        >>> list(model(torch.tensor([[0, 5, 3, 9]])).shape)  # [B, 1, E]
        [1, 1, 8]
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int = 64,
        hidden_dim: int | None = None,
        *,
        cell: str = "gru",
        objective: str = "cross-entropy",
        regularization: float = 1.0,
        dropout: float = 0.0,
        all_positions: bool = True,
        **options,
    ) -> None:
        super().__init__(
            num_items, embedding_dim, all_positions=all_positions, **options
        )
        require_choice(CELLS, cell=cell)
        require_choice(OBJECTIVES, objective=objective)
        if objective != "cross-entropy" and self.sampler is None:
            raise ValueError(
                f"sampler must be given for objective {objective}, which compares with "
                "sampled items, got None"
            )
        if objective != "cross-entropy" and self.calibration is not None:
            raise ValueError(
                f"calibration must be None for objective {objective}, got "
                f"{self.calibration}"
            )
        self.dropout = Dropout(dropout)
        self.recurrent = CELLS[cell](embedding_dim, hidden_dim)
        self.output = (
            nn.Identity()
            if hidden_dim is None
            else nn.Linear(hidden_dim, embedding_dim)
        )
        self.objective = {
            "cross-entropy": None,
            "bpr-max": partial(bpr_max, regularization=regularization),
            "top1-max": top1_max,
        }[objective]

    def states(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """``[B, T, E]``: what is predicted after each behavior."""
        states, *_ = self.recurrent(self._scaled_up(behaviors), mask)
        return self.output(states)

    def pool(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """``[B, T, E]`` to ``[B, 1, E]``: the last state; zeros without a click."""
        states, *_ = self.recurrent(self._scaled_up(behaviors), mask)
        return self.output(states[:, -1:]) * mask.any(1)[:, None, None]

    def advance(
        self, item_ids: Tensor, state: Tensor | tuple[Tensor, ...] | None = None
    ) -> tuple[Tensor, Tensor | tuple[Tensor, ...]]:
        """One click more: ids ``[B]`` and the state to query ``[B, E]`` and the next.

        Args:
            item_ids: ``[B]``, 1 to N.
            state: what the call before returned; None begins anew.
        """
        behaviors, mask = self.behaviors(self._clicked(item_ids)[:, None])
        states, state = self.recurrent(self._scaled_up(behaviors), mask, state)
        return self._scaled(self.output(states[:, 0])), state

    def against(
        self,
        query: Tensor,
        target: Tensor,
        negatives: Tensor,
        target_ids: Tensor,
        negative_ids: Tensor,
        log_probability: Tensor | None = None,
    ) -> Tensor:
        """The loss of queries ``[n, E]`` against sampled items.

        A negative that is the row's own target is left out.
        """
        if self.objective is None:
            return super().against(
                query, target, negatives, target_ids, negative_ids, log_probability
            )
        shape = "be,se->bs" if negative_ids.dim() == 1 else "be,bse->bs"
        with torch.autocast(query.device.type, enabled=False):
            score = torch.einsum("be,be->b", query, target)  # [n]
            scores = torch.einsum(shape, query, negatives)  # [n, S]
        real = (negative_ids != target_ids[:, None]).expand_as(scores)
        return self.objective(score, scores, real)

    def _scaled_up(self, behaviors: Tensor) -> Tensor:
        # items have length about 1, the gates expect entries of about 1
        return self.dropout(behaviors * behaviors.shape[2] ** 0.5)
