"""Every candidate beside every behavior: the input of the activation unit."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="pairing two axes by broadcasting",
    shapes="candidates [B, M, E], behaviors [B, T, E], weight [F] -> [B, M, T]",
)


def reference(candidates, behaviors, weight, parts=lambda q, k: [q, k, q - k, q * k]):
    q = candidates[:, :, None].expand(-1, -1, behaviors.shape[1], -1)  # [B, M, T, E]
    k = behaviors[:, None].expand_as(q)
    return torch.cat(parts(q, k), -1) @ weight


def cases():
    def draw(B=2, M=3, T=5, E=4):
        return torch.randn(B, M, E), torch.randn(B, T, E), torch.randn(4 * E)

    yield "several candidates", *draw()
    yield "one candidate", *draw(M=1)
    yield "as many candidates as behaviors", *draw(M=5)
    yield "one number a vector", *draw(E=1)


@mistake(parts=lambda q, k: [k, q, q - k, q * k])
@mistake(parts=lambda q, k: [k, q, k - q, q * k])
def behavior_first():
    """the behavior stands in the place of the candidate: the first part is q, the
    candidate, the second is k, the behavior."""


@mistake(
    symptom="a third part with the wrong sign", parts=lambda q, k: [q, k, k - q, q * k]
)
def difference_turned_round():
    """your third part is k minus q. A network could learn either, but this weight was
    learned for q minus k."""


@mistake(parts=lambda q, k: [q, k, q * k, q - k])
def product_before_difference():
    """the last two parts have changed places: the difference comes third."""


@mistake(weight=lambda weight: weight.view(-1, 4).T.flatten())
def interleaved():
    """your four parts are mixed number by number: first all first entries, then all
    second ones. They stand one after the other, each E wide."""


@mistake(parts=lambda q, k: [q, k, (q - k).abs(), q * k])
def distance_instead_of_difference():
    """your third part has lost its signs: it is the plain difference, below zero where
    the behavior is larger."""


@mistake(parts=lambda q, k: [q, k, q - k, (q * k).sum(-1, True).expand_as(q)])
def inner_product():
    """your fourth part is one number, summed over the embedding. The product here stays
    entry by entry, E numbers wide."""


@mistake(parts=lambda q, k: [q, k, q - k, 0 * k])
def no_product():
    """the product of the two vectors, entry by entry, has no say in your result."""


@mistake(symptom="the same logits for every candidate")
def one_candidate_for_all(candidates):
    """every candidate of a user gets the same logits. Each has a vector of its own:
    give the candidates and the behaviors an axis each."""
    yield {"candidates": candidates[:, :1].expand_as(candidates)}
    yield {"candidates": candidates.mean(1, True).expand_as(candidates)}


@mistake(right=lambda right: right.mT.reshape(right.shape))
def reshaped_result():
    """the shape fits, but the numbers sit in other places: you compute [B, T, M] and
    reshape it. Put the two axes in the right order instead."""
