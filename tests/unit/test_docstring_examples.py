"""Every public class and function has an example, and each says what it says."""

import doctest
from functools import cache
from importlib import import_module

import numpy as np
import pytest
import torch

ROOMS = [
    "",  # seqviz itself
    "layers",
    "models",
    "models.counting",
    "metrics",
    "retrieval",
    "data",
    "data.logs",
    "experiments",
    "figures",
    "explorers",
    "checks",
    "checks.engine",
    "report",
    "course",
]


@cache
def names(room):
    """Return what a room offers: name to class or function, in a fixed order."""
    module = import_module(f"seqviz.{room}".rstrip("."))
    found = {name: getattr(module, name) for name in sorted(module.__all__)}
    return {name: one for name, one in found.items() if callable(one)}


def cases():
    return [(room, name) for room in ROOMS for name in names(room)]


@pytest.mark.parametrize(("room", "name"), cases())
def test_the_example_says_what_happens(room, name):
    seen = {"np": np, "torch": torch, **names(room)}
    text = names(room)[name].__doc__ or ""
    example = doctest.DocTestParser().get_doctest(text, seen, name, None, None)
    assert example.examples, f"seqviz.{room}.{name} must have an example"
    torch.manual_seed(0)
    said = []
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert not said, "".join(said)


def test_a_wrong_example_is_found():
    said = []
    example = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3", {}, "x", None, None)
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert said
