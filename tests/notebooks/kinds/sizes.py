"""Shapes as comments state them: ``[B, 1, 4E]`` is read, bound and compared."""

import ast
import re
from dataclasses import dataclass
from functools import cache

REST = "..."  # any number of axes
WORD = r"[A-Za-z_]\w*"
SIZE = re.compile(rf"(?:\d+|{WORD}|[-+*/·() ])+")


@dataclass(frozen=True)
class Size:
    """One axis: how it is written, and the letters in it."""

    text: str
    python: str
    letters: frozenset[str]

    def value(self, sizes: dict[str, int]) -> float:
        """Return the size, given the sizes of all its letters."""
        return eval(_code(self.python), {"__builtins__": {}}, dict(sizes))  # noqa: S307

    def solve(self, letter: str, size: int, sizes: dict[str, int]) -> int | None:
        """Return what ``letter`` must be for the axis to have ``size``, if anything."""
        tried = {}
        for guess in (1, 2):
            tried[guess] = self.value({**sizes, letter: guess})
        slope = tried[2] - tried[1]
        guesses = [1 + (size - tried[1]) / slope] if slope else []
        guesses += [tried[1] / size] if size else []
        for guess in guesses:
            if guess == int(guess) and guess >= 0:
                found = {**sizes, letter: int(guess)}
                if guess and self.value(found) == size or not guess and not size:
                    return int(guess)
        return None


@dataclass(frozen=True)
class Shape:
    """A shape as it is written; ``...`` is an axis of its own kind."""

    text: str
    axes: tuple[Size | str, ...]

    def line_up(self, shape: tuple[int, ...]) -> list[tuple[Size, int]] | None:
        """Return pairs of written and real size, or None if the axes do not fit."""
        if REST not in self.axes:
            if len(shape) != len(self.axes):
                return None
            return list(zip(self.axes, shape, strict=True))
        before = self.axes.index(REST)
        after = len(self.axes) - before - 1
        if len(shape) < before + after:
            return None
        left = zip(self.axes[:before], shape, strict=False)
        right = zip(self.axes[before + 1 :], shape[len(shape) - after :], strict=True)
        return [*left, *right]


@cache
def read_shape(text: str) -> Shape | None:
    """Return the shape that ``[B, 4E, T - 1]`` states, or None if it states none."""
    inside = text.strip()[1:-1].strip()
    axes: list[Size | str] = []
    for part in inside.split(",") if inside else ():
        part = part.strip()
        if part in {REST, "…"}:
            axes.append(REST)
        elif SIZE.fullmatch(part) and (size := _read_size(part)):
            axes.append(size)
        else:
            return None
    return Shape(text, tuple(axes)) if axes.count(REST) <= 1 else None


def bind(
    shape: Shape, real: tuple[int, ...], sizes: dict[str, int], fixed: dict[str, int]
) -> str | None:
    """Compare a written with a real shape; return what is wrong, or None.

    Args:
        shape: as it is written.
        real: as it is.
        sizes: what the letters are so far; letters that are new are added.
        fixed: variables of the code with a letter's name: they say what it is.
    """
    pairs = shape.line_up(real)
    if pairs is None:
        return f"{shape.text} is said, {list(real)} has {len(real)} axes"
    known = {**sizes, **fixed}
    open_pairs = [pair for pair in pairs if isinstance(pair[0], Size)]
    while open_pairs:
        solved = []
        for pair in open_pairs:
            axis, size = pair
            new = axis.letters - known.keys()
            if not new:
                if axis.value(known) != size:
                    return _said(shape, real, axis, size, known)
                solved.append(pair)
            elif len(new) == 1:
                (letter,) = new
                found = axis.solve(letter, size, known)
                if found is None:
                    return _said(shape, real, axis, size, known)
                known[letter] = sizes[letter] = found
                solved.append(pair)
        if not solved:
            break
        open_pairs = [pair for pair in open_pairs if pair not in solved]
    return None


def _said(
    shape: Shape, real: tuple[int, ...], axis: Size, size: int, known: dict[str, int]
) -> str:
    letters = ", ".join(
        f"{k} = {known[k]}" for k in sorted(axis.letters & known.keys())
    )
    because = f" with {letters}" if letters else ""
    wrong = f"{axis.text} is not {size}{because}"
    return f"{shape.text} is said, {list(real)} is true: {wrong}"


def _read_size(text: str) -> Size | None:
    python = text.replace("·", "*")
    python = re.sub(r"(\d) ?(?=[A-Za-z(])", r"\1*", python)
    # Two capitals side by side are a product, "B S"; two words are not.
    python = re.sub(r"\b([A-Z]) (?=[A-Z]\b)", r"\1*", python)
    try:
        tree = ast.parse(python, mode="eval")
    except SyntaxError:
        return None
    if any(isinstance(node, ast.Call) for node in ast.walk(tree)):
        return None
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return Size(text, python, frozenset(names))


@cache
def _code(python: str):
    return compile(python, "<size>", "eval")
