"""A museum of memories: five layers, told apart by properties."""

import torch

from seqviz.checks.engine import Task, mistake, museum

TASK = Task(
    label="project, about 35 minutes",
    practice="testing by properties",
    shapes="plain [V, B, H], front [V, B, H], back [V, B, H], alone [V, B, H], "
    "turned [V, B, H], empty [V, H] -> [V]",
    gradients=(),
)


def reference(
    plain, front, back, alone, turned, empty, same=museum.close, ask=museum.every
):
    properties = {
        "front": same(plain, front),
        "back": same(plain, back),
        "alone": same(plain, alone),
        "order": ~same(plain, turned),
        "empty": same(empty, torch.zeros_like(empty)),
    }
    return ask(properties)


def layers(generator):
    """The five, each as ``f(behaviors, mask) -> [B, H]``; the first is right."""
    W, U = torch.randn(3, 4, generator=generator), torch.eye(4) * 0.6

    def steps(behaviors, mask, ignore=False):
        state, states = torch.zeros(len(behaviors), 4), []
        for t in range(behaviors.shape[1]):
            new = torch.tanh(behaviors[:, t] @ W + state @ U + 0.3)
            state = new if ignore else torch.where(mask[:, t, None], new, state)
            states.append(state)
        return torch.stack(states, 1)

    def right(behaviors, mask):
        return steps(behaviors, mask)[:, -1]

    def goes_on_in_padding(behaviors, mask):
        return steps(behaviors, mask, ignore=True)[:, -1] * mask.any(1)[:, None]

    def centered(behaviors, mask):
        last = right(behaviors, mask)
        return (last - last.mean(0)) * mask.any(1)[:, None]

    def blind(behaviors, mask):
        total = (torch.tanh(behaviors @ W) * mask[..., None]).sum(1)
        return total / mask.sum(1).clamp(min=1)[:, None]

    def nothing_is_one(behaviors, mask):
        return torch.where(mask.any(1)[:, None], right(behaviors, mask), 1.0)

    def by_count(behaviors, mask):
        place = (mask.sum(1) - 1).clamp(min=0)
        states = steps(behaviors, mask)
        return states[torch.arange(len(states)), place]

    def padding_first(behaviors, mask):
        states = steps(behaviors, mask)
        return states[:, -1] * mask[:, -1:]

    def nothing_is_nan(behaviors, mask):
        return torch.where(mask.any(1)[:, None], right(behaviors, mask), torch.nan)

    common = (goes_on_in_padding, centered, blind)
    return right, (
        (*common, nothing_is_one),
        (by_count, padding_first, centered, nothing_is_nan),
        (by_count, goes_on_in_padding, blind, nothing_is_one),
    )


def cases():
    generator = torch.Generator().manual_seed(5)
    right, wrong = layers(generator)

    def show(versions, B=3, T=5):
        behaviors = torch.randn(B, T, 3, generator=generator)
        mask = torch.ones(B, T, dtype=torch.bool)
        junk, off = torch.full((B, 3, 3), 2.0), torch.zeros(B, 3, dtype=torch.bool)
        front = torch.cat([junk, behaviors], 1), torch.cat([off, mask], 1)
        back = torch.cat([behaviors, junk], 1), torch.cat([mask, off], 1)
        return (
            museum.given(versions, behaviors, mask),
            museum.given(versions, *front),
            museum.given(versions, *back),
            museum.given_alone(versions, behaviors, mask),
            museum.given(versions, behaviors.flip(1), mask),
            museum.given(versions, junk[:1], off[:1])[:, 0],
        )

    for name, versions in museum.rooms(right, wrong):
        yield name, *show(versions)
    yield "one user", *show(museum.hung(right, wrong[0], 1), B=1)
    *outputs, empty = show(museum.hung(right, wrong[1], 3))
    empty[3] = 0.4
    yield "a room without a right one", *outputs, empty


@mistake(ask=museum.without("front"))
def left_padding_not_asked():
    """a layer that padding on the left disturbs gets through."""


@mistake(ask=museum.without("back"))
def right_padding_not_asked():
    """a layer that padding on the right disturbs gets through."""


@mistake(ask=museum.without("front", "back"))
def padding_not_asked():
    """a layer that padding disturbs, on either side, gets through."""


@mistake(ask=museum.without("alone"))
def other_users_not_asked():
    """a layer gets through whose output for a user depends on who else is in the batch:
    compare it with each user alone."""


@mistake(ask=museum.without("order"))
def order_not_asked():
    """a layer gets through that does not see the order: turned round, the history gives
    the same."""


@mistake(ask=museum.without("empty"))
def nobody_not_asked():
    """a layer gets through that gives something for an empty history."""


@mistake(ask=museum.opposite("order"))
def order_must_not_matter():
    """you ask that a history turned round give the same. A memory must see the order,
    so it must give something else."""
