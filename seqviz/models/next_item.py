"""Models that say at every position what comes next."""

from typing import NamedTuple

import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_number
from seqviz.data import Batch
from seqviz.layers import (
    NegativeSampler,
    binary_loss,
    calibrated_power,
    full_softmax_loss,
    latest,
    sampled_cross_entropy,
)
from seqviz.layers.precision import at_least_float32
from seqviz.models.retriever import Retriever


class Questions(NamedTuple):
    """What a batch asks of a model: n questions, and where their answers stand."""

    item_ids: Tensor
    """``[B, T]``, what is read."""
    asked: Tensor
    """bool ``[B, T]``, the n places whose states predict."""
    answers: Tensor
    """``[n]``, the places of the true items in ``item_ids`` laid in one line, behind
    which stand the targets of the batch."""


class NextItem(Retriever):
    """A retriever with a prediction at many positions of a row.

    A subclass defines ``states(behaviors, mask) -> [B, T, E]`` beside ``pool``, its
    latest as ``[B, 1, E]``. Every position predicts the item after it, unless the
    subclass asks something else (``questions``, ``answering``). Train it on
    ``longest_histories(split.train)``, a row for each user, not on a row for every
    prefix. The negatives of a batch are shared by all its positions.

    Args:
        num_items: N; ids run from 1 to N, 0 is padding.
        embedding_dim: E.
        all_positions: False trains the last position of a row only, for rows that are
            prefixes, as the other models of this book do.
        calibration: None trains on a softmax. A number t from 0 to 1 trains on binary
            cross entropy instead, each prediction with ``num_negatives`` items of its
            own (drawn evenly if there is no ``sampler``): 0 is the published SASRec's
            loss, 0.75 gSASRec's.
        **options: of ``Retriever``: temperature, sampler, num_negatives, log_q.

    Source of the calibrated loss: Petrov and Macdonald 2023 (arXiv 2308.07192).

    Example:
        >>> model = SASRec(num_items=100, embedding_dim=8)
        >>> isinstance(model, NextItem), model.all_positions
        (True, True)
    """

    def __init__(
        self,
        num_items: int,
        embedding_dim: int,
        *,
        all_positions: bool,
        calibration: float | None = None,
        sampler: NegativeSampler | None = None,
        **options,
    ) -> None:
        if calibration is not None:
            require_number(low=0, high=1, calibration=calibration)
            sampler = NegativeSampler.uniform(num_items) if sampler is None else sampler
        super().__init__(num_items, embedding_dim, sampler=sampler, **options)
        self.all_positions = all_positions
        self.calibration = calibration

    def states(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """``[B, T, E]``: what is predicted after each behavior."""
        raise NotImplementedError

    def questions(self, batch: Batch) -> Questions:
        """Every real behavior is asked what comes next.

        That is the item after it in the row, and ``batch.target_ids`` for the latest.
        """
        require_ids("target_ids", batch.target_ids, 1, self.num_items)
        item_ids = self._checked(batch.item_ids)
        mask = item_ids != 0
        return Questions(item_ids, mask, _following(mask))

    def answering(self, behaviors: Tensor, mask: Tensor, asked: Tensor) -> Tensor:
        """``[n, E]``: the states that answer."""
        return self.states(behaviors, mask)[asked]

    def loss(
        self,
        batch: Batch,
        negative_ids: Tensor | None = None,
        *,
        questions: Questions | None = None,
    ) -> Tensor:
        """Mean loss over all predictions of the batch.

        Args:
            negative_ids: what ``draw`` returned; drawn here if not given.
            questions: what ``questions`` returned; asked here if not given.
        """
        if not self.all_positions:
            return self._of_the_latest(batch, negative_ids)
        questions = self.questions(batch) if questions is None else questions
        if self.sampler is None:
            query = self.answering(
                *self.behaviors(questions.item_ids), questions.asked
            )  # [n, E]
            target_ids = _in_one_line(questions, batch)[questions.answers]  # [n]
            query = self._scaled(at_least_float32(query))
            return full_softmax_loss(query, self.item_vectors(), target_ids)
        if negative_ids is None and self.calibration is None:
            negative_ids = self.draw()
        elif negative_ids is None:  # each prediction its own
            negative_ids = self.sampler(*questions.asked.shape, self.num_negatives)
        log_probability = self.sampler.log_probability if self.log_q else None
        return self.sampled_loss(
            batch, negative_ids, log_probability, questions=questions
        )

    def sampled_loss(
        self,
        batch: Batch,
        negative_ids: Tensor,
        log_probability: Tensor | None = None,
        *,
        questions: Questions | None = None,
    ) -> Tensor:
        """``loss`` against the given items only.

        Args:
            negative_ids: ``[S]`` shared by the batch, ``[B, S]``, a row's own, or
                ``[B, T, S]``, those of each place of the questions.
            log_probability: ``[N + 1]``, see ``sampled_softmax_loss``.
            questions: what ``questions`` returned; asked here if not given.
        """
        if not self.all_positions:
            return super().sampled_loss(batch, negative_ids, log_probability)
        questions = self.questions(batch) if questions is None else questions
        item_ids, asked, answers = questions
        negative_ids = require_ids("negative_ids", negative_ids, 1, self.num_items)
        row = None
        if negative_ids.dim() == 3:
            negative_ids = negative_ids[asked]  # [n, S]
        elif negative_ids.dim() == 2:
            row = asked.nonzero()[:, 0]  # [n]
        # one look-up: the gradient of each is as large as the whole table
        ids = _in_one_line(questions, batch)  # [B·T + B]
        vectors = self.embedding(torch.cat([ids, negative_ids.flatten()]))
        vectors, negatives = vectors.split([len(ids), negative_ids.numel()])
        negatives = negatives.unflatten(0, negative_ids.shape)  # [S, E] or [.., S, E]
        behaviors = vectors[: item_ids.numel()].unflatten(0, item_ids.shape)
        if row is not None:
            negative_ids, negatives = negative_ids[row], negatives[row]
        query = self.answering(behaviors, item_ids != 0, asked)  # [n, E]
        query, vectors, negatives = map(at_least_float32, (query, vectors, negatives))
        return self.against(
            self._scaled(query),
            self._normalized(vectors[answers]),
            self._normalized(negatives),
            ids[answers],
            negative_ids,
            log_probability,
        )

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

        Binary cross entropy with ``calibration``, and else ``sampled_cross_entropy``.
        """
        parts = query, target, negatives, target_ids, negative_ids
        if self.calibration is None:
            return sampled_cross_entropy(*parts, log_probability)
        with torch.autocast(query.device.type, enabled=False):
            positive = (query * target).sum(-1)  # [n]
            scores = (query[:, None] @ negatives.mT)[:, 0]  # [n, S]
        share = negative_ids.shape[-1] / max(self.num_items - 1, 1)
        return binary_loss(
            positive,
            scores,
            power=calibrated_power(share, self.calibration),
            counted=negative_ids != target_ids[:, None],
        )

    def _clicked(self, item_ids: Tensor) -> Tensor:
        """One more click of each history: ``[B]``, no padding among them."""
        if item_ids.dim() != 1:
            raise ValueError(
                f"item_ids must have shape [B], got {list(item_ids.shape)}"
            )
        return require_ids("item_ids", item_ids, 1, self.num_items)

    def _of_the_latest(self, batch: Batch, negative_ids: Tensor | None) -> Tensor:
        """The loss of the last prediction of each row alone."""
        if self.calibration is not None and negative_ids is None:
            negative_ids = self.sampler(len(batch.target_ids), self.num_negatives)
        if self.sampler is not None:
            return super().loss(batch, negative_ids)
        query = self._scaled(at_least_float32(self.interests(batch.item_ids)[:, 0]))
        return full_softmax_loss(query, self.item_vectors(), batch.target_ids)


def _in_one_line(questions: Questions, batch: Batch) -> Tensor:
    """The ids of the questions in one line, then the targets: ``[B·T + B]``."""
    return torch.cat([questions.item_ids.flatten(), batch.target_ids]).long()


def _following(mask: Tensor) -> Tensor:
    """Where in ``_in_one_line`` the item after each of the n real behaviors stands."""
    if not mask.any():
        raise ValueError(
            "item_ids must hold an item, got nothing but padding of shape "
            f"{list(mask.shape)}"
        )
    rows = torch.arange(mask.shape[0], device=mask.device)
    following = torch.arange(1, mask.numel() + 1, device=mask.device).view(mask.shape)
    # the latest of a row is followed by the row's target
    following[rows, latest(mask)] = mask.numel() + rows
    return following[mask]  # [n]
