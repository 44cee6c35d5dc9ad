"""A museum of clozes: five readers, told apart by properties."""

import torch

from seqviz.checks.engine import Task, mistake, museum

TASK = Task(
    label="project, about 35 minutes",
    practice="testing by properties",
    shapes="plain [V, B, H], front [V, B, H], alone [V, B, H], under [V, B, H], "
    "later [V, B, H], swapped [V, B, H] -> [V]",
    gradients=(),
)


def reference(
    plain, front, alone, under, later, swapped, same=museum.close, ask=museum.every
):
    properties = {
        "front": same(plain, front),
        "alone": same(plain, alone),
        "under": same(plain, under),
        "later": ~same(plain, later),
        "swapped": ~same(plain, swapped),
    }
    return ask(properties)


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

    return right, (
        (leaks, looks_back, blind, centered),
        (by_slot, leaks, centered, nothing_for_padding),
        (reads_padding, looks_back, blind, leaks),
    )


def cases():
    generator = torch.Generator().manual_seed(11)
    right, wrong = readers(generator)

    def show(versions, B=3, T=5):
        behaviors = torch.randn(B, T, 4, generator=generator)
        mask = torch.ones(B, T, dtype=torch.bool)
        junk, off = torch.full((B, 3, 4), 2.0), torch.zeros(B, 3, dtype=torch.bool)
        front = torch.cat([junk, behaviors], 1), torch.cat([off, mask], 1)
        alone = museum.given_alone(versions, behaviors, mask, rest=(2,))
        under, later, swapped = (behaviors.clone() for _ in range(3))
        under[:, 2] = under[:, 2].flip(-1) + 1
        later[:, 3] = later[:, 3].flip(-1) + 1
        swapped[:, [0, 1]] = swapped[:, [1, 0]]
        return (
            museum.given(versions, behaviors, mask, 2),
            museum.given(versions, *front, 5),
            alone * (1 + 1e-6),  # a smaller batch adds up in another order
            museum.given(versions, under, mask, 2),
            museum.given(versions, later, mask, 2),
            museum.given(versions, swapped, mask, 2),
        )

    for name, versions in museum.rooms(right, wrong):
        yield name, *show(versions)
    yield "one user", *show(museum.hung(right, wrong[2], 1), B=1)
    plain, front, alone, under, later, swapped = show(museum.hung(right, wrong[1], 3))
    later[3] = plain[3]
    few = plain, front, alone, under, later, swapped
    yield "a room without a right one", *few


@mistake(ask=museum.without("front"))
def padding_not_asked():
    """a reader gets through that padding in front disturbs."""


@mistake(ask=museum.without("alone"))
def other_users_not_asked():
    """a reader gets through whose answer for a user depends on who else is in the
    batch: compare it with each user alone."""


@mistake(ask=museum.without("under"))
def the_hidden_item_not_asked():
    """a reader gets through that sees what is hidden: another item under the mask
    changes what it tells."""


@mistake(ask=museum.without("later"))
def later_items_not_asked():
    """a reader gets through that looks back only: an item after the hidden one changes
    nothing for it, and a cloze is read from both sides."""


@mistake(ask=museum.without("swapped"))
def order_not_asked():
    """a reader gets through that does not see the order: two items in front of the
    hidden one may change places."""


@mistake(ask=museum.opposite("later"))
def later_must_not_matter():
    """you ask that a later item change nothing. That is SASRec's property; a cloze is
    read from both sides."""


@mistake(ask=museum.opposite("swapped"))
def order_must_not_matter():
    """you ask that two items that change places change nothing. The order should be
    seen."""
