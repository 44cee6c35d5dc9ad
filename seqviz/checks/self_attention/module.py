"""Masked self-attention with several heads, as a module that can be trained."""

import torch
from torch import nn
from torch.func import functional_call

from seqviz.checks.engine import Case, Refused, Task, marks, mistake, softmaxes
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
    readable=None,
    width=None,
    weigh=masked_softmax,
    cut=cut,
    beside=lambda read: read.transpose(1, 2),  # [B, T, H, E/H]
):
    query, key, value = (cut(behaviors @ W, heads) for W in (W_Q, W_K, W_V))
    scores = query @ key.mT / (query.shape[-1] if width is None else width) ** 0.5
    readable = pairs(mask).tril() if readable is None else readable  # [B, T, T]
    read = weigh(scores, readable[:, None].expand(scores.shape)) @ value
    return beside(read).flatten(2) @ W_O


def pairs(mask):
    return mask[..., None] & mask[:, None]  # [B, T, T], who reads and who is read


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


@mistake
def values_as_they_came(W_V):
    """what is read are the behaviors themselves: the values have a matrix, too."""
    return {"W_V": torch.eye(len(W_V)).to(W_V)}


@mistake
def no_output_matrix(W_O):
    """the joined heads come out as they are: the last matrix is missing."""
    return {"W_O": torch.eye(len(W_O)).to(W_O)}


@mistake
def looks_ahead(mask):
    """a behavior reads later ones: the causal mask is missing."""
    return {"readable": pairs(mask)}


@mistake
def reads_only_later(mask):
    """the triangle is on the wrong side: row t may read the columns up to t."""
    return {"readable": pairs(mask).triu()}


@mistake
def not_itself(mask):
    """a behavior may read itself: the diagonal belongs to the causal mask."""
    return {"readable": pairs(mask).tril(-1)}


@mistake
def reads_padding(mask):
    """padding is read: the mask belongs to the columns as well."""
    return {"readable": mask[..., None].expand(-1, -1, mask.shape[1]).tril()}


@mistake
def padding_reads(mask):
    """the rows of padding are not empty: that is the query mask."""
    return {"readable": mask[:, None].expand(-1, mask.shape[1], -1).tril()}


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
