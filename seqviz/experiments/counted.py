"""Several models that read a history as counts, in one step."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import stack_module_state

from seqviz.arguments import require_ids
from seqviz.experiments.counted_histories import CountedHistories
from seqviz.experiments.counted_loss import counted_loss
from seqviz.models import ComiRecSA, MeanPooling, Retriever

REACH = 80.0  # exp(-80) is still a normal number in float32


class CountedStack:
    r"""S models side by side: the weights of each are a slice of one ``[S, ...]``.

    Without positions the logit :math:`z_{ki}` of interest k depends on the item alone.
    So a history is told by the count :math:`c_i` of each of its items, and

    .. math:: u_k = \frac{\sum_i c_i \, e^{z_{ki}} x_i}{\sum_i c_i \, e^{z_{ki}}}

    sums a table of the catalog's items, the same for all rows. So the hidden layer of
    the logits is worked out for N items, not for the T clicks of every row, which is
    less work as long as the catalog is small. The mean of a history has equal logits.
    What is computed for every row has its gradient by hand, see ``counted_loss``.

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
        self._own = {
            name: [model.get_parameter(name) for model in models]
            for name in self.weights
        }
        for name, whole in self.weights.items():
            for weight, own in zip(self._own[name], whole.detach(), strict=True):
                weight.data = own
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
        table = self.weights["embedding.weight"]  # [S, N + 1, E]
        item_ids = require_ids("item_ids", item_ids, 0, table.shape[1] - 1)
        target_ids = require_ids("target_ids", target_ids, 1, table.shape[1] - 1)
        items = table if self.temperature is None else F.normalize(table, dim=-1)
        items, read = items[:, 1:], self._read(table)
        read.detach()[:, 0] = 0  # padding adds nothing
        losses, to_read, to_items = counted_loss(
            CountedHistories(item_ids, table.shape[1]),
            read,
            items,
            target_ids.expand(len(table), -1),
            self.temperature,
            self.models[0].nearest,
        )
        gradients = torch.autograd.grad(
            [read, items], list(self.weights.values()), [to_read, to_items]
        )
        for name, whole in zip(self.weights, gradients, strict=True):
            if name == "embedding.weight":
                whole[:, 0] = 0  # padding learns nothing
            # fused Adam wants a gradient to lie in memory as its weights do
            for weight, own in zip(self._own[name], whole.contiguous(), strict=True):
                weight.grad = own
        optimizer.step()
        return losses

    def _read(self, table: Tensor) -> Tensor:
        """``[S, N + 1, K, E + 1]``: what a click adds to an interest, and its weight.

        Raises:
            FloatingPointError: two logits of an interest are 80 or more apart.
        """
        if "attention.W1" not in self.weights:  # the mean: every weight is 1
            return F.pad(table, (0, 1), value=1)[:, :, None]
        hidden = (table @ self.weights["attention.W1"]).tanh()
        logits = hidden @ self.weights["attention.W2"]  # [S, N + 1, K]
        low, high = logits.detach().aminmax(dim=1, keepdim=True)  # [S, 1, K]
        if (high - low).max() >= REACH:
            raise FloatingPointError(
                f"the logits of an interest must be less than {REACH:.0f} apart, got "
                f"{float((high - low).max()):.0f}; train these models with fit"
            )
        weight = (logits - high).exp()[..., None]  # [S, N + 1, K, 1]
        return torch.cat([weight * table[:, :, None], weight], -1)


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
