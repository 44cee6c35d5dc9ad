"""A module that can be trained: masked self-attention with several heads."""

import torch
from torch import nn
from torch.func import functional_call

from seqviz.checks.engine import Refused, Task, marks, mistake
from seqviz.checks.self_attention.session import (  # noqa: F401
    any_pair,
    mask_after_the_softmax,
    may_read,
    nan_empty_row,
    not_itself,
    padding_reads,
    reads_only_later,
    uniform_empty_row,
)
from seqviz.layers import masked_softmax

HEADS = 2
MATRICES = ("W_Q", "W_K", "W_V", "W_O")

TASK = Task(
    label="core, about 25 minutes",
    practice="cutting into heads and joining them again",
    shapes="behaviors [B, T, E], mask [B, T], W_Q [E, E], W_K [E, E], W_V [E, E], "
    "W_O [E, E] -> [B, T, E]",
    vary="padded histories",
)


def prepare(answer):
    """The class as a function: built, given the matrices of the case, and called."""
    if not isinstance(answer, type | nn.Module):
        return answer

    def ask(behaviors, mask, *matrices):
        if isinstance(answer, nn.Module) or not issubclass(answer, nn.Module):
            raise Refused(
                "pass the class itself, a subclass of `nn.Module`, by its name: the "
                "check builds it, for widths of its own."
            )
        module = answer(behaviors.shape[-1], HEADS)
        own = {name: p.shape for name, p in module.named_parameters()}
        if not own and module(behaviors, mask) is None:
            return None  # a stub
        return functional_call(module, named(matrices, own), (behaviors, mask))

    ask.__wrapped__ = getattr(answer, "forward", None)  # for the line of an error
    return ask


def named(matrices, own):
    """The matrices by the names of the parameters, whose shapes are in ``own``."""
    given = {}
    for name, matrix in zip(MATRICES, matrices, strict=True):
        linear = f"{name}.weight"  # nn.Linear keeps it transposed
        if name not in own and linear not in own:
            raise Refused(
                f"your module has no parameter `{name}`, so no optimizer would train "
                f"it: is it a plain tensor, in a plain list, the same as another, or "
                f"called otherwise? Registered: {', '.join(own) or 'nothing'}."
            )
        given |= {name: matrix} if name in own else {linear: matrix.mT}
    odd = [n for n, shape in own.items() if n not in given or shape != given[n].shape]
    if odd:
        raise Refused(
            f"your module learns something else than four matrices [E, E]: "
            f"{', '.join(f'{n} {[*own[n]]}' for n in odd)}. They stand without a bias."
        )
    return given


def cut(vectors, heads):
    return vectors.unflatten(-1, (heads, -1)).transpose(1, 2)  # [B, H, T, E/H]


def reference(
    behaviors,
    mask,
    W_Q,
    W_K,
    W_V,
    W_O,
    heads=HEADS,
    width=lambda E, D: D,
    weigh=masked_softmax,
    cut=cut,
    beside=lambda read: read.transpose(1, 2),  # [B, T, H, E/H]
    **may,
):
    query, key, value = (cut(behaviors @ W, heads) for W in (W_Q, W_K, W_V))
    scores = query @ key.mT / width(behaviors.shape[-1], query.shape[-1]) ** 0.5
    read = weigh(scores, may_read(mask, **may)[:, None]) @ value
    return beside(read).flatten(2) @ W_O


def cases():
    def draw(*rows, E=6):
        mask = marks(*rows)
        behaviors = torch.randn(*mask.shape, E)
        return behaviors, mask, *(1.5 * torch.randn(4, E, E) / E**0.5)

    yield "full histories", *draw("xxxxx", "xxxxx", "xxxxx")
    yield "padded histories", *draw(".xxxx", "xx.xx", "xxx..", "x..xx", "..x.x")
    yield "an empty history", *draw("xx.xx", ".....", "xxx.x")
    yield "as wide as the history is long", *draw("xxxx", ".xxx", "xx.x", E=4)
    yield "heads of width 1", *draw("xxxxx", ".xx.x", E=2)


@mistake(heads=1)
def one_head_for_all():
    """your heads share one row of weights: cut queries, keys and values before the
    scores, so that each head has a softmax of its own."""


@mistake(heads=1, width=lambda E, D: E / HEADS)
def one_head_with_their_scale():
    """there is one head with the scale of several: the root of E/H, but no cut."""


@mistake(width=lambda E, D: E)
def scaled_by_the_whole_width():
    """you divide by the root of E. A head sums over its own E/H entries."""


@mistake(width=lambda E, D: 1)
def no_scale():
    """these are plain inner products: divide the scores by the root of E/H."""


@mistake(symptom="the right shape with the wrong numbers")
def cut_across_the_behaviors(behaviors):
    """the shape fits, but heads and behaviors are mixed up when you cut: make H an axis
    beside E/H first, and bring it to the front afterwards."""
    B, T, _ = behaviors.shape
    return {"cut": lambda vectors, heads: vectors.reshape(B, heads, T, -1)}


@mistake
def joined_across_the_behaviors(behaviors):
    """the shape fits, but heads and behaviors are mixed up when you join: bring H back
    beside E/H before the two become one axis."""
    B, T, _ = behaviors.shape
    return {"beside": lambda read: read.reshape(B, T, -1)}


@mistake
def transposed_matrices(W_Q, W_K, W_V, W_O):
    """each matrix stands the wrong way round: a behavior is a row, so it is multiplied
    by the matrix from the left, without a transpose."""
    return {"W_Q": W_Q.mT, "W_K": W_K.mT, "W_V": W_V.mT, "W_O": W_O.mT}


@mistake
def query_and_key_swapped(W_Q, W_K):
    """queries and keys have changed places: who reads has become who is read."""
    return {"W_Q": W_K, "W_K": W_Q}


@mistake(W_V=lambda W_V: torch.eye(len(W_V)).to(W_V))
def values_as_they_came():
    """what is read are the behaviors themselves: the values have a matrix, too."""


@mistake(W_O=lambda W_O: torch.eye(len(W_O)).to(W_O))
def no_output_matrix():
    """the joined heads come out as they are: the last matrix is missing."""


@mistake(time=any_pair)
def looks_ahead():
    """a behavior reads later ones: the causal mask is missing."""


@mistake(columns=False)
def reads_padding():
    """padding is read: the mask belongs to the columns as well."""
