"""The gain in Q: by how much each candidate would raise it."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 15 minutes",
    practice="what one more item adds to a sum over pairs",
    shapes="scores [B, M], categories [B, M], chosen [B, M] -> [B, M]",
    dtype_of="scores",
    without={"float16": "torch makes float32 of a number times a count"},
)


def pairs(differ, chosen):
    return (differ & chosen[:, None]).sum(2)  # [B, M]


def reference(scores, categories, chosen, weight=0.25, others=pairs):
    """Of each candidate that is not chosen; 0 for what is."""
    differ = categories[:, :, None] != categories[:, None]  # [B, M, M]
    gains = scores + 2 * weight * others(differ, chosen)
    return gains.masked_fill(chosen, 0.0)


def cases():
    def draw(B, M, share=0.4):
        scores, categories = torch.randn(B, M), torch.randint(4, (B, M))
        chosen = torch.rand(B, M) < share
        chosen[0, :4] = torch.tensor([True, True, False, False])
        categories[0, :4] = torch.tensor([1, 2, 1, 3])
        return scores, categories, chosen

    yield "lists of a few items", *draw(3, 7)
    scores, categories, chosen = draw(2, 5)
    yield "empty lists", scores, categories, chosen & False
    yield "nearly all chosen", *draw(4, 6, share=0.8)


@mistake(
    seen_in="the ComiRec paper, between its equation and its Algorithm 2",
    symptom="a term for the pairs that is half as large",
)
def algorithm_instead_of_q():
    """this is the gain of Algorithm 2. Q sums over ordered pairs: a new pair enters it
    two times."""
    return {"weight": 0.125}


@mistake(others=lambda differ, chosen: pairs(~differ, chosen))
def same_category():
    """you reward the same category. The pairs that count are those that differ."""


@mistake(
    seen_in="the ComiRec authors' code, where it is right: it needs the order",
    others=lambda differ, chosen: -pairs(~differ, chosen),
)
def penalty_instead_of_gain():
    """you subtract for the same category: that gives the same order of the candidates,
    but not the gain."""


@mistake(others=lambda differ, chosen: differ.sum(2))
def all_candidates():
    """you count the candidates of another category, chosen or not. Only pairs with
    chosen items enter the list's value."""


@mistake
def categories_counted(categories, chosen):
    """you count the other categories that the list holds. Two chosen items of one
    category are two pairs."""
    kinds = torch.arange(categories.max() + 1)
    held = ((categories[..., None] == kinds) & chosen[..., None]).any(1)  # [B, kinds]
    other = categories[..., None] != kinds  # [B, M, kinds]
    return {"others": lambda *_: (other & held[:, None]).sum(2)}


@mistake(symptom="gains for items that are chosen already")
def chosen_twice(scores, categories, chosen):
    """items that are chosen already get a gain. They cannot be added again: give 0."""
    none = torch.zeros_like(chosen)
    return reference(scores, categories, none, others=lambda d, _: pairs(d, chosen))


@mistake(others=lambda differ, chosen: (differ & chosen[:, None]).any(2))
def yes_or_no():
    """you ask whether any chosen item is of another category. Each is a pair."""


@mistake(others=lambda differ, chosen: 0)
def scores_only():
    """these are the scores: no pair with a chosen item is counted."""
