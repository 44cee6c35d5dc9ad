"""What self-attention and a mean read: weights of the original behaviors."""

import torch

from seqviz.checks.engine import Task, marks, mistake, rule
from seqviz.checks.engine.softmaxes import odd_sum
from seqviz.layers import masked_softmax

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="a mean over those who read",
    shapes="self_weights [B, T, T], mask [B, T] -> [B, T]",
    vary="an empty history",
)


def rows_of_readers(self_weights, mask):
    return self_weights.masked_fill(~mask[..., None], 0.0)


def readers(mask):
    return mask.sum(1, keepdim=True)


def reference(
    self_weights,
    mask,
    total=lambda self_weights, mask: rows_of_readers(self_weights, mask).sum(1),
    count=lambda mask: readers(mask).clamp(min=1),
):
    return total(self_weights, mask) / count(mask)


def cases():
    def draw(*rows):
        """Padding is not read, but its own rows sum to 1 too."""
        mask = marks(*rows)
        logits = 2 * torch.randn(*mask.shape, mask.shape[1])
        return masked_softmax(logits, mask[:, None]), mask

    yield "full histories", *draw("xxxxx", "xxxxx")
    yield "padded histories", *draw(".x.xx", "..xxx", ".xx.x", "xx.xx", "x...x")
    yield "an empty history", *draw(".x.xx", "..xxx", ".....", "xx.xx")


@mistake(symptom="nearly the same number for every behavior")
def mean_along_the_row(self_weights):
    """you average along a row, over what is read: a row sums to 1, so every result is
    alike. The mean is taken over the readers."""
    yield self_weights.mean(2)
    yield {"total": lambda *given: rows_of_readers(*given).sum(2)}


@mistake
def padding_among_the_readers(self_weights):
    """the mask changes nothing: the rows of the padding are averaged along. Padding is
    not read, but here it reads."""
    return self_weights.mean(1)


@mistake(total=lambda self_weights, mask: self_weights.sum(1))
def padding_in_the_sum():
    """the number below the line is right, but the rows of the padding are added above
    it: their weights sum to 1 like any other row's."""


@mistake(count=lambda mask: mask.shape[1])
def divides_by_the_length():
    """only real readers are added, but you divide by T: short histories get small
    weights. Divide by the number of real behaviors."""


@mistake(count=lambda mask: 1)
def sum_instead_of_mean():
    """this is the sum over the readers: it grows with the history. Take the mean."""


@mistake(count=lambda mask: mask.sum().clamp(min=1))
def counts_the_whole_batch():
    """you divide by the number of real behaviors of all users, not of each."""


@mistake(mask=torch.logical_not)
def inverted_mask():
    """your readers are the padding: in `mask`, True means real."""


@mistake
def diagonal_only(self_weights, mask):
    """you keep what each behavior reads of itself. The others read it, too."""
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


@mistake(count=lambda mask: readers(mask) + 1)
def one_too_many():
    """you add 1 to the number of readers, to be safe from 0. It shortens every weight;
    only the empty history needs help."""


@mistake(symptom="NaN for an empty history", count=readers)
def nan_empty_row():
    """only the empty history is wrong: 0 divided by 0 is NaN. It should give zeros."""


@rule
def sums_to_1(result, mask):
    """the weights of a user sum to {:.3g}. Each reader hands out exactly 1, so their
    mean does too; without a behavior it is 0."""
    return odd_sum(result, mask.any(1))
