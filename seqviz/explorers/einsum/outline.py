"""The place of the live einsum explorer."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from seqviz.explorers.core import outline as live
from seqviz.explorers.core.codec import decode
from seqviz.explorers.core.elements import element
from seqviz.explorers.einsum.equation import (
    EquationError,
    loops,
    name_of,
    read_equation,
    remarks,
    torch_call,
)
from seqviz.explorers.einsum.still import fill, number


def outline(state: Mapping[str, Any]) -> str:
    """Return the parts of the live figure."""
    return (
        live.controls(
            live.select("Named ones", [one["name"] for one in state["examples"]]),
            _field("Equation"),
            _field("Shapes"),
            live.button("Fit shapes"),
        )
        + _picture(state)
        + live.SENTENCE
    )


def _picture(state: Mapping[str, Any]) -> str:
    equation, shapes = state["equation"], [tuple(shape) for shape in state["shapes"]]
    try:
        reading = read_equation(equation, shapes)
    except EquationError:  # the page says why in its sentence
        return ""
    arrays = [fill(n, shape) for n, shape in enumerate(shapes)]
    for n, operand in enumerate(map(decode, state["operands"])):
        if shapes[n : n + 1] == [operand.shape]:
            arrays[n] = operand
    named = zip(map(name_of, range(len(shapes))), reading.operands, arrays, strict=True)
    tensors = [_tensor(*one, reading.summed) for one in named]
    tensors.append(_tensor("out", reading.output, reading.compute(arrays), ()))
    code = f"{loops(reading)}\n\n# the same\n{torch_call(equation, len(shapes))}"
    found = ". ".join(remarks(equation, reading))
    kept, summed = ", ".join(reading.output), ", ".join(reading.summed)
    return (
        live.part(f"Picture of {equation}", f"kept: {kept}", f"summed: {summed}")
        + live.box("sv-tensors", *tensors)
        + live.part("The same as loops and as a call")
        + element("pre", escape(code), class_="sv-code")
        + (
            element("p", escape(f"Mind: {found}."), class_="sv-remarks")
            if found
            else ""
        )
    )


def _field(label: str) -> str:
    text = element("label", escape(label))
    return live.box("sv-control sv-write", text, '<input type="text">')


def _tensor(
    name: str, axes: Sequence[str], array: np.ndarray, summed: Sequence[str]
) -> str:
    title = f"{name} [{', '.join(axes)}] = {list(array.shape)}"
    names = [f"Σ{axis}" if axis in summed else axis for axis in axes]
    widest = max(map(number, array.flat), key=len)
    blocks = []
    for first in np.ndindex(*array.shape[:-2]):
        where = ", ".join(f"{a} = {i}" for a, i in zip(axes, first, strict=False))
        blocks.append(_block(names, array.shape, where, widest))
    heading = element("p", element("code", escape(title)))
    return live.box("sv-tensor", heading, live.box("sv-blocks", *blocks))


def _block(names: Sequence[str], shape: Sequence[int], where: str, widest: str) -> str:
    """Return a grid with its first row and first column, which give it its size."""
    rank = len(shape)
    rows, columns = (1, 1, *shape)[-2:]
    left = 2 if rank > 1 else 1

    def put(area: str, kind: str, text: str) -> str:
        return element("span", escape(text), class_=kind, style=f"grid-area:{area}")

    cells = [put(f"3/{left + c}", "sv-cell", widest) for c in range(columns)]
    cells += [put(f"{3 + r}/{left}", "sv-cell", widest) for r in range(1, rows)]
    if where:
        cells.append(put("1/1/span 1/-1", "sv-block-name", where))
    if rank:
        cells.append(put(f"2/{left}/span 1/-1", "sv-axis", names[-1]))
    if rank > 1:
        cells.append(put(f"3/1/span {rows}/2", "sv-axis sv-down", names[-2]))
    template = f"{'auto ' if rank > 1 else ''}repeat({columns},auto)"
    return live.box("sv-block", *cells, style=f"grid-template-columns:{template}")
