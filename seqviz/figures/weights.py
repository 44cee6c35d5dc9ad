"""Weights of attention in a Matplotlib axis: a whole matrix, or the bars of a row."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqviz.figures import tokens

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage


def draw_weights(
    axis: "Axes",
    weights: Any,
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    readable: Any = None,
    highest: float | None = None,
) -> "AxesImage":
    """Draw who reads whom: a row is a query, a column is a key.

    Args:
        axis: where to draw.
        weights: ``[Q, T]``.
        queries, keys: their Q and T names.
        readable: bool ``[Q, T]``; a pair that may not be read is hatched.
        highest: the weight at the bright end of the scale; the largest if None.

    Returns:
        The image, for a color bar.

    Raises:
        ValueError: names or ``readable`` do not fit ``weights``.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> figure, axis = plt.subplots()
        >>> image = draw_weights(axis, np.eye(2), ["tent", "seeds"], ["tent", "seeds"])
        >>> image.get_array().shape  # [Q, T]
        (2, 2)
        >>> plt.close(figure)
    """
    import matplotlib.pyplot as plt

    weights = np.asarray(weights, dtype=float)
    if weights.shape != (len(queries), len(keys)):
        raise ValueError(
            f"weights must be [{len(queries)}, {len(keys)}], a row for each query and "
            f"a column for each key, got {list(weights.shape)}"
        )
    hidden = np.zeros(weights.shape, bool)
    if readable is not None:
        hidden = ~np.asarray(readable, dtype=bool)
        if hidden.shape != weights.shape:
            raise ValueError(
                f"readable must be {list(weights.shape)}, as the weights, "
                f"got {list(hidden.shape)}"
            )
    shown = np.ma.array(weights, mask=hidden)
    image = axis.imshow(shown, cmap=tokens.SEQUENTIAL, vmin=0, vmax=highest)
    for row, column in np.argwhere(hidden):
        cell = plt.Rectangle((column - 0.5, row - 0.5), 1, 1, linewidth=0.4)
        cell.set(facecolor="none", edgecolor=tokens.LIGHT["ink-soft"], hatch="////")
        axis.add_patch(cell)
    axis.set_yticks(range(len(queries)), queries)
    axis.set_xticks(range(len(keys)), keys)
    if max(map(len, keys)) > 3:
        axis.tick_params(axis="x", labelrotation=90)
    axis.grid(False)
    return image


def draw_bars(axis: "Axes", weights: Any, keys: Sequence[str]) -> None:
    """Draw one row of weights as a bar over the name of each key.

    Args:
        axis: where to draw.
        weights: ``[T]``.
        keys: T names.

    Raises:
        ValueError: there is not one name for each weight.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> figure, axis = plt.subplots()
        >>> draw_bars(axis, [0.7, 0.3], ["tent", "seeds"])
        >>> [round(float(bar.get_height()), 1) for bar in axis.patches]
        [0.7, 0.3]
        >>> plt.close(figure)
    """
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (len(keys),):
        raise ValueError(
            f"weights must be [{len(keys)}], one for each key, "
            f"got {list(weights.shape)}"
        )
    axis.bar(range(len(keys)), weights, 0.6, color=tokens.LIGHT["ink"])
    axis.set_xticks(range(len(keys)), keys)
    axis.set_yticks([])
    axis.grid(False)
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="x", length=0)
