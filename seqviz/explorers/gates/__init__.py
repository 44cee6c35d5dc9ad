"""Several gated models asked about one input: bars, dials, flow, and one frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_names
from seqviz.explorers.gates import still

__all__ = ["Gates", "GatesExplorer"]

KINDS = ("bars", "dials", "flow")
MOST_INPUTS, MOST_OPTIONS, MOST_JOBS, MOST_GATES = 4, 6, 6, 12
DEFAULT_CAPTION = (
    "The same input goes into each model. A mark in the accent color is where the "
    "coefficient stands on average. Move one input: which coefficients answer? Then "
    "freeze one model's: does its chance still follow?"
)


@dataclass(frozen=True)
class Gates:
    """One model's coefficients for every combination of the inputs, of sizes S.

    Attributes:
        kind: how they are drawn: ``"bars"`` for weights, ``"dials"`` for gates,
            ``"flow"`` for experts.
        names: of the G coefficients; of the X experts for ``"flow"``.
        values: ``[*S, G]``, from 0 to ``full``; ``[*S, Y, X]`` for ``"flow"``.
        chances: ``[*S]``, what the model predicts.
        frozen: ``[*S]``, what it predicts with its coefficients at their mean.
        mean: ``[G]`` or ``[Y, X]``, that mean.
        full: the largest value that a coefficient can have.
        labels: names of the Y labels, for ``"flow"`` alone.

    Example:
        >>> gates = Gates(
        ...     "bars",
        ...     ["query", "item"],
        ...     values=[[0.9, 0.1], [0.2, 0.8]],  # one input of two values
        ...     chances=[0.3, 0.6],
        ...     frozen=[0.4, 0.5],
        ...     mean=[0.55, 0.45],
        ... )
        >>> gates.full
        1.0
    """

    kind: str
    names: Sequence[str]
    values: Any
    chances: Any
    frozen: Any
    mean: Any
    full: float = 1.0
    labels: Sequence[str] = ()


class GatesExplorer(Explorer):
    """Shows how the coefficients of several models answer to one input.

    Every number comes from the models: the page looks up what they give for the chosen
    combination of inputs.

    Args:
        inputs: name of an input to its values, 1 to 4 inputs of 1 to 6 values; their
            numbers are the sizes S.
        jobs: name of a model to its :class:`Gates`, 1 to 6 models of at most 12
            coefficients.
        truth: ``[*S]``, the true chances, if they are known.
        choice: the value of each input to begin with.
        freeze: 0, or the number of the model that is frozen, from 1.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``choice`` and ``freeze`` follow the page and may be set from Python.

    Example:
        >>> gates = Gates(
        ...     "bars", ["query"], [[0.9], [0.2]], [0.3, 0.6], [0.4, 0.5], [0.55]
        ... )
        >>> inputs = {"weather": ["sun", "rain"]}
        >>> figure = GatesExplorer(inputs, {"FM": gates}, choice=[1])
        >>> ((values, chance),) = figure.shown()
        >>> values.round(2), round(chance, 2)
        (array([0.2], dtype=float32), 0.6)
    """

    choice = traitlets.List(traitlets.Int()).tag(sync=True)
    freeze = traitlets.Int(0).tag(sync=True)

    #: Pairs of a name and its values.
    inputs = traitlets.List().tag(sync=True)
    #: For each model its name, kind, names, labels and full scale.
    jobs = traitlets.List().tag(sync=True)
    #: For each model its arrays, one row for each combination.
    values = traitlets.List().tag(sync=True)
    chances = traitlets.List().tag(sync=True)
    frozen = traitlets.List().tag(sync=True)
    means = traitlets.List().tag(sync=True)
    truth = traitlets.Dict(allow_none=True).tag(sync=True)

    def __init__(
        self,
        inputs: Mapping[str, Sequence[str]],
        jobs: Mapping[str, Gates],
        *,
        truth: Any = None,
        choice: Sequence[int] | None = None,
        freeze: int = 0,
        title: str = "One input, many gates",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        named = _check_inputs(inputs)
        self._sizes = tuple(len(values) for _, values in named)
        if not isinstance(jobs, Mapping) or not 1 <= len(jobs) <= MOST_JOBS:
            raise ValueError(
                f"jobs must map 1 to {MOST_JOBS} names to Gates, got {jobs!r}"
            )
        self._jobs = [_check_gates(n, own, self._sizes) for n, own in jobs.items()]
        self._truth = None
        if truth is not None:
            self._truth = _check_chances(truth, "truth", self._sizes)
        super().__init__(
            title=title,
            caption=caption,
            inputs=named,
            jobs=[about for about, *_ in self._jobs],
            values=[encode(arrays[0]) for _, *arrays in self._jobs],
            chances=[encode(arrays[1]) for _, *arrays in self._jobs],
            frozen=[encode(arrays[2]) for _, *arrays in self._jobs],
            means=[encode(arrays[3]) for _, *arrays in self._jobs],
            truth=None if self._truth is None else encode(self._truth),
            choice=list(choice) if choice is not None else [0] * len(named),
            freeze=freeze,
        )

    def shown(self) -> list[tuple[np.ndarray, float]]:
        """Return what each model shows now: its coefficients and its chance."""
        row = int(np.ravel_multi_index(self.choice, self._sizes))
        found = []
        for number, (_, values, chances, frozen, mean) in enumerate(self._jobs, 1):
            cold = number == self.freeze
            found.append(
                (
                    mean if cold else values[row],
                    float((frozen if cold else chances)[row]),
                )
            )
        return found

    def still(self) -> str:
        """Return the coefficients of the present input, in HTML."""
        chosen = [
            values[place]
            for (_, values), place in zip(self.inputs, self.choice, strict=True)
        ]
        return still.draw(chosen, self.jobs, self.shown(), self.freeze)

    @traitlets.validate("freeze")
    def _check_freeze(self, proposal: Any) -> int:
        return check_range(proposal, 0, len(self._jobs))

    @traitlets.validate("choice")
    def _check_choice(self, proposal: Any) -> list[int]:
        found = list(proposal["value"])
        fits = len(found) == len(self._sizes) and all(
            0 <= place < size for place, size in zip(found, self._sizes, strict=True)
        )
        if not fits:
            raise traitlets.TraitError(
                f"choice must hold a place in each of {list(self._sizes)}, got {found}"
            )
        return found


def _check_inputs(inputs: Any) -> list[list[Any]]:
    if not isinstance(inputs, Mapping) or not 1 <= len(inputs) <= MOST_INPUTS:
        raise ValueError(
            f"inputs must map 1 to {MOST_INPUTS} names to values, got {inputs!r}"
        )
    named = []
    for name, values in inputs.items():
        listed = check_names(values, f"inputs[{name!r}]", len(list(values)))
        if not 1 <= len(listed) <= MOST_OPTIONS:
            raise ValueError(
                f"inputs[{name!r}] must hold 1 to {MOST_OPTIONS} values, got "
                f"{len(listed)}"
            )
        named.append([str(name), listed])
    return named


def _check_gates(name: str, own: Any, sizes: tuple[int, ...]) -> tuple[Any, ...]:
    where = f"jobs[{name!r}]"
    if not isinstance(own, Gates):
        raise TypeError(f"{where} must be Gates, got {own!r}")
    if own.kind not in KINDS:
        raise ValueError(
            f"{where}.kind must be one of {', '.join(KINDS)}, got {own.kind!r}"
        )
    names = check_names(own.names, f"{where}.names", len(list(own.names)))
    labels = check_names(own.labels, f"{where}.labels", len(list(own.labels)))
    if bool(labels) != (own.kind == "flow"):
        raise ValueError(
            f"{where}.labels must be there for flow alone, got {labels} for {own.kind}"
        )
    shape = (len(labels), len(names)) if labels else (len(names),)
    if not 1 <= int(np.prod(shape)) <= MOST_GATES:
        raise ValueError(
            f"{where} must have 1 to {MOST_GATES} coefficients, got {list(shape)}"
        )
    if not own.full > 0:
        raise ValueError(f"{where}.full must be above 0, got {own.full}")
    rows = int(np.prod(sizes))
    values = _check_array(own.values, f"{where}.values", (*sizes, *shape), own.full)
    mean = _check_array(own.mean, f"{where}.mean", shape, own.full)
    about = {
        "name": str(name),
        "kind": own.kind,
        "names": names,
        "labels": labels,
        "full": float(own.full),
    }
    return (
        about,
        values.reshape(rows, -1),
        _check_chances(own.chances, f"{where}.chances", sizes),
        _check_chances(own.frozen, f"{where}.frozen", sizes),
        mean.reshape(-1),
    )


def _check_chances(values: Any, name: str, sizes: tuple[int, ...]) -> np.ndarray:
    return _check_array(values, name, sizes, 1.0).reshape(-1)


def _check_array(
    values: Any, name: str, shape: tuple[int, ...], full: float
) -> np.ndarray:
    array = to_numpy(values, name).astype(np.float32)
    if array.shape != shape:
        raise ValueError(
            f"{name} must have shape {list(shape)}, got {list(array.shape)}"
        )
    if not ((array >= 0) & (array <= full + 1e-5)).all():
        raise ValueError(
            f"{name} must lie in 0 to {full:g}, got {array.min()}..{array.max()}"
        )
    return array
