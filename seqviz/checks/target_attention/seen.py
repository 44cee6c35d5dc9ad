"""Every shown item with the history of its moment."""

import torch

from seqviz.checks.engine import Task, mistake, rule, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    label="project, about 25 minutes",
    practice="a mask with an axis for the shown items",
    shapes="query [B, M, E], key [B, T, E], value [B, T, E], seen [B, M] -> [B, M, E]",
    vary="items shown before the first click",
)


def reference(
    query, key, value, seen, earlier=torch.lt, root=0.5, weigh=masked_softmax
):
    readable = earlier(torch.arange(key.shape[1]), seen[..., None])  # [B, M, T]
    return weigh(query @ key.mT / query.shape[-1] ** root, readable) @ value


def cases():
    def draw(*seen, T=5, E=4):
        B, M = len(seen), len(seen[0])
        query, key = torch.randn(B, M, E), torch.randn(B, T, E)
        return query, key, torch.randn(B, T, E), seen

    yield "items shown after every click", *draw([5, 5, 5], [5, 5, 5])
    along = [1, 3, 4], [2, 2, 5], [4, 1, 3], [5, 3, 1]
    yield "items shown along the way", *draw(*along)
    first = draw([0, 1, 5], [3, 0, 0], [2, 4, 0])
    yield "items shown before the first click", *first
    query, key, *rest = draw([2, 2, 2], [2, 2, 2])
    key[:, 2:] *= 100
    yield "loud clicks that come later", query, key, *rest
    yield "as many items as clicks", *draw([1, 2, 3, 4, 5], [5, 1, 4, 2, 2])
    yield "one item", *draw([3], [5], [1])
    yield "one behavior", *draw([0, 1, 1], [1, 0, 1], T=1)


@mistake(symptom="a result that changes with later clicks")
def reads_the_future(key, seen):
    """every item reads all clicks, also those that came after it was shown. In training
    that tells the model what she did next."""
    return {"seen": torch.full_like(seen, key.shape[1])}


@mistake(seen=lambda seen: seen + 1)
def one_too_many():
    """each item reads one click too many, and that one may be the answer itself. If
    three clicks had happened, the places are 0, 1 and 2."""


@mistake(seen=lambda seen: seen - 1)
def one_too_few():
    """each item misses the click just before it was shown. If three clicks had
    happened, the places are 0, 1 and 2."""


@mistake(earlier=torch.ge)
def only_the_future():
    """the comparison is the wrong way round: each item reads what came afterwards."""


@mistake(seen=lambda seen: seen.amax(1, keepdim=True).expand_as(seen))
@mistake(seen=lambda seen: seen.amin(1, keepdim=True).expand_as(seen))
def one_cut_for_all():
    """all items of a user read up to the same click. Each was shown at a moment of its
    own: the mask needs the axis of the items too."""


@mistake(weigh=softmaxes.masked_after)
def mask_after_softmax():
    """the later clicks had their share in the softmax, and you throw it away after: the
    rest no longer sums to 1. The mask comes before."""


@mistake(root=0)
def no_scale():
    """the mask is right, but the inner products are not scaled: they should be divided
    by the root of the width."""


@mistake
def reads_the_keys(key):
    """the weights are right, but you mix the keys. What is read are the values."""
    return {"value": key}


@mistake(symptom="NaN before the first click", weigh=softmaxes.nan_if_empty)
def nan_before_the_first_click():
    """only an item that was shown before the first click is wrong: a softmax of nothing
    but minus infinity is NaN. It should get zeros."""


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_before_the_first_click():
    """only an item that was shown before the first click is wrong: where every score is
    the same large negative number, it reads all clicks alike. It should get zeros."""


@rule
def zeros_before_the_first_click(result, seen):
    """an item that was shown before the first click should get zeros."""
    return result[seen == 0].any()
