"""Reads an exercise from its file: the task, the reference, the cases, the mistakes."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from itertools import islice
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from seqviz.checks.engine.exercise import (
    Case,
    Difficulty,
    Exercise,
    Function,
    Mistake,
)

_VARIATIONS = ("strided", "float64", "float16")


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is asked.

    Args:
        title: what to write, in a few words.
        difficulty: in words.
        minutes: how long it takes.
        shapes: of the arguments in order and of the result, as
            ``"weights [B, T, K], behaviors [B, T, E] -> [B, K, E]"``.
        gradients: the inputs that a gradient must reach. The result has the dtype of
            the first one.
        dtype_of: the input whose dtype the result has, where there are no gradients.
        vary: the case that is repeated, with tensors that are not contiguous in memory,
            in float64 and in float16; the first one if None.
        without: which of ``"strided"``, ``"float64"``, ``"float16"`` are left out, and
            why: ``{"float16": "a variance is too coarse to compare"}``.
    """

    title: str
    difficulty: Difficulty
    minutes: int
    shapes: str
    gradients: tuple[str, ...] = ()
    dtype_of: str | None = None
    vary: str | None = None
    without: Mapping[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> dict[str, str]:
        """The axes of each argument: ``{"weights": "B T K"}``."""
        found = re.findall(r"(\w+) \[(.*?)\]", self.shapes.split("->")[0])
        return {name: axes.replace(",", "") for name, axes in found}

    @property
    def output(self) -> str:
        """The axes of the result, ``"B K E"``."""
        return re.sub(r"[\[\],]", "", self.shapes.split("->")[1]).strip()


def mistake(
    function: Function | None = None, *, seen_in: str = "", **changes: Any
) -> Function:
    """Declare a wrong version: its name is the mistake's, its docstring the hint.

    Args:
        function: takes the inputs that it names, and ``right`` if it wants what the
            reference returns. It returns the wrong result, or a dict of the
            reference's arguments that it changes; or it yields several of them.
        seen_in: where the mistake was found.
        changes: the reference's arguments that it changes, where these are the same on
            every case; the function then has no body.
    """
    if function is None:
        return lambda function: mistake(function, seen_in=seen_in, **changes)
    function.seen_in, function.changes = seen_in, changes
    return function


def rule(function: Callable[..., str | None]) -> Callable[..., str | None]:
    """Declare what every right result obeys; the broken rule is told in a sentence.

    Args:
        function: takes ``result`` and the inputs that it names, and returns the
            sentence, or None if the rule holds.
    """
    function.is_rule = True
    return function


def marks(*rows: str) -> Tensor:
    """A mask from its rows: ``marks("..xx", "xxxx")``, where x is True."""
    return torch.tensor([[mark == "x" for mark in row] for row in rows])


def read_page(page: ModuleType) -> Exercise:
    """The exercise that a file declares, named after its folder and itself.

    Raises:
        ValueError: ``TASK``, ``reference`` or ``cases`` is missing, a mistake has no
            docstring, or a function names an argument that the task does not have.
    """
    for part in ("TASK", "reference", "cases"):
        if not hasattr(page, part):
            raise ValueError(f"{page.__name__} lacks {part}")
    chapter, name = page.__name__.replace("_", "-").split(".")[-2:]
    task, names = page.TASK, [*page.TASK.inputs]

    def make_cases() -> list[Case]:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return _varied(task, page.cases())

    first = [*make_cases()[0].inputs.values()]
    parts = vars(page).values()
    return Exercise(
        name=f"{chapter}/{name}",
        title=task.title,
        difficulty=task.difficulty,
        minutes=task.minutes,
        inputs=task.inputs,
        output=task.output,
        reference=_by_name(page.reference, names),
        make_cases=make_cases,
        mistakes=tuple(
            _read_mistake(part, page.reference, names, first)
            for part in parts
            if hasattr(part, "seen_in")
        ),
        rules=tuple(
            _by_name(part, ["result", *names])
            for part in parts
            if hasattr(part, "is_rule")
        ),
        gradients=task.gradients,
        dtype_of=task.dtype_of or next(iter(task.gradients), None),
        prepare=getattr(page, "prepare", lambda answer: answer),
    )


def _read_mistake(
    function: Function, reference: Function, names: list[str], first: list[Tensor]
) -> Mistake:
    name = function.__name__.strip("_").replace("_", "-")
    hint = " ".join((function.__doc__ or "").split())
    if not hint:
        raise ValueError(f"the mistake {name!r} has no docstring: that is its hint")
    wants_right = "right" in inspect.signature(function).parameters
    bound = _by_name(function, [*names, "right"])

    def results(*inputs: Tensor) -> Iterator[Any]:
        right = reference(*inputs) if wants_right else None
        result = function.changes or bound(*inputs, right)
        for one in result if inspect.isgenerator(result) else [result]:
            known = dict(zip(names, inputs, strict=True))
            yield reference(**known | one) if isinstance(one, dict) else one

    def version(number: int) -> Function:
        @wraps(function)
        def wrong(*inputs: Tensor) -> Tensor:
            return next(islice(results(*inputs), number, None))

        return wrong

    count = len(list(results(*first)))
    return Mistake(name, hint, tuple(map(version, range(count))), function.seen_in)


def _by_name(function: Callable[..., Any], names: list[str]) -> Callable[..., Any]:
    """``function``, called with all of ``names`` in order; it takes those it wants.

    Raises:
        ValueError: it wants another one.
    """
    parameters = inspect.signature(function).parameters.values()
    for p in parameters:
        if p.name not in names and p.default is p.empty:
            where = f"{function.__module__}.{function.__name__}"
            raise ValueError(f"{where} wants {p.name!r}; there are: {', '.join(names)}")
    wanted = [p.name for p in parameters if p.name in names]

    @wraps(function)
    def call(*given: Any) -> Any:
        if len(given) != len(names):
            raise TypeError(f"expected ({', '.join(names)}), got {len(given)}")
        known = dict(zip(names, given, strict=True))
        return function(**{name: known[name] for name in wanted})

    return call


def _varied(task: Task, cases: Iterable[Case]) -> list[Case]:
    """The cases, and one of them again: strided, in float64, in float16.

    Raises:
        ValueError: ``task.vary`` names no case, or ``task.without`` no variation.
    """
    cases = list(cases)
    names = [case.name for case in cases]
    if task.vary is not None and task.vary not in names:
        raise ValueError(f"vary names no case: {task.vary!r}; there are: {names}")
    if unknown := set(task.without) - set(_VARIATIONS):
        raise ValueError(f"without knows {', '.join(_VARIATIONS)}; got {unknown}")
    case = cases[names.index(task.vary) if task.vary else 0]
    values = case.inputs.values()
    varied = {}
    if any(value.dim() > 1 for value in values):
        varied["strided"] = case.strided()
    if any(value.is_floating_point() for value in values):
        varied["float64"] = case.cast(torch.float64)
        varied["float16"] = case.cast(torch.float16)
    return cases + [one for kind, one in varied.items() if kind not in task.without]
