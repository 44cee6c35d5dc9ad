"""Any einsum equation over small shapes: the cells that meet, the loops, the reason."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.core.base import Explorer
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.einsum import still
from seqviz.explorers.einsum.equation import (
    Equation,
    EquationError,
    name_of,
    read_equation,
)
from seqviz.figures.markup import inline

__all__ = ["EinsumExplorer", "show_einsum"]

MOST_CELLS = 64
MOST_TERMS = 512

Example = tuple[str, str, Sequence[Sequence[int]]]

#: What the list offers: a name, an equation, the shapes of its operands.
NAMED: tuple[Example, ...] = (
    ("transpose", "ij->ji", [[2, 3]]),
    ("diagonal", "ii->i", [[3, 3]]),
    ("sum along an axis", "ij->i", [[2, 3]]),
    ("Hadamard product", "ij,ij->ij", [[2, 3], [2, 3]]),
    ("inner product", "i,i->", [[3], [3]]),
    ("outer product", "i,j->ij", [[2], [3]]),
    ("matrix product", "ik,kj->ij", [[2, 3], [3, 4]]),
    ("contraction", "ijk,jih->kh", [[2, 3, 4], [3, 2, 2]]),
    ("batched matrix product", "bij,bjk->bik", [[2, 2, 3], [2, 3, 2]]),
    ("weighted sum of the clicks", "bt,bte->be", [[2, 4], [2, 4, 3]]),
    ("hidden layer", "bte,ed->btd", [[2, 3, 2], [2, 3]]),
    ("logits of K interests", "btd,dk->bkt", [[2, 3, 4], [4, 2]]),
    ("K interests", "bkt,bte->bke", [[2, 2, 4], [2, 4, 3]]),
    ("interests against a target", "bke,be->bk", [[2, 3, 4], [2, 4]]),
    ("interests weighed by a target", "bk,bke->be", [[2, 3], [2, 3, 4]]),
    ("interests against the catalog", "bke,ne->bkn", [[2, 2, 3], [4, 3]]),
    ("interests against each other", "bke,ble->bkl", [[2, 2, 3], [2, 2, 3]]),
    ("a user against her negatives", "be,bse->bs", [[2, 3], [2, 4, 3]]),
    ("a target against each click", "be,bte->bt", [[2, 3], [2, 4, 3]]),
    ("attention scores", "bqe,bte->bqt", [[2, 2, 3], [2, 4, 3]]),
    ("weighted values", "bqt,bte->bqe", [[2, 2, 4], [2, 4, 3]]),
    ("each click into each head", "bte,hed->bhtd", [[1, 3, 4], [2, 4, 2]]),
    ("scores of each head", "bhqe,bhte->bhqt", [[1, 2, 2, 3], [1, 2, 4, 3]]),
    ("values of each head", "bhqt,bhte->bhqe", [[1, 2, 2, 4], [1, 2, 4, 3]]),
    ("the heads put together", "bhtd,hde->bte", [[1, 2, 3, 2], [2, 2, 4]]),
    ("votes for each interest", "btkde,bte->btkd", [[1, 2, 2, 2, 3], [1, 2, 3]]),
    ("votes weighed and summed", "btk,btke->bke", [[1, 3, 2], [1, 3, 2, 3]]),
    ("votes against interests", "btke,bke->btk", [[1, 3, 2, 3], [1, 2, 3]]),
    ("any axes in front", "...e,ed->...d", [[2, 3, 2], [2, 3]]),
    ("a size of 1 is repeated", "bt,bt->bt", [[2, 4], [2, 1]]),
    ("wrong: a letter from nowhere", "ij,jk->il", [[2, 3], [3, 2]]),
    ("wrong: a letter twice in the result", "i,i->ii", [[3], [3]]),
    ("wrong: two sizes, one letter", "ij,jk->ik", [[2, 3], [4, 2]]),
)

DEFAULT_TITLE = "The letters say which cells meet"
DEFAULT_CAPTION = (
    "Touch a cell of `out`: the filled cells of the operands meet there. Letters with "
    "Σ are summed. Write your own equation, or pick one: which letters have to go from "
    "the right of the arrow to turn the matrix product into a single number?"
)


def check_drawable(reading: Equation) -> None:
    """Raise :class:`EquationError` when a tensor is too large to be drawn.

    Raises:
        EquationError: naming the tensor, as the page does.
    """
    named = [(name_of(n), shape) for n, shape in enumerate(reading.shapes)]
    for name, shape in [*named, ("out", reading.shape)]:
        cells = int(np.prod(shape, dtype=int))
        if cells > MOST_CELLS:
            raise EquationError(
                f"{name} would have {cells} cells; the picture holds "
                f"{MOST_CELLS} a tensor"
            )
        if cells == 0:
            raise EquationError(f"{name} has no cell: a size is 0")
    terms = int(np.prod([reading.sizes[axis] for axis in reading.summed], dtype=int))
    if terms > MOST_TERMS:
        raise EquationError(f"{terms} terms a cell are too many for the picture")


def show_einsum(
    equation: str,
    *operands: Any,
    cell: Sequence[int] | None = None,
    caption: str | None = None,
) -> None:
    """Show the picture of an equation, without its explorer.

    Args:
        equation: as for ``torch.einsum``.
        operands: a tensor, or a tuple of sizes for made-up numbers, each.
        cell: the cell of the result whose terms are filled; the first by default.
        caption: what to look at: plain text, with `code` and *emphasis*.

    Raises:
        EquationError: the equation does not hold for these operands.
        ValueError: ``cell`` is no cell of the result.

    Example:
        >>> try:
        ...     show_einsum("ij,jk->ik", (2, 3), (4, 5))
        ... except ValueError as error:
        ...     print(error)
        j is 3 in A but 4 in B
    """
    from IPython.display import display

    arrays = _arrays(operands)
    reading = read_equation(equation, [array.shape for array in arrays])
    check_drawable(reading)
    place = _check_cell(cell, reading)
    picture = still.draw(equation, reading, arrays, place, code=False)
    below = f"<figcaption>{inline(caption)}</figcaption>" if caption else ""
    html = f'<figure class="sv-figure">{picture}{below}</figure>'
    result = reading.compute(arrays)
    words = still.in_words(equation, reading, arrays, result, place)
    display({"text/html": html, "text/plain": words}, raw=True)


class EinsumExplorer(Explorer):
    """Shows what an einsum equation does, cell by cell, or why it does not hold.

    The page reads the equation by torch's rules and computes the result itself, so
    any equation can be tried without a kernel.

    Args:
        equation: the one to begin with.
        operands: its tensors; without any, numbers are made up for the letters.
        examples: (name, equation, shapes) to pick from.
        cell: the cell of the result to begin with.
        title, caption: see :class:`Explorer`.

    Raises:
        EquationError: the equation does not hold, or its picture would be too large.
        TypeError, ValueError: naming the argument that does not fit.

    The traits ``equation``, ``shapes`` and ``cell`` follow the page and may be set
    from Python, to an equation that does not hold as well: the page says why.

    Example:
        >>> figure = EinsumExplorer("ik,kj->ij", np.ones((2, 3)), np.ones((3, 4)))
        >>> figure.shapes
        [[2, 3], [3, 4]]
    """

    equation = traitlets.Unicode().tag(sync=True)
    shapes = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    cell = traitlets.List(traitlets.Int(), None, allow_none=True).tag(sync=True)
    examples = traitlets.List(traitlets.Dict()).tag(sync=True)
    operands = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(
        self,
        equation: str = "ik,kj->ij",
        *operands: Any,
        examples: Sequence[Example] = NAMED,
        cell: Sequence[int] | None = None,
        title: str = DEFAULT_TITLE,
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        if not isinstance(equation, str):
            raise TypeError(f"equation must be a text, got {type(equation).__name__}")
        offered = [_check_example(one, n) for n, one in enumerate(examples)]
        if operands:
            self._arrays = _arrays(operands)
            shapes = [list(array.shape) for array in self._arrays]
            mine = {"name": "of this page", "equation": equation, "shapes": shapes}
            offered.insert(0, mine)
        else:
            self._arrays = []
            shapes = _shapes_for(equation, offered)
        self._first = (equation, shapes)
        reading = read_equation(equation, shapes)
        check_drawable(reading)
        super().__init__(
            title=title,
            caption=caption,
            equation=equation,
            shapes=shapes,
            cell=list(_check_cell(cell, reading)),
            examples=offered,
            operands=[encode(array) for array in self._arrays],
        )

    def still(self) -> str:
        """Return the picture of the equation, or of the first one if it is wrong."""
        equation, reading = self._drawn()
        arrays = self._tensors(reading)
        try:
            cell = _check_cell(self.cell, reading)
        except ValueError:
            cell = _check_cell(None, reading)
        return still.draw(equation, reading, arrays, cell)

    def _drawn(self) -> tuple[str, Equation]:
        """Return the equation that can be drawn: the present one, else the first."""
        try:
            reading = read_equation(self.equation, self.shapes)
            check_drawable(reading)
        except EquationError:
            return self._first[0], read_equation(*self._first)
        return self.equation, reading

    def _tensors(self, reading: Equation) -> list[np.ndarray]:
        return [
            self._arrays[n].astype(np.float64)
            if n < len(self._arrays) and self._arrays[n].shape == shape
            else still.fill(n, shape)
            for n, shape in enumerate(reading.shapes)
        ]


def _arrays(operands: Sequence[Any]) -> list[np.ndarray]:
    arrays = []
    for number, operand in enumerate(operands):
        if isinstance(operand, tuple) and all(isinstance(n, int) for n in operand):
            arrays.append(still.fill(number, operand))
            continue
        array = to_numpy(operand, f"operand {name_of(number)}").astype(np.float32)
        if not np.isfinite(array).all():
            raise ValueError(
                f"operand {name_of(number)} must be finite, got NaN or inf"
            )
        arrays.append(array)
    return arrays


def _check_cell(cell: Sequence[int] | None, reading: Equation) -> tuple[int, ...]:
    if cell is None:
        return tuple(0 for _ in reading.shape)
    place = tuple(int(index) for index in cell)
    if len(place) != len(reading.shape) or not all(
        0 <= index < size for index, size in zip(place, reading.shape, strict=True)
    ):
        raise ValueError(
            f"cell must lie in the result {list(reading.shape)}, got {list(place)}"
        )
    return place


def _check_example(one: Any, number: int) -> dict[str, Any]:
    try:
        name, equation, shapes = one
        return {
            "name": str(name),
            "equation": str(equation),
            "shapes": [[int(size) for size in shape] for shape in shapes],
        }
    except (TypeError, ValueError):
        raise ValueError(
            f"examples[{number}] must be (name, equation, shapes), got {one!r}"
        ) from None


def _shapes_for(equation: str, offered: list[dict[str, Any]]) -> list[list[int]]:
    """Return the shapes of a named equation, else sizes 2, 3, 4 letter by letter."""
    for one in offered:
        if one["equation"] == equation:
            return one["shapes"]
    terms = equation.split("->")[0].split(",")
    letters = list(dict.fromkeys(c for term in terms for c in term if c.isalpha()))
    return [
        [
            2 if axis == "." else 2 + letters.index(axis) % 3
            for axis in term.replace("...", ".")
            if axis == "." or axis.isalpha()
        ]
        for term in terms
    ]
