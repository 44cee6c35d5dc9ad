"""Reads an einsum equation as torch does, and says in words what is wrong with it.

``equation.js`` repeats these lines in the page, word for word: a test gives both the
same equations and compares what they say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, product

import numpy as np

ELLIPSIS = "..."


class EquationError(ValueError):
    """An equation that does not hold, alone or for the shapes of its operands."""


@dataclass(frozen=True)
class Equation:
    """An equation read against the shapes of its operands.

    An axis under an ellipsis gets a name of its own: ``d1``, ``d2``, ...

    Attributes:
        operands: the names of the axes of each operand.
        output: the names of the axes of the result.
        sizes: how far the loop over each name runs, in order of appearance.
        shapes: the shapes that came.
    """

    operands: tuple[tuple[str, ...], ...]
    output: tuple[str, ...]
    sizes: dict[str, int]
    shapes: tuple[tuple[int, ...], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the result."""
        return tuple(self.sizes[axis] for axis in self.output)

    @property
    def summed(self) -> tuple[str, ...]:
        """The axes that are summed over: those that the result does not have."""
        return tuple(axis for axis in self.sizes if axis not in self.output)

    def places(self, at: dict[str, int]) -> list[tuple[int, ...]]:
        """Return the cell of each operand under an assignment of the axes.

        An axis of size 1 that meets a longer one is repeated: its index stays 0.
        """
        return [
            tuple(
                0 if size == 1 else at[axis]
                for axis, size in zip(axes, shape, strict=True)
            )
            for axes, shape in zip(self.operands, self.shapes, strict=True)
        ]

    def meetings(self, cell: Sequence[int]) -> list[list[tuple[int, ...]]]:
        """Return, for one cell of the result, the cells that meet in each term."""
        at = dict(zip(self.output, cell, strict=True))
        ranges = [range(self.sizes[axis]) for axis in self.summed]
        return [
            self.places(at | dict(zip(self.summed, indices, strict=True)))
            for indices in product(*ranges)
        ]

    def compute(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """Return the result by loops: one term for each assignment of the axes."""
        result = np.zeros(self.shape)
        for cell in np.ndindex(*self.shape):
            for places in self.meetings(cell):
                factors = zip(arrays, places, strict=True)
                result[cell] += np.prod([array[at] for array, at in factors])
        return result


def name_of(operand: int) -> str:
    """Return how an operand is called: A, B, C, ..."""
    return chr(ord("A") + operand) if operand < 26 else f"operand {operand + 1}"


def read_equation(equation: str, shapes: Sequence[Sequence[int]]) -> Equation:
    """Read ``equation`` for operands of these shapes, by the rules of torch.

    Raises:
        EquationError: with the first reason why torch refuses it, in words.
    """
    shapes = tuple(tuple(int(size) for size in shape) for shape in shapes)
    left, arrow, right = equation.partition("->")
    terms = [
        _letters(term, f"in {name_of(number)}")
        for number, term in enumerate(left.split(","))
    ]
    output = _letters(right, "after the arrow") if arrow else None
    if not shapes or len(terms) != len(shapes):
        raise EquationError(
            f"the equation names {_count(len(terms), 'operand')}, "
            f"the commas between them count, but {_count(len(shapes), 'shape')} came"
        )
    operands = _name_axes(terms, shapes)
    hidden = list(
        dict.fromkeys(a for axes in operands for a in axes if not a.isalpha())
    )
    hidden.sort(key=lambda axis: int(axis[1:]))
    if output is None:
        flat = list(chain(*terms))
        once = sorted(a for a in set(flat) if flat.count(a) == 1 and a != ELLIPSIS)
        names = [*hidden, *once]
    else:
        _check_output(output, terms)
        names = [name for a in output for name in (hidden if a == ELLIPSIS else [a])]
    return Equation(operands, tuple(names), _find_sizes(operands, shapes), shapes)


def _letters(term: str, where: str) -> list[str]:
    """Return the letters of an operand or of the result; an ellipsis is one of them."""
    found: list[str] = []
    place = 0
    while place < len(term):
        sign = term[place]
        if sign == ".":
            if term[place : place + 3] != ELLIPSIS:
                raise EquationError(f"a dot stands alone {where}: an ellipsis is ...")
            if ELLIPSIS in found:
                raise EquationError(
                    f"an ellipsis stands twice {where}: one is the most"
                )
            found.append(ELLIPSIS)
            place += 3
            continue
        if sign == "," and where == "after the arrow":
            raise EquationError("a comma stands after the arrow: there is one result")
        if sign in "->":
            raise EquationError("an equation has one arrow, written ->")
        if not (sign.isascii() and sign.isalpha()) and sign != " ":
            raise EquationError(f"{sign} {where} is no letter: axes are a to z, A to Z")
        if sign != " ":
            found.append(sign)
        place += 1
    return found


def _name_axes(
    terms: list[list[str]], shapes: tuple[tuple[int, ...], ...]
) -> tuple[tuple[str, ...], ...]:
    """Give every axis of every operand its name."""
    hidden = []
    for number, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        letters = [letter for letter in term if letter != ELLIPSIS]
        rest = len(shape) - len(letters)
        if rest < 0 or (rest and ELLIPSIS not in term):
            raise EquationError(
                f"{name_of(number)} has {_count(len(shape), 'axis', 'axes')}, "
                f"{_shape(shape)}, but {_count(len(letters), 'letter')}"
            )
        hidden.append(rest)
    most = max(hidden)
    return tuple(
        tuple(
            name
            for letter in term
            for name in (
                [f"d{n}" for n in range(most - rest + 1, most + 1)]
                if letter == ELLIPSIS
                else [letter]
            )
        )
        for term, rest in zip(terms, hidden, strict=True)
    )


def _check_output(output: list[str], terms: list[list[str]]) -> None:
    seen: set[str] = set()
    for letter in output:
        if letter == ELLIPSIS:
            continue
        if letter in seen:
            raise EquationError(
                f"{letter} stands twice after the arrow: "
                "each axis of the result has a letter of its own"
            )
        seen.add(letter)
        if not any(letter in term for term in terms):
            raise EquationError(f"{letter} stands after the arrow but in no operand")


def _find_sizes(
    operands: tuple[tuple[str, ...], ...], shapes: tuple[tuple[int, ...], ...]
) -> dict[str, int]:
    """Return the size of each axis; 1 gives way to any other size."""
    sizes: dict[str, int] = {}
    owner: dict[str, int] = {}
    for number, (axes, shape) in enumerate(zip(operands, shapes, strict=True)):
        own: dict[str, int] = {}
        for axis, size in zip(axes, shape, strict=True):
            if own.setdefault(axis, size) != size:
                raise EquationError(
                    f"{axis} stands twice in {name_of(number)}, for sizes {own[axis]} "
                    f"and {size}: a diagonal needs equal sizes"
                )
        for axis, size in own.items():
            known = sizes.setdefault(axis, size)
            owner.setdefault(axis, number)
            if known != size and 1 not in (known, size):
                what = axis if axis.isalpha() else "an axis under the ellipsis"
                raise EquationError(
                    f"{what} is {known} in {name_of(owner[axis])} "
                    f"but {size} in {name_of(number)}"
                )
            if known == 1:
                sizes[axis], owner[axis] = size, number
    return sizes


def remarks(equation: str, reading: Equation) -> list[str]:
    """Return what is allowed and seldom meant, in words."""
    found = []
    for number, (axes, shape) in enumerate(
        zip(reading.operands, reading.shapes, strict=True)
    ):
        for axis, size in dict(zip(axes, shape, strict=True)).items():
            if size == 1 < reading.sizes[axis]:
                found.append(
                    f"{axis} is 1 in {name_of(number)} and {reading.sizes[axis]} "
                    f"elsewhere: the one cell is repeated"
                )
    for axis in reading.summed:
        owners = [n for n, axes in enumerate(reading.operands) if axis in axes]
        if len(owners) == 1 < len(reading.operands):
            found.append(
                f"{axis} stands in {name_of(owners[0])} alone and not after the "
                f"arrow: {name_of(owners[0])} is summed over it, nothing meets it"
            )
    if "->" not in equation:
        arrow = "".join(reading.output)
        found.append(
            "without an arrow the result has the letters that stand once, in the "
            f"order of the alphabet, capitals first: -> {arrow}"
        )
    return found


def loops(reading: Equation) -> str:
    """Return the same computation as nested loops in Python."""
    order = [*reading.output, *reading.summed]
    taken = {name_of(number) for number in range(len(reading.operands))}
    named = {axis: f"{axis}_" if axis in taken else axis for axis in order}
    lines = [f"out = torch.zeros({', '.join(map(str, reading.shape))})"]
    if not reading.output:
        lines = ["out = torch.tensor(0.0)"]
    for depth, axis in enumerate(order):
        note = "  # summed" if axis in reading.summed else ""
        lines.append(
            f"{'    ' * depth}for {named[axis]} in range({reading.sizes[axis]}):{note}"
        )
    factors = []
    for number, axes in enumerate(reading.operands):
        index = ", ".join(
            "0" if size == 1 < reading.sizes[axis] else named[axis]
            for axis, size in zip(axes, reading.shapes[number], strict=True)
        )
        factors.append(f"{name_of(number)}[{index}]" if axes else name_of(number))
    index = ", ".join(named[axis] for axis in reading.output)
    target = f"out[{index}]" if reading.output else "out"
    lines.append(f"{'    ' * len(order)}{target} += {' * '.join(factors)}")
    return "\n".join(lines)


def torch_call(equation: str, count: int) -> str:
    """Return the call of torch with operands A, B, ..."""
    names = ", ".join(name_of(number) for number in range(count))
    return f'torch.einsum("{equation}", {names})'


def _count(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _shape(shape: Sequence[int]) -> str:
    return f"[{', '.join(map(str, shape))}]"
