"""By how much each candidate would raise the paper's value Q."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from seqviz.checks.engine.before import Case, Exercise, Mistake

WEIGHT = 0.25


def reference(scores: Tensor, categories: Tensor, chosen: Tensor) -> Tensor:
    """``[B, M]`` each, ``chosen`` bool ``-> [B, M]``; 0 for what is chosen."""
    return _gains(scores, _others(categories, chosen), chosen)


def cases(generator: Generator) -> Iterator[Case]:
    """Some chosen, none, all but one."""

    def draw(name: str, B: int, M: int, share: float = 0.4) -> Case:
        chosen = torch.rand(B, M, generator=generator) < share
        inputs = {
            "scores": torch.randn(B, M, generator=generator),
            "categories": torch.randint(4, (B, M), generator=generator),
            "chosen": chosen,
        }
        inputs["chosen"][0, :4] = torch.tensor([True, True, False, False])
        inputs["categories"][0, :4] = torch.tensor([1, 2, 1, 3])
        return Case(name, inputs)

    some = draw("lists of a few items", 3, 7)
    yield some
    empty = draw("empty lists", 2, 5)
    empty.inputs["chosen"][:] = False
    yield empty
    yield draw("nearly all chosen", 4, 6, share=0.8)
    yield some.strided()
    yield some.cast(torch.float64)


def _differ(categories: Tensor) -> Tensor:
    return categories[:, :, None] != categories[:, None, :]


def _others(categories: Tensor, chosen: Tensor) -> Tensor:
    return (_differ(categories) & chosen[:, None, :]).sum(2)


def _gains(
    scores: Tensor, others: Tensor, chosen: Tensor, weight: float = 2 * WEIGHT
) -> Tensor:
    return (scores + weight * others).masked_fill(chosen, 0.0)


def _algorithm(scores: Tensor, categories: Tensor, chosen: Tensor) -> Tensor:
    return _gains(scores, _others(categories, chosen), chosen, WEIGHT)


def _same(scores: Tensor, categories: Tensor, chosen: Tensor) -> Tensor:
    same = (~_differ(categories) & chosen[:, None, :]).sum(2)
    return _gains(scores, same, chosen)


def _penalty(scores: Tensor, categories: Tensor, chosen: Tensor) -> Tensor:
    same = (~_differ(categories) & chosen[:, None, :]).sum(2)
    return _gains(scores, -same, chosen)


def _everybody(scores: Tensor, categories: Tensor, chosen: Tensor) -> Tensor:
    return _gains(scores, _differ(categories).sum(2), chosen)


def _chosen_again(scores: Tensor, categories: Tensor, chosen: Tensor) -> Tensor:
    others = _others(categories, chosen)
    return _gains(scores, others, torch.zeros_like(chosen))


def _yes_or_no(scores: Tensor, categories: Tensor, chosen: Tensor) -> Tensor:
    return _gains(scores, (_others(categories, chosen) > 0).int(), chosen)


def _scores_only(scores: Tensor, categories: Tensor, chosen: Tensor) -> Tensor:
    return _gains(scores, torch.zeros_like(scores), chosen)


EXERCISE = Exercise(
    name="diversity/gains",
    title="The gain in Q",
    minutes=15,
    difficulty="core",
    inputs={"scores": "B M", "categories": "B M", "chosen": "B M"},
    output="B M",
    reference=reference,
    cases=cases,
    dtype_of="scores",
    mistakes=(
        Mistake(
            "algorithm-instead-of-q",
            "this is the gain of Algorithm 2. Q sums over ordered pairs: a new pair "
            "enters it two times.",
            _algorithm,
            seen_in="the ComiRec paper, between its equation and its Algorithm 2",
        ),
        Mistake(
            "same-category",
            "you reward chosen items of the same category. The pairs that count are "
            "those that differ.",
            _same,
        ),
        Mistake(
            "penalty-instead-of-gain",
            "you subtract for the same category: that gives the same order of the "
            "candidates, but not the gain.",
            _penalty,
            seen_in="the ComiRec authors' code, where it is right: it needs the order",
        ),
        Mistake(
            "all-candidates",
            "you count the candidates of another category, chosen or not. Only pairs "
            "with chosen items enter the list's value.",
            _everybody,
        ),
        Mistake(
            "chosen-twice",
            "items that are chosen already get a gain as well. They cannot be added "
            "again: give them 0.",
            _chosen_again,
        ),
        Mistake(
            "yes-or-no",
            "you ask whether any chosen item is of another category. Every such item "
            "is a pair of its own.",
            _yes_or_no,
        ),
        Mistake(
            "scores-only",
            "these are the scores: no pair with a chosen item is counted for what is "
            "not chosen yet.",
            _scores_only,
        ),
    ),
)
