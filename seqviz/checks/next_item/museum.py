"""Five readers of a cloze, one of them right: told apart by properties."""

import torch

from seqviz.checks.engine import Case, Task, mistake
from seqviz.checks.engine.museum import (
    close,
    holding,
    never_apart,
    somewhere,
    to_the_bit,
)

TASK = Task(
    title="A museum of clozes",
    difficulty="project",
    minutes=35,
    shapes="plain [V, B, H], front [V, B, H], alone [V, B, H], under [V, B, H], "
    "later [V, B, H], swapped [V, B, H] -> [V]",
)
NAMES = ("front", "alone", "under", "later", "swapped")


def reference(plain, front, alone, under, later, swapped, same=close, needs=NAMES):
    """``needs``: the properties that are asked for."""
    properties = {
        "front": same(plain, front),
        "alone": same(plain, alone),
        "under": same(plain, under),
        "later": ~same(plain, later),
        "swapped": ~same(plain, swapped),
    }
    return holding(properties, needs)


def readers(generator):
    """Readers ``f(behaviors, mask, place) -> [B, H]``; the first is right."""
    E = 4
    W, vector = torch.randn(2, E, E, generator=generator)
    vector = vector[0]
    positions = torch.randn(9, E, generator=generator)

    def read(behaviors, mask, place, leak=0.0, causal=False, blind=False, slots=False):
        B, T, _ = behaviors.shape
        asked = torch.arange(T) == place
        x = torch.where(asked[:, None], vector + leak * behaviors, behaviors)
        back = mask.flip(1).cumsum(1).flip(1).sub(1).clamp(min=0)
        if slots:
            back = torch.arange(T).expand(B, T)
        x = x if blind else x + positions[back]
        readable = mask & (torch.arange(T) <= place) if causal else mask
        scores = torch.einsum("be,bte->bt", x[:, place] @ W / 8, x)
        weights = scores.masked_fill(~readable, -1e9).softmax(-1)
        return torch.einsum("bt,bte->be", weights, x)

    def right(*given):
        return read(*given)

    def leaks(*given):
        return read(*given, leak=0.5)

    def looks_back(*given):
        return read(*given, causal=True)

    def blind(*given):
        return read(*given, blind=True)

    def by_slot(*given):
        return read(*given, slots=True)

    def centered(*given):
        told = read(*given)
        return told - told.mean(0)

    def reads_padding(behaviors, mask, place):
        told = read(behaviors, mask, place)
        padding = (~mask).sum(1, keepdim=True)
        return told / (1 + padding)

    def nothing_for_padding(behaviors, mask, place):
        told = read(behaviors, mask, place)
        return told.masked_fill(~mask.all(1, keepdim=True), torch.nan)

    return right, {
        "one": (leaks, looks_back, blind, centered),
        "two": (by_slot, leaks, centered, nothing_for_padding),
        "three": (reads_padding, looks_back, blind, leaks),
    }


def cases():
    generator = torch.Generator().manual_seed(11)
    good, rooms = readers(generator)

    def shown(name, versions, place, B=3, T=5):
        """What five readers tell; the right one stands at ``place``."""
        order = [*versions[:place], good, *versions[place:]]
        behaviors = torch.randn(B, T, 4, generator=generator)
        mask = torch.ones(B, T, dtype=torch.bool)
        junk, off = torch.full((B, 3, 4), 2.0), torch.zeros(B, 3, dtype=torch.bool)
        under, later, swapped = (behaviors.clone() for _ in range(3))
        under[:, 2] = under[:, 2].flip(-1) + 1
        later[:, 3] = later[:, 3].flip(-1) + 1
        swapped[:, [0, 1]] = swapped[:, [1, 0]]
        inputs = {
            "plain": (behaviors, mask, 2),
            "front": (torch.cat([junk, behaviors], 1), torch.cat([off, mask], 1), 5),
            "under": (under, mask, 2),
            "later": (later, mask, 2),
            "swapped": (swapped, mask, 2),
        }
        found = {
            key: torch.stack([reader(*given) for reader in order])
            for key, given in inputs.items()
        }
        rows = [
            [reader(x[None], m[None], 2) for x, m in zip(behaviors, mask, strict=True)]
            for reader in order
        ]
        # a smaller batch adds up in another order
        found["alone"] = torch.stack([torch.cat(row) for row in rows]) * (1 + 1e-6)
        return Case(name, {key: found[key] for key in TASK.inputs})

    yield shown("the first room", rooms["one"], 2)
    yield shown("the second room", rooms["two"], 0)
    yield shown("the third room", rooms["three"], 4)
    yield shown("one user", rooms["three"], 1, B=1)
    few = shown("a room without a right one", rooms["two"], 3)
    few.inputs["later"][3] = few.inputs["plain"][3]
    yield few


@mistake(needs=("alone", "under", "later", "swapped"))
def padding_not_asked():
    """a reader gets through that padding in front disturbs."""


@mistake(needs=("front", "under", "later", "swapped"))
def other_users_not_asked():
    """a reader gets through whose answer for a user depends on who else is in the
    batch: compare it with each user alone."""


@mistake(needs=("front", "alone", "later", "swapped"))
def the_hidden_item_not_asked():
    """a reader gets through that sees what is hidden: another item under the mask
    changes what it tells."""


@mistake(needs=("front", "alone", "under", "swapped"))
def later_items_not_asked():
    """a reader gets through that looks back only: an item after the hidden one changes
    nothing for it, and a cloze is read from both sides."""


@mistake(needs=("front", "alone", "under", "later"))
def order_not_asked():
    """a reader gets through that does not see the order: two items in front of the
    hidden one may change places."""


@mistake
def later_must_not_matter(plain, front, alone, under, later, swapped):
    """you ask that a later item change nothing. That is SASRec's property; a cloze is
    read from both sides."""
    others = ("front", "alone", "under", "swapped")
    good = reference(plain, front, alone, under, later, swapped, needs=others)
    return good * close(plain, later)


@mistake
def order_must_not_matter(plain, front, alone, under, later, swapped):
    """you ask that two items that change places change nothing. The order should be
    seen."""
    others = ("front", "alone", "under", "later")
    good = reference(plain, front, alone, under, later, swapped, needs=others)
    return good * close(plain, swapped)


@mistake(same=to_the_bit)
def rounding_counts():
    """the right reader fails: two sums in another order differ in the last digits. The
    same means closer than the tolerance, not bit for bit."""


@mistake(same=somewhere)
def one_number_is_enough():
    """it is enough for you that one number agrees: a property holds if all agree."""


@mistake(same=never_apart)
def nan_gets_through():
    """NaN gets through: every comparison with it is false, also the one that looks for
    a difference. Ask for closeness, so that NaN fails."""


@mistake
def one_property_is_enough(plain, front, alone, under, later, swapped):
    """it is enough for you that one property holds. The right reader has all five."""
    held = [
        reference(plain, front, alone, under, later, swapped, needs=(name,))
        for name in NAMES
    ]
    return torch.stack(held).amax(0)


@mistake
def marks_the_wrong_ones(plain, front, alone, under, later, swapped):
    """you mark the readers with a fault; 1 stands for the right one."""
    return 1 - reference(plain, front, alone, under, later, swapped)


@mistake
def all_rejected(plain):
    """no reader passes your tests, not even the right one."""
    return torch.zeros(len(plain), dtype=torch.float64)
