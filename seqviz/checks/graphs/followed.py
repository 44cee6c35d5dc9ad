"""What followed it: a message without a graph."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="core, about 25 minutes",
    practice="a mean over all visits of an item",
    shapes="ids [B, T], behaviors [B, T, E] -> [B, T, E]",
    vary="padded sessions",
)


def reference(ids, behaviors, same=None, count=None, following=None):
    """``same [B, T, T]``: whose followers click t hears, before it is asked whether
    there are any; ``count``: by what they are divided; ``following``: what they are."""
    same = like(ids) if same is None else same
    behind = followed(ids) if following is None else following[0]
    after = next_of(behaviors) if following is None else following[1]
    heard = (same & behind[:, None]).to(behaviors)
    count = heard.sum(-1, keepdim=True) if count is None else count(heard)
    return heard @ after / count.clamp(min=1)


def like(ids):
    """Which clicks are of the same item ``[B, T, T]``; padding is no item."""
    return (ids[:, :, None] == ids[:, None]) & (ids != 0)[:, :, None]


def followed(ids):
    """Whether a click comes right after ``[B, T]``."""
    none = torch.zeros_like(ids[:, :1])
    return (ids != 0) & (torch.cat([ids[:, 1:], none], 1) != 0)


def next_of(behaviors):
    return torch.cat([behaviors[:, 1:], torch.zeros_like(behaviors[:, :1])], 1)


def cases():
    def draw(*rows, E=5):
        T = max(map(len, rows))
        ids = torch.tensor([list(row) + [0] * (T - len(row)) for row in rows])
        behaviors = torch.randn(len(rows), T, E)
        # what stands at padding means nothing
        return ids, behaviors.where((ids != 0)[..., None], 9 + behaviors.abs())

    again = [1, 2, 1, 3, 1, 4], [5, 6, 5, 6, 6, 5], [1, 2, 3, 1, 2, 9]
    yield "clicks that come again", *draw(*again, E=4)
    yield "no item twice", *draw([1, 2, 3, 4], [4, 3, 2, 1])
    yield "one item all along", *draw([7, 7, 7], [7, 7, 8])
    yield "padded sessions", *draw([1, 2, 1, 3, 1], [2, 3, 2], [4], [5, 4, 5, 5])
    left = [0, 0, 1, 2, 1], [0, 3, 1, 3, 2], [1, 2, 2, 1, 2]
    yield "padding on the left", *draw(*left)
    yield "an empty session", *draw([1, 2, 1], [0, 0, 0], [3, 3, 1])


@mistake(symptom="another result at each visit of an item")
def its_own_next_click(ids, behaviors):
    """each click hears only what came right after it. The item may have been clicked
    before and after: all its visits count."""
    T = ids.shape[1]
    return {
        "same": torch.eye(T).bool().expand(len(ids), -1, -1) & (ids != 0)[..., None]
    }


@mistake
def earlier_visits_only(ids, behaviors):
    """you look at earlier visits alone. The graph is of the whole session."""
    return {"same": like(ids) & torch.ones(ids.shape[1], ids.shape[1]).bool().tril(-1)}


@mistake
def visits_up_to_this(ids, behaviors):
    """you look at the visits up to this click. The graph is of the whole session, and
    all visits of an item hear the same."""
    return {"same": like(ids) & torch.ones(ids.shape[1], ids.shape[1]).bool().tril()}


@mistake
def other_visits_only(ids, behaviors):
    """you leave out what came after this very click. Its own follower counts, too."""
    return {"same": like(ids) & ~torch.eye(ids.shape[1]).bool()}


@mistake
def what_came_before(ids, behaviors):
    """you hear what came before the item. Wanted is what came after."""
    none = torch.zeros_like(ids[:, :1])
    behind = (ids != 0) & (torch.cat([none, ids[:, :-1]], 1) != 0)
    before = torch.cat([torch.zeros_like(behaviors[:, :1]), behaviors[:, :-1]], 1)
    return {"following": (behind, before)}


@mistake(count=lambda heard: torch.ones_like(heard[..., :1]))
def summed_up():
    """you add up what followed. Wanted is the mean."""


@mistake
def divided_by_all_visits(ids, behaviors):
    """you divide by the visits of the item. The last click of a session has nothing
    after it: divide by the visits that were followed."""
    visits = like(ids).to(behaviors).sum(-1, keepdim=True)
    return {"count": lambda heard: visits}


@mistake
def divided_by_the_length(ids, behaviors):
    """you divide by the length of the session."""
    length = (ids != 0).to(behaviors).sum(1)[:, None, None]
    return {"count": lambda heard: length.expand_as(heard[..., :1])}


@mistake
def padding_follows(ids, behaviors):
    """the padding behind a session counts as what followed its last click. Nothing
    did."""
    none = torch.zeros_like(ids[:, :1]).bool()
    behind = torch.cat([torch.ones_like(ids[:, 1:]).bool(), none], 1) & (ids != 0)
    return {"following": (behind, next_of(behaviors))}


@mistake
def the_end_wraps_round(ids, behaviors):
    """after the last place you go on with the first: rolling a row joins its end to its
    beginning."""
    behind = (ids != 0) & (ids.roll(-1, 1) != 0)
    return {"following": (behind, behaviors.roll(-1, 1))}


@mistake
def each_follower_once(ids, behaviors):
    """an item that followed twice counts once. Wanted is the mean over all visits, as
    the steps were counted."""
    none = torch.zeros_like(ids[:, :1])
    after = torch.cat([ids[:, 1:], none], 1)
    pair = like(ids) & (after[:, :, None] == after[:, None])
    earlier = pair & torch.ones(ids.shape[1], ids.shape[1]).bool().tril(-1)
    return {"same": like(ids) & ~earlier.any(-1)[:, None]}


@mistake
def padding_is_an_item(ids, behaviors):
    """the padding hears something: equal ids, 0 among them, are no visit there. It
    gets zeros."""
    return {
        "same": ids[:, :, None] == ids[:, None],
        "following": (
            torch.cat([ids[:, 1:], 0 * ids[:, :1]], 1) != 0,
            next_of(behaviors),
        ),
    }


@mistake(symptom="NaN where nothing followed")
def nan_where_nothing_followed(ids, behaviors):
    """where nothing followed you divide by 0. Such a click hears zeros."""
    heard = (like(ids) & followed(ids)[:, None]).to(behaviors)
    return heard @ next_of(behaviors) / heard.sum(-1, keepdim=True)
