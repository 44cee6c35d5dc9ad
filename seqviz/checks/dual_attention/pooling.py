"""The weights that self-attention and a mean give to the original behaviors."""

import torch

from seqviz.checks.engine import Case, Task, marks, mistake, rule
from seqviz.layers import masked_softmax

TASK = Task(
    title="What self-attention and a mean read",
    difficulty="warm-up",
    minutes=10,
    shapes="self_weights [B, T, T], mask [B, T] -> [B, T]",
    gradients=("self_weights",),
    vary="an empty history",
)


def reference(self_weights, mask, total=None, count=None):
    total = rows_of_readers(self_weights, mask).sum(1) if total is None else total
    count = mask.sum(1, keepdim=True).clamp(min=1) if count is None else count
    return total / count


def rows_of_readers(self_weights, mask):
    return self_weights.masked_fill(~mask[..., None], 0.0)


def cases():
    def draw(name, *rows):
        """Padding is not read, but its own rows sum to 1 too."""
        mask = marks(*rows)
        logits = 2 * torch.randn(*mask.shape, mask.shape[1])
        weights = masked_softmax(logits, mask[:, None])
        return Case(name, {"self_weights": weights, "mask": mask})

    yield draw("full histories", "xxxxx", "xxxxx")
    yield draw("padded histories", ".x.xx", "..xxx", ".xx.x", "xx.xx", "x...x")
    yield draw("an empty history", ".x.xx", "..xxx", ".....", "xx.xx")
    yield draw("one behavior", "x", ".")
    yield draw("one user", ".xx.x")


@mistake
def mean_along_the_row(self_weights, mask):
    """you average along a row, over what is read: a row sums to 1, so every result is
    alike. The mean is taken over the readers."""
    yield self_weights.mean(2)
    yield {"total": rows_of_readers(self_weights, mask).sum(2)}


@mistake
def padding_among_the_readers(self_weights):
    """the mask changes nothing: the rows of the padding are averaged along. Padding is
    not read, but here it reads."""
    return self_weights.mean(1)


@mistake
def padding_in_the_sum(self_weights):
    """the number below the line is right, but the rows of the padding are added above
    it: their weights sum to 1 like any other row's."""
    return {"total": self_weights.sum(1)}


@mistake
def divides_by_the_length(mask):
    """only real readers are added, but you divide by T: short histories get small
    weights. Divide by the number of real behaviors."""
    return {"count": mask.shape[1]}


@mistake(count=1)
def sum_instead_of_mean():
    """this is the sum over the readers: it grows with the history. A mean divides by
    their number."""


@mistake
def counts_the_whole_batch(mask):
    """you divide by the number of real behaviors of all users together: each user has a
    number of her own."""
    return {"count": mask.sum().clamp(min=1)}


@mistake
def inverted_mask(mask):
    """your readers are the padding: in `mask`, True means real."""
    return {"mask": ~mask}


@mistake
def diagonal_only(self_weights, mask):
    """you keep what each behavior reads of itself. A behavior is read by all the others
    too."""
    return self_weights.diagonal(dim1=1, dim2=2) * mask


@mistake
def softmax_again(self_weights, mask):
    """you take a softmax of what has been read: the weights are there already, they
    only have to be averaged."""
    return masked_softmax(rows_of_readers(self_weights, mask).sum(1), mask)


@mistake
def maximum_instead_of_mean(self_weights, mask):
    """you keep the largest weight that any reader gives. A mean hears all readers."""
    return rows_of_readers(self_weights, mask).amax(1)


@mistake
def only_the_last(self_weights, mask):
    """you return what the last behavior reads: the other readers have no say."""
    return self_weights[:, -1] * mask[:, -1:]


@mistake
def one_too_many(mask):
    """you add 1 to the number of readers, to be safe from 0. It shortens every weight;
    only the empty history needs help."""
    return {"count": mask.sum(1, keepdim=True) + 1}


@mistake
def nan_empty_row(mask):
    """only the empty history is wrong: 0 divided by 0 is NaN. It should give zeros."""
    return {"count": mask.sum(1, keepdim=True)}


@rule
def sums_to_1(result, mask):
    total = result.double().sum(-1)
    gap = (total - mask.any(-1).double()).abs()
    if gap.max() >= 1e-2:
        return (
            f"the weights of a user sum to {total[gap.argmax()]:.3g}. Each reader "
            f"hands out exactly 1, so their mean does too; without a behavior it is 0."
        )
