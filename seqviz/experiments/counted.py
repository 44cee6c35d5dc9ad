"""Several models that read a history as counts, in one step."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import stack_module_state

from seqviz.arguments import require_ids
from seqviz.layers import read_out
from seqviz.layers.largest_score import largest_score
from seqviz.models import ComiRecSA, MeanPooling, Retriever

REACH = 80.0  # exp(-80) is still a normal number in float32


class CountedStack:
    r"""S models side by side: the weights of each are a slice of one ``[S, ...]``.

    Without positions the logit :math:`z_{ki}` of interest k depends on the item alone.
    So a history is told by the count :math:`c_i` of each of its items, and

    .. math:: u_k = \frac{\sum_i c_i \, e^{z_{ki}} x_i}{\sum_i c_i \, e^{z_{ki}}}

    is a product of the counts ``[B, N + 1]`` with a table of the catalog's items, the
    same table for all rows. That is less work than to read the T clicks of every row,
    as long as the catalog is small. The mean of a history has equal logits.

    An optimizer of the models' own parameters moves the stack, and a model can be asked
    as it is.

    Args:
        models: of one class, with weights of the same shapes.

    Raises:
        ValueError: a model that reads more than counts, or draws negatives.
    """

    def __init__(self, models: Sequence[Retriever]) -> None:
        for model in models:
            _require_counts(model)
        self.models = models
        self.weights, _ = stack_module_state(models)
        for name, whole in self.weights.items():
            for model, own in zip(models, whole.detach(), strict=True):
                model.get_parameter(name).data = own
        table = self.weights["embedding.weight"]
        self.temperature = None
        if models[0].temperature is not None:
            own = [model.temperature for model in models]
            self.temperature = torch.tensor(own, device=table.device)

    def step(
        self, item_ids: Tensor, target_ids: Tensor, optimizer: torch.optim.Optimizer
    ) -> Tensor:
        """One step of all.

        Args:
            item_ids: ``[S, B, T]``, or ``[1, B, T]`` for all.
            target_ids: ``[S, B]`` or ``[1, B]``.
            optimizer: of the models' own parameters.

        Returns:
            The losses ``[S]`` before the step.
        """
        losses = self.losses(item_ids, target_ids)
        gradients = torch.autograd.grad(losses.sum(), list(self.weights.values()))
        for name, whole in zip(self.weights, gradients, strict=True):
            if name == "embedding.weight":
                whole[:, 0] = 0  # padding learns nothing
            # fused Adam wants a gradient to lie in memory as its weights do
            for model, own in zip(self.models, whole.contiguous(), strict=True):
                model.get_parameter(name).grad = own
        optimizer.step()
        return losses.detach()

    def losses(self, item_ids: Tensor, target_ids: Tensor) -> Tensor:
        """``Retriever.loss`` of each model: ``[S]``; arguments as of ``step``."""
        table = self.weights["embedding.weight"]  # [S, N + 1, E]
        target_ids = require_ids("target_ids", target_ids, 1, table.shape[1] - 1)
        interests = self._scaled(self.interests(item_ids))  # [S, B, K, E]
        items = table if self.temperature is None else F.normalize(table, dim=-1)
        target_ids = target_ids.expand(len(table), -1)  # [S, B]
        if self.models[0].nearest:
            scores = largest_score(interests, items[:, 1:])  # [S, B, N]
        else:
            model = torch.arange(len(table), device=table.device)[:, None]  # [S, 1]
            target = items[model, target_ids]  # [S, B, E]
            query = read_out(interests.flatten(0, 1), target.flatten(0, 1))
            scores = query.unflatten(0, target_ids.shape) @ items[:, 1:].mT
        losses = F.cross_entropy(
            scores.flatten(0, 1), target_ids.flatten() - 1, reduction="none"
        )
        return losses.unflatten(0, target_ids.shape).mean(1)

    def interests(self, item_ids: Tensor) -> Tensor:
        """``Retriever.interests`` of each model: ``[S, B, K, E]``.

        Raises:
            FloatingPointError: two logits of an interest are 80 or more apart.
        """
        table = self.weights["embedding.weight"]  # [S, N + 1, E]
        counts = _counts(item_ids, table.shape[1])  # [S or 1, B, N + 1]
        if "attention.W1" not in self.weights:
            total = counts.sum(-1, keepdim=True).clamp(min=1)
            return (counts @ table / total)[:, :, None]
        hidden = (table @ self.weights["attention.W1"]).tanh()
        logits = hidden @ self.weights["attention.W2"]  # [S, N + 1, K]
        low, high = logits.detach().aminmax(dim=1, keepdim=True)  # [S, 1, K]
        if (high - low).max() >= REACH:
            raise FloatingPointError(
                f"the logits of an interest must be less than {REACH:.0f} apart, got "
                f"{float((high - low).max()):.0f}; train these models with fit"
            )
        weight = (logits - high).exp()[..., None]  # [S, N + 1, K, 1]
        weighted = torch.cat([weight * table[:, :, None], weight], -1)
        total = counts @ weighted.flatten(2)  # [S, B, K * (E + 1)]
        total = total.unflatten(2, weighted.shape[2:])
        some = counts.any(-1)[..., None, None]
        return total[..., :-1] / torch.where(some, total[..., -1:], 1)

    def _scaled(self, interests: Tensor) -> Tensor:
        if self.temperature is None:
            return interests
        scale = self.temperature[:, None, None, None]
        return F.normalize(interests, dim=-1) / scale


def _counts(item_ids: Tensor, size: int) -> Tensor:
    """How often each item is there: ``[S, B, T]`` ids to float32 ``[S, B, N + 1]``."""
    item_ids = require_ids("item_ids", item_ids, 0, size - 1)
    counts = torch.zeros(*item_ids.shape[:2], size, device=item_ids.device)
    one = counts.new_ones(()).expand(item_ids.shape)
    counts.scatter_add_(2, item_ids, one)
    counts[..., 0] = 0
    return counts


def _require_counts(model: nn.Module) -> None:
    # a subclass may have a loss of its own
    order_free = type(model) is MeanPooling or (
        type(model) is ComiRecSA and model.attention.position is None
    )
    if not order_free or model.sampler is not None:
        raise ValueError(
            "models must be MeanPooling, or ComiRecSA without max_length, and have no "
            f"sampler, got {type(model).__name__}"
        )
