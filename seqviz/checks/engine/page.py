"""Reads an exercise from its file: the task, the reference, the cases, the mistakes."""

import inspect
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from itertools import islice
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from seqviz.checks.engine.attempt import seeded
from seqviz.checks.engine.exercise import Case, Exercise, Function, Mistake, Task

_VARIATIONS = ("strided", "float64", "float16")


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
            every case; the function then has no body.

    Example:
        >>> @mistake(symptom="another mean when padding is added")
        ... def averages_the_padding(behaviors):
        ...     "you average all T places: padding counts as clicks."
        ...     return behaviors.mean(1)
        >>> averages_the_padding.symptom
        'another mean when padding is added'
    """
    if function is None:
        return lambda function: mistake(
            function, seen_in=seen_in, symptom=symptom, **changes
        )
    function.seen_in, function.symptom, function.changes = seen_in, symptom, changes
    return function


def rule(function: Callable[..., str | None]) -> Callable[..., str | None]:
    """Declare what every right result obeys; the broken rule is told in a sentence.

    Args:
        function: takes ``result`` and the inputs that it names, and returns the
            sentence, or None if the rule holds.

    Example:
        >>> @rule
        ... def sums_to_one(result):
        ...     if not torch.allclose(result.sum(-1), torch.ones(())):
        ...         return "the weights of a row sum to 1, yours do not."
        >>> sums_to_one(torch.tensor([[0.5, 0.4]]))
        'the weights of a row sum to 1, yours do not.'
    """
    function.is_rule = True
    return function


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

    @lru_cache(maxsize=1)
    def make_cases(seed: int = 0) -> list[Case]:
        with seeded(seed):
            return _varied(task, [_read_case(task, *given) for given in page.cases()])

    first = [*make_cases()[0].inputs.values()]
    parts = vars(page).values()
    kept = {"dtype_of": task.dtype_of or next(iter(task.gradients), None)}
    return Exercise(
        **vars(task) | kept,
        name=f"{chapter}/{name}",
        title=(page.__doc__ or "").split(":")[0].removesuffix("."),
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
    versions = tuple(map(version, range(count)))
    return Mistake(name, hint, versions, function.seen_in, function.symptom)


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
    """The cases, and one of them again: strided, in float64, in float16.

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
    varied = {}
    if any(value.dim() > 1 for value in values):
        varied["strided"] = case.strided()
    if any(value.is_floating_point() for value in values):
        varied["float64"] = case.cast(torch.float64)
        varied["float16"] = case.cast(torch.float16)
    return cases + [one for kind, one in varied.items() if kind not in task.without]
