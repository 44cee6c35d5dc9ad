"""What an exercise is made of: cases, a reference, and the mistakes people make."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

Function = Callable[..., Tensor]
Difficulty = Literal["warm-up", "core", "project"]


@dataclass(frozen=True)
class Case:
    """One call of the answer.

    Args:
        name: in words that fit after "on", e.g. ``"padded histories"``.
        inputs: the arguments in the order of the call.
        gradients: whether gradients are compared as well; not where they are
            ambiguous, as at a tie.
    """

    name: str
    inputs: Mapping[str, Tensor]
    gradients: bool = True

    def cast(self, dtype: torch.dtype) -> "Case":
        """The same case with every floating input in ``dtype``."""
        inputs = {
            name: value.to(dtype) if value.is_floating_point() else value
            for name, value in self.inputs.items()
        }
        name = f"{self.name} in {str(dtype).removeprefix('torch.')}"
        # Half-precision gradients are too coarse to tell a fault from rounding.
        exact = self.gradients and dtype in (torch.float32, torch.float64)
        return replace(self, name=name, inputs=inputs, gradients=exact)

    def strided(self) -> "Case":
        """The same values in tensors that are not contiguous in memory."""
        inputs = {
            name: value.mT.contiguous().mT if value.dim() > 1 else value
            for name, value in self.inputs.items()
        }
        return replace(
            self, name=f"{self.name} (not contiguous in memory)", inputs=inputs
        )


@dataclass(frozen=True)
class Mistake:
    """A wrong version of the reference and the hint for whoever writes it.

    An answer that agrees with the wrong version where that differs from the
    reference makes this mistake. The wrong versions are also the museum of the
    chapter ("In the wild") and the mutants of the tests.

    Args:
        name: kebab-case.
        hint: names the mistake and the direction, never the code of the solution.
        wrong: same arguments as the reference; returns on every case.
        also: other ways to the same mistake that give other numbers.
        seen_in: where it was found, for the museum.
    """

    name: str
    hint: str
    wrong: Function
    also: tuple[Function, ...] = ()
    seen_in: str = ""

    @property
    def versions(self) -> tuple[Function, ...]:
        """Every wrong version."""
        return (self.wrong, *self.also)


@dataclass(frozen=True)
class Exercise:
    """A task with its check. The answer is a function that returns one tensor.

    Args:
        name: ``"chapter/exercise"``.
        title: what to write, in a few words.
        minutes: how long it takes.
        difficulty: in words.
        inputs: the axes of each argument, in order: ``{"weights": "B K T"}``.
        output: the axes of the result; empty for a single number.
        reference: the right answer; it is computed on float64 inputs.
        cases: yields cases from a seeded generator, the plainest first, since the
            hint is about the first case that fails. The sizes of the axes of the
            first case differ, so that a transposed result can be named.
        mistakes: known wrong versions.
        properties: ``property(output, *inputs)`` returns a sentence if it does not
            hold, else None; asked when no known mistake fits.
        dtype_of: the input whose dtype the result has; any floating dtype if None.
        gradients: the inputs that a gradient must reach.
    """

    name: str
    title: str
    minutes: int
    difficulty: Difficulty
    inputs: Mapping[str, str]
    output: str
    reference: Function
    cases: Callable[[torch.Generator], Iterable[Case]]
    mistakes: tuple[Mistake, ...]
    properties: tuple[Callable[..., str | None], ...] = ()
    dtype_of: str | None = None
    gradients: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """``"core, about 15 minutes"``, as the chapter says it."""
        return f"{self.difficulty}, about {self.minutes} minutes"

    @property
    def call(self) -> str:
        """``"(weights, behaviors)"``."""
        return f"({', '.join(self.inputs)})"

    def make_cases(self) -> list[Case]:
        """The cases, the same ones at every call."""
        return list(self.cases(torch.Generator().manual_seed(0)))

    def mistake(self, name: str) -> Mistake:
        """The mistake called ``name``.

        Raises:
            ValueError: there is none.
        """
        for mistake in self.mistakes:
            if mistake.name == name:
                return mistake
        known = ", ".join(mistake.name for mistake in self.mistakes)
        raise ValueError(f"{self.name} knows no mistake {name!r}, only: {known}")
