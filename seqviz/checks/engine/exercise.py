"""What an exercise is made of: the task, its cases, the mistakes people make."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

Function = Callable[..., Tensor]
LEVELS = ("warm-up", "core", "project")
_LABEL = re.compile(rf"({'|'.join(LEVELS)}), about (\d+) minutes")


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is asked.

    Args:
        label: ``"core, about 15 minutes"``, as the chapter says it.
        practice: what is practiced, as it goes on after "You practice".
        shapes: of the arguments in order and of the result, as
            ``"weights [B, T, K], behaviors [B, T, E] -> [B, K, E]"``.
        gradients: the inputs that a gradient must reach; all that are floating if None.
            The result has the dtype of the first one.
        dtype_of: the input whose dtype the result has, where no gradient is asked for;
            any floating dtype if there is none.
        vary: the case that is repeated for one user alone, with tensors that are not
            contiguous in memory, in float64 and in float16; the first one if None.
        without: which of ``"strided"``, ``"float64"``, ``"float16"`` are left out, and
            why: ``{"float16": "a variance is too coarse to compare"}``.
        no_gradient: the cases whose gradients are not compared, and why:
            ``{"equal scores": "a tie has two"}``.

    Example:
        >>> task = Task(
        ...     label="warm-up, about 10 minutes",
        ...     practice="a mean that leaves padding out",
        ...     shapes="behaviors [B, T, E], mask [B, T] -> [B, E]",
        ... )
        >>> task.minutes, task.inputs, task.output
        (10, {'behaviors': 'B T E', 'mask': 'B T'}, 'B E')
    """

    label: str
    practice: str
    shapes: str
    gradients: tuple[str, ...] | None = None
    dtype_of: str | None = None
    vary: str | None = None
    without: Mapping[str, str] = field(default_factory=dict)
    no_gradient: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _LABEL.fullmatch(self.label):
            asked = f"a level of {', '.join(LEVELS)} and ', about 15 minutes'"
            raise ValueError(f"label must be {asked}, got {self.label!r}")

    @property
    def difficulty(self) -> str:
        """``"core"``."""
        return self.label.split(",")[0]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return int(self.label.split()[-2])

    @property
    def inputs(self) -> dict[str, str]:
        """The axes of each argument: ``{"weights": "B T K"}``."""
        found = re.findall(r"(\w+) \[(.*?)\]", self.shapes.split("->")[0])
        return {name: axes.replace(",", "") for name, axes in found}

    @property
    def output(self) -> str:
        """The axes of the result, ``"B K E"``; empty for a single number."""
        return re.sub(r"[\[\],]", "", self.shapes.split("->")[1]).strip()

    @property
    def call(self) -> str:
        """``"(weights, behaviors)"``."""
        return f"({', '.join(self.inputs)})"


class Refused(Exception):  # noqa: N818  (a verdict, no error)
    """The answer cannot be asked at all; the message is the hint.

    Example:
        >>> raise Refused("your class has no `forward`.")
        Traceback (most recent call last):
        ...
        seqviz.checks.engine.exercise.Refused: your class has no `forward`.
    """


@dataclass(frozen=True)
class Case:
    """One call of the answer.

    Args:
        name: in words that fit after "on", e.g. ``"padded histories"``.
        inputs: the arguments in the order of the call.
        gradients: whether gradients are compared as well; not where they are
            ambiguous, as at a tie.
        cast_to: the dtype, in a case that repeats another one in that dtype.

    Example:
        >>> Case("two clicks", {"behaviors": torch.randn(1, 2, 4)}).gradients
        True
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

    def first(self, axis: str, inputs: Mapping[str, str]) -> "Case":
        """Only the first along ``axis``; ``inputs`` has the axes, as a task's."""
        kept = {}
        for name, axes in inputs.items():
            place = tuple(slice(1 if a == axis else None) for a in axes.split())
            kept[name] = self.inputs[name][place]
        return replace(self, inputs=kept)

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
        symptom: what a learner sees, after "I keep getting"; the two mistakes of an
            exercise that are made most often have one.

    Example:
        >>> mistake = exercises("routing")[0].mistakes[0]
        >>> isinstance(mistake, Mistake), bool(mistake.hint)
        (True, True)
    """

    name: str
    hint: str
    versions: tuple[Function, ...]
    seen_in: str = ""
    symptom: str = ""

    @property
    def wrong(self) -> Function:
        """The first version."""
        return self.versions[0]


@dataclass(frozen=True, kw_only=True)
class Exercise(Task):
    """A task with its check. The answer is a function that returns one tensor.

    Args:
        name: ``"chapter/exercise"``.
        title: what to write, in a few words.
        reference: the right answer; it is computed on float64 inputs.
        make_cases: returns the cases of a seed, 0 if none is given: the same ones at
            every call and the plainest first, since the hint is about the first case
            that fails.
        mistakes: known wrong versions.
        rules: ``rule(result, *inputs)`` returns a sentence if it is broken, else None;
            asked when no known mistake fits.
        prepare: makes the function out of what is handed in, where that is something
            else; it leaves a function as it is. What it makes raises ``Refused`` where
            the answer cannot be asked.

    Example:
        >>> task = exercises("routing")[0]
        >>> isinstance(task, Exercise), task.difficulty
        (True, 'warm-up')
    """

    name: str
    title: str
    reference: Function
    make_cases: Callable[..., list[Case]]
    mistakes: tuple[Mistake, ...]
    rules: tuple[Callable[..., str | None], ...] = ()
    prepare: Callable[[Callable], Function] = lambda answer: answer

    @property
    def common(self) -> tuple[Mistake, ...]:
        """The mistakes that are made most often: those that have a symptom."""
        return tuple(mistake for mistake in self.mistakes if mistake.symptom)

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
