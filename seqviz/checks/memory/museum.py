"""Five layers, one of them right: told apart by properties, without their code."""

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
    title="A museum of memories",
    difficulty="project",
    minutes=35,
    shapes="plain [V, B, H], front [V, B, H], back [V, B, H], alone [V, B, H], "
    "turned [V, B, H], empty [V, H] -> [V]",
)


def reference(plain, front, back, alone, turned, empty, same=close, needs=None):
    """``needs``: the properties that are asked for, all five if None."""
    properties = {
        "front": same(plain, front),
        "back": same(plain, back),
        "alone": same(plain, alone),
        "order": ~same(plain, turned),
        "empty": same(empty, torch.zeros_like(empty)),
    }
    return holding(properties, needs or properties)


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
    return right, {
        "one": (*common, nothing_is_one),
        "two": (by_count, padding_first, centered, nothing_is_nan),
        "three": (by_count, goes_on_in_padding, blind, nothing_is_one),
    }


def cases():
    generator = torch.Generator().manual_seed(5)
    good, rooms = layers(generator)

    def shown(name, versions, place, B=3, T=5):
        """What five layers give; the right one stands at ``place``."""
        order = [*versions[:place], good, *versions[place:]]
        behaviors = torch.randn(B, T, 3, generator=generator)
        mask = torch.ones(B, T, dtype=torch.bool)
        junk, off = torch.full((B, 3, 3), 2.0), torch.zeros(B, 3, dtype=torch.bool)
        inputs = {
            "plain": (behaviors, mask),
            "front": (torch.cat([junk, behaviors], 1), torch.cat([off, mask], 1)),
            "back": (torch.cat([behaviors, junk], 1), torch.cat([mask, off], 1)),
            "turned": (behaviors.flip(1), mask),
        }
        found = {
            key: torch.stack([layer(*given) for layer in order])
            for key, given in inputs.items()
        }
        found["alone"] = torch.stack(
            [
                torch.cat(
                    [
                        layer(x[None], m[None])
                        for x, m in zip(behaviors, mask, strict=True)
                    ]
                )
                for layer in order
            ]
        )
        found["empty"] = torch.stack([layer(junk[:1], off[:1])[0] for layer in order])
        return Case(name, {key: found[key] for key in TASK.inputs})

    yield shown("the first room", rooms["one"], 2)
    yield shown("the second room", rooms["two"], 0)
    yield shown("the third room", rooms["three"], 4)
    yield shown("one user", rooms["one"], 1, B=1)
    few = shown("a room without a right one", rooms["two"], 3)
    few.inputs["empty"][3] = 0.4
    yield few


@mistake(needs=("back", "alone", "order", "empty"))
def left_padding_not_asked():
    """a layer that padding on the left disturbs gets through."""


@mistake(needs=("front", "alone", "order", "empty"))
def right_padding_not_asked():
    """a layer that padding on the right disturbs gets through."""


@mistake(needs=("alone", "order", "empty"))
def padding_not_asked():
    """a layer that padding disturbs, on either side, gets through."""


@mistake(needs=("front", "back", "order", "empty"))
def other_users_not_asked():
    """a layer gets through whose output for a user depends on who else is in the batch:
    compare it with each user alone."""


@mistake(needs=("front", "back", "alone", "empty"))
def order_not_asked():
    """a layer gets through that does not see the order: turned round, the history gives
    the same."""


@mistake(needs=("front", "back", "alone", "order"))
def nobody_not_asked():
    """a layer gets through that gives something for an empty history."""


@mistake
def order_must_not_matter(plain, front, back, alone, turned, empty):
    """you ask that a history turned round give the same. A memory must see the order,
    so it must give something else."""
    good = reference(plain, front, back, alone, turned, empty, needs=NOT_ORDER)
    return good * close(plain, turned)


NOT_ORDER = ("front", "back", "alone", "empty")


@mistake(same=to_the_bit)
def rounding_counts():
    """the right layer fails: two sums in another order differ in the last digits. The
    same means closer than the tolerance, not bit for bit."""


@mistake(same=somewhere)
def one_number_is_enough():
    """it is enough for you that one number agrees: a property holds if all agree."""


@mistake(same=never_apart)
def nan_gets_through():
    """NaN gets through: every comparison with it is false, also the one that looks for
    a difference. Ask for closeness, so that NaN fails."""


@mistake
def one_property_is_enough(plain, front, back, alone, turned, empty):
    """it is enough for you that one property holds. The right layer has all five."""
    held = [
        reference(plain, front, back, alone, turned, empty, needs=(name,))
        for name in ("front", "back", "alone", "order", "empty")
    ]
    return torch.stack(held).amax(0)


@mistake
def marks_the_wrong_ones(plain, front, back, alone, turned, empty):
    """you mark the layers with a fault; 1 stands for the right one."""
    return 1 - reference(plain, front, back, alone, turned, empty)


@mistake
def all_rejected(plain):
    """no layer passes your tests, not even the right one."""
    return torch.zeros(len(plain), dtype=torch.float64)
