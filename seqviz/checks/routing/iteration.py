"""One whole iteration of B2I routing, from logits to logits."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax, squash


def reference(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    """``[B, T, E], [B, T, K], [B, T] -> [B, T, K]``."""
    return _next(votes, logits, mask, squash(_pulled(votes, _shares(logits, mask))))


def cases(generator: Generator) -> Iterator[Case]:
    """Padding at any place, loud padding, an empty history."""

    def draw(
        name: str, B: int, T: int, E: int, K: int, real: float = 1.0, scale: float = 1.0
    ) -> Case:
        mask = torch.rand(B, T, generator=generator) < real
        mask[:, -1] = True
        if real < 1:
            mask[0, 0] = False
        return Case(
            name,
            {
                "votes": scale * torch.randn(B, T, E, generator=generator),
                "logits": torch.randn(B, T, K, generator=generator),
                "mask": mask,
            },
        )

    first = draw("full histories", 2, 6, 4, 3)
    yield first
    yield draw("padded histories", 4, 6, 4, 3, real=0.6)
    loud = draw("large numbers under the padding", 4, 6, 4, 3, real=0.6)
    loud.inputs["votes"][~loud.inputs["mask"]] = 10.0
    yield loud
    empty = draw("an empty history", 4, 5, 4, 3, real=0.6)
    empty.inputs["mask"][2] = False
    yield empty
    yield draw("one click", 3, 1, 4, 3)
    yield draw("as many interests as clicks", 2, 4, 3, 4)
    yield draw("long votes", 3, 6, 4, 3, scale=3.0)
    yield empty.strided()
    yield empty.cast(torch.float64)
    yield empty.cast(torch.float16)


def _shares(logits: Tensor, mask: Tensor) -> Tensor:
    return logits.softmax(2) * mask[..., None]


def _pulled(votes: Tensor, shares: Tensor) -> Tensor:
    return torch.einsum("btk,bte->bke", shares, votes)


def _agreement(votes: Tensor, interests: Tensor) -> Tensor:
    return torch.einsum("bte,bke->btk", votes, interests)


def _next(votes: Tensor, logits: Tensor, mask: Tensor, interests: Tensor) -> Tensor:
    new = logits + _agreement(votes, interests)
    return new.masked_fill(~mask[..., None], 0.0)


def _over_clicks(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    shares = masked_softmax(logits, mask[..., None], dim=1)
    return _next(votes, logits, mask, squash(_pulled(votes, shares)))


def _padding_pulls(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    interests = squash(_pulled(votes, logits.softmax(2)))
    return _next(votes, logits, mask, interests)


def _no_squash(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    return _next(votes, logits, mask, _pulled(votes, _shares(logits, mask)))


def _mean(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    shares = _shares(logits, mask)
    total = shares.sum(1)[..., None].clamp(min=1e-4)
    return _next(votes, logits, mask, squash(_pulled(votes, shares) / total))


def _mean_of_clicks(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    count = mask.sum(1).clamp(min=1)[:, None, None]
    pulled = _pulled(votes, _shares(logits, mask)) / count
    return _next(votes, logits, mask, squash(pulled))


def _replaced(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    interests = squash(_pulled(votes, _shares(logits, mask)))
    return _next(votes, torch.zeros_like(logits), mask, interests)


def _unchanged(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    return logits.masked_fill(~mask[..., None], 0.0)


def _weighed(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    shares = _shares(logits, mask)
    interests = squash(_pulled(votes, shares))
    new = logits + shares * _agreement(votes, interests)
    return new.masked_fill(~mask[..., None], 0.0)


def _coupling(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    return _shares(reference(votes, logits, mask), mask)


def _squash_over_interests(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    pulled = _pulled(votes, _shares(logits, mask))
    return _next(votes, logits, mask, squash(pulled, dim=1))


def _padding_kept(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    interests = squash(_pulled(votes, _shares(logits, mask)))
    return logits + _agreement(votes, interests)


def _padding_old(votes: Tensor, logits: Tensor, mask: Tensor) -> Tensor:
    interests = squash(_pulled(votes, _shares(logits, mask)))
    return logits + _agreement(votes, interests) * mask[..., None]


EXERCISE = Exercise(
    name="routing/iteration",
    title="One iteration of B2I",
    minutes=20,
    difficulty="core",
    inputs={"votes": "B T E", "logits": "B T K", "mask": "B T"},
    output="B T K",
    reference=reference,
    cases=cases,
    dtype_of="votes",
    mistakes=(
        Mistake(
            "over-the-clicks",
            "your softmax runs over the clicks. A click hands itself out over the "
            "interests.",
            _over_clicks,
            seen_in="torch-rechub 0.9.0, deepmatch up to 0.2.0",
        ),
        Mistake(
            "no-squash",
            "the interests are not squashed before they are compared with the votes: "
            "the agreements are too large.",
            _no_squash,
        ),
        Mistake(
            "mean-instead-of-sum",
            "an interest is the sum of what pulls it, not the mean: many voters make "
            "it longer, so surer.",
            _mean,
            also=(_mean_of_clicks,),
        ),
        Mistake(
            "replaced-instead-of-added",
            "the agreement takes the place of the old logits. It is added to them: "
            "earlier iterations are not forgotten.",
            _replaced,
        ),
        Mistake(
            "nothing-learned",
            "the logits come back as they were: the agreement of vote and interest "
            "is missing.",
            _unchanged,
        ),
        Mistake(
            "agreement-times-coupling",
            "you multiply the agreement by the coupling. How much a click has handed "
            "over plays no part in how well it agrees.",
            _weighed,
        ),
        Mistake(
            "coupling-instead-of-logits",
            "you return the shares of the next iteration. Asked are the logits before "
            "their softmax.",
            _coupling,
        ),
        Mistake(
            "squash-over-the-interests",
            "you squash along the wrong axis: the length of an interest is taken over "
            "its coordinates.",
            _squash_over_interests,
        ),
        Mistake(
            "padding-pulls",
            "padding pulls the interests like a click: its shares must be 0.",
            _padding_pulls,
        ),
        Mistake(
            "padding-keeps-logits",
            "all real clicks are right. At padding the task asks for 0.",
            _padding_kept,
            also=(_padding_old,),
        ),
    ),
)
