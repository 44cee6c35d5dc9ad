"""How well shown items are ranked and their clicks predicted: AUC, GAUC, log loss.

Arrays or tensors of one dimension; everything is worked out in float64 on the CPU.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from seqviz.arguments import (
    require_clicked,
    require_one_length,
    require_whole,
)


class GAUC(NamedTuple):
    """The AUC within users, and whom it is over."""

    value: float
    users: int
    """Users with a click and a miss."""
    left_out: int
    """Users who clicked everything or nothing: they have no AUC."""


class Calibration(NamedTuple):
    """Whether predicted and real clicks agree in number."""

    ratio: float
    """Predicted clicks over real ones: above 1 promises too much."""
    error: float
    """The mean distance of predicted and real rate, over the rows, bin by bin."""
    table: pd.DataFrame
    """One row per bin: ``predicted``, ``real`` (rates) and ``rows``."""


def auc(scores: object, clicked: object) -> float:
    """The chance that a click scores above a miss; equal scores count half.

    Raises:
        ValueError: the two differ in length, hold NaN, or there is no click or no miss.

    Example:
        >>> auc([0.9, 0.2, 0.4], [1, 0, 1]), auc([0.5, 0.5], [1, 0])
        (1.0, 0.5)
    """
    scores, clicked = _columns(scores=scores, clicked=clicked)
    if clicked.all() or not clicked.any():
        raise ValueError(
            f"clicked must hold a click and a miss, got {len(clicked)} times "
            f"{int(clicked[0])}: AUC has no value"
        )
    return float(_auc_by_group(scores, clicked, np.zeros(len(scores), int))[0][0])


def gauc(scores: object, clicked: object, users: object) -> float:
    """AUC within each user, weighted by the number of items she was shown.

    Users who clicked everything or nothing are left out, with their weight;
    :func:`gauc_of` says how many.

    Source: Zhou et al. 2018 (arXiv 1706.06978), section 6.2 (called AUC there).

    Raises:
        ValueError: the three differ in length, or no user has a click and a miss.

    Example:
        >>> gauc([0.9, 0.2, 0.1, 0.3], [1, 0, 1, 0], [7, 7, 8, 8])  # right, then wrong
        0.5
    """
    return gauc_of(scores, clicked, users).value


def gauc_of(scores: object, clicked: object, users: object) -> GAUC:
    """:func:`gauc` with the number of users it is over.

    Example:
        >>> gauc_of([0.9, 0.2, 0.1], [1, 0, 1], [7, 7, 8])  # user 8 has no miss
        GAUC(value=1.0, users=1, left_out=1)
    """
    values, shown = auc_by_user(scores, clicked, users)
    ranked = ~np.isnan(values)
    if not ranked.any():
        raise ValueError(
            "clicked must hold a click and a miss of one user, got none: GAUC has no "
            "value"
        )
    value = np.average(values[ranked], weights=shown[ranked])
    return GAUC(float(value), int(ranked.sum()), int((~ranked).sum()))


def auc_by_user(
    scores: object, clicked: object, users: object
) -> tuple[np.ndarray, np.ndarray]:
    """Return each user's AUC ``[U]`` and how many rows she has, in order of the users.

    NaN for who clicked everything or nothing.
    """
    scores, clicked, users = _columns(scores=scores, clicked=clicked, users=users)
    _, group = np.unique(users, return_inverse=True)
    return _auc_by_group(scores, clicked, group)


def auc_by_row(
    scores: object, clicked: object, users: object
) -> tuple[np.ndarray, np.ndarray]:
    """Return the AUC of its user, and that user, for every row ``[B]``.

    Sorted by user. The mean over the rows, without NaN, is GAUC; so two rankings are
    compared by them, a user's rows drawn together: ``compare(a, b, users=users)``.

    Example:
        >>> auc_by_row([0.9, 0.2, 0.1, 0.3], [1, 0, 1, 0], users=[7, 7, 8, 8])
        (array([1., 1., 0., 0.]), array([7, 7, 8, 8]))
    """
    values, shown = auc_by_user(scores, clicked, users)
    _, _, users = _columns(scores=scores, clicked=clicked, users=users)
    return values.repeat(shown), np.unique(users).repeat(shown)


def rela_impr(value: float, base: float) -> float:
    """How much more than chance ``value`` has over what ``base`` has: AUC or GAUC.

    (value - 0.5) / (base - 0.5) - 1, e.g. 0.05 for five percent.

    Source: Zhou et al. 2018 (arXiv 1706.06978), section 6.2.

    Raises:
        ValueError: ``base`` is 0.5 or less, no better than chance.

    Example:
        >>> round(rela_impr(0.65, base=0.60), 2)  # half as much again above chance
        0.5
    """
    if not 0.5 < base <= 1:
        raise ValueError(
            f"base must be above 0.5 (chance) and at most 1, got {base}: nothing to "
            "gain on"
        )
    return (value - 0.5) / (base - 0.5) - 1


def log_loss(probabilities: object, clicked: object) -> float:
    """The mean of -log of the probability that was given to what happened.

    Probabilities are kept 2e-16 from 0 and 1, as scikit-learn does.

    Raises:
        ValueError: the two differ in length, or a probability is not in 0..1.

    Example:
        >>> round(log_loss([0.5, 0.5], [1, 0]), 4)  # a coin: log 2
        0.6931
    """
    predicted, clicked = _probabilities(probabilities, clicked)
    tiny = np.finfo(float).eps
    predicted = predicted.clip(tiny, 1 - tiny)
    return float(-np.log(np.where(clicked, predicted, 1 - predicted)).mean())


def calibration(probabilities: object, clicked: object, bins: int = 10) -> Calibration:
    """Predicted against real clicks, in all and in ``bins`` equally full bins.

    Equal probabilities share a bin, so that the order of the rows plays no part: with
    many of them the bins are fewer and less equal.

    Raises:
        TypeError, ValueError: as for :func:`log_loss`, there is no click, or ``bins``
            is no whole number of at least 1.

    Example:
        >>> found = calibration([0.2, 0.2, 0.2, 0.2], [1, 1, 0, 0], bins=1)
        >>> found.ratio  # half were clicked, a fifth predicted
        0.4
    """
    predicted, clicked = _probabilities(probabilities, clicked)
    if not clicked.any():
        raise ValueError("clicked must hold a click, got none: the ratio has no value")
    require_whole(bins=bins)
    order = np.argsort(predicted)
    ordered = predicted[order]
    edges = ordered[np.arange(bins) * len(ordered) // bins]
    starts = np.unique(np.searchsorted(ordered, edges))  # the first of its equals
    rows = np.diff(np.append(starts, len(ordered)))
    table = pd.DataFrame(
        {
            "predicted": np.add.reduceat(ordered, starts) / rows,
            "real": np.add.reduceat(clicked[order].astype(float), starts) / rows,
            "rows": rows,
        }
    )
    gaps = (table["predicted"] - table["real"]).abs()
    error = np.average(gaps, weights=table["rows"])
    return Calibration(float(predicted.sum() / clicked.sum()), float(error), table)


def click_metrics(
    probabilities: object, clicked: object, users: object
) -> dict[str, float]:
    """All of these at once: GAUC, AUC, log loss, calibration, users, left out.

    Raises:
        TypeError, ValueError: what :func:`gauc`, :func:`log_loss` and
            :func:`calibration` raise.

    Example:
        >>> found = click_metrics([0.9, 0.2, 0.1, 0.3], [1, 0, 1, 0], [7, 7, 8, 8])
        >>> found["GAUC"], found["AUC"]
        (0.5, 0.5)
    """
    within = gauc_of(probabilities, clicked, users)
    return {
        "GAUC": within.value,
        "AUC": auc(probabilities, clicked),
        "log loss": log_loss(probabilities, clicked),
        "calibration": calibration(probabilities, clicked).ratio,
        "users": within.users,
        "left out": within.left_out,
    }


def _auc_by_group(
    scores: np.ndarray, clicked: np.ndarray, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """AUC of each group (NaN for one with one label) and its number of rows.

    By ranks: with p clicks and n misses, the sum of the clicks' ranks in the group
    less p (p + 1) / 2 is the number of pairs in order. Equal scores share their mean
    rank.
    """
    order = np.lexsort((scores, group))
    scores, clicked, group = scores[order], clicked[order], group[order]
    shown = np.bincount(group)
    # compared, not subtracted: two infinite scores are equal
    new = (scores[1:] != scores[:-1]) | (group[1:] != group[:-1])
    new = np.append(True, new)
    starts = np.flatnonzero(new)
    ties = np.diff(np.append(starts, len(scores)))
    first = (np.cumsum(shown) - shown)[group]  # where the row's group begins
    ranks = np.repeat(starts + (ties + 1) / 2, ties) - first
    clicks = np.bincount(group, weights=clicked)
    pairs = clicks * (shown - clicks)
    inside = np.bincount(group, weights=ranks * clicked) - clicks * (clicks + 1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pairs > 0, inside / pairs, np.nan), shown


def _columns(**columns: object) -> tuple[np.ndarray, ...]:
    """Arrays of one length; ``clicked`` as bool, ``scores`` as float64."""
    arrays = {}
    for name, values in columns.items():
        if isinstance(values, torch.Tensor):
            values = values.detach().cpu()
            # NumPy has no bfloat16
            values = (values.double() if values.is_floating_point() else values).numpy()
        array = np.asarray(values)
        if array.ndim != 1 or not len(array):
            raise ValueError(
                f"{name} must have one dimension and an entry, got shape {array.shape}"
            )
        arrays[name] = array
    require_one_length(**arrays)
    for name in {"scores", "probabilities"} & set(arrays):
        arrays[name] = arrays[name].astype(float)
        if np.isnan(arrays[name]).any():
            row = np.isnan(arrays[name]).argmax()
            raise ValueError(f"{name} must be numbers, got NaN in row {row}")
    arrays["clicked"] = require_clicked(arrays["clicked"])
    return tuple(arrays.values())


def _probabilities(
    probabilities: object, clicked: object
) -> tuple[np.ndarray, np.ndarray]:
    predicted, clicked = _columns(probabilities=probabilities, clicked=clicked)
    if predicted.min() < 0 or predicted.max() > 1:
        raise ValueError(
            "probabilities must lie in 0..1, got "
            f"{predicted.min():g}..{predicted.max():g}; put logits through a sigmoid"
        )
    return predicted, clicked
