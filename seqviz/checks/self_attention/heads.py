"""Matrices a head: several heads, each with its own, in one call."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 15 minutes",
    practice="letters for heads with matrices of their own",
    shapes="behaviors [B, T, E], W_Q [H, E, D], W_K [H, E, D], W_V [H, E, D], "
    "W_O [H, D, E] -> [B, T, E]",
)


def reference(
    behaviors,
    W_Q,
    W_K,
    W_V,
    W_O,
    projected="bhtd",
    width=lambda H, E, D: D,
    read=lambda scores, value: scores.softmax(-1) @ value,
    beside=lambda read: read.transpose(1, 2),  # [B, T, H, D], the heads beside D
):
    query, key, value = (
        torch.einsum(f"bte,hed->{projected}", behaviors, W) for W in (W_Q, W_K, W_V)
    )
    scores = query @ key.mT / width(*W_Q.shape) ** 0.5
    return beside(read(scores, value)).flatten(2) @ W_O.flatten(0, 1)


def cases():
    def draw(B=2, T=5, E=6, H=3, D=4):
        behaviors, W_QKV = torch.randn(B, T, E), torch.randn(3, H, E, D) / E**0.5
        return behaviors, *W_QKV, torch.randn(H, D, E) / D**0.5

    yield "several heads", *draw()
    yield "one head", *draw(H=1)
    yield "as many heads as behaviors", *draw(T=3, D=2)
    yield "heads of width 1", *draw(E=4, H=4, D=1)


@mistake(symptom="weights that are too even", width=lambda H, E, D: E)
def scaled_by_the_whole_width():
    """you divide by the root of E. A head sums over its own D entries."""


@mistake(width=lambda H, E, D: E / H)
def scaled_by_a_share_of_the_width():
    """you divide by the root of E/H, as where a head is a slice of the E entries. Here
    a head has matrices of its own and sums over D entries."""


@mistake(width=lambda H, E, D: 1)
def no_scale():
    """these are plain inner products: divide the scores by the root of D."""


@mistake(symptom="the right shape with the wrong numbers")
def reshaped_heads(behaviors):
    """the shape fits, but behaviors and heads are mixed up: you reshape [B, H, T, D] as
    it lies in memory. Bring the heads beside D first."""
    B, T, _ = behaviors.shape
    return {"beside": lambda read: read.reshape(B, T, -1)}


@mistake(beside=lambda read: read.permute(0, 2, 3, 1))
def interleaved_heads():
    """the entries of the heads alternate before W_O: each meets its own [D, E] part."""


@mistake
def heads_share_their_weights(behaviors, W_Q, W_K, W_V, W_O):
    """all heads have the same weights: you join them before the scores. Each head has a
    softmax of its own."""
    wide = (W.transpose(0, 1).flatten(1)[None] for W in (W_Q, W_K, W_V))
    return reference(behaviors, *wide, W_O.flatten(0, 1)[None])


@mistake(projected="bthd", beside=lambda read: read)
def attends_over_the_heads():
    """the heads read each other, the behaviors do not: the product pairs H with H. It
    should pair T with T."""


@mistake(W_Q=lambda W_Q: W_Q[:1].expand_as(W_Q), W_K=lambda W_K: W_K[:1].expand_as(W_K))
def first_head_asks_for_all():
    """every head asks as the first one does. Each has its own W_Q and W_K."""


@mistake
def query_and_key_swapped(W_Q, W_K):
    """W_Q and W_K have changed places: who reads has become who is read."""
    return {"W_Q": W_K, "W_K": W_Q}


@mistake(W_O=lambda W_O: W_O / len(W_O))
def mean_of_the_heads():
    """you average what the heads bring. They add up, as in one long product."""


@mistake(seen_in="tutorials", read=lambda scores, value: (scores @ value).softmax(-1))
def values_inside_the_softmax():
    """the softmax is taken of the scores times the values. It belongs around the scores
    alone; the values come after."""
