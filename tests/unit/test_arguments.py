"""Checks of arguments: what they let pass, and the one wording of what they refuse."""

import ast
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from seqviz import arguments
from seqviz.arguments import (
    require_choice,
    require_clicked,
    require_finite,
    require_ids,
    require_number,
    require_one_length,
    require_seconds,
    require_texts,
    require_whole,
    whole_numbers,
)

PACKAGE = Path(arguments.__file__).parent
ROOMS = ("data", "layers", "models", "metrics", "retrieval", "experiments")
FILES = [
    PACKAGE / "arguments.py",
    *sorted(path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")),
]


def refusals():
    """File, line and constant text of every ValueError and TypeError of the rooms."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                if ast.unparse(node.exc.func) in ("ValueError", "TypeError"):
                    parts = [
                        part.value
                        for part in ast.walk(node.exc)
                        if isinstance(part, ast.Constant)
                    ]
                    text = "".join(str(part) for part in parts)
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", text


@pytest.mark.parametrize(("where", "text"), list(refusals()))
def test_every_refusal_says_what_must_be_and_what_came(where, text):
    assert " must " in text and "got" in text, f"{where}: {text}"


@pytest.mark.parametrize(
    ("limits", "value", "message"),
    [
        ({}, 0, "size must be at least 1, got 0"),
        ({"low": 0, "high": 4}, 5, r"size must lie in 0\.\.4, got 5"),
        ({}, 2.0, "size must be a whole number, got 2.0"),
        ({}, True, "size must be a whole number, got True"),
        ({}, "2", "size must be a whole number, got '2'"),
        ({}, None, "size must be a whole number, got None"),
    ],
)
def test_whole_numbers_refused(limits, value, message):
    with pytest.raises((TypeError, ValueError), match=message):
        require_whole(**limits, size=value)


def test_whole_numbers_let_pass():
    require_whole(size=1, other=np.int64(7))
    require_whole(low=0, high=0, size=0)


@pytest.mark.parametrize(
    ("limits", "value", "message"),
    [
        ({"low": 0}, -0.1, "rate must be finite and at least 0, got -0.1"),
        ({"low": 0}, math.inf, "rate must be finite and at least 0, got inf"),
        ({"low": 0}, math.nan, "rate must be finite and at least 0, got nan"),
        ({"low": 0, "ends": False}, 0, "rate must be finite and above 0, got 0"),
        ({"low": 1, "high": math.inf}, 0.5, "rate must be at least 1, got 0.5"),
        ({"low": 0, "high": 1}, 1.5, r"rate must lie in 0\.\.1, got 1.5"),
        (
            {"low": 0, "high": 1, "ends": False},
            1.0,
            "rate must lie between 0 and 1, neither included, got 1.0",
        ),
        ({"low": 0}, "1", "rate must be a number, got '1'"),
        ({"low": 0}, True, "rate must be a number, got True"),
    ],
)
def test_numbers_refused(limits, value, message):
    with pytest.raises((TypeError, ValueError), match=message):
        require_number(**limits, rate=value)


def test_numbers_let_pass():
    require_number(low=0, rate=0, other=np.float32(0.5))
    require_number(low=1, high=math.inf, rate=math.inf)
    require_number(low=0, high=1, ends=False, rate=0.5)


def test_words_lengths_and_labels():
    require_choice(("left", "right"), side="left")
    with pytest.raises(ValueError, match="side must be one of left, right, got 'top'"):
        require_choice(("left", "right"), side="top")
    require_one_length(users=[1, 2], items=[3, 4])
    with pytest.raises(ValueError, match="users, items must be equally .* got 2, 1"):
        require_one_length(users=[1, 2], items=[3])
    assert require_clicked([1, 0, True]).tolist() == [True, False, True]
    for wrong, got in (([0, 2], "got 2"), ([0.5], "got 0.5"), ([[1]], "got shape")):
        with pytest.raises(
            ValueError, match=f"clicked must be a row of 0 and 1.*{got}"
        ):
            require_clicked(wrong)


def test_rows_of_whole_numbers():
    assert whole_numbers("ids", np.array([3, 4], np.uint8)).dtype == np.int64
    with pytest.raises(TypeError, match="ids must be whole numbers, got float64"):
        whole_numbers("ids", [1.0])
    with pytest.raises(ValueError, match="ids must have one dimension"):
        whole_numbers("ids", [[1]])
    hashed = np.array([2**63 + 5], np.uint64)  # as int64 it would be negative
    with pytest.raises(ValueError, match="ids must fit into int64, got 92233720368547"):
        whole_numbers("ids", hashed)


NOW = 1_700_000_000


@pytest.mark.parametrize(
    ("times", "unit", "divisor"),
    [
        ([NOW * 10**3], "milliseconds", "1,000"),
        ([5, NOW * 10**6], "microseconds", "1,000,000"),
        ([NOW * 10**9], "nanoseconds", "1,000,000,000"),
        ([-NOW * 10**3], "milliseconds", "1,000"),
    ],
)
def test_a_time_that_cannot_be_seconds_is_named(times, unit, divisor):
    message = (
        rf"time must be unix seconds, got {times[-1]}.*{unit}; divide by {divisor} "
    )
    with pytest.raises(ValueError, match=message):
        require_seconds("time", np.array(times))


def test_a_missing_time_is_no_second():
    missing = pd.Series([NOW, None], dtype="datetime64[s]").to_numpy().astype(np.int64)
    with pytest.raises(ValueError, match=r"time must be unix .*missing \(NaT\)"):
        require_seconds("time", missing)


def test_one_text_is_no_list_of_texts():
    require_texts(names=["NA"], others=None, more=("",))
    with pytest.raises(TypeError, match="names must be a list of texts, got the text "):
        require_texts(names="NA")


def test_seconds_of_any_century_pass():
    for times in ([], [0, 1, 2], [-NOW, NOW], [4_102_444_800]):  # the year 2100
        require_seconds("time", np.array(times, np.int64))


@pytest.mark.parametrize("dtype", [torch.int32, torch.int16, torch.uint8, torch.int64])
def test_ids_of_any_whole_type_become_int64(dtype):
    ids = require_ids("ids", torch.tensor([0, 3], dtype=dtype), 0, 3)
    assert ids.dtype == torch.int64 and ids.tolist() == [0, 3]
    with pytest.raises(ValueError, match=r"ids must lie in 1\.\.2, got 0\.\.3"):
        require_ids("ids", torch.tensor([0, 3], dtype=dtype), 1, 2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bool, torch.complex64])
def test_ids_of_another_type_are_refused(dtype):
    with pytest.raises(TypeError, match=f"ids must be whole numbers, got {dtype}"):
        require_ids("ids", torch.ones(2).to(dtype), 0, 3)


def test_the_vectors_that_are_not_finite_are_counted():
    vectors = torch.zeros(2, 3, 4)
    require_finite("x", vectors + 3e38)  # adds up to infinity, and is finite
    vectors[0, 2, 1:3] = math.nan
    vectors[1, 0] = math.inf
    with pytest.raises(
        ValueError, match=r"in 2 of 6 vectors, the first at \[0, 2\] of"
    ):
        require_finite("x", vectors)
