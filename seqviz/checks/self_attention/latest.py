"""What the latest real behavior reads, and nothing else."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def _read(query: Tensor, behaviors: Tensor, mask: Tensor, scale: float) -> Tensor:
    scores = torch.einsum("be,bte->bt", query, behaviors) * scale
    return torch.einsum("bt,bte->be", masked_softmax(scores, mask), behaviors)


def _picked(behaviors: Tensor, places: Tensor) -> Tensor:
    return behaviors[torch.arange(len(behaviors)), places]  # [B, E]


def _places(mask: Tensor) -> Tensor:
    return (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)  # [B]


def _root(behaviors: Tensor) -> float:
    return behaviors.shape[-1] ** -0.5


def reference(behaviors: Tensor, mask: Tensor) -> Tensor:
    """``[B, T, E], [B, T] -> [B, E]``."""
    query = _picked(behaviors, _places(mask))
    return _read(query, behaviors, mask, _root(behaviors))


def cases(generator: Generator) -> Iterator[Case]:
    """Padding on the right, on the left, in between, and nothing else."""

    def draw(name: str, B: int, T: int, E: int, real: float = 1.0) -> Case:
        mask = torch.rand(B, T, generator=generator) < real
        behaviors = torch.randn(B, T, E, generator=generator)
        return Case(name, {"behaviors": behaviors, "mask": mask})

    yield draw("full histories", 3, 5, 4)
    left = draw("padding on the left", 4, 6, 3)
    left.inputs["mask"][:, :2] = False
    yield left
    right = draw("padding on the right", 4, 6, 3)
    right.inputs["mask"][:, 4:] = False
    yield right
    mixed = draw("padding anywhere", 8, 6, 3, real=0.5)
    mixed.inputs["mask"][:, 1] = True
    yield mixed
    empty = draw("an empty history", 4, 6, 3, real=0.6)
    empty.inputs["mask"][:, 2] = True
    empty.inputs["mask"][1] = False
    yield empty
    yield draw("one behavior", 2, 1, 4)
    yield draw("one user", 1, 5, 4)
    yield mixed.strided()
    yield mixed.cast(torch.float64)
    yield mixed.cast(torch.float16)


def _last_column(behaviors: Tensor, mask: Tensor) -> Tensor:
    return _read(behaviors[:, -1], behaviors, mask, _root(behaviors))


def _earliest(behaviors: Tensor, mask: Tensor) -> Tensor:
    query = _picked(behaviors, mask.int().argmax(1))
    return _read(query, behaviors, mask, _root(behaviors))


def _by_count(behaviors: Tensor, mask: Tensor) -> Tensor:
    query = _picked(behaviors, (mask.sum(1) - 1).clamp(min=0))
    return _read(query, behaviors, mask, _root(behaviors))


def _no_mask(behaviors: Tensor, mask: Tensor) -> Tensor:
    query = _picked(behaviors, _places(mask))
    return _read(query, behaviors, torch.ones_like(mask), _root(behaviors))


def _no_scale(behaviors: Tensor, mask: Tensor) -> Tensor:
    return _read(_picked(behaviors, _places(mask)), behaviors, mask, 1.0)


def _all_rows(behaviors: Tensor, mask: Tensor) -> Tensor:
    scores = behaviors @ behaviors.mT * _root(behaviors)
    return masked_softmax(scores, mask[:, None] & mask[..., None]) @ behaviors


def _mean_of_all(behaviors: Tensor, mask: Tensor) -> Tensor:
    total = _all_rows(behaviors, mask).sum(1)
    return total / mask.sum(1, keepdim=True).clamp(min=1)


def _mean_asks(behaviors: Tensor, mask: Tensor) -> Tensor:
    total = (behaviors * mask[..., None]).sum(1)
    query = total / mask.sum(1, keepdim=True).clamp(min=1)
    return _read(query, behaviors, mask, _root(behaviors))


def _not_itself(behaviors: Tensor, mask: Tensor) -> Tensor:
    places = _places(mask)
    others = mask & (torch.arange(mask.shape[1]) != places[:, None])
    return _read(_picked(behaviors, places), behaviors, others, _root(behaviors))


def _unread(behaviors: Tensor, mask: Tensor) -> Tensor:
    return _picked(behaviors, _places(mask)) * mask.any(1)[:, None]


def _uniform(behaviors: Tensor, mask: Tensor) -> Tensor:
    query = _picked(behaviors, _places(mask))
    scores = torch.einsum("be,bte->bt", query, behaviors) * _root(behaviors)
    lowest = torch.finfo(scores.dtype).min
    weights = scores.masked_fill(~mask, lowest).softmax(-1)
    return torch.einsum("bt,bte->be", weights, behaviors)


EXERCISE = Exercise(
    name="self-attention/latest",
    title="What the latest behavior reads",
    minutes=10,
    difficulty="warm-up",
    inputs={"behaviors": "B T E", "mask": "B T"},
    output="B E",
    reference=reference,
    cases=cases,
    dtype_of="behaviors",
    gradients=("behaviors",),
    mistakes=(
        Mistake(
            "last-column",
            "you ask with the last column. Where the padding stands on the right, "
            "that is padding: look for the last True of each row.",
            _last_column,
        ),
        Mistake(
            "counts-from-the-left",
            "you take the number of real behaviors for the place of the latest. That "
            "holds only where the padding stands on the right.",
            _by_count,
        ),
        Mistake(
            "earliest-asks",
            "you ask with the earliest real behavior: `argmax` of a bool mask finds "
            "the first True. You want the last.",
            _earliest,
        ),
        Mistake(
            "reads-padding",
            "the right behavior asks, but it reads padding too: the mask belongs into "
            "the softmax as well.",
            _no_mask,
        ),
        Mistake(
            "no-scale",
            "these are plain inner products: divide the scores by the root of E.",
            _no_scale,
        ),
        Mistake(
            "mean-of-all-rows",
            "you average what all behaviors read. Only the latest should ask.",
            _mean_of_all,
        ),
        Mistake(
            "mean-asks",
            "the query is the mean of the history. It should be one behavior, the "
            "latest.",
            _mean_asks,
        ),
        Mistake(
            "not-itself",
            "the latest behavior leaves itself out. In self-attention a behavior "
            "reads itself as well.",
            _not_itself,
        ),
        Mistake(
            "not-read-at-all",
            "this is the latest behavior as it came: it has read nothing yet.",
            _unread,
        ),
        Mistake(
            "uniform-empty-row",
            "only the empty history is wrong: where every score is the same large "
            "negative number, the softmax is uniform. It should give zeros.",
            _uniform,
        ),
    ),
)
