"""The weighted sum of all pairs: each pair of fields once, where some are missing."""

import torch

from seqviz.checks.engine import Task, marks, mistake

TASK = Task(
    label="core, about 20 minutes",
    practice="one softmax over all pairs",
    shapes="fields [B, F, E], logits [B, F, F], mask [B, F] -> [B, E]",
    vary="some fields are missing",
)


def softmax(logits, kept):
    """Over both axes; zeros where nothing is kept."""
    rows = logits.masked_fill(~kept, torch.finfo(logits.dtype).min).flatten(1)
    return rows.softmax(-1).view_as(logits) * kept


def above(mask):
    """The pairs i < j whose fields are both there, ``[B, F, F]``."""
    F = mask.shape[1]
    upper = torch.ones(F, F, dtype=torch.bool).triu(1)
    return mask[:, :, None] & mask[:, None] & upper


def products(fields):
    return fields[:, :, None] * fields[:, None]


def reference(
    fields, logits, mask, kept=above, share=softmax, together=products, scale=None
):
    pairs = kept(mask)
    weights = share(logits, pairs)
    output = torch.einsum("bij,bije->be", weights, together(fields))
    return output if scale is None else output * scale(pairs)


def cases():
    def draw(*rows, E=3):
        mask = marks(*rows)
        B, F = mask.shape
        return torch.randn(B, F, E), torch.randn(B, F, F) * 1.5, mask

    yield "every field is there", *draw("xxxx", "xxxx")
    yield "some fields are missing", *draw("xx.x", ".xxx", "x.xx")
    yield "rows with one field or none", *draw("xxx", ".x.", "...", "x.x")
    yield "two fields", *draw("xx", "xx", "x.")
    yield "one row, vectors of one number", *draw("xx.xx", E=1)
    yield "many fields", *draw("xxxxxxxx", "xx..xxx.")


def both_ways(mask):
    pairs = above(mask)
    return pairs | pairs.mT


@mistake(kept=lambda mask: mask[:, :, None] & mask[:, None])
def every_cell():
    """you take all cells: each pair twice, and each field with itself. A pair counts
    once, and a field is no pair."""


@mistake(kept=both_ways)
def each_pair_twice():
    """you take each pair twice, with two different scores: only the scores above the
    diagonal are those of pairs."""


@mistake(
    symptom="a sum with the square of a field in it",
    kept=lambda mask: above(mask) | mask.diag_embed(),
)
def with_itself():
    """you also take each field with itself: its square is in your sum."""


@mistake(kept=lambda mask: above(mask).mT)
def below_the_diagonal():
    """you take the scores below the diagonal. The pair of the fields i and j has its
    score in row i, the smaller number."""


@mistake(kept=lambda mask: above(torch.ones_like(mask)))
def missing_fields_paired():
    """pairs with a missing field get weight. A pair counts if both of its fields are
    there."""


def either(mask):
    upper = torch.ones(mask.shape[1], mask.shape[1], dtype=torch.bool).triu(1)
    return (mask[:, :, None] | mask[:, None]) & upper


@mistake(kept=either)
def one_field_is_enough():
    """a pair counts for you if one of its fields is there; both have to be."""


@mistake(
    share=lambda logits, kept: (
        logits.masked_fill(~kept, torch.finfo(logits.dtype).min).softmax(-1) * kept
    )
)
def softmax_in_each_row():
    """the weights of each row of scores sum to 1: every field shares out a weight of
    its own. All pairs together share one."""


@mistake(
    symptom="weights that sum to less than 1",
    share=lambda logits, kept: logits.flatten(1).softmax(-1).view_as(logits) * kept,
)
def masked_after_the_softmax():
    """the cells that do not count have taken their share before you drop them, so the
    rest sums to less than 1."""


@mistake(
    share=lambda logits, kept: (
        logits.masked_fill(~kept, -torch.inf).flatten(1).softmax(-1).view_as(logits)
    )
)
def nan_without_a_pair():
    """only rows with fewer than two fields are wrong: a softmax over nothing is NaN.
    They give zeros."""


@mistake(share=lambda logits, kept: kept.to(logits))
def every_weight_one():
    """every pair has weight 1, whatever its score: that is the sum of a factorization
    machine, and of an attention that looks at the summed pairs, where there is only one
    score left to share with."""


@mistake(
    share=lambda logits, kept: (
        kept.to(logits) / kept.sum((1, 2), keepdim=True).clamp(min=1)
    )
)
def every_weight_alike():
    """every pair weighs the same, whatever its score."""


@mistake(share=lambda logits, kept: logits * kept)
def scores_as_weights():
    """you weight by the scores themselves. They go through a softmax."""


@mistake(share=lambda logits, kept: torch.sigmoid(logits) * kept)
def a_gate_for_each_pair():
    """each of your pairs has a gate of its own; the weights of a row share 1."""


@mistake(together=lambda fields: fields[:, :, None] + fields[:, None])
def fields_added():
    """you add the two fields of a pair. They are multiplied, entry by entry."""


@mistake(
    together=lambda fields: (
        products(fields).sum(-1, keepdim=True).expand_as(products(fields))
    )
)
def inner_products():
    """you sum the product of a pair over its entries, so that all numbers of your
    vector are equal. The entries stay apart."""


@mistake(scale=lambda kept: kept.sum((1, 2))[:, None])
def times_the_number_of_pairs():
    """your vector is as many times too long as there are pairs. The weights sum to 1
    and nothing is multiplied after."""


@mistake(scale=lambda kept: 1 / kept.sum((1, 2)).clamp(min=1)[:, None])
def mean_of_the_weighted():
    """you divide by the number of pairs: the weights already sum to 1."""
