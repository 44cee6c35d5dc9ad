"""Twenty puzzles, one einsum each: the answer is a line of letters.

A puzzle is an exercise like any other; ``by_letters`` makes the function out of what a
student writes. What she sees is the target beside her answer, as numbers in grids.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import torch
from torch import Tensor

from seqviz.checks.engine.attempt import attempt
from seqviz.checks.engine.exercise import Case, Exercise, Function, Mistake, Refused

CHAPTER = "einsum-puzzles"

_SIZES = dict(zip("bijkqten", (2, 3, 4, 5, 3, 5, 4, 6), strict=True))
_EQUATION = re.compile(r"[a-zA-Z]*(,[a-zA-Z]*)*->[a-zA-Z]*")
_MOST_LETTERS = 8


@dataclass(frozen=True)
class Puzzle:
    """What is asked in words, and the letters that say it."""

    slug: str
    text: str
    equation: str

    @property
    def name(self) -> str:
        """``"einsum-puzzles/row-sums"``."""
        return f"{CHAPTER}/{self.slug}"

    @property
    def operands(self) -> dict[str, str]:
        """The axes of each operand: ``{"A": "i j"}``."""
        parts = self.equation.split("->")[0].split(",")
        return {name: " ".join(part) for name, part in zip("ABC", parts, strict=False)}


PUZZLES = (
    Puzzle("total", "The sum of all entries of a matrix.", "ij->"),
    Puzzle("row-sums", "The sum of each row of a matrix.", "ij->i"),
    Puzzle("column-sums", "The sum of each column of a matrix.", "ij->j"),
    Puzzle("turned", "The matrix with rows and columns exchanged.", "ij->ji"),
    Puzzle("diagonal", "The diagonal of a square matrix.", "ii->i"),
    Puzzle("trace", "The sum of the diagonal of a square matrix.", "ii->"),
    Puzzle("dot", "The inner product of two vectors.", "i,i->"),
    Puzzle("outer", "Every entry of A times every entry of B.", "i,j->ij"),
    Puzzle("cell-by-cell", "Two matrices multiplied cell by cell.", "ij,ij->ij"),
    Puzzle("scaled-rows", "Each row of B times its number in A.", "i,ij->ij"),
    Puzzle("scaled-columns", "Each column of A times its number in B.", "ij,j->ij"),
    Puzzle("matrix-vector", "The matrix A times the vector B.", "ij,j->i"),
    Puzzle("matrix-matrix", "The matrix product of A and B.", "ij,jk->ik"),
    Puzzle("rows-with-rows", "Each row of A with each row of B: their inner products.",
           "ij,kj->ik"),
    Puzzle("row-by-row", "Row by row the inner product of A and B.", "ij,ij->i"),
    Puzzle("users", "For each user b the matrix product of A and B.", "bij,bjk->bik"),
    Puzzle("attention-scores", "For each user the inner product of each of her queries "
           "in A with each of her keys in B.", "bqe,bte->bqt"),
    Puzzle("read-out", "For each user and query the sum of the values in B, weighted "
           "by A.", "bqt,bte->bqe"),
    Puzzle("catalog", "The inner product of each interest of each user in A with each "
           "item in B.", "bke,ne->bkn"),
    Puzzle("bilinear", "For each user the vector in A times the matrix B times the "
           "vector in C, a number.", "bi,ij,bj->b"),
)  # fmt: skip


@cache
def puzzle_exercises() -> dict[str, Exercise]:
    """The puzzles as exercises, by their names."""
    return {puzzle.name: _exercise(puzzle) for puzzle in PUZZLES}


def by_letters(text: str) -> Function:
    """The function that a line of letters stands for.

    It raises ``Refused`` if the line is none: nothing but letters is ever evaluated.
    """
    bare = text.replace(" ", "")

    def answer(*operands: Tensor) -> Any:
        if not bare:
            return None
        if not _EQUATION.fullmatch(bare):
            raise Refused(
                "the answer is a line such as `ij,j->i`: letters, a comma between the "
                "operands, and an arrow."
            )
        if len(set(bare) - set(",->")) > _MOST_LETTERS:
            raise Refused(f"more than {_MOST_LETTERS} letters: fewer are enough.")
        return torch.einsum(bare, *operands)

    return answer


def beside(exercise: Exercise, answer: Function) -> str:
    """The target and the answer on the plainest case, side by side in HTML."""
    case = exercise.make_cases()[0]
    wanted, given = exercise.reference(*case.inputs.values()), attempt(answer, case)
    grids = [*case.inputs.items(), ("target", wanted), ("yours", given.value)]
    parts = "".join(_grid(name, value) for name, value in grids)
    return f'<div style="display: flex; flex-wrap: wrap; gap: 1.5em">{parts}</div>'


def _exercise(puzzle: Puzzle) -> Exercise:
    kept = puzzle.equation.split("->")[1]
    level = "warm-up" if len(puzzle.equation) < 8 else "core"
    given = ", ".join(f"{name} [{axes}]" for name, axes in puzzle.operands.items())

    def reference(*operands: Tensor) -> Tensor:
        return torch.einsum(puzzle.equation, *operands)

    def make_cases(seed: int = 0) -> list[Case]:
        generator = torch.Generator().manual_seed(seed)

        def draw(name: str, sizes: dict[str, int]) -> Case:
            inputs = {
                operand: torch.randint(
                    -3, 4, [sizes[a] for a in axes.split()], generator=generator
                ).float()
                for operand, axes in puzzle.operands.items()
            }
            return Case(name, inputs)

        return [
            draw("axes of different sizes", _SIZES),
            draw("other numbers", _SIZES | {"b": 3}),
            draw("axes of one size", dict.fromkeys(_SIZES, 3)),
        ]

    return Exercise(
        name=puzzle.name,
        title=puzzle.text,
        label=f"{level}, about 2 minutes",
        practice="one einsum",
        shapes=f"{given} -> [{' '.join(kept)}]",
        reference=reference,
        make_cases=make_cases,
        mistakes=tuple(_parted(puzzle)),
    )


def _parted(puzzle: Puzzle) -> Iterator[Mistake]:
    """One letter in two places that ought to be the same: the frequent mistake."""
    operands, kept = puzzle.equation.split("->")
    for letter in dict.fromkeys(operands.replace(",", "")):
        places = [n for n, one in enumerate(operands) if one == letter]
        if len(places) < 2:
            continue
        versions = []
        for place in places[1:] if letter in kept else places:
            wrong = f"{operands[:place]}z{operands[place + 1 :]}->{kept}"
            versions.append(by_letters(wrong))
        where = "users are mixed" if letter == "b" else "each side is summed by itself"
        hint = (
            f"two axes that belong together (of size {_SIZES[letter]} in the first "
            f"case) have two letters, so {where}. Give them the same letter."
        )
        yield Mistake(f"parted-{letter}", hint, tuple(versions))


def _grid(name: str, value: Any) -> str:
    """A tensor as a table of numbers; of more than two axes the first slice."""
    if not isinstance(value, Tensor):
        return f"<div><div>{escape(name)}</div><div>nothing yet</div></div>"
    shape = ", ".join(map(str, value.shape))
    while value.dim() > 2:
        value = value[0]
    rows = value.reshape(1, -1) if value.dim() < 2 else value
    most = max(float(rows.abs().max()) if rows.numel() else 0.0, 1.0)
    lines = ""
    for row in rows[:8].tolist():
        cells = ""
        for number in row[:8]:
            share = round(60 * abs(number) / most)
            color = f"color-mix(in srgb, currentColor {share}%, transparent)"
            style = f"border: 2px solid {color}; padding: 0.1em 0.4em"
            cells += f'<td style="{style}">{number:g}</td>'
        lines += f"<tr>{cells}</tr>"
    return f"<div><div>{escape(name)} [{shape}]</div><table>{lines}</table></div>"
