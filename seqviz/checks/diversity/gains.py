"""By how much each candidate would raise the paper's value Q."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="The gain in Q",
    difficulty="core",
    minutes=15,
    shapes="scores [B, M], categories [B, M], chosen [B, M] -> [B, M]",
    dtype_of="scores",
    without={"float16": "torch makes float32 of a number times a count"},
)


def reference(scores, categories, chosen, weight=0.25, others=None):
    """Of each candidate that is not chosen; 0 for what is."""
    if others is None:
        others = (differ(categories) & chosen[:, None]).sum(2)
    return (scores + 2 * weight * others).masked_fill(chosen, 0.0)


def differ(categories):
    return categories[:, :, None] != categories[:, None]  # [B, M, M]


def cases():
    """Some chosen, none, all but one."""

    def draw(name, B, M, share=0.4):
        inputs = {
            "scores": torch.randn(B, M),
            "categories": torch.randint(4, (B, M)),
            "chosen": torch.rand(B, M) < share,
        }
        inputs["chosen"][0, :4] = torch.tensor([True, True, False, False])
        inputs["categories"][0, :4] = torch.tensor([1, 2, 1, 3])
        return Case(name, inputs)

    yield draw("lists of a few items", 3, 7)
    empty = draw("empty lists", 2, 5)
    empty.inputs["chosen"][:] = False
    yield empty
    yield draw("nearly all chosen", 4, 6, share=0.8)


@mistake(seen_in="the ComiRec paper, between its equation and its Algorithm 2")
def algorithm_instead_of_q():
    """this is the gain of Algorithm 2. Q sums over ordered pairs: a new pair enters it
    two times."""
    return {"weight": 0.125}


@mistake
def same_category(categories, chosen):
    """you reward chosen items of the same category. The pairs that count are those that
    differ."""
    return {"others": (~differ(categories) & chosen[:, None]).sum(2)}


@mistake(seen_in="the ComiRec authors' code, where it is right: it needs the order")
def penalty_instead_of_gain(categories, chosen):
    """you subtract for the same category: that gives the same order of the candidates,
    but not the gain."""
    return {"others": -(~differ(categories) & chosen[:, None]).sum(2)}


@mistake
def all_candidates(categories):
    """you count the candidates of another category, chosen or not. Only pairs with
    chosen items enter the list's value."""
    return {"others": differ(categories).sum(2)}


@mistake
def categories_counted(categories, chosen):
    """you count the other categories that the list holds. Two chosen items of one
    category are two pairs."""
    kinds = torch.arange(categories.max() + 1)
    held = ((categories[..., None] == kinds) & chosen[..., None]).any(1)  # [B, kinds]
    other = categories[..., None] != kinds  # [B, M, kinds]
    return {"others": (other & held[:, None]).sum(2)}


@mistake
def chosen_twice(scores, categories, chosen):
    """items that are chosen already get a gain as well. They cannot be added again:
    give them 0."""
    others = (differ(categories) & chosen[:, None]).sum(2)
    return reference(scores, categories, torch.zeros_like(chosen), others=others)


@mistake
def yes_or_no(categories, chosen):
    """you ask whether any chosen item is of another category. Every such item is a pair
    of its own."""
    return {"others": (differ(categories) & chosen[:, None]).any(2)}


@mistake(others=0)
def scores_only():
    """these are the scores: no pair with a chosen item is counted for what is not
    chosen yet."""
