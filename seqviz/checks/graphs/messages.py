"""Messages without a matrix: steps are added up where they arrive."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 25 minutes",
    practice="adding at indexed places",
    shapes="nodes [B, T], states [B, G, E] -> [B, G, E]",
    vary="padding within",
)


def reference(nodes, states, steps=None, share=None):
    """``steps``: source and target of each step and whether it is one, ``[B, T]``."""
    source, target, real = arrivals(nodes) if steps is None else steps
    weight = real.to(states)  # [B, T]
    sent = states.gather(1, wide(source, states)) * weight[..., None]
    total = torch.zeros_like(states).scatter_add(1, wide(target, states), sent)
    count = torch.zeros_like(states[..., 0]).scatter_add(1, target.clamp(min=0), weight)
    count = count if share is None else share(count)
    return total / count[..., None].clamp(min=1)


def wide(nodes, states):
    return nodes.clamp(min=0)[..., None].expand(-1, -1, states.shape[-1])


def arrivals(nodes):
    """For each click the node of the click before it, padding left out."""
    place = torch.arange(nodes.shape[1]).where(nodes >= 0, -1)
    earlier = place.cummax(1).values  # the latest real place up to here
    earlier = torch.cat([torch.full_like(earlier[:, :1], -1), earlier[:, :-1]], 1)
    source = nodes.gather(1, earlier.clamp(min=0))
    return source, nodes, (nodes >= 0) & (earlier >= 0)


def cases():
    def draw(*rows, G=4, E=5):
        T = max(map(len, rows))
        nodes = [list(row) + [-1] * (T - len(row)) for row in rows]
        return nodes, torch.randn(len(rows), G, E)

    twice = [0, 1, 0, 1, 2, 1, 3], [3, 2, 3, 2, 1, 2, 0], [0, 1, 0, 1, 0, 2, 3]
    yield "steps done twice", *draw(*twice)
    yield "no node twice", *draw([0, 1, 2, 3], [3, 1, 0, 2])
    yield "padding at the end", *draw([0, 1, 0, 2, 0], [1, 0], [2, 3, 2], [0])
    yield "padding on the left", *draw([-1, -1, 0, 1, 0], [-1, 2, 1, 2, 1])
    yield "padding within", *draw([0, -1, 1, -1, 0, 1], [2, 1, -1, -1, 2, 0])
    yield "an item twice in a row", *draw([0, 0, 1, 1, 1], [2, 2, 2, 0, 2])
    yield "an empty session", *draw([0, 1, 0], [-1, -1, -1], [2, -1, 2])


def from_before(nodes):
    """Each click's left neighbor, whatever it is."""
    return torch.cat([torch.full_like(nodes[:, :1], -1), nodes[:, :-1]], 1)


@mistake
def against_the_arrow(nodes, states):
    """each node hears the nodes after it. Wanted are those that she came from."""
    source, target, real = arrivals(nodes)
    return {"steps": (target, source, real)}


@mistake
def both_ways(nodes, states):
    """each node hears both sides. A step has a direction."""
    source, target, real = arrivals(nodes)
    both = torch.cat([source, target], 1), torch.cat([target, source], 1)
    return {"steps": (*both, torch.cat([real, real], 1))}


@mistake(symptom="one message where a step was done twice")
def a_step_counts_once(nodes, states):
    """a step that was done twice arrives once. Written into an indexed place, the
    second overwrites the first; it has to be added."""
    source, target, real = arrivals(nodes)
    pair = source * states.shape[1] + target
    same = (pair[:, :, None] == pair[:, None]) & real[:, None] & real[:, :, None]
    again = (same & torch.ones(same.shape[1:]).bool().tril(-1)).any(-1)
    return {"steps": (source, target, real & ~again)}


@mistake
def the_last_to_arrive(nodes, states):
    """a node hears only the last that came: what arrives later overwrites what was
    there."""
    source, target, real = arrivals(nodes)
    same = (target[:, :, None] == target[:, None]) & real[:, None]
    later = (same & torch.ones(same.shape[1:]).bool().triu(1)).any(-1)
    return {"steps": (source, target, real & ~later)}


@mistake(seen_in="RecBole 1.2.1, given padding on the left")
def stops_at_padding(nodes, states):
    """you stop at the first padding: a session that is padded on the left has no step
    then."""
    source, target, real = arrivals(nodes)
    return {"steps": (source, target, real & (nodes >= 0).cummin(1).values)}


@mistake
def padding_parts_the_session(nodes, states):
    """you take only clicks that stand side by side. Padding in between is nothing:
    the click after it follows the click before it."""
    source = from_before(nodes)
    return {"steps": (source, nodes, (nodes >= 0) & (source >= 0))}


@mistake
def padding_is_the_first_node(nodes, states):
    """padding sends and receives as if it were node 0."""
    source = from_before(nodes)
    real = torch.ones_like(nodes).bool()
    real[:, 0] = False
    return {"steps": (source, nodes, real)}


@mistake
def the_end_wraps_round(nodes, states):
    """the first click hears the last one: rolling a row joins its end to its
    beginning."""
    source = nodes.roll(1, 1)
    plain, target, real = arrivals(nodes)
    first = (nodes >= 0) & ~real
    return {
        "steps": (
            plain.where(real, source),
            target,
            real | (first & (source >= 0)),
        )
    }


@mistake(share=torch.ones_like)
def summed_up():
    """you add up what arrives. Wanted is the mean over the steps that arrive."""


@mistake
def divided_by_the_clicks(nodes, states):
    """you divide by the clicks of the node. The first click of a session was reached
    from nowhere: divide by the steps that arrive."""
    clicks = torch.zeros_like(states[..., 0]).scatter_add(
        1, nodes.clamp(min=0), (nodes >= 0).to(states)
    )
    return {"share": lambda count: clicks}


@mistake
def divided_by_what_leaves(nodes, states):
    """you divide by the steps that leave the node. Here those count that arrive."""
    source, _, real = arrivals(nodes)
    leaves = torch.zeros_like(states[..., 0]).scatter_add(
        1, source.clamp(min=0), real.to(states)
    )
    return {"share": lambda count: leaves}


@mistake
def not_to_itself(nodes, states):
    """you leave out the step of a node to itself: an item clicked twice in a row."""
    source, target, real = arrivals(nodes)
    return {"steps": (source, target, real & (source != target))}


@mistake(symptom="NaN for a node that nothing reaches")
def nan_where_nobody_came_from(nodes, states):
    """a node that nothing reaches is divided by 0. It hears zeros."""
    source, target, real = arrivals(nodes)
    weight = real.to(states)
    sent = states.gather(1, wide(source, states)) * weight[..., None]
    total = torch.zeros_like(states).scatter_add(1, wide(target, states), sent)
    count = torch.zeros_like(states[..., 0])
    count = count.scatter_add(1, target.clamp(min=0), weight)
    return total / count[..., None]
