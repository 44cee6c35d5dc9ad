"""What an exercise is made of: the task, its cases, the mistakes people make."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

Function = Callable[..., Tensor]
Difficulty = Literal["warm-up", "core", "project"]


class Refused(Exception):  # noqa: N818  (a verdict, no error)
    """The answer cannot be asked at all; the message is the hint."""


@dataclass(frozen=True)
class Case:
    """One call of the answer.

    Args:
        name: in words that fit after "on", e.g. ``"padded histories"``.
        inputs: the arguments in the order of the call.
        gradients: whether gradients are compared as well; not where they are
            ambiguous, as at a tie.
        cast_to: the dtype, in a case that repeats another one in that dtype.
    """

    name: str
    inputs: Mapping[str, Tensor]
    gradients: bool = True
    cast_to: torch.dtype | None = None

    def cast(self, dtype: torch.dtype) -> "Case":
        """The same case with every floating input in ``dtype``."""
        inputs = {
            name: value.to(dtype) if value.is_floating_point() else value
            for name, value in self.inputs.items()
        }
        name = f"{self.name} in {str(dtype).removeprefix('torch.')}"
        # Half-precision gradients are too coarse to tell a fault from rounding.
        exact = self.gradients and dtype in (torch.float32, torch.float64)
        return Case(name, inputs, exact, dtype)

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
    """A mistake: its hint, and the wrong versions of the reference that make it.

    An answer that agrees with a wrong version where that differs from the reference
    makes this mistake. The wrong versions are also the museum of the chapter ("In the
    wild") and the mutants of the tests.

    Args:
        name: kebab-case.
        hint: names the mistake and the direction, never the code of the solution.
        versions: same arguments as the reference; they return on every case.
        seen_in: where it was found, for the museum.
    """

    name: str
    hint: str
    versions: tuple[Function, ...]
    seen_in: str = ""

    @property
    def wrong(self) -> Function:
        """The first version."""
        return self.versions[0]


@dataclass(frozen=True)
class Exercise:
    """A task with its check. The answer is a function that returns one tensor.

    Args:
        name: ``"chapter/exercise"``.
        title: what to write, in a few words.
        difficulty: in words.
        minutes: how long it takes.
        inputs: the axes of each argument, in order: ``{"weights": "B K T"}``.
        output: the axes of the result; empty for a single number.
        reference: the right answer; it is computed on float64 inputs.
        make_cases: returns the cases, the same ones at every call and the plainest
            first, since the hint is about the first case that fails.
        mistakes: known wrong versions.
        rules: ``rule(result, *inputs)`` returns a sentence if it is broken, else None;
            asked when no known mistake fits.
        gradients: the inputs that a gradient must reach.
        dtype_of: the input whose dtype the result has; any floating dtype if None.
        prepare: makes the function out of what is handed in, where that is something
            else; it leaves a function as it is. What it makes raises ``Refused`` where
            the answer cannot be asked.
    """

    name: str
    title: str
    difficulty: Difficulty
    minutes: int
    inputs: Mapping[str, str]
    output: str
    reference: Function
    make_cases: Callable[[], list[Case]]
    mistakes: tuple[Mistake, ...]
    rules: tuple[Callable[..., str | None], ...] = ()
    gradients: tuple[str, ...] = ()
    dtype_of: str | None = None
    prepare: Callable[[Callable], Function] = lambda answer: answer

    @property
    def label(self) -> str:
        """``"core, about 15 minutes"``, as the chapter says it."""
        return f"{self.difficulty}, about {self.minutes} minutes"

    @property
    def call(self) -> str:
        """``"(weights, behaviors)"``."""
        return f"({', '.join(self.inputs)})"

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
