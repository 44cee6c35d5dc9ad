"""The mask behind the history: what it reads, BERT4Rec when it serves."""

import torch

from seqviz.checks.engine import Task, marks, mistake
from seqviz.layers import masked_softmax

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="a query that stands behind the history",
    shapes="behaviors [B, T, E], mask [B, T], mask_vector [E] -> [B, E]",
    vary="padding anywhere",
)


def reference(
    behaviors, mask, mask_vector, query=None, readable=None, scale=None, value=None
):
    """``readable [B, T + 1]``, the last column is the mask itself."""
    B, _, E = behaviors.shape
    behind = mask_vector.expand(B, 1, E)
    key = torch.cat([behaviors, behind], 1)  # [B, T + 1, E]
    query = behind[:, 0] if query is None else query
    readable = all_and_itself(mask) if readable is None else readable
    scale = E**-0.5 if scale is None else scale
    scores = torch.einsum("be,bte->bt", query, key) * scale
    weights = masked_softmax(scores, readable)
    return torch.einsum("bt,bte->be", weights, key if value is None else value)


def all_and_itself(mask):
    return torch.cat([mask, mask.new_ones(len(mask), 1)], 1)


def newest(mask):
    """bool ``[B, T]``: where the latest real click stands."""
    later = mask.flip(1).cumsum(1).flip(1)
    return mask & (later == 1)


def cases():
    def draw(*rows, E=3):
        mask = marks(*rows)
        return 1.5 * torch.randn(*mask.shape, E), mask, 1.5 * torch.randn(E)

    yield "full histories", *draw("xxxxx", "xxxxx")
    yield "padding on the left", *draw("..xxxx", ".xxxxx", "...xxx")
    yield "padding on the right", *draw("xxxx..", "xxxxx.", "xxx...")
    yield "padding anywhere", *draw(".x.x..", "xx.xx.", ".xx..x", "x.xx..")
    yield "an empty history", *draw("x.xx..", "......", ".xx..x")


@mistake
def does_not_read_itself(mask):
    """the mask leaves itself out. In self-attention each place reads itself as well,
    the mask's too."""
    none = mask.new_zeros(len(mask), 1)
    return {"readable": torch.cat([mask, none], 1)}


@mistake(symptom="a result that changes with the padding")
def reads_padding(mask):
    """the mask reads padding: what is not real has to be left out of the softmax."""
    return {"readable": torch.ones_like(all_and_itself(mask))}


@mistake
def in_the_place_of_the_latest(mask):
    """the mask stands in the place of the latest click, which is then read by nobody.
    It belongs behind it."""
    return {"readable": all_and_itself(mask & ~newest(mask))}


@mistake(seen_in="RecBole 1.2.1")
def oldest_dropped(mask):
    """the oldest click is lost: to make room for the mask, the row was cut at the wrong
    end or by one too many."""
    oldest = mask & (mask.cumsum(1) == 1)
    return {"readable": all_and_itself(mask & ~oldest)}


@mistake
def latest_asks(behaviors, mask):
    """the latest click asks. That is SASRec; here the mask asks, which knows nothing of
    its own but its place."""
    return {"query": asking_latest(behaviors, mask)}


def asking_latest(behaviors, mask):
    return torch.einsum("bt,bte->be", newest(mask).to(behaviors), behaviors)


@mistake(scale=1.0)
def no_scale():
    """these are plain inner products: divide the scores by the root of E."""


@mistake
def its_value_is_missing(behaviors, mask_vector):
    """the mask's own weight is there, but its vector is not added: weights and values
    have to run over the same places."""
    gone = torch.zeros_like(mask_vector).expand(len(behaviors), 1, -1)
    return {"value": torch.cat([behaviors, gone], 1)}


@mistake
def has_read_nothing(behaviors, mask_vector):
    """this is the mask's vector as it came, for everybody the same. It has to read."""
    return mask_vector.expand(len(behaviors), -1)


@mistake(symptom="zeros for an empty history")
def nothing_for_nobody(mask, right):
    """only the empty history is wrong: there the mask still reads itself, so it gives
    its own vector, not zeros."""
    return right * mask.any(1, keepdim=True)


@mistake
def all_ask(behaviors, mask, mask_vector):
    """you average what all places have read. Only the mask's place is wanted."""
    B, _, E = behaviors.shape
    key = torch.cat([behaviors, mask_vector.expand(B, 1, E)], 1)
    real = all_and_itself(mask)
    weights = masked_softmax(key @ key.mT * E**-0.5, real[:, None])
    read = weights @ key * real[..., None]
    return read.sum(1) / real.sum(1, keepdim=True)
