"""Does a model find the interests that caused the clicks?"""

import numpy as np

from seqviz.arguments import require_one_length


def purity(found: np.ndarray, truth: np.ndarray) -> float:
    """Share of the clicks explained when each found group is named after its majority.

    Args:
        found: ``[V]``, the interest that reads each click most.
        truth: ``[V]``, the interest that caused it.

    Grows with the number of found groups: compare it with shuffled truth. Source:
    Manning, Raghavan and Schütze 2008, section 16.3.

    Example:
        >>> float(purity(np.array([0, 1, 1]), np.array([5, 5, 5])))  # both may name it
        1.0
    """
    from sklearn.metrics.cluster import contingency_matrix  # a second to import

    _check(found=found, truth=truth)
    return contingency_matrix(truth, found).max(0).sum() / len(truth)


def matched_share(found: np.ndarray, truth: np.ndarray) -> float:
    """Share of the clicks explained when each found group may name one true interest.

    The names are given by optimal assignment (Hungarian method), so two groups cannot
    share a name: splitting one interest into two costs. Arguments as in ``purity``.

    Example:
        >>> float(matched_share(np.array([0, 1, 1, 1]), np.array([5, 5, 5, 5])))
        0.75
    """
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics.cluster import contingency_matrix

    _check(found=found, truth=truth)
    together = contingency_matrix(truth, found)
    rows, columns = linear_sum_assignment(together, maximize=True)
    return together[rows, columns].sum() / len(truth)


def agreement(
    found: np.ndarray, truth: np.ndarray, known: np.ndarray
) -> dict[str, np.ndarray]:
    """How well each user's readers agree with the causes, adjusted for chance.

    Args:
        found: ``[B, T]``, the interest that reads each click most.
        truth: ``[B, T]``, the interest that caused it.
        known: bool ``[B, T]``, False at padding and where there is no cause.

    Returns:
        ``{"AMI": [B], "ARI": [B]}``: 1 where they are the same groups, 0 on average for
        names dealt at random, and for one reader of all clicks; NaN for a user with
        fewer than two causes. Source: Vinh, Epps and Bailey 2010 (AMI); Hubert and
        Arabie 1985 (ARI).

    Example:
        >>> found, truth = np.array([[0, 0, 1, 1]]), np.array([[5, 5, 7, 7]])
        >>> agreement(found, truth, np.ones((1, 4), bool))  # names differ, groups agree
        {'AMI': array([1.]), 'ARI': array([1.])}
    """
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    require_one_length(found=found, truth=truth, known=known)
    scores = {"AMI": adjusted_mutual_info_score, "ARI": adjusted_rand_score}
    result = {name: np.full(len(found), np.nan) for name in scores}
    for user, own in enumerate(known):
        causes, readers = truth[user, own], found[user, own]
        if len(np.unique(causes)) > 1:
            for name, score in scores.items():
                result[name][user] = score(causes, readers)
    return result


def recovery(
    found: np.ndarray, truth: np.ndarray, users: np.ndarray
) -> dict[str, float]:
    """Purity and matched share inside each user, averaged over the clicks.

    Interests are a person's own, so names are given anew for each user.

    Args:
        found: ``[V]``, the interest that reads each click most.
        truth: ``[V]``, the interest that caused it.
        users: ``[V]``, whose click it is.

    Returns:
        ``{"purity": ..., "matched": ...}``, each between 0 and 1.

    Example:
        >>> found, truth = np.array([0, 0, 1]), np.array([5, 5, 7])
        >>> recovery(found, truth, users=np.zeros(3, int))
        {'purity': 1.0, 'matched': 1.0}
    """
    _check(found=found, truth=truth, users=users)
    order = np.argsort(users, kind="stable")
    _, starts = np.unique(users[order], return_index=True)
    groups = np.split(order, starts[1:])
    size = np.array([len(group) for group in groups])
    pure = [purity(found[group], truth[group]) for group in groups]
    matched = [matched_share(found[group], truth[group]) for group in groups]
    return {
        "purity": float(np.average(pure, weights=size)),
        "matched": float(np.average(matched, weights=size)),
    }


def _check(**columns: np.ndarray) -> None:
    require_one_length(**columns)
    for name, column in columns.items():
        if not len(column):
            raise ValueError(f"{name} must hold at least one click, got none")
