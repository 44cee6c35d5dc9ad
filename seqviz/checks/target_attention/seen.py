"""Many shown items of one user in one call, each with the history of its own moment."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake
from seqviz.layers import masked_softmax


def reference(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    """``[B, M, E], [B, T, E], [B, T, E], [B, M] -> [B, M, E]``."""
    return _read(query, key, value, _readable(key, seen))


def cases(generator: Generator) -> Iterator[Case]:
    """Nothing, a part and everything had happened when an item was shown."""

    def draw(name: str, B: int, M: int, T: int, E: int, least: int = 1) -> Case:
        return Case(
            name,
            {
                "query": torch.randn(B, M, E, generator=generator),
                "key": torch.randn(B, T, E, generator=generator),
                "value": torch.randn(B, T, E, generator=generator),
                "seen": torch.randint(least, T + 1, (B, M), generator=generator),
            },
        )

    full = draw("items shown after every click", 2, 3, 5, 4)
    full.inputs["seen"][:] = 5
    yield full
    part = draw("items shown along the way", 6, 3, 5, 4)
    part.inputs["seen"][0] = torch.tensor([1, 3, 4])
    yield part
    first = draw("items shown before the first click", 3, 3, 5, 4, least=0)
    first.inputs["seen"][0] = torch.tensor([0, 1, 5])
    yield first
    late = draw("loud clicks that come later", 3, 3, 5, 4)
    late.inputs["seen"][:] = 2
    late.inputs["key"][:, 2:] *= 100
    yield late
    square = draw("as many items as clicks", 3, 5, 5, 4)
    yield square
    yield draw("one item", 3, 1, 5, 4)
    yield draw("one click", 3, 3, 1, 4, least=0)
    yield first.strided()
    yield first.cast(torch.float64)
    yield first.cast(torch.float16)


def _readable(key: Tensor, seen: Tensor) -> Tensor:
    place = torch.arange(key.shape[1], device=key.device)
    return place < seen[..., None]  # [B, M, T]


def _read(query: Tensor, key: Tensor, value: Tensor, readable: Tensor) -> Tensor:
    scores = (query * query.shape[-1] ** -0.5) @ key.mT
    return masked_softmax(scores, readable) @ value


def _all(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    return _read(query, key, value, torch.ones_like(_readable(key, seen)))


def _one_too_many(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    return reference(query, key, value, seen + 1)


def _one_too_few(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    return reference(query, key, value, seen - 1)


def _later(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    return _read(query, key, value, ~_readable(key, seen))


def _most(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    last = seen.max(1, keepdim=True).values.expand_as(seen)
    return reference(query, key, value, last)


def _least(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    first = seen.min(1, keepdim=True).values.expand_as(seen)
    return reference(query, key, value, first)


def _after(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    scores = (query * query.shape[-1] ** -0.5) @ key.mT
    return (scores.softmax(-1) * _readable(key, seen)) @ value


def _unscaled(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    return masked_softmax(query @ key.mT, _readable(key, seen)) @ value


def _keys_read(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    return reference(query, key, key, seen)


def _nan(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    scores = (query * query.shape[-1] ** -0.5) @ key.mT
    scores = scores.masked_fill(~_readable(key, seen), -torch.inf)
    return scores.softmax(-1) @ value


def _uniform(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    scores = (query * query.shape[-1] ** -0.5) @ key.mT
    lowest = torch.finfo(scores.dtype).min
    return scores.masked_fill(~_readable(key, seen), lowest).softmax(-1) @ value


def _finite(
    result: Tensor, query: Tensor, key: Tensor, value: Tensor, seen: Tensor
) -> str | None:
    if not result.isfinite().all():
        return "your result is NaN or infinite for some item."
    if (result[seen == 0] != 0).any():
        return "an item that was shown before the first click should get zeros."
    return None


EXERCISE = Exercise(
    name="target-attention/seen",
    title="Every shown item with the history of its moment",
    minutes=25,
    difficulty="project",
    inputs={"query": "B M E", "key": "B T E", "value": "B T E", "seen": "B M"},
    output="B M E",
    reference=reference,
    cases=cases,
    dtype_of="value",
    gradients=("query", "key", "value"),
    properties=(_finite,),
    mistakes=(
        Mistake(
            "reads-the-future",
            "every item reads all clicks, also those that came after it was shown. In "
            "training that tells the model what she did next.",
            _all,
        ),
        Mistake(
            "one-too-many",
            "each item reads one click too many, and that one may be the answer "
            "itself. If three clicks had happened, the places are 0, 1 and 2.",
            _one_too_many,
        ),
        Mistake(
            "one-too-few",
            "each item misses the click just before it was shown. If three clicks had "
            "happened, the places are 0, 1 and 2.",
            _one_too_few,
        ),
        Mistake(
            "only-the-future",
            "the comparison is the wrong way round: each item reads what came after "
            "it was shown.",
            _later,
        ),
        Mistake(
            "one-cut-for-all",
            "all items of a user read up to the same click. Each was shown at a moment "
            "of its own: the mask needs the axis of the items too.",
            _most,
            also=(_least,),
        ),
        Mistake(
            "mask-after-softmax",
            "the later clicks had their share in the softmax, and you throw it away "
            "after: the rest no longer sums to 1. The mask comes before.",
            _after,
        ),
        Mistake(
            "no-scale",
            "the mask is right, but the inner products are not scaled: they should be "
            "divided by the root of the width.",
            _unscaled,
        ),
        Mistake(
            "reads-the-keys",
            "the weights are right, but you mix the keys with them. What is read are "
            "the values.",
            _keys_read,
        ),
        Mistake(
            "nan-before-the-first-click",
            "only an item that was shown before the first click is wrong: a softmax of "
            "nothing but minus infinity is NaN. It should get zeros.",
            _nan,
        ),
        Mistake(
            "uniform-before-the-first-click",
            "only an item that was shown before the first click is wrong: where every "
            "score is the same large negative number, it reads all clicks alike. It "
            "should get zeros.",
            _uniform,
        ),
    ),
)
