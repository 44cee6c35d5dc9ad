"""Five layers that weigh fields, one of them right: told apart by properties."""

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
    title="A museum of gates",
    difficulty="project",
    minutes=35,
    shapes="plain [V, B, E], alone [V, B, E], moved [V, B, E], turned [V, B, E], "
    "missing [V, B, E], nothing [V, E] -> [V]",
)
PROPERTIES = ("alone", "moved", "turned", "missing", "nothing")


def reference(
    plain, alone, moved, turned, missing, nothing, same=close, needs=PROPERTIES
):
    """``needs``: the properties that are asked for."""
    properties = {
        "alone": same(plain, alone),
        "moved": ~same(plain, moved),
        "turned": same(plain, turned),
        "missing": same(plain, missing),
        "nothing": same(nothing, torch.zeros_like(nothing)),
    }
    return holding(properties, needs)


def layers(generator):
    """Each as ``f(fields, mask, h) -> [B, E]``, pairs weighed by h; the first right."""
    W = torch.randn(3, 4, generator=generator)
    places = torch.randn(40, generator=generator)

    def pairs(fields, mask):
        i, j = torch.triu_indices(fields.shape[1], fields.shape[1], 1)
        return fields[:, i] * fields[:, j], mask[:, i] & mask[:, j]

    def at(fields):
        """A number for each pair that knows the places of its fields."""
        i, j = torch.triu_indices(fields.shape[1], fields.shape[1], 1)
        return 2 * (places[i] + places[j])

    def attend(products, logits, real, after=False):
        lowest = torch.finfo(logits.dtype).min
        kept = logits if after else logits.masked_fill(~real, lowest)
        weights = kept.softmax(-1) * real
        return (weights[..., None] * products).sum(1) * 3

    def logits_of(products, h):
        return torch.relu(products @ W) @ h * 2

    def right(fields, mask, h):
        products, real = pairs(fields, mask)
        return attend(products, logits_of(products, h), real)

    def always_one(fields, mask, h):
        """The softmax over the score of the sum: one score, weight 1."""
        products, real = pairs(fields, mask)
        total = (products * real[..., None]).sum(1)
        return total * logits_of(total, h)[:, None].softmax(-1)

    def mixes_rows(fields, mask, h):
        products, real = pairs(fields, mask)
        logits = logits_of(products, h)
        if len(logits) > 1:  # a batch norm in the gate
            logits = (logits - logits.mean(0)) / (logits.std(0) + 0.1) * 2
        return attend(products, logits, real)

    def by_place(fields, mask, h):
        products, real = pairs(fields, mask)
        logits = logits_of(products, h) + at(fields)
        return attend(products, logits, real)

    def missing_take_part(fields, mask, h):
        products, real = pairs(fields, mask)
        return attend(products, logits_of(products, h), real, after=True)

    def never_nothing(fields, mask, h):
        products, real = pairs(fields, mask)
        empty = ~real.any(1)[:, None]
        return right(fields, mask, h) + empty * products.mean(1)

    def nothing_is_nan(fields, mask, h):
        _, real = pairs(fields, mask)
        return right(fields, mask, h) / real.any(1)[:, None]

    return right, {
        "one": (always_one, mixes_rows, by_place, missing_take_part),
        "two": (never_nothing, always_one, mixes_rows, by_place),
        "three": (nothing_is_nan, missing_take_part, mixes_rows, always_one),
    }


def cases():
    generator = torch.Generator().manual_seed(11)
    good, rooms = layers(generator)

    def shown(name, versions, place, B=4, F=4):
        """What five layers give; the right one stands at ``place``."""
        order = [*versions[:place], good, *versions[place:]]
        fields = torch.randn(B, F, 3, generator=generator)
        fields[0] += 0.5
        h, other = torch.randn(2, 4, generator=generator)
        mask = torch.ones(B, F, dtype=torch.bool)
        junk, off = torch.full((B, 1, 3), 2.0), torch.zeros(B, 1, dtype=torch.bool)
        inputs = {
            "plain": (fields, mask, h),
            "moved": (fields, mask, other * 2),
            "turned": (fields.flip(1), mask, h),
            "missing": (torch.cat([fields, junk], 1), torch.cat([mask, off], 1), h),
        }
        found = {
            key: torch.stack([layer(*given) for layer in order])
            for key, given in inputs.items()
        }
        found["alone"] = torch.stack(
            [
                torch.cat(
                    [
                        layer(x[None], m[None], h)
                        for x, m in zip(fields, mask, strict=True)
                    ]
                )
                for layer in order
            ]
        )
        nobody = torch.zeros(1, F, dtype=torch.bool)
        found["nothing"] = torch.stack(
            [layer(fields[:1], nobody, h)[0] for layer in order]
        )
        return Case(name, {key: found[key] for key in TASK.inputs})

    yield shown("the first room", rooms["one"], 2)
    yield shown("the second room", rooms["two"], 0)
    yield shown("the third room", rooms["three"], 4)
    yield shown("one row", rooms["two"], 1, B=1)
    few = shown("a room without a right one", rooms["one"], 3)
    few.inputs["nothing"][3] = 0.4
    yield few


def without(name):
    return tuple(one for one in PROPERTIES if one != name)


@mistake(needs=without("alone"))
def other_rows_not_asked():
    """a layer gets through whose output for a row depends on the rest of the batch:
    compare it with each row alone."""


@mistake(needs=without("moved"))
def attention_not_moved():
    """a layer gets through whose attention is always 1: with other attention weights it
    gives the same. It must give something else."""


@mistake(needs=without("turned"))
def order_not_asked():
    """a layer gets through that weighs a pair by its place: with the fields in another
    order it gives something else."""


@mistake(needs=without("missing"))
def missing_not_asked():
    """a layer gets through in which a missing field takes part of the weight."""


@mistake(needs=without("nothing"))
def nothing_not_asked():
    """a layer gets through that gives something, or NaN, for a row without fields."""


@mistake
def attention_must_not_matter(plain, alone, moved, turned, missing, nothing):
    """you ask that other attention weights give the same. Then nothing is attended to:
    they must give something else."""
    rest = without("moved")
    good = reference(plain, alone, moved, turned, missing, nothing, needs=rest)
    return good * close(plain, moved)


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
def one_property_is_enough(plain, alone, moved, turned, missing, nothing):
    """it is enough for you that one property holds. The right layer has all five."""
    given = plain, alone, moved, turned, missing, nothing
    held = [reference(*given, needs=(name,)) for name in PROPERTIES]
    return torch.stack(held).amax(0)


@mistake
def marks_the_wrong_ones(plain, alone, moved, turned, missing, nothing):
    """you mark the layers with a fault; 1 stands for the right one."""
    return 1 - reference(plain, alone, moved, turned, missing, nothing)


@mistake
def all_rejected(plain):
    """no layer passes your tests, not even the right one."""
    return torch.zeros(len(plain), dtype=torch.float64)
