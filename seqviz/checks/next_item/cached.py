"""One more click: what it reads of cached keys."""

import torch

from seqviz.checks.engine import Task, mistake
from seqviz.layers import masked_softmax

TASK = Task(
    label="core, about 20 minutes",
    practice="attention over a cache and one more click",
    shapes="keys [B, T, E], values [B, T, E], count [B], query [B, E], key [B, E], "
    "value [B, E] -> [B, E]",
    vary="histories of several lengths",
)


def reference(
    keys,
    values,
    count,
    query,
    key,
    value,
    readable=None,
    scale=None,
    itself=True,
    own_value=None,
):
    """``readable [B, T]``: which slots of the cache hold something."""
    readable = filled(keys, count) if readable is None else readable
    scale = keys.shape[-1] ** -0.5 if scale is None else scale
    own = torch.full_like(readable[:, :1], itself)
    every = torch.cat([keys, key[:, None]], 1)  # [B, T + 1, E]
    scores = torch.einsum("be,bte->bt", query, every) * scale
    weights = masked_softmax(scores, torch.cat([readable, own], 1))
    value = value if own_value is None else own_value
    read = torch.cat([values, value[:, None]], 1)
    return torch.einsum("bt,bte->be", weights, read)


def filled(keys, count):
    return torch.arange(keys.shape[1]) < count[:, None]  # [B, T]


def cases():
    def draw(*count, T=5, E=3):
        B = len(count)
        keys, values = 1.5 * torch.randn(2, B, T, E)
        return keys, values, count, *(1.5 * torch.randn(3, B, E))

    yield "full caches", *draw(5, 5)
    yield "histories of several lengths", *draw(3, 1, 4, 2)
    yield "a first click", *draw(0, 3, 0, T=4)


@mistake(symptom="a result that changes with empty slots")
def reads_empty_slots(keys):
    """you read the whole cache. Beyond `count` its slots hold nothing: they take weight
    all the same."""
    return {"readable": torch.ones_like(keys[..., 0]).bool()}


@mistake(symptom="a result without the new click's own value", itself=False)
def does_not_read_itself():
    """the new click reads the old ones alone. Its own key and value belong to what it
    reads."""


@mistake
def latest_slot_missing(keys, count):
    """one slot too few is read: the click before this one is missing."""
    return {"readable": filled(keys, count - 1)}


@mistake
def one_slot_too_many(keys, count):
    """one slot too many is read: the first slot behind the old clicks is still
    empty."""
    return {"readable": filled(keys, count + 1)}


@mistake
def from_the_wrong_end(keys, count):
    """you read the last slots of the cache. It is filled from the front."""
    return {"readable": filled(keys, count).flip(1)}


@mistake
def oldest_overwritten(keys, count):
    """the oldest click is lost: the new one was written over it."""
    first = torch.arange(keys.shape[1]) == 0
    return {"readable": filled(keys, count) & ~first}


@mistake(scale=1.0)
def no_scale():
    """these are plain inner products: divide the scores by the root of E."""


@mistake
def scaled_by_the_count(count, keys):
    """you divide the scores by the root of the number of clicks. The sum runs over E
    entries, so the root is that of E."""
    return {"scale": (1 + count[:, None]).to(keys) ** -0.5}


@mistake
def its_value_is_missing(value):
    """its own weight is there, but its value is not added."""
    return {"own_value": torch.zeros_like(value)}


@mistake
def the_query_as_key(query):
    """the new click is found by its query. It is found by its key."""
    return {"key": query}


@mistake
def the_key_asks(key):
    """the new click asks with its key. It asks with its query."""
    return {"query": key}


@mistake
def added_not_shared(value, right, keys, values, count, query, key):
    """the new value is added whole to what was read of the old ones. It shares one
    softmax with them."""
    alone = reference(keys, values, count, query, key, value, itself=False)
    return alone + value


@mistake
def an_even_mean(keys, values, count, value):
    """all clicks weigh the same: the scores play no part."""
    total = (values * filled(keys, count)[..., None]).sum(1) + value
    return total / (1 + count[:, None])
