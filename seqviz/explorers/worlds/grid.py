"""The grid of worlds: its axes, and a table of results brought into its order."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqviz.figures.numbers import unsigned_zero

#: Name of an axis to its values, or to how each value is shown.
Axes = Mapping[str, Sequence[float | str] | Mapping[float | str, str]]
#: Name of an axis to the text of each value.
Grid = dict[str, dict[Hashable, str]]

MOST_AXES, MOST_VALUES, MOST_MODELS = 4, 8, 12
NUMBERS = ("mean", "difference", "low", "high")
MARKS = {"+": 1, "−": -1, "": 0}


class Results(NamedTuple):
    """Results in order: model by model, the last axis of the grid runs fastest.

    Attributes:
        names: M models, the one that the others are compared with first.
        values: ``[M, W, 4]``, of each model in each of W worlds ``NUMBERS``.
        marks: ``[M, W]``, 1 better, -1 worse, 0 not told apart.
        table: the rows that were given, in this order.
    """

    names: list[str]
    values: np.ndarray
    marks: np.ndarray
    table: pd.DataFrame


def read_axes(axes: Axes) -> Grid:
    """Return for each axis its values and their texts.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if not isinstance(axes, Mapping):
        raise TypeError(
            f"axes must be a mapping from names to values, got {type(axes).__name__}"
        )
    if not 2 <= len(axes) <= MOST_AXES:
        raise ValueError(f"axes must hold 2 to {MOST_AXES} axes, got {len(axes)}")
    taken = {*NUMBERS, "model", "mark"} & set(axes)
    if taken:
        raise ValueError(
            f"axes must have other names than the columns of the results, got "
            f"{taken.pop()!r}"
        )
    return {str(name): _read_values(name, values) for name, values in axes.items()}


def read_results(results: pd.DataFrame, grid: Grid, against: str) -> Results:
    """Return the results in order.

    Raises:
        TypeError, ValueError: naming the argument, and the world where a row is
            missing, is there twice or does not fit.
    """
    if not isinstance(results, pd.DataFrame):
        raise TypeError(
            f"results must be a pandas DataFrame, got {type(results).__name__}"
        )
    columns = [*grid, "model", *NUMBERS, "mark"]
    missing = [name for name in columns if name not in results.columns]
    if missing:
        raise ValueError(
            f"results must have the columns {', '.join(columns)}, got none called "
            f"{', '.join(missing)}"
        )
    models = [*results["model"].unique()]
    for name in models:
        if not isinstance(name, str):
            raise TypeError(f"results['model'] must hold texts, got {name}")
    if not 2 <= len(models) <= MOST_MODELS:
        raise ValueError(
            f"results must hold 2 to {MOST_MODELS} models, got {len(models)}"
        )
    if against not in models:
        raise ValueError(f"against must be one of {', '.join(models)}, got {against!r}")
    models.sort(key=lambda name: name != against)
    table = _ordered(results, grid, models)
    values = np.stack([_numbers(table, name) for name in NUMBERS], axis=-1)
    marks = (
        table["mark"].astype(object).fillna("").map(MARKS).to_numpy(float, copy=True)
    )
    W = len(table) // len(models)
    values[:W, 1:], marks[:W] = np.nan, 0  # there is no difference to itself
    _check_rows(table, grid, values, marks, W)
    return Results(
        models,
        values.reshape(len(models), W, len(NUMBERS)),
        marks.reshape(len(models), W).astype(int),
        table,
    )


def read_place(place: Mapping[str, Any] | None, grid: Grid) -> list[int]:
    """Return for each axis the place of the value in ``place``, 0 if it has none.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if place is None:
        return [0] * len(grid)
    if not isinstance(place, Mapping):
        raise TypeError(
            f"place must be a mapping from axes to values, got {type(place).__name__}"
        )
    for name, value in place.items():
        if name not in grid:
            raise ValueError(f"place must name one of {', '.join(grid)}, got {name!r}")
        if value not in grid[name]:
            raise ValueError(
                f"place[{name!r}] must be one of {_listed(grid[name])}, got {value!r}"
            )
    return [
        [*texts].index(place[name]) if name in place else 0
        for name, texts in grid.items()
    ]


def _read_values(name: str, values: Any) -> dict[Hashable, str]:
    argument = f"axes[{name!r}]"
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{argument} must be a sequence of values, got {values!r}")
    listed = [*values]
    for value in listed:
        if not isinstance(value, str | Real):
            raise TypeError(f"{argument} must hold numbers or texts, got {value!r}")
    if not 2 <= len(listed) <= MOST_VALUES:
        raise ValueError(
            f"{argument} must hold 2 to {MOST_VALUES} values, got {len(listed)}"
        )
    given = isinstance(values, Mapping)
    texts = [str(values[value]) if given else _shown(value) for value in listed]
    if len(set(texts)) < len(texts) or len(set(listed)) < len(listed):
        raise ValueError(
            f"{argument} must hold different values, got {', '.join(texts)}"
        )
    return dict(zip(listed, texts, strict=True))


def _shown(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return unsigned_zero(f"{float(value):g}")


def _ordered(results: pd.DataFrame, grid: Grid, models: list[str]) -> pd.DataFrame:
    """Return one row for each model and world, in order."""
    places = [results["model"].map(models.index)]
    for name, texts in grid.items():
        found = results[name].map({value: n for n, value in enumerate(texts)})
        if found.isna().any():
            value = results.loc[found.isna(), name].iloc[0]
            raise ValueError(
                f"results[{name!r}] must be one of {_listed(texts)}, as in axes, got "
                f"{value}"
            )
        places.append(found.astype(int))
    sizes = [len(models), *map(len, grid.values())]
    order = np.ravel_multi_index([place.to_numpy() for place in places], sizes)
    count = np.bincount(order, minlength=int(np.prod(sizes)))
    if (count != 1).any():
        number = int((count != 1).argmax())
        model, *at = np.unravel_index(number, sizes)
        world = ", ".join(
            f"{name} = {[*texts.values()][n]}"
            for (name, texts), n in zip(grid.items(), at, strict=True)
        )
        raise ValueError(
            f"results must hold one row for each model and world, got {count[number]} "
            f"for {models[model]} at {world}"
        )
    return results.iloc[np.argsort(order)].reset_index(drop=True)


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    try:
        return pd.to_numeric(table[name]).to_numpy(float, copy=True)
    except (TypeError, ValueError):
        raise TypeError(
            f"results[{name!r}] must hold numbers, got {table[name].dtype}"
        ) from None


def _check_rows(
    table: pd.DataFrame, grid: Grid, values: np.ndarray, marks: np.ndarray, W: int
) -> None:
    """Raise for the first row whose numbers or mark do not fit.

    Of the first W rows only the mean has to be a number.
    """
    _, difference, low, high = values.T
    finite = np.isfinite(values).all(1)
    finite[:W] = np.isfinite(values[:W, 0])
    problems = {
        "finite numbers": ~finite,
        "low up to high": low > high,
        'a mark of "+", "−" or ""': np.isnan(marks),
        '"+" where the difference is above 0, "−" below': (marks != 0)
        & ~(marks * difference > 0),
    }
    for wanted, wrong in problems.items():
        if wrong.any():
            row = table[wrong].iloc[0]
            world = ", ".join(f"{name} = {grid[name][row[name]]}" for name in grid)
            got = ", ".join(f"{name} {row[name]}" for name in (*NUMBERS, "mark"))
            raise ValueError(
                f"results must hold {wanted}, got {got} for {row['model']} at {world}"
            )


def _listed(texts: Mapping[Hashable, str]) -> str:
    return ", ".join(map(str, texts))
