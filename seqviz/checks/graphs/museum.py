"""A museum of session graphs: five readers, told apart by what moves their output."""

import torch

from seqviz.checks.engine import Task, mistake, museum

TASK = Task(
    label="project, about 35 minutes",
    practice="testing by properties",
    shapes="plain [V, B, E], front [V, B, E], back [V, B, E], alone [V, B, E], "
    "detours [V, B, E], turned [V, B, E], empty [V, E] -> [V]",
    gradients=(),
)


def reference(
    plain,
    front,
    back,
    alone,
    detours,
    turned,
    empty,
    same=museum.close,
    ask=museum.every,
):
    properties = {
        "front": same(plain, front),
        "back": same(plain, back),
        "alone": same(plain, alone),
        "detours": same(plain, detours),
        "turned": ~same(plain, turned),
        "empty": same(empty, torch.zeros_like(empty)),
    }
    return ask(properties)


def readers(generator):
    """The versions, each as ``f(ids [B, T]) -> [B, E]``; the first is right."""
    table = torch.randn(10, 4, generator=generator)
    into, out = torch.randn(2, 4, 4, generator=generator)
    U = torch.randn(4, 4, generator=generator)

    def graph(ids, skip=True, directed=True):
        """Steps ``[B, 10, 10]`` between ids; without ``skip`` padding is a node."""
        steps = torch.zeros(len(ids), 10, 10)
        for row, clicks in enumerate(ids.tolist()):
            kept = [i for i in clicks if i or not skip]
            for a, b in zip(kept, kept[1:], strict=False):
                steps[row, a, b] += 1
                if not directed:
                    steps[row, b, a] += 1
        return steps

    def read(ids, steps, last=None):
        """One step of all nodes, then the latest click and the sum of all."""
        share = steps / steps.sum(-1, keepdim=True).clamp(min=1)
        back = steps.mT / steps.mT.sum(-1, keepdim=True).clamp(min=1)
        states = torch.tanh(table + share @ table @ out + back @ table @ into)
        clicks = states.gather(1, ids[..., None].expand(-1, -1, 4))  # [B, T, 4]
        mask = ids != 0
        place = (mask * torch.arange(1, ids.shape[1] + 1)).argmax(1)
        place = place if last is None else last
        latest = clicks[torch.arange(len(ids)), place]
        total = (clicks * mask[..., None]).sum(1)
        return (2 * latest + 0.3 * total) * mask.any(1)[:, None]

    def right(ids):
        return read(ids, graph(ids))

    def padding_is_a_node(ids):
        return read(ids, graph(ids, skip=False))

    def last_column(ids):
        end = torch.full((len(ids),), ids.shape[1] - 1)
        return read(ids, graph(ids), end)

    def by_count(ids):
        return read(ids, graph(ids), ((ids != 0).sum(1) - 1).clamp(min=0))

    def one_graph_for_all(ids):
        steps = graph(ids).sum(0, keepdim=True).expand(len(ids), -1, -1)
        return read(ids, steps)

    def direction_lost(ids):
        return read(ids, graph(ids, directed=False))

    def a_sequence(ids):
        state = torch.zeros(len(ids), 4)
        for column in ids.T:
            new = torch.tanh(table[column] + state @ U)
            state = torch.where((column != 0)[:, None], new, state)
        return state

    def nothing_is_one(ids):
        return torch.where((ids != 0).any(1)[:, None], right(ids), 1.0)

    def nothing_is_nan(ids):
        return torch.where((ids != 0).any(1)[:, None], right(ids), torch.nan)

    return right, (
        (padding_is_a_node, direction_lost, a_sequence, nothing_is_one),
        (last_column, one_graph_for_all, direction_lost, nothing_is_nan),
        (by_count, a_sequence, one_graph_for_all, nothing_is_one),
    )


def cases():
    generator = torch.Generator().manual_seed(11)
    right, wrong = readers(generator)

    def show(versions, B=3):
        draws = torch.rand(B, 9, generator=generator).argsort(1) + 1
        a, b, c, d, e = draws[:, :5].T
        padding = torch.zeros(B, 2, dtype=torch.long)
        plain = torch.stack([a, b, a, c, a, d, e, a], 1)
        return (
            museum.given(versions, plain),
            museum.given(versions, torch.cat([padding, plain], 1)),
            museum.given(versions, torch.cat([plain, padding], 1)),
            museum.given_alone(versions, plain),
            museum.given(versions, torch.stack([a, c, a, b, a, d, e, a], 1)),
            museum.given(versions, torch.stack([a, b, a, c, a, e, d, a], 1)),
            museum.given(versions, padding[:1])[:, 0],
        )

    for name, versions in museum.rooms(right, wrong):
        yield name, *show(versions)
    yield "one session", *show(museum.hung(right, wrong[0], 1), B=1)
    *outputs, empty = show(museum.hung(right, wrong[1], 3))
    empty[3] = 0.4
    yield "a room without a right one", *outputs, empty


@mistake(ask=museum.without("front"))
def left_padding_not_asked():
    """a reader that padding on the left disturbs gets through."""


@mistake(ask=museum.without("back"))
def right_padding_not_asked():
    """a reader that padding on the right disturbs gets through."""


@mistake(ask=museum.without("front", "back"))
def padding_not_asked():
    """a reader that padding disturbs, on either side, gets through."""


@mistake(ask=museum.without("alone"))
def other_sessions_not_asked():
    """a reader gets through whose edges join the sessions of a batch: compare with each
    session alone."""


@mistake(ask=museum.without("detours"))
def detours_not_asked():
    """a reader gets through that sees in which order the detours came: a sequence, not
    a graph."""


@mistake(ask=museum.without("turned"))
def direction_not_asked():
    """a reader gets through that does not know which way a step went."""


@mistake(ask=museum.without("empty"))
def nothing_not_asked():
    """a reader gets through that gives something for an empty session."""


@mistake(ask=museum.opposite("detours"))
def detours_must_matter():
    """you ask that another order of the detours change the output. It does not change
    the graph."""


@mistake(ask=museum.opposite("turned"))
def direction_must_not_matter():
    """you ask that a loop gone the other way give the same. Its edges point the other
    way."""
