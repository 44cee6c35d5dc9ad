"""A museum of SDMs: five versions, one of them right, told apart by properties."""

from functools import partial

import torch

from seqviz.checks.engine import Task, mistake, museum

#: Some machines add in another order where there is padding, others do not: the last
#: digits differ on all of them.
LAST_DIGITS = 1 + 1e-6

TASK = Task(
    label="project, about 40 minutes",
    practice="testing by properties",
    shapes="plain [V, B, E], front [V, B, E], back [V, B, E], turned [V, B, E], "
    "stranger [V, B, E], nobody [V, E], moved [V, P] -> [V]",
    gradients=(),
)


def reference(
    plain,
    front,
    back,
    turned,
    stranger,
    nobody,
    moved,
    same=museum.close,
    ask=museum.every,
):
    properties = {
        "front": same(plain, front),
        "back": same(plain, back),
        "order": ~museum.close(plain, turned),
        "past": ~museum.close(plain, stranger),
        "nobody": nobody.isfinite().all(1),
        "trained": (moved > 0).all(1),
    }
    return ask(properties)


def models(generator):
    """The versions, each as ``f(weights, clicks, mask, past) -> [B, E]``.

    ``clicks [B, T, 3]`` are the session, ``past [B, L, 3]`` what came before it, with
    -1 for nothing. Returned: the right one, the weights by name, the rooms of wrong
    ones.
    """

    def draw(*shape):
        return torch.randn(*shape, generator=generator)

    weights = {
        "input": draw(3, 4),
        "state": torch.eye(4) * 0.6,
        "user": draw(4),
        "past": draw(3, 4),
        "gate": draw(8, 4) / 2,
        "gate bias": draw(4) / 2,
    }

    def states_of(own, clicks, mask):
        state, states = clicks.new_zeros(len(clicks), 4), []
        for t in range(clicks.shape[1]):
            new = torch.tanh(clicks[:, t] @ own["input"] + state @ own["state"] + 0.3)
            state = torch.where(mask[:, t, None], new, state)
            states.append(state)
        return torch.stack(states, 1)

    def asked(states, mask, user):
        scores = (states @ user).masked_fill(~mask, -1e9)
        weights = scores.softmax(1) * mask
        return torch.einsum("bt,bte->be", weights, states)

    def joined(own, short, past):
        real = (past >= 0).all(-1)
        total = (past * real[..., None]).sum(1)
        return mixed(own, short, total / real.sum(1).clamp(min=1)[:, None])

    def mixed(own, short, past):
        long = torch.tanh(past @ own["past"])
        gate = torch.cat([short, long], 1) @ own["gate"] + own["gate bias"]
        gate = gate.sigmoid()
        return gate * short + (1 - gate) * long

    def right(own, clicks, mask, past):
        states = states_of(own, clicks, mask)
        return joined(own, asked(states, mask, own["user"]), past)

    def never_trained(own, clicks, mask, past):  # as in deepmatch 0.3.1 and 0.3.2
        layer = ("input", "state")
        own = {key: x.detach() if key in layer else x for key, x in own.items()}
        return right(own, clicks, mask, past)

    def all_frozen(own, clicks, mask, past):
        return right({key: x.detach() for key, x in own.items()}, clicks, mask, past)

    def empty_class(own, clicks, mask, past):  # as in funrec 1.0.10
        raise NotImplementedError

    def reads_from_the_left(own, clicks, mask, past):  # as torch-rechub 0.9.0
        count = mask.sum(1, keepdim=True)
        return right(own, clicks, torch.arange(mask.shape[1]) < count, past)

    def reads_from_the_right(own, clicks, mask, past):
        count = mask.sum(1, keepdim=True)
        places = torch.arange(mask.shape[1])
        return right(own, clicks, places >= mask.shape[1] - count, past)

    def padding_in_the_mean(own, clicks, mask, past):  # as in deepmatch 0.3.2
        states = states_of(own, clicks, mask)
        short = asked(states, mask, own["user"])
        return joined(own, short + (states * mask[..., None]).mean(1), past)

    def without_order(own, clicks, mask, past):
        steps = torch.tanh(clicks @ own["input"] @ (1 + own["state"]))
        return joined(own, asked(steps, mask, own["user"]), past)

    def past_not_read(own, clicks, mask, past):
        states = states_of(own, clicks, mask)
        short = asked(states, mask, own["user"])
        return mixed(own, short, torch.ones(len(clicks), 3))

    def nothing_is_nan(own, clicks, mask, past):
        states = states_of(own, clicks, mask)
        scores = (states @ own["user"]).masked_fill(~mask, -torch.inf)
        return joined(own, torch.einsum("bt,bte->be", scores.softmax(1), states), past)

    wrong = (
        (never_trained, all_frozen, reads_from_the_left, nothing_is_nan),
        (padding_in_the_mean, empty_class, past_not_read, never_trained),
        (reads_from_the_right, without_order, nothing_is_nan, past_not_read),
    )
    return right, weights, wrong


def cases():
    generator = torch.Generator().manual_seed(3)
    right, weights, wrong = models(generator)

    def moved(model, *given):
        """How far each of the weights goes in a step: its largest slope."""
        own = {key: x.clone().requires_grad_() for key, x in weights.items()}
        loss = model(own, *given).square().sum()
        if not loss.requires_grad:
            return torch.zeros(len(own))
        slopes = torch.autograd.grad(loss, [*own.values()], allow_unused=True)
        return torch.stack(
            [torch.zeros(()) if x is None else x.abs().max() / 100 for x in slopes]
        )

    def tried(model, *given):
        """What it returns; NaN where it raises an error."""
        try:
            return model(weights, *given)
        except NotImplementedError:
            return torch.full((len(given[0]), 4), torch.nan)

    def trained(model, *given):
        try:
            return moved(model, *given)
        except NotImplementedError:
            return torch.full((len(weights),), torch.nan)

    def show(versions, B=3, T=5, L=4):
        clicks = torch.randn(B, T, 3, generator=generator)
        past, other = torch.rand(2, B, L, 3, generator=generator) * 2
        mask = torch.ones(B, T, dtype=torch.bool)
        junk, off = torch.full((B, 3, 3), 2.0), torch.zeros(B, 3, dtype=torch.bool)
        front = torch.cat([junk, clicks], 1), torch.cat([off, mask], 1)
        back = torch.cat([clicks, junk], 1), torch.cat([mask, off], 1)
        nobody = junk[:1], off[:1], torch.full((1, L, 3), -1.0)
        steps = [partial(trained, model) for model in versions]
        versions = [partial(tried, model) for model in versions]
        return (
            museum.given(versions, clicks, mask, past),
            museum.given(versions, *front, past) * LAST_DIGITS,
            museum.given(versions, *back, past),
            museum.given(versions, clicks.flip(1), mask, past),
            museum.given(versions, clicks, mask, other),
            museum.given(versions, *nobody)[:, 0],
            museum.given(steps, clicks, mask, past),
        )

    for name, versions in museum.rooms(right, wrong):
        yield name, *show(versions)
    yield "one user", *show(museum.hung(right, wrong[0], 1), B=1)
    *outputs, moves = show(museum.hung(right, wrong[1], 3))
    moves[3, 1] = 0.0
    yield "a room without a right one", *outputs, moves
    outputs = show(museum.hung(right, wrong[2], 1))
    outputs[1][1] = torch.nan
    yield "a room without a number", *outputs


@mistake(ask=museum.without("front"), seen_in="torch-rechub 0.9.0, with its own helper")
def left_padding_not_asked():
    """a version gets through that padding in front of the session disturbs: it reads
    from the left, as many places as there are clicks."""


@mistake(ask=museum.without("back"))
def right_padding_not_asked():
    """a version gets through that padding behind the session disturbs."""


@mistake(ask=museum.without("front", "back"), seen_in="deepmatch 0.3.2")
def padding_not_asked():
    """a version gets through that padding disturbs, on either side."""


@mistake(ask=museum.without("order"))
def order_not_asked():
    """a version gets through that does not see the order of the session: turned round,
    it gives the same."""


@mistake(ask=museum.without("past"))
def past_not_asked():
    """a version gets through that never reads the past: with a stranger's it gives the
    same."""


@mistake(ask=museum.without("nobody"))
def nobody_not_asked():
    """a version gets through that has no number for somebody without a click: a
    softmax over nothing."""


@mistake(ask=museum.without("trained"), seen_in="deepmatch 0.3.1 and 0.3.2")
def training_not_asked():
    """a version gets through of which a part is never trained: after a step some of
    its parameters stand where they stood."""


@mistake
def one_parameter_is_enough(plain, front, back, turned, stranger, nobody, moved):
    """it is enough for you that some parameter moved. In a version with a part that is
    never trained the others do move."""
    some = moved.amax(1, keepdim=True)
    return reference(plain, front, back, turned, stranger, nobody, some)


@mistake(ask=museum.opposite("order"))
def order_must_not_matter():
    """you ask that a session turned round give the same. The LSTM reads in order, so it
    must give something else."""


@mistake(ask=museum.opposite("past"))
def past_must_not_matter():
    """you ask that a stranger's past give the same. Half of the model reads the past,
    so it must give something else."""


@mistake(seen_in="funrec 1.0.10: a class without a forward")
def errors_get_through(plain, front, back, turned, stranger, nobody, moved):
    """a version gets through that gave nothing but errors. NaN differs from NaN, which
    looks like a version that sees order and past."""
    broken = plain.isnan().flatten(1).any(1)
    given = (plain, front, back, turned, stranger, nobody, moved)
    return torch.where(broken, 1.0, reference(*given))
