"""Cut, pad, and say where: from a flat list of clicks to the input of a model."""

import torch

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="core, about 20 minutes",
    practice="cutting long rows and padding short ones",
    shapes="clicks [V, E], lengths [B], position [T, E] -> [B, T, E]",
    vary="short and long histories",
)


def reference(clicks, lengths, position, place=None, real=None, everywhere=False):
    begins, stops, places = grid(lengths, position.shape[-2])
    place = stops - position.shape[-2] + places if place is None else place
    real = (place >= begins) & (place < stops) if real is None else real
    padding = ~real[..., None]
    row = clicks[place.clamp(0, len(clicks) - 1)].masked_fill(padding, 0.0)
    return row + (position if everywhere else torch.where(padding, 0.0, position))


def grid(lengths, T):
    """Where each row begins and stops in the flat list [B, 1], and T places [T]."""
    stops = lengths.cumsum(0)[:, None]
    return stops - lengths[:, None], stops, torch.arange(T)


def cases():
    def draw(*lengths, T=5, E=3):
        return torch.randn(sum(lengths), E), lengths, torch.randn(T, E)

    yield "rows of exactly T clicks", *draw(5, 5)
    yield "short histories", *draw(2, 5, 1, 4)
    yield "long histories", *draw(7, 5, 9)
    yield "short and long histories", *draw(7, 2, 5, 1, T=4)
    yield "an empty history", *draw(3, 0, 6)
    yield "one behavior", *draw(3, 0, 1, T=1)


@mistake(symptom="the oldest clicks of a long history")
def keeps_the_oldest(lengths, position):
    """a long history keeps its first T clicks: read the newest, from its end."""
    begins, _, places = grid(lengths, len(position))
    return {"place": begins + places - (len(position) - lengths).clamp(min=0)[:, None]}


@mistake
def pads_on_the_right(lengths, position):
    """the padding stands on the right. Wanted is the newest click in the last place, so
    that short rows begin with padding."""
    yield {"place": right_padded(lengths, len(position))}
    yield {"place": right_padded(lengths, len(position)), "everywhere": True}


def right_padded(lengths, T):
    _, stops, places = grid(lengths, T)
    return stops - lengths.clamp(max=T)[:, None] + places


@mistake(seen_in="ports of SASRec", symptom="padding that is not zero", everywhere=True)
def positions_on_padding():
    """padding gets a position vector, so it is no longer zero, and a later layer takes
    it for a click. Add positions to real cells only."""


@mistake
def positions_from_the_first_click(lengths, position):
    """you count positions from the first real click. Wanted is the position of the
    place: the newest click always gets the last row of `position`."""
    padding = (len(position) - lengths).clamp(min=0)[:, None]
    return {"position": position[(torch.arange(len(position)) - padding).clamp(min=0)]}


@mistake
def newest_first(lengths, position, right):
    """the row runs backwards: time runs from left to right, the newest click last."""
    _, stops, places = grid(lengths, len(position))
    yield {"place": stops - 1 - places}
    yield right.flip(1)


@mistake
def reads_the_neighbor(lengths, position):
    """a short row is filled with the clicks of the user before it: you step back over
    the beginning of her own row."""
    _, stops, places = grid(lengths, len(position))
    yield {"real": stops - len(position) + places >= 0}
    yield {"real": torch.ones(len(lengths), len(position)).bool()}


@mistake(position=torch.zeros_like)
def no_positions():
    """the clicks are in their places, but `position` plays no part."""


@rule
def padding_is_zero(result, lengths, position):
    """a padding cell is not zero: a row of n clicks has T - n zero cells, left."""
    padding = torch.arange(len(position)) < len(position) - lengths[:, None]
    return result[padding].any()
