"""Masked self-attention with several heads, as a module that can be trained."""

import torch
from torch import nn
from torch.func import functional_call

from seqviz.checks.engine import Case, Task, marks, mistake, softmaxes
from seqviz.layers import masked_softmax

HEADS = 2
MATRICES = ("W_Q", "W_K", "W_V", "W_O")

TASK = Task(
    title="A module that can be trained",
    difficulty="core",
    minutes=25,
    shapes="behaviors [B, T, E], mask [B, T], W_Q [E, E], W_K [E, E], W_V [E, E], "
    "W_O [E, E] -> [B, T, E]",
    gradients=("behaviors", *MATRICES),
    vary="padded histories",
)


def prepare(answer):
    """The module as a function of its matrices, whatever values they began with."""
    if not (isinstance(answer, type) and issubclass(answer, nn.Module)):
        return answer

    def call(behaviors, mask, *matrices):
        module = answer(behaviors.shape[-1], HEADS)
        own = {name: list(p.shape) for name, p in module.named_parameters()}
        if not own and (result := module(behaviors, mask)) is None:
            return result
        given = {}
        for name, matrix in zip(MATRICES, matrices, strict=True):
            layer = f"{name}.weight"  # nn.Linear keeps its matrix transposed
            given |= {layer: matrix.mT} if layer in own else {name: matrix}
        wanted = {name: list(matrix.shape) for name, matrix in given.items()}
        odd = [
            f"{name} {own.get(name, 'is missing')}"
            for name in own | wanted
            if own.get(name) != wanted.get(name)
        ]
        if odd:
            raise ValueError(
                f"the parameters are to be {', '.join(MATRICES)}, each [E, E], as "
                f"nn.Parameter or as nn.Linear without a bias; but: {', '.join(odd)}"
            )
        return functional_call(module, given, (behaviors, mask))

    return call


def cut(vectors, heads):
    return vectors.unflatten(-1, (heads, -1)).transpose(1, 2)  # [B, H, T, E/H]


def joined(read):
    return read.transpose(1, 2).flatten(2)  # [B, T, E]


def reference(
    behaviors,
    mask,
    W_Q,
    W_K,
    W_V,
    W_O,
    heads=HEADS,
    reads=None,  # the behaviors that read, [B, T]
    is_read=None,  # the behaviors that are read, [B, T]
    time=torch.ge,  # place of who reads against that of who is read
    width=None,
    weigh=masked_softmax,
    cut=cut,
    joined=joined,
):
    query, key, value = (cut(behaviors @ W, heads) for W in (W_Q, W_K, W_V))
    scores = query @ key.mT / (query.shape[-1] if width is None else width) ** 0.5
    place = torch.arange(mask.shape[1])
    readable = (
        time(place[:, None], place) & (mask if reads is None else reads)[..., None]
    )
    readable = readable & (mask if is_read is None else is_read)[:, None]  # [B, T, T]
    return joined(weigh(scores, readable[:, None].expand(scores.shape)) @ value) @ W_O


def cases():
    def draw(name, *rows, E=6):
        mask = marks(*rows)
        inputs = {"behaviors": torch.randn(*mask.shape, E), "mask": mask}
        for matrix in MATRICES:
            inputs[matrix] = 1.5 * torch.randn(E, E) / E**0.5
        return Case(name, inputs)

    yield draw("full histories", "xxxxx", "xxxxx", "xxxxx")
    yield draw("padded histories", ".xxxx", "xx.xx", "xxx..", "x..xx", "..x.x")
    yield draw("an empty history", "xx.xx", ".....", "xxx.x")
    yield draw("as wide as the history is long", "xxxx", ".xxx", "xx.x", E=4)
    yield draw("heads of width 1", "xxxxx", ".xx.x", E=2)
    yield draw("one behavior", "x", "x")
    yield draw("one user", "xxxxx")


@mistake
def one_head_for_all():
    """your heads share one row of weights: cut queries, keys and values before the
    scores, so that each head has a softmax of its own."""
    return {"heads": 1}


@mistake
def one_head_with_their_scale(behaviors):
    """there is one head, scaled as if there were several: the root of E/H is right, but
    nothing is cut."""
    return {"heads": 1, "width": behaviors.shape[-1] / HEADS}


@mistake
def scaled_by_the_whole_width(behaviors):
    """you divide by the root of E. A head sums over its own E/H entries."""
    return {"width": behaviors.shape[-1]}


@mistake
def no_scale():
    """these are plain inner products: divide the scores by the root of E/H."""
    return {"width": 1}


@mistake
def cut_across_the_behaviors():
    """the shape fits, but heads and behaviors are mixed up when you cut: make H an axis
    beside E/H first, and bring it to the front afterwards."""

    def reshaped(vectors, heads):
        B, T, E = vectors.shape
        return vectors.reshape(B, heads, T, E // heads)

    return {"cut": reshaped}


@mistake
def joined_across_the_behaviors(behaviors):
    """the shape fits, but heads and behaviors are mixed up when you join: bring H back
    beside E/H before the two become one axis."""
    return {"joined": lambda read: read.reshape(behaviors.shape)}


@mistake
def transposed_matrices(W_Q, W_K, W_V, W_O):
    """each matrix stands the wrong way round: a behavior is a row, so it is multiplied
    by the matrix from the left, without a transpose."""
    return {"W_Q": W_Q.mT, "W_K": W_K.mT, "W_V": W_V.mT, "W_O": W_O.mT}


@mistake
def query_and_key_swapped(W_Q, W_K):
    """queries and keys have changed places: who reads has become who is read."""
    return {"W_Q": W_K, "W_K": W_Q}


@mistake
def values_as_they_came(W_V):
    """what is read are the behaviors themselves: the values have a matrix, too."""
    return {"W_V": torch.eye(len(W_V)).to(W_V) + 0 * W_V}


@mistake
def no_output_matrix(W_O):
    """the joined heads come out as they are: the last matrix is missing."""
    return {"W_O": torch.eye(len(W_O)).to(W_O) + 0 * W_O}


@mistake
def looks_ahead():
    """a behavior reads later ones: the causal mask is missing."""
    return {"time": lambda one, other: one == one}


@mistake
def reads_only_later():
    """the triangle is on the wrong side: row t may read the columns up to t."""
    return {"time": torch.le}


@mistake
def not_itself():
    """a behavior may read itself: the diagonal belongs to the causal mask."""
    return {"time": torch.gt}


@mistake
def reads_padding(mask):
    """padding is read: the mask belongs to the columns as well."""
    return {"is_read": torch.ones_like(mask)}


@mistake
def padding_reads(mask):
    """the rows of padding are not empty: that is the query mask."""
    return {"reads": torch.ones_like(mask)}


@mistake
def mask_after_the_softmax():
    """the weights no longer sum to 1: what is left out had its share in the softmax.
    Leave it out before."""
    return {"weigh": softmaxes.masked_after}


@mistake
def uniform_empty_row():
    """only the rows of padding are wrong: a row of equal large negative numbers has a
    uniform softmax. They should be zeros."""
    return {"weigh": softmaxes.uniform_if_empty}


@mistake
def nan_empty_row():
    """the rows of padding are NaN: a softmax of nothing but minus infinity. They should
    be zeros."""
    return {"weigh": softmaxes.nan_if_empty}
