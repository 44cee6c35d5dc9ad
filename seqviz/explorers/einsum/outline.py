"""The place of the live einsum explorer."""

from collections.abc import Sequence
from html import escape

import numpy as np

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.elements import element
from seqviz.explorers.einsum.equation import (
    Equation,
    loops,
    name_of,
    remarks,
    torch_call,
)
from seqviz.explorers.einsum.still import number


def outline(
    equation: str, reading: Equation, arrays: Sequence[np.ndarray], names: Sequence[str]
) -> str:
    """Return the parts of the live figure.

    Args:
        equation: as it was written.
        reading: the same, read.
        arrays: the operands.
        names: of the equations to pick from.
    """
    tensors = [
        _tensor(name_of(n), reading.operands[n], array, reading.summed)
        for n, array in enumerate(arrays)
    ]
    tensors.append(_tensor("out", reading.output, reading.compute(arrays), ()))
    found = ". ".join(remarks(equation, reading))
    kept = f"kept: {', '.join(reading.output)}"
    summed = f"summed: {', '.join(reading.summed)}"
    code = (
        f"{loops(reading)}\n\n# the same\n{torch_call(equation, len(reading.shapes))}"
    )
    remark = element("p", escape(f"Mind: {found}."), class_="sv-remarks")
    return (
        live.controls(
            live.select("Named ones", names),
            _field("Equation"),
            _field("Shapes"),
            live.button("Fit shapes"),
        )
        + live.part(f"Picture of {equation}", kept, summed)
        + live.box("sv-tensors", *tensors)
        + live.part("The same as loops and as a call")
        + element("pre", escape(code), class_="sv-code")
        + (remark if found else "")
        + live.sentence()
    )


def _field(label: str) -> str:
    text = element("label", escape(label))
    return live.box("sv-control sv-write", text, '<input type="text">')


def _tensor(
    name: str, axes: Sequence[str], array: np.ndarray, summed: Sequence[str]
) -> str:
    title = f"{name} [{', '.join(axes)}] = {list(array.shape)}"
    widest = max(map(number, array.flat), key=len)
    blocks = (
        _block(axes, array.shape, first, widest, summed)
        for first in np.ndindex(*array.shape[:-2])
    )
    return live.box(
        "sv-tensor",
        element("p", element("code", escape(title))),
        live.box("sv-blocks", *blocks),
    )


def _block(
    axes: Sequence[str],
    shape: Sequence[int],
    first: tuple[int, ...],
    widest: str,
    summed: Sequence[str],
) -> str:
    """Return a grid with its first row and first column, which give it its size."""
    rank = len(shape)
    rows, columns = (1, 1, *shape)[-2:]
    left = 2 if rank > 1 else 1

    def put(area: str, kind: str, text: str) -> str:
        return element("span", escape(text), class_=kind, style=f"grid-area:{area}")

    def name(axis: str) -> str:
        return f"Σ{axis}" if axis in summed else axis

    cells = [put(f"3/{left + c}", "sv-cell", widest) for c in range(columns)]
    cells += [put(f"{3 + r}/{left}", "sv-cell", widest) for r in range(1, rows)]
    if first:
        where = ", ".join(f"{a} = {i}" for a, i in zip(axes, first, strict=False))
        cells.append(put("1/1/span 1/-1", "sv-block-name", where))
    if rank:
        cells.append(put(f"2/{left}/span 1/-1", "sv-axis", name(axes[-1])))
    if rank > 1:
        cells.append(put(f"3/1/span {rows}/2", "sv-axis sv-down", name(axes[-2])))
    template = f"{'auto ' if rank > 1 else ''}repeat({columns},auto)"
    return live.box("sv-block", *cells, style=f"grid-template-columns:{template}")
