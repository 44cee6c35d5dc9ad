"""Several heads, each with matrices of its own, in one call."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="Matrices a head",
    difficulty="core",
    minutes=15,
    shapes="behaviors [B, T, E], W_Q [H, E, D], W_K [H, E, D], W_V [H, E, D], "
    "W_O [H, D, E] -> [B, T, E]",
    gradients=("behaviors", "W_Q", "W_K", "W_V", "W_O"),
)


def reference(
    behaviors,
    W_Q,
    W_K,
    W_V,
    W_O,
    projected="bhtd",
    width=None,
    read=lambda scores, value: scores.softmax(-1) @ value,
    beside=lambda read: read.transpose(1, 2),  # [B, T, H, D], the heads beside D
):
    query, key, value = (
        torch.einsum(f"bte,hed->{projected}", behaviors, W) for W in (W_Q, W_K, W_V)
    )
    scores = query @ key.mT / (W_Q.shape[-1] if width is None else width) ** 0.5
    return beside(read(scores, value)).flatten(2) @ W_O.flatten(0, 1)


def cases():
    def draw(name, B=2, T=5, E=6, H=3, D=4):
        inputs = {"behaviors": torch.randn(B, T, E)}
        for matrix in ("W_Q", "W_K", "W_V"):
            inputs[matrix] = torch.randn(H, E, D) / E**0.5
        return Case(name, inputs | {"W_O": torch.randn(H, D, E) / D**0.5})

    yield draw("several heads")
    yield draw("one head", H=1)
    yield draw("as many heads as behaviors", T=3, D=2)
    yield draw("heads of width 1", E=4, H=4, D=1)
    yield draw("one behavior", T=1, H=2, D=3)
    yield draw("one user", B=1, H=2, D=3)


@mistake
def scaled_by_the_whole_width(behaviors):
    """you divide by the root of E. A head sums over its own D entries."""
    return {"width": behaviors.shape[-1]}


@mistake
def scaled_by_a_share_of_the_width(behaviors, W_Q):
    """you divide by the root of E/H, as where a head is a slice of the E entries. Here
    a head has matrices of its own and sums over D entries."""
    return {"width": behaviors.shape[-1] / len(W_Q)}


@mistake(width=1)
def no_scale():
    """these are plain inner products: divide the scores by the root of D."""


@mistake
def reshaped_heads(behaviors):
    """the shape fits, but behaviors and heads are mixed up: you reshape [B, H, T, D] as
    it lies in memory. Bring the heads beside D first."""
    B, T, _ = behaviors.shape
    return {"beside": lambda read: read.reshape(B, T, -1)}


@mistake(beside=lambda read: read.permute(0, 2, 3, 1))
def interleaved_heads():
    """the entries of the heads alternate before W_O: each head has to meet its own
    [D, E] part."""


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


@mistake
def first_head_asks_for_all(W_Q, W_K):
    """every head asks as the first one does. Each has its own W_Q and W_K."""
    return {"W_Q": W_Q[:1].expand_as(W_Q), "W_K": W_K[:1].expand_as(W_K)}


@mistake
def query_and_key_swapped(W_Q, W_K):
    """W_Q and W_K have changed places: who reads has become who is read."""
    return {"W_Q": W_K, "W_K": W_Q}


@mistake
def mean_of_the_heads(W_O):
    """you average what the heads bring. They add up, as in one long product with the
    joined heads."""
    return {"W_O": W_O / len(W_O)}


@mistake(seen_in="tutorials")
def values_inside_the_softmax():
    """the softmax is taken of the scores times the values. It belongs around the scores
    alone; the values come after."""
    return {"read": lambda scores, value: (scores @ value).softmax(-1)}
