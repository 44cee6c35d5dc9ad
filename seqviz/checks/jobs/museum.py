"""A museum of gates: five layers that weigh fields, told apart by properties."""

import torch

from seqviz.checks.engine import Task, mistake, museum

TASK = Task(
    label="project, about 35 minutes",
    practice="testing by properties",
    shapes="plain [V, B, E], alone [V, B, E], moved [V, B, E], turned [V, B, E], "
    "missing [V, B, E], nothing [V, E] -> [V]",
    gradients=(),
)


def reference(
    plain, alone, moved, turned, missing, nothing, same=museum.close, ask=museum.every
):
    properties = {
        "alone": same(plain, alone),
        "moved": ~same(plain, moved),
        "turned": same(plain, turned),
        "missing": same(plain, missing),
        "nothing": same(nothing, torch.zeros_like(nothing)),
    }
    return ask(properties)


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

    return right, (
        (always_one, mixes_rows, by_place, missing_take_part),
        (never_nothing, always_one, mixes_rows, by_place),
        (nothing_is_nan, missing_take_part, mixes_rows, always_one),
    )


def cases():
    generator = torch.Generator().manual_seed(11)
    right, wrong = layers(generator)

    def show(versions, B=4, F=4):
        fields = torch.randn(B, F, 3, generator=generator)
        fields[0] += 0.5
        h, other = torch.randn(2, 4, generator=generator)
        mask = torch.ones(B, F, dtype=torch.bool)
        junk, off = torch.full((B, 1, 3), 2.0), torch.zeros(B, 1, dtype=torch.bool)
        missing = torch.cat([fields, junk], 1), torch.cat([mask, off], 1)
        return (
            museum.given(versions, fields, mask, h),
            museum.given_alone(versions, fields, mask, rest=(h,)),
            museum.given(versions, fields, mask, other * 2),
            museum.given(versions, fields.flip(1), mask, h),
            museum.given(versions, *missing, h),
            museum.given(versions, fields[:1], ~mask[:1], h)[:, 0],
        )

    for name, versions in museum.rooms(right, wrong):
        yield name, *show(versions)
    yield "one row", *show(museum.hung(right, wrong[1], 1), B=1)
    *outputs, nothing = show(museum.hung(right, wrong[0], 3))
    nothing[3] = 0.4
    yield "a room without a right one", *outputs, nothing


@mistake(ask=museum.without("alone"))
def other_rows_not_asked():
    """a layer gets through whose output for a row depends on the rest of the batch:
    compare it with each row alone."""


@mistake(ask=museum.without("moved"))
def attention_not_moved():
    """a layer gets through whose attention is always 1: with other attention weights it
    gives the same. It must give something else."""


@mistake(ask=museum.without("turned"))
def order_not_asked():
    """a layer gets through that weighs a pair by its place: with the fields in another
    order it gives something else."""


@mistake(ask=museum.without("missing"))
def missing_not_asked():
    """a layer gets through in which a missing field takes part of the weight."""


@mistake(ask=museum.without("nothing"))
def nothing_not_asked():
    """a layer gets through that gives something, or NaN, for a row without fields."""


@mistake(ask=museum.opposite("moved"))
def attention_must_not_matter():
    """you ask that other attention weights give the same. Then nothing is attended to:
    they must give something else."""
