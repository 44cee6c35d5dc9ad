"""Five readers of a session graph, one right: told apart by what moves their output."""

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
    title="A museum of session graphs",
    difficulty="project",
    minutes=35,
    shapes="plain [V, B, E], front [V, B, E], back [V, B, E], alone [V, B, E], "
    "detours [V, B, E], turned [V, B, E], empty [V, E] -> [V]",
)
WANTED = ("front", "back", "alone", "detours", "turned", "empty")


def reference(
    plain, front, back, alone, detours, turned, empty, same=close, needs=WANTED
):
    """``needs``: the properties that are asked for."""
    properties = {
        "front": same(plain, front),
        "back": same(plain, back),
        "alone": same(plain, alone),
        "detours": same(plain, detours),
        "turned": ~same(plain, turned),
        "empty": same(empty, torch.zeros_like(empty)),
    }
    return holding(properties, needs)


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

    return right, {
        "one": (padding_is_a_node, direction_lost, a_sequence, nothing_is_one),
        "two": (last_column, one_graph_for_all, direction_lost, nothing_is_nan),
        "three": (by_count, a_sequence, one_graph_for_all, nothing_is_one),
    }


def cases():
    generator = torch.Generator().manual_seed(11)
    good, rooms = readers(generator)

    def shown(name, versions, place, B=3):
        """What five readers give; the right one stands at ``place``."""
        order = [*versions[:place], good, *versions[place:]]
        draws = torch.rand(B, 9, generator=generator).argsort(1) + 1
        a, b, c, d, e = draws[:, :5].T
        padding = torch.zeros(B, 2, dtype=torch.long)
        plain = torch.stack([a, b, a, c, a, d, e, a], 1)
        given = {
            "plain": plain,
            "front": torch.cat([padding, plain], 1),
            "back": torch.cat([plain, padding], 1),
            "detours": torch.stack([a, c, a, b, a, d, e, a], 1),
            "turned": torch.stack([a, b, a, c, a, e, d, a], 1),
        }
        found = {
            key: torch.stack([reader(ids) for reader in order])
            for key, ids in given.items()
        }
        found["alone"] = torch.stack(
            [torch.cat([reader(row[None]) for row in plain]) for reader in order]
        )
        found["empty"] = torch.stack([reader(padding[:1])[0] for reader in order])
        return Case(name, {key: found[key] for key in TASK.inputs})

    yield shown("the first room", rooms["one"], 2)
    yield shown("the second room", rooms["two"], 0)
    yield shown("the third room", rooms["three"], 4)
    yield shown("one session", rooms["one"], 1, B=1)
    few = shown("a room without a right one", rooms["two"], 3)
    few.inputs["empty"][3] = 0.4
    yield few


def without(*left_out):
    return tuple(name for name in WANTED if name not in left_out)


@mistake(needs=without("front"))
def left_padding_not_asked():
    """a reader that padding on the left disturbs gets through."""


@mistake(needs=without("back"))
def right_padding_not_asked():
    """a reader that padding on the right disturbs gets through."""


@mistake(needs=without("front", "back"))
def padding_not_asked():
    """a reader that padding disturbs, on either side, gets through."""


@mistake(needs=without("alone"))
def other_sessions_not_asked():
    """a reader gets through whose edges join the sessions of a batch: compare with each
    session alone."""


@mistake(needs=without("detours"))
def detours_not_asked():
    """a reader gets through that sees in which order the detours came: a sequence, not
    a graph."""


@mistake(needs=without("turned"))
def direction_not_asked():
    """a reader gets through that does not know which way a step went."""


@mistake(needs=without("empty"))
def nothing_not_asked():
    """a reader gets through that gives something for an empty session."""


@mistake
def detours_must_matter(plain, front, back, alone, detours, turned, empty):
    """you ask that another order of the detours change the output. It does not change
    the graph."""
    given = (plain, front, back, alone, detours, turned, empty)
    others = reference(*given, needs=without("detours"))
    return others * ~close(plain, detours)


@mistake
def direction_must_not_matter(plain, front, back, alone, detours, turned, empty):
    """you ask that a loop gone the other way give the same. Its edges point the other
    way."""
    given = (plain, front, back, alone, detours, turned, empty)
    others = reference(*given, needs=without("turned"))
    return others * close(plain, turned)


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
def one_property_is_enough(plain, front, back, alone, detours, turned, empty):
    """it is enough for you that one property holds. The right reader has all six."""
    given = (plain, front, back, alone, detours, turned, empty)
    held = [reference(*given, needs=(name,)) for name in WANTED]
    return torch.stack(held).amax(0)


@mistake
def marks_the_wrong_ones(plain, front, back, alone, detours, turned, empty):
    """you mark the readers with a fault; 1 stands for the right one."""
    return 1 - reference(plain, front, back, alone, detours, turned, empty)


@mistake
def all_rejected(plain):
    """no reader passes your tests, not even the right one."""
    return torch.zeros(len(plain), dtype=torch.float64)
