"""Reads an exercise from its file: the task, the reference, the cases, the mistakes."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache, wraps
from itertools import islice
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from seqviz.checks.engine.attempt import seeded
from seqviz.checks.engine.exercise import Case, Exercise, Function, Mistake, Task

# Axes that may be of length 1, and the case in which one is.
_ONE = {"B": "one user", "T": "one behavior", "K": "one interest", "Q": "one query"}
_VARIATIONS = (*_ONE, "strided", "float64", "float16")


def mistake(
    function: Function | None = None,
    *,
    seen_in: str = "",
    symptom: str = "",
    **changes: Any,
) -> Function:
    """Declare a wrong version: its name is the mistake's, its docstring the hint.

    Args:
        function: takes the inputs that it names, and ``right`` if it wants what the
            reference returns. It returns the wrong result, or a dict of the
            reference's arguments that it changes; or it yields several of them.
        seen_in: where the mistake was found.
        symptom: what the learner sees, after "I keep getting", without a period; for
            the two mistakes that are made most often.
        changes: the reference's arguments that it changes, where these are the same on
            every case, and for an input, or ``right`` alone, the function that changes
            it; ``function`` then has no body. It is declared once for each version.

    Example:
        >>> @mistake(symptom="the mean of the padding", mask=torch.logical_not)
        ... def inverted_mask():
        ...     "you keep the padding: in `mask`, True means real."
        >>> inverted_mask.symptom
        'the mean of the padding'
    """
    if function is None:
        return lambda function: mistake(
            function, seen_in=seen_in, symptom=symptom, **changes
        )
    function.seen_in = seen_in or getattr(function, "seen_in", "")
    function.symptom = symptom or getattr(function, "symptom", "")
    function.changes = [changes, *getattr(function, "changes", [])]
    return function


def rule(function: Callable[..., Any]) -> Callable[..., Any]:
    """Declare what every right result obeys; its docstring tells that it is broken.

    Args:
        function: takes ``result`` and the inputs that it names. It returns True if the
            rule is broken, or the numbers for which the docstring has places; False or
            None if it holds.

    Example:
        >>> @rule
        ... def not_negative(result):
        ...     "one of your weights is {:.3g}, below 0."
        ...     return result.min() if result.min() < 0 else None
        >>> not_negative.is_rule
        True
    """
    function.is_rule = True
    return function


def read_page(page: ModuleType) -> Exercise:
    """The exercise that a file declares, named after its folder and itself.

    Raises:
        ValueError: ``TASK``, ``reference`` or ``cases`` is missing, a mistake or rule
            has no docstring, or a function names an argument that the task lacks.
    """
    for part in ("TASK", "reference", "cases"):
        if not hasattr(page, part):
            raise ValueError(f"{page.__name__} lacks {part}")
    chapter, name = page.__name__.replace("_", "-").split(".")[-2:]
    task, names = page.TASK, [*page.TASK.inputs]

    @lru_cache(maxsize=1)
    def make_cases(seed: int = 0) -> list[Case]:
        with seeded(seed):
            return _varied(task, [_read_case(task, *given) for given in page.cases()])

    first = make_cases()[0].inputs
    parts = [*_parts(page)]
    learned = task.gradients
    if learned is None:
        floating = [name for name in names if first[name].is_floating_point()]
        learned = () if task.dtype_of else tuple(floating)
    kept = {
        "gradients": learned,
        "dtype_of": task.dtype_of or next(iter(learned), None),
    }
    return Exercise(
        **vars(task) | kept,
        name=f"{chapter}/{name}",
        title=(page.__doc__ or "").split(":")[0].removesuffix("."),
        reference=_by_name(page.reference, names),
        make_cases=make_cases,
        mistakes=tuple(
            _read_mistake(part, page.reference, names, [*first.values()])
            for part in parts
            if hasattr(part, "seen_in")
        ),
        rules=tuple(
            _read_rule(part, names) for part in parts if hasattr(part, "is_rule")
        ),
        prepare=getattr(page, "prepare", lambda answer: answer),
    )


def _parts(page: ModuleType) -> Iterator[Any]:
    """What stands in a file, and in the engine's own files that it imports."""
    for part in vars(page).values():
        own = isinstance(part, ModuleType) and part.__package__ == __package__
        yield from vars(part).values() if own else [part]


def _told(function: Callable[..., Any], kind: str) -> str:
    """What the docstring says, as one line."""
    told = " ".join((function.__doc__ or "").split())
    if not told:
        name = function.__name__
        raise ValueError(f"the {kind} {name!r} has no docstring: that is its hint")
    return told


def _read_mistake(
    function: Function, reference: Function, names: list[str], first: list[Tensor]
) -> Mistake:
    hint = _told(function, "mistake")
    parameters = inspect.signature(function).parameters
    wants_right = any("right" in asked for asked in (parameters, *function.changes))
    bound = _by_name(function, [*names, "right"])

    def results(*inputs: Tensor) -> Iterator[Any]:
        known = dict(zip(names, inputs, strict=True))
        right = reference(*inputs) if wants_right else None
        if any(function.changes):
            made = [_changed(known | {"right": right}, c) for c in function.changes]
        else:
            made = bound(*inputs, right)
            made = made if inspect.isgenerator(made) else [made]
        for one in made:
            yield reference(**known | one) if isinstance(one, dict) else one

    def version(number: int) -> Function:
        @wraps(function)
        def wrong(*inputs: Tensor) -> Tensor:
            return next(islice(results(*inputs), number, None))

        return wrong

    count = len(list(results(*first)))
    versions = tuple(map(version, range(count)))
    name = function.__name__.strip("_").replace("_", "-")
    return Mistake(name, hint, versions, function.seen_in, function.symptom)


def _changed(known: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any] | Tensor:
    made = {
        name: change(known[name]) if name in known else change
        for name, change in changes.items()
    }
    return made.get("right", made)


def _read_rule(function: Callable, names: list[str]) -> Callable[..., str | None]:
    broken, sentence = _by_name(function, ["result", *names]), _told(function, "rule")

    @wraps(function)
    def rule(*given: Tensor) -> str | None:
        found = broken(*given)
        found = found if isinstance(found, tuple) else (found,)
        numbers = [n.item() if isinstance(n, Tensor) else n for n in found]
        holds = numbers[0] is None or numbers[0] is False
        return None if holds else sentence.format(*numbers)

    return rule


def _read_case(task: Task, name: str, *inputs: Any) -> Case:
    if len(inputs) != len(task.inputs):
        found = f"{len(inputs)} inputs"
        raise ValueError(f"the case {name!r} must have {task.call}, got {found}")
    tensors = map(torch.as_tensor, inputs)
    named = dict(zip(task.inputs, tensors, strict=True))
    return Case(name, named, name not in task.no_gradient)


def _by_name(function: Callable[..., Any], names: list[str]) -> Callable[..., Any]:
    """``function``, called with all of ``names`` in order; it takes those it wants.

    Raises:
        ValueError: it wants another one.
    """
    parameters = inspect.signature(function).parameters.values()
    for p in parameters:
        if p.name not in names and p.default is p.empty and p.kind is not p.VAR_KEYWORD:
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


def _varied(task: Task, cases: list[Case]) -> list[Case]:
    """The cases, and one of them again: axes of length 1, strided, in other dtypes.

    Raises:
        ValueError: ``task.vary`` or ``task.no_gradient`` names no case, or
            ``task.without`` no variation.
    """
    names = [case.name for case in cases]
    for named in filter(None, (task.vary, *task.no_gradient)):
        if named not in names:
            raise ValueError(f"the task names no case: {named!r}; there are: {names}")
    if unknown := set(task.without) - set(_VARIATIONS):
        raise ValueError(f"without knows {', '.join(_VARIATIONS)}; got {unknown}")
    case = cases[names.index(task.vary) if task.vary else 0]
    values = case.inputs.values()
    letters = " ".join(task.inputs.values()).split()
    varied = {
        axis: replace(case.first(axis, task.inputs), name=name)
        for axis, name in _ONE.items()
        if axis in letters and name not in names
    }
    if any(value.dim() > 1 for value in values):
        varied["strided"] = case.strided()
    if any(value.is_floating_point() for value in values):
        varied["float64"] = case.cast(torch.float64)
        varied["float16"] = case.cast(torch.float16)
    return cases + [one for kind, one in varied.items() if kind not in task.without]
