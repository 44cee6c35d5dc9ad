"""The cases of the table: functions with a mark, found in every module of this folder.

A new case is a function with ``@case("its-name")`` in a module here, and nothing else.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

import benchmarks
from benchmarks.timing import Clock, Row, Sizes

Case = Callable[[Sizes, int, Clock], Iterator[Row]]

_CASES: dict[str, Case] = {}


def case(name: str) -> Callable[[Case], Case]:
    """Mark a function of sizes, pairs and clock as the case of that name."""

    def mark(function: Case) -> Case:
        known = _CASES.setdefault(name, function)
        if known.__module__ != function.__module__:
            raise ValueError(f"{known.__module__} has a case called {name!r} as well")
        return function

    return mark


def all_cases() -> dict[str, Case]:
    """Return name -> case; importing them needs the packages of `make bench`."""
    for module in pkgutil.iter_modules(benchmarks.__path__, "benchmarks."):
        if module.name != "benchmarks.run":  # it asks here
            importlib.import_module(module.name)
    return dict(_CASES)
