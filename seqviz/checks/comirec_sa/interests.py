"""Weighted sums of the behaviors by one einsum, the weights standing on their side."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def reference(weights: Tensor, behaviors: Tensor) -> Tensor:
    """``[B, T, K], [B, T, E] -> [B, K, E]``."""
    return torch.einsum("btk,bte->bke", weights, behaviors)


def cases(generator: Generator) -> Iterator[Case]:
    """Columns of weights that sum to 1, or to 0 for an empty history."""

    def draw(name: str, B: int, K: int, T: int, E: int, real: float = 1.0) -> Case:
        mask = torch.rand(B, T, 1, generator=generator) < real
        logits = torch.randn(B, T, K, generator=generator)
        inputs = {
            "weights": masked_softmax(logits, mask, dim=1),
            "behaviors": torch.randn(B, T, E, generator=generator),
        }
        return Case(name, inputs)

    yield draw("full histories", 2, 3, 5, 4)
    padded = draw("padded histories", 6, 3, 5, 4, real=0.7)
    yield padded
    yield draw("empty histories", 2, 3, 5, 4, real=0.0)
    yield draw("one behavior", 2, 3, 1, 4)
    yield draw("one user", 1, 3, 5, 4)
    yield padded.strided()
    yield padded.cast(torch.float64)
    yield padded.cast(torch.float16)


def _mean(weights: Tensor, behaviors: Tensor) -> Tensor:
    return reference(weights, behaviors) / weights.shape[1]


def _sum_over_embedding(weights: Tensor, behaviors: Tensor) -> Tensor:
    return torch.einsum("btk,bte->bkt", weights, behaviors)


def _mixed_batch(weights: Tensor, behaviors: Tensor) -> Tensor:
    return torch.einsum("btk,cte->bke", weights, behaviors)


def _mixed_batch_of_weights(weights: Tensor, behaviors: Tensor) -> Tensor:
    return torch.einsum("ctk,bte->bke", weights, behaviors)


def _softmax_again(weights: Tensor, behaviors: Tensor) -> Tensor:
    return reference(weights.softmax(1), behaviors)


def _softmax_over_interests(weights: Tensor, behaviors: Tensor) -> Tensor:
    return reference(weights.softmax(2), behaviors)


def _shared_out(weights: Tensor, behaviors: Tensor) -> Tensor:
    total = weights.sum(2, keepdim=True)  # [B, T, 1]
    return reference(weights / total.masked_fill(total == 0, 1.0), behaviors)


def _reshaped_weights(weights: Tensor, behaviors: Tensor) -> Tensor:
    B, T, K = weights.shape
    return torch.einsum("bkt,bte->bke", weights.reshape(B, K, T), behaviors)


def _reshaped_result(weights: Tensor, behaviors: Tensor) -> Tensor:
    result = torch.einsum("btk,bte->bek", weights, behaviors)
    return result.reshape(result.shape[0], result.shape[2], result.shape[1])


def _unweighted(weights: Tensor, behaviors: Tensor) -> Tensor:
    return reference(torch.ones_like(weights), behaviors)


def _unweighted_mean(weights: Tensor, behaviors: Tensor) -> Tensor:
    return _unweighted(weights, behaviors) / weights.shape[1]


EXERCISE = Exercise(
    name="comirec-sa/interests",
    title="Interests from weights, in one einsum",
    minutes=5,
    difficulty="warm-up",
    inputs={"weights": "B T K", "behaviors": "B T E"},
    output="B K E",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("weights", "behaviors"),
    mistakes=(
        Mistake(
            "mean-instead-of-sum",
            "your interests are too short by the factor T: you average over the "
            "behaviors. The weights of an interest sum to 1 already, so add up.",
            _mean,
        ),
        Mistake(
            "sums-over-embedding",
            "you keep T and lose E: the sum runs over the embedding. An axis that is "
            "missing after the arrow is summed away, and here that should be T.",
            _sum_over_embedding,
        ),
        Mistake(
            "mixes-the-batch",
            "each user's interests hold the behaviors of every user: the batch axis "
            "is summed away. It needs the same letter in all three places.",
            _mixed_batch,
            also=(_mixed_batch_of_weights,),
        ),
        Mistake(
            "softmax-again",
            "you take a softmax of weights that are already one: that pulls them "
            "towards the mean and gives the padding a share. Use them as they come.",
            _softmax_again,
            also=(_softmax_over_interests,),
        ),
        Mistake(
            "shared-out-over-the-interests",
            "you make the weights of a behavior sum to 1 over the interests. Here each "
            "interest sums to 1 over the behaviors, and it does so already.",
            _shared_out,
        ),
        Mistake(
            "reshaped-weights",
            "the weights are read in the wrong order: a reshape to [B, K, T] keeps the "
            "order in memory and moves weights to other behaviors. Name the axes "
            "in the order in which they come.",
            _reshaped_weights,
        ),
        Mistake(
            "reshaped-result",
            "the shape fits, but the numbers sit in other places: you compute "
            "[B, E, K] and reshape it. Ask for the axes in the right order instead.",
            _reshaped_result,
        ),
        Mistake(
            "ignores-the-weights",
            "all K interests of a user are the same: every behavior counts alike. The "
            "weights have to multiply the behaviors.",
            _unweighted,
            also=(_unweighted_mean,),
        ),
    ),
)
