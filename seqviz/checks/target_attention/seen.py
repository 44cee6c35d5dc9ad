"""Many shown items of one user in one call, each with the history of its own moment."""

import torch

from seqviz.checks.engine import Case, Task, mistake, rule, softmaxes
from seqviz.layers import masked_softmax

TASK = Task(
    title="Every shown item with the history of its moment",
    difficulty="project",
    minutes=25,
    shapes="query [B, M, E], key [B, T, E], value [B, T, E], seen [B, M] -> [B, M, E]",
    gradients=("query", "key", "value"),
    vary="items shown before the first click",
)


def reference(
    query, key, value, seen, earlier=torch.lt, scale=None, weigh=masked_softmax
):
    readable = earlier(torch.arange(key.shape[1]), seen[..., None])  # [B, M, T]
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    return weigh((query * scale) @ key.mT, readable) @ value


def cases():
    def draw(name, *seen, T=5, E=4):
        B, M = len(seen), len(seen[0])
        inputs = {
            "query": torch.randn(B, M, E),
            "key": torch.randn(B, T, E),
            "value": torch.randn(B, T, E),
            "seen": torch.tensor(seen),
        }
        return Case(name, inputs)

    yield draw("items shown after every click", [5, 5, 5], [5, 5, 5])
    yield draw("items shown along the way", [1, 3, 4], [2, 2, 5], [4, 1, 3], [5, 3, 1])
    yield draw("items shown before the first click", [0, 1, 5], [3, 0, 0], [2, 4, 0])
    late = draw("loud clicks that come later", [2, 2, 2], [2, 2, 2])
    late.inputs["key"][:, 2:] *= 100
    yield late
    yield draw("as many items as clicks", [1, 2, 3, 4, 5], [5, 1, 4, 2, 2])
    yield draw("one item", [3], [5], [1])
    yield draw("one click", [0, 1, 1], [1, 0, 1], T=1)


@mistake
def reads_the_future(key, seen):
    """every item reads all clicks, also those that came after it was shown. In training
    that tells the model what she did next."""
    return {"seen": torch.full_like(seen, key.shape[1])}


@mistake
def one_too_many(seen):
    """each item reads one click too many, and that one may be the answer itself. If
    three clicks had happened, the places are 0, 1 and 2."""
    return {"seen": seen + 1}


@mistake
def one_too_few(seen):
    """each item misses the click just before it was shown. If three clicks had
    happened, the places are 0, 1 and 2."""
    return {"seen": seen - 1}


@mistake(earlier=torch.ge)
def only_the_future():
    """the comparison is the wrong way round: each item reads what came after it was
    shown."""


@mistake
def one_cut_for_all(seen):
    """all items of a user read up to the same click. Each was shown at a moment of its
    own: the mask needs the axis of the items too."""
    yield {"seen": seen.amax(1, keepdim=True).expand_as(seen)}
    yield {"seen": seen.amin(1, keepdim=True).expand_as(seen)}


@mistake(weigh=softmaxes.masked_after)
def mask_after_softmax():
    """the later clicks had their share in the softmax, and you throw it away after: the
    rest no longer sums to 1. The mask comes before."""


@mistake(scale=1.0)
def no_scale():
    """the mask is right, but the inner products are not scaled: they should be divided
    by the root of the width."""


@mistake
def reads_the_keys(key):
    """the weights are right, but you mix the keys with them. What is read are the
    values."""
    return {"value": key}


@mistake(weigh=softmaxes.nan_if_empty)
def nan_before_the_first_click():
    """only an item that was shown before the first click is wrong: a softmax of nothing
    but minus infinity is NaN. It should get zeros."""


@mistake(weigh=softmaxes.uniform_if_empty)
def uniform_before_the_first_click():
    """only an item that was shown before the first click is wrong: where every score is
    the same large negative number, it reads all clicks alike. It should get zeros."""


@rule
def zeros_before_the_first_click(result, seen):
    if result[seen == 0].any():
        return "an item that was shown before the first click should get zeros."
