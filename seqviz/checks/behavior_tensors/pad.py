"""From a flat list of clicks to the input of a model: cut, padded, with positions."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake


def reference(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    """``[V, E], [B], [T, E] -> [B, T, E]``."""
    place, mask = _places(lengths, len(position))
    return _pick(clicks, place, mask) + _where(position.expand(*mask.shape, -1), mask)


def cases(generator: Generator) -> Iterator[Case]:
    """Rows that fit, that are short, long, both, or empty."""

    def draw(name: str, lengths: list[int], T: int, E: int = 3) -> Case:
        return Case(
            name,
            {
                "clicks": torch.randn(sum(lengths), E, generator=generator),
                "lengths": torch.tensor(lengths),
                "position": torch.randn(T, E, generator=generator),
            },
        )

    yield draw("rows of exactly T clicks", [5, 5], 5)
    yield draw("short histories", [2, 5, 1, 4], 5)
    yield draw("long histories", [7, 5, 9], 5)
    both = draw("short and long histories", [7, 2, 5, 1], 4)
    yield both
    yield draw("an empty history", [3, 0, 6], 5)
    yield draw("one place", [3, 0, 1], 1)
    yield draw("one user", [3], 5)
    yield both.strided()
    yield both.cast(torch.float64)
    yield both.cast(torch.float16)


def _places(lengths: Tensor, T: int) -> tuple[Tensor, Tensor]:
    """Where each cell is read in the flat list [B, T], and whether it is real."""
    stops = lengths.cumsum(0)[:, None]
    place = stops - T + torch.arange(T)
    return place, place >= stops - lengths[:, None]


def _where(values: Tensor, mask: Tensor) -> Tensor:
    return values.masked_fill(~mask[..., None], 0.0)


def _pick(clicks: Tensor, place: Tensor, mask: Tensor) -> Tensor:
    return _where(clicks[place.clamp(0, len(clicks) - 1)], mask)


def _oldest(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    T = len(position)
    stops = lengths.cumsum(0)[:, None]
    begins = stops - lengths[:, None]
    place = begins + torch.arange(T) - (T - lengths[:, None]).clamp(min=0)
    mask = (place >= begins) & (place < stops)
    return _pick(clicks, place, mask) + _where(position.expand(*mask.shape, -1), mask)


def _right(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    T = len(position)
    stops = lengths.cumsum(0)[:, None]
    place = stops - lengths.clamp(max=T)[:, None] + torch.arange(T)
    mask = place < stops
    return _pick(clicks, place, mask) + _where(position.expand(*mask.shape, -1), mask)


def _right_all_positions(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    T = len(position)
    stops = lengths.cumsum(0)[:, None]
    place = stops - lengths.clamp(max=T)[:, None] + torch.arange(T)
    return _pick(clicks, place, place < stops) + position


def _everywhere(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    return _pick(clicks, *_places(lengths, len(position))) + position


def _from_the_first_click(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    place, mask = _places(lengths, len(position))
    order = (mask.cumsum(1) - 1).clamp(min=0)
    return _pick(clicks, place, mask) + _where(position[order], mask)


def _newest_first(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    T = len(position)
    stops = lengths.cumsum(0)[:, None]
    place = stops - 1 - torch.arange(T)
    mask = place >= stops - lengths[:, None]
    return _pick(clicks, place, mask) + _where(position.expand(*mask.shape, -1), mask)


def _flipped(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    return reference(clicks, lengths, position).flip(1)


def _neighbors(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    place, _ = _places(lengths, len(position))
    return _pick(clicks, place, place >= 0) + _where(
        position.expand(*place.shape, -1), place >= 0
    )


def _neighbors_clamped(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    place, _ = _places(lengths, len(position))
    return clicks[place.clamp(0, len(clicks) - 1)] + position


def _no_position(clicks: Tensor, lengths: Tensor, position: Tensor) -> Tensor:
    return _pick(clicks, *_places(lengths, len(position))) + 0 * position.sum()


def _padding_is_zero(
    result: Tensor, clicks: Tensor, lengths: Tensor, position: Tensor
) -> str | None:
    _, mask = _places(lengths, len(position))
    leak = result.masked_select(~mask[..., None])
    if not leak.numel() or not (leak != 0).any():
        return None
    return "a padding cell is not zero: a row of n clicks has T - n zero cells, left."


EXERCISE = Exercise(
    name="behavior-tensors/pad",
    title="Cut, pad, and say where",
    minutes=20,
    difficulty="core",
    inputs={"clicks": "V E", "lengths": "B", "position": "T E"},
    output="B T E",
    reference=reference,
    cases=cases,
    dtype_of="clicks",
    gradients=("clicks", "position"),
    properties=(_padding_is_zero,),
    mistakes=(
        Mistake(
            "keeps-the-oldest",
            "a long history keeps its first T clicks: the newest are lost. Read from "
            "the end of the row.",
            _oldest,
        ),
        Mistake(
            "pads-on-the-right",
            "the padding stands on the right. Wanted is the newest click in the last "
            "place, so that short rows begin with padding.",
            _right,
            also=(_right_all_positions,),
        ),
        Mistake(
            "positions-on-padding",
            "padding gets a position vector, so it is no longer zero, and a later "
            "layer takes it for a click. Add positions to real cells only.",
            _everywhere,
            seen_in="ports of SASRec",
        ),
        Mistake(
            "positions-from-the-first-click",
            "you count positions from the first real click. Wanted is the position "
            "of the place: the newest click always gets the last row of `position`.",
            _from_the_first_click,
        ),
        Mistake(
            "newest-first",
            "the row runs backwards: the newest click stands in front. Time runs "
            "from left to right.",
            _newest_first,
            also=(_flipped,),
        ),
        Mistake(
            "reads-the-neighbor",
            "a short row is filled with the clicks of the user before it: you step "
            "back over the beginning of her own row.",
            _neighbors,
            also=(_neighbors_clamped,),
        ),
        Mistake(
            "no-positions",
            "the clicks are in their places, but `position` plays no part.",
            _no_position,
        ),
    ),
)
