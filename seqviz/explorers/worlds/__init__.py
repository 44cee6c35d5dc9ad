"""Who wins in which world, from the stored results of a grid of worlds."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import traitlets

from seqviz.arguments import require_choice
from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import decode, encode
from seqviz.explorers.worlds import still
from seqviz.explorers.worlds.grid import Axes, read_axes, read_place, read_results
from seqviz.explorers.worlds.words import interval, short, verdict

__all__ = ["WorldExplorer"]

DEFAULT_TITLE = "Slide the world, see who wins"
DEFAULT_CAPTION = (
    "Each cell is a world and says by how much the model differs from the one that all "
    "are compared with; below stand all models in the picked world. In which worlds "
    "does the winner change?"
)


class WorldExplorer(Explorer):
    """Shows the results of several models in a grid of worlds, compared with one.

    Args:
        axes: name to the values of that axis: 2 to 4 axes, each with 2 to 8 numbers or
            texts. Instead of values it may be a mapping from values to what they are
            shown as.
        results: exactly one row for each world and model, with a column for each axis
            and ``model``, ``mean``, ``difference``, ``low``, ``high`` (to ``against``,
            with its 95% interval) and ``mark``: "+" or "−" where the corrected
            comparison carries it, else "". Of the rows of ``against`` only ``mean`` is
            read.
        against: the model that all others are compared with.
        rows, columns: the two axes that span the map; by default the first two. The
            others become controls.
        model: whose differences the map shows; by default the first.
        place: axis to the value of the world that is picked; by default the first one.
        metric: what the means are of; more of it is better.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``model`` (a place among ``names``, of which the first is ``against``)
    and ``place`` (for each axis the place of its value) follow the page and may be set
    from Python; :meth:`world` gives the numbers.

    Example:
        >>> import pandas as pd
        >>> worlds = [(days, drift) for days in (7, 30) for drift in (0, 1)]
        >>> rows = [
        ...     (*world, model, 0.2, 0.1, 0.05, 0.15, "+")
        ...     for world in worlds
        ...     for model in ("mean", "SASRec")
        ... ]
        >>> columns = ["days", "drift", "model", "mean"]
        >>> columns += ["difference", "low", "high", "mark"]
        >>> axes = {"days": [7, 30], "drift": [0, 1]}
        >>> results = pd.DataFrame(rows, columns=columns)
        >>> figure = WorldExplorer(axes, results, against="mean")
        >>> list(figure.world()["model"])
        ['mean', 'SASRec']
    """

    model = traitlets.Int(1).tag(sync=True)
    place = traitlets.List(traitlets.Int()).tag(sync=True)

    #: The models, first the one that the others are compared with.
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    axes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: For each axis what its values are shown as.
    texts = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    #: Places among the axes.
    rows = traitlets.Int(0).tag(sync=True)
    columns = traitlets.Int(1).tag(sync=True)
    #: ``[M, W, 4]``: mean, difference, low, high; the last axis runs fastest.
    values = traitlets.Dict().tag(sync=True)
    #: ``[M, W]``: 1 better, -1 worse, 0 not told apart.
    marks = traitlets.Dict().tag(sync=True)
    metric = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        axes: Axes,
        results: pd.DataFrame,
        *,
        against: str,
        rows: str | None = None,
        columns: str | None = None,
        model: str | None = None,
        place: Mapping[str, Any] | None = None,
        metric: str = "Recall@20",
        title: str = DEFAULT_TITLE,
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        grid = read_axes(axes)
        found = read_results(results, grid, against)
        names = [*grid]
        row = _pick(rows, "rows", [name for name in names if name != columns])
        column = _pick(columns, "columns", [name for name in names if name != row])
        self._table = found.table
        super().__init__(
            title=title,
            caption=caption,
            names=found.names,
            axes=names,
            texts=[[*texts.values()] for texts in grid.values()],
            rows=names.index(row),
            columns=names.index(column),
            values=encode(found.values),
            marks=encode(found.marks),
            model=found.names.index(_pick(model, "model", found.names[1:])),
            place=read_place(place, grid),
            metric=metric,
        )

    def world(self) -> pd.DataFrame:
        """The rows of the picked world, one for each of ``names``."""
        worlds = self._worlds()
        places = worlds[tuple(self.place)] + worlds.size * np.arange(len(self.names))
        return self._table.iloc[places].reset_index(drop=True)

    def words(self) -> str:
        """The live sentence: the picked world, two means, their difference."""
        values, marks = self._numbers()
        name, against = self.names[self.model], self.names[0]
        mean, *difference = values[self.model]
        return (
            f"{self._where(range(len(self.axes)))}: {name} {short(mean)}, {against} "
            f"{short(values[0, 0])}; {interval(*difference)}: "
            f"{verdict(marks[self.model], name, against)}."
        )

    def still(self) -> str:
        """Return the map and the picked world as an SVG."""
        values, marks = decode(self.values), decode(self.marks)
        at: list[Any] = [*self.place]
        at[self.rows] = at[self.columns] = slice(None)
        cells = self._worlds()[tuple(at)]
        cells = cells if self.rows < self.columns else cells.T
        return still.draw(
            still.Map(
                self.axes[self.rows],
                self.axes[self.columns],
                self.texts[self.rows],
                self.texts[self.columns],
                picked=(self.place[self.rows], self.place[self.columns]),
                differences=values[self.model, cells, 1],
                marks=marks[self.model, cells],
                full=float(abs(values[self.model, :, 1]).max()),
                where=self._where(
                    n
                    for n in range(len(self.axes))
                    if n not in (self.rows, self.columns)
                ),
            ),
            still.World(
                self.names,
                self.model,
                *self._numbers(),
                reach=float(np.nanmax(abs(values[..., 1:]))),
            ),
            metric=self.metric,
            words=self.words(),
        )

    def _where(self, axes: Iterable[int]) -> str:
        """The picked place on these axes: "slips = 5%, E = 16"."""
        return ", ".join(
            f"{self.axes[n]} = {self.texts[n][self.place[n]]}" for n in axes
        )

    def _worlds(self) -> np.ndarray:
        """The number of the world at each place of the grid."""
        sizes = [len(of) for of in self.texts]
        return np.arange(np.prod(sizes)).reshape(sizes)

    def _numbers(self) -> tuple[np.ndarray, np.ndarray]:
        """Values ``[M, 4]`` and marks ``[M]`` of the picked world, as the page has."""
        here = self._worlds()[tuple(self.place)]
        return decode(self.values)[:, here], decode(self.marks)[:, here]

    @traitlets.validate("model")
    def _check_model(self, proposal: Any) -> int:
        return check_range(proposal, 1, len(self.names) - 1 if self.names else 1)

    @traitlets.validate("place")
    def _check_place(self, proposal: Any) -> list[int]:
        place = proposal["value"]
        if self.texts and len(place) != len(self.texts):
            raise traitlets.TraitError(
                f"place must hold a place for each of {', '.join(self.axes)}, "
                f"got {place}"
            )
        for name, texts, at in zip(self.axes, self.texts, place, strict=False):
            if not 0 <= at < len(texts):
                raise traitlets.TraitError(
                    f"place of {name} must lie in 0 to {len(texts) - 1}, got {at}"
                )
        return place


def _pick(name: str | None, argument: str, names: list[str]) -> str:
    """Return one of the names, the first one where none is asked for."""
    if name is None:
        return names[0]
    require_choice(names, **{argument: name})
    return name
