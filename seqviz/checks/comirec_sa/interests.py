"""Interests from weights, in one einsum: the weights stand on their side."""

import torch

from seqviz.checks.engine import Task, mistake, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    label="warm-up, about 5 minutes",
    practice="a contraction, named by its letters",
    shapes="weights [B, T, K], behaviors [B, T, E] -> [B, K, E]",
    vary="padded histories",
)


def reference(weights, behaviors):
    return torch.einsum("btk,bte->bke", weights, behaviors)


def cases():
    def draw(B=2, K=3, T=5, E=4, real=1.0):
        mask = torch.rand(B, T, 1) < real
        weights = masked_softmax(torch.randn(B, T, K), mask, dim=1)
        return weights, torch.randn(B, T, E)

    yield "full histories", *draw()
    yield "padded histories", *draw(B=6, real=0.7)
    yield "empty histories", *draw(real=0.0)


@mistake(symptom="interests that are too short")
def mean_instead_of_sum(weights, right):
    """your interests are too short by the factor T: you average over the behaviors.
    The weights of an interest sum to 1 already, so add up."""
    return right / weights.shape[1]


@mistake
def sums_over_embedding(weights, behaviors):
    """you keep T and lose E: the sum runs over the embedding. An axis that is missing
    after the arrow is summed away, and here that should be T."""
    return torch.einsum("btk,bte->bkt", weights, behaviors)


@mistake
def mixes_the_batch(weights, behaviors):
    """each user's interests hold the behaviors of every user: the batch axis is summed
    away. It needs the same letter in all three places."""
    yield torch.einsum("btk,cte->bke", weights, behaviors)
    yield torch.einsum("ctk,bte->bke", weights, behaviors)


@mistake(weights=lambda weights: weights.softmax(1))
@mistake(weights=lambda weights: weights.softmax(2))
def softmax_again():
    """you take a softmax of weights that are already one: that pulls them towards the
    mean and gives the padding a share. Use them as they come."""


@mistake
def shared_out_over_the_interests(weights):
    """you make the weights of a behavior sum to 1 over the interests. Here each
    interest sums to 1 over the behaviors, and it does so already."""
    return {"weights": softmaxes.shared_out(weights, over=2)}


@mistake(symptom="the right shape with the wrong numbers")
def reshaped_weights(weights):
    """the weights are read in the wrong order: a reshape to [B, K, T] keeps the order
    in memory and moves weights to other behaviors. Name the axes in the order in which
    they come."""
    B, T, K = weights.shape
    return {"weights": weights.reshape(B, K, T).mT}


@mistake(right=lambda right: right.mT.reshape(right.shape))
def reshaped_result():
    """the shape fits, but the numbers sit in other places: you compute [B, E, K] and
    reshape it. Ask for the axes in the right order instead."""


@mistake(weights=torch.ones_like)
@mistake(weights=lambda weights: torch.ones_like(weights) / weights.shape[1])
def ignores_the_weights():
    """all K interests of a user are the same: every behavior counts alike. The weights
    have to multiply the behaviors."""
