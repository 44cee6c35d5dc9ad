"""A museum of funnels: five ways to measure, told apart by what moves their recall."""

import torch

from seqviz.checks.engine import Task, mistake, museum
from seqviz.retrieval import join

TASK = Task(
    label="project, about 35 minutes",
    practice="testing by properties",
    shapes="plain [V, B], never [V, B], half [V, B], twice [V, B], swapped [V, B], "
    "turned [V, B] -> [V]",
    gradients=(),
)
K, EACH, N, ITEMS = 2, 5, 4, 30


def reference(
    plain, never, half, twice, swapped, turned, same=museum.close, ask=museum.every
):
    properties = {
        "never": same(never, torch.zeros_like(never)),
        "half": same(half, plain / 2),
        "twice": same(plain, twice),
        "swapped": same(plain, swapped),
        "turned": ~same(plain, turned),
    }
    return ask(properties)


def funnels():
    """The versions: ``f(items [B, K, n], near [B, K, n], scores [I], truths [B, R])``.

    Each returns the recall ``[B]`` of a list of 4; the first is right.
    """

    def found(items, near):
        return join(items, near).items

    def best(items, scores, most=N):
        """The best by score: [B, most]; 0 is no item."""
        values = scores[items].masked_fill(items == 0, -torch.inf)
        order = values.argsort(dim=1, descending=True, stable=True)
        return items.gather(1, order[:, :most])

    def recall(listed, truths, over=None):
        hits = (truths[:, :, None] == listed[:, None]).any(2) & (truths > 0)
        over = (truths > 0).sum(1) if over is None else over
        return hits.sum(1).double() / over

    def right(items, near, scores, truths):
        return recall(best(found(items, near), scores), truths)

    def target_put_in(items, near, scores, truths):
        """Where nothing true was found, it stands beside the candidates."""
        shown = found(items, near)
        lost = ~(truths[:, :, None] == shown[:, None]).any(2).any(1, keepdim=True)
        return recall(best(torch.cat([shown, truths * lost], 1), scores), truths)

    def survivors(items, near, scores, truths):
        shown = found(items, near)
        there = (truths[:, :, None] == shown[:, None]).any(2) & (truths > 0)
        return recall(best(shown, scores), truths, there.sum(1).clamp(min=1))

    def counted_twice(items, near, scores, truths):
        return recall(best(items.flatten(1), scores), truths)

    def cut_before_merging(items, near, scores, truths):
        flat = items.flatten(1)[:, : items.shape[1] * items.shape[2] // 2]
        return recall(
            best(join(flat[:, None], -flat[:, None].double()).items, scores), truths
        )

    def first_interest(items, near, scores, truths):
        return recall(best(found(items[:, :1], near[:, :1]), scores), truths)

    def as_retrieved(items, near, scores, truths):
        return recall(found(items, near)[:, :N], truths)

    def nan_for_nothing(items, near, scores, truths):
        value = right(items, near, scores, truths)
        there = (truths[:, :, None] == found(items, near)[:, None]).any(2)
        return torch.where(there.any(1), value, torch.nan)

    return right, (
        (target_put_in, survivors, counted_twice, as_retrieved),
        (cut_before_merging, nan_for_nothing, survivors, as_retrieved),
        (first_interest, counted_twice, target_put_in, nan_for_nothing),
    )


def cases():
    generator = torch.Generator().manual_seed(5)
    right, wrong = funnels()

    def show(versions, B=3):
        ids = torch.rand(B, ITEMS, generator=generator).argsort(1) + 1
        items = ids[:, : K * EACH].view(B, K, EACH)
        near = torch.rand(B, K, EACH, generator=generator).double()
        near = near.sort(dim=2, descending=True).values
        scores = torch.rand(ITEMS + 1, generator=generator).double()
        nothing = ids[:, K * EACH : K * EACH + 3]
        # what nobody finds is what the ranker likes best
        scores[nothing.flatten()] += 2
        retrieved = items.flatten(1)
        by_score = scores[retrieved].argsort(dim=1, descending=True)
        truths = retrieved.gather(1, by_score[:, [0, 2, 5]])  # two make the list
        half = torch.cat([truths, nothing], 1)
        doubled = items.repeat(1, 2, 1), near.repeat(1, 2, 1)
        twice = museum.given(versions, *doubled, scores, truths)
        return (
            museum.given(versions, items, near, scores, truths),
            museum.given(versions, items, near, scores, nothing),
            museum.given(versions, items, near, scores, half),
            twice + 1e-6 * (B > 1),  # as if it were summed in another order
            museum.given(versions, items.flip(1), near.flip(1), scores, truths),
            museum.given(versions, items, near, -scores, truths),
        )

    for name, versions in museum.rooms(right, wrong):
        yield name, *show(versions)
    yield "one user", *show(museum.hung(right, wrong[0], 1), B=1)
    plain, never, half, twice, *rest = show(museum.hung(right, wrong[1], 3))
    twice[3, 1:] = plain[3, 1:] + 0.2
    yield "a room without a right one", plain, never, half, twice, *rest


@mistake(ask=museum.without("never"))
def never_not_asked():
    """a funnel gets through that finds what nobody retrieved, or that has no number
    there."""


@mistake(ask=museum.without("half"))
def half_not_asked():
    """a funnel gets through that divides by the true items that were retrieved: it does
    not see what the first stage lost."""


@mistake(ask=museum.without("twice"))
def twice_not_asked():
    """a funnel gets through in which an item stands as often as interests found it, so
    that it takes the places of others."""


@mistake(ask=museum.without("swapped"))
def swapped_not_asked():
    """a funnel gets through for which the number of an interest decides: it cuts before
    it merges."""


@mistake(ask=museum.without("turned"))
def turned_not_asked():
    """a funnel gets through that does not listen to the ranker."""


@mistake(ask=museum.without("never", "half"))
def losses_not_asked():
    """you do not ask what happens to items that retrieval missed, and two kinds of
    false numbers get through."""


@mistake(ask=museum.without("twice", "swapped"))
def merging_not_asked():
    """you do not ask how the interests' finds become one list."""


@mistake(ask=museum.opposite("turned"))
def turned_must_not_matter():
    """you ask that a ranker with the opposite opinion give the same list."""


@mistake
def half_must_be_the_same(plain, never, half, twice, swapped, turned):
    """you ask that true items which nobody retrieves leave the recall as it is. They
    are lost, and lost is lost."""
    others = reference(plain, never, plain / 2, twice, swapped, turned)
    return others * museum.close(plain, half)
