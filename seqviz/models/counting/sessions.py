"""Item frequency with temporal decay, of a user and of users like her."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from seqviz.arguments import require_ids, require_number, require_whole
from seqviz.data import Batch, Examples, Interactions, longest_histories
from seqviz.models.counting.events import Timeline, binary
from seqviz.models.counting.ties import by_id, lower_columns_first


class Events(NamedTuple):
    """Events of B users: whose, in which session, which item; each int64 ``[V]``."""

    row: np.ndarray
    session: np.ndarray
    item: np.ndarray


class TIFUKNN:
    """Temporal item frequency of the user, mixed with that of her nearest neighbors.

    A session is a basket (an item counts once). A user's n baskets are cut, in order,
    into G = min(n, groups) groups as equal as can be, the latest ones the larger. With
    basket i of a group of size x, and group g of G, her vector is

        u = sum_g r_g^(G - g) / G  sum_i r_b^(x - i) / x  basket_gi

    and the scores are alpha u + (1 - alpha) (mean of the k vectors nearest to u, by
    Euclidean distance). Source: Hu et al. 2020 (arXiv 2006.00556). In the authors' code
    r_b runs on over all baskets, and fewer baskets than groups take the oldest places.

    What it sees: of the user, her baskets of ``interactions`` from before
    ``batch.times``, all of them and not only the T behaviors of the batch. Neighbors
    are the users of ``train``, with the events of their longest row, its truth
    included; she is never her own neighbor. A user without a basket has u = 0.

    Args:
        interactions: the table that ``train`` and the batches were cut from.
        train: the examples whose users are neighbors.
        groups: the number of groups, m in the paper.
        within_decay: r_b, from basket to basket in a group.
        group_decay: r_g, from group to group.
        neighbors: k; at most the other training users.
        alpha: the user's own part. The defaults are the paper's for Ta-Feng, a grocery.

    Raises:
        ValueError: an argument is out of range, or ``train`` was cut from another
            table.

    Example:
        >>> from seqviz.data import batches, load_shop, split_by_user
        >>> events = load_shop(num_users=40).interactions
        >>> train = split_by_user(events).train
        >>> count = TIFUKNN(events, train, neighbors=10)
        >>> list(count.scores(next(iter(batches(train, 4, 20)))).shape)  # [B, N + 1]
        [4, 241]
    """

    def __init__(
        self,
        interactions: Interactions,
        train: Examples,
        *,
        groups: int = 7,
        within_decay: float = 0.9,
        group_decay: float = 0.7,
        neighbors: int = 300,
        alpha: float = 0.7,
    ) -> None:
        require_whole(groups=groups, neighbors=neighbors)
        require_number(low=0, high=1, within_decay=within_decay)
        require_number(low=0, high=1, group_decay=group_decay, alpha=alpha)
        self.groups, self.neighbors, self.alpha = groups, neighbors, alpha
        self.within_decay, self.group_decay = within_decay, group_decay
        self.num_items = interactions.num_items
        self.offsets = interactions.offsets
        table = interactions.table
        self.items = table["item"].to_numpy()
        self.sessions = np.unique(table["session"], return_inverse=True)[1]
        self.before = Timeline(table["user"].to_numpy(), table["time"].to_numpy())
        self.users, events = self._training_events(interactions, train)
        self.vectors = self._vectors(events, len(self.users))  # [U, N + 1]

    def scores(self, batch: Batch) -> Tensor:
        """``[B, N + 1]``: her own vector, and the mean of her neighbors' vectors."""
        users = require_ids("users", batch.users.cpu(), 0, len(self.offsets) - 2)
        users = users.numpy()
        begins = self.offsets[users]
        ends = self.before.place(users, batch.times.cpu().numpy())
        own = self._vectors(self._slices(begins, ends), len(users))
        mean = self._nearest(own, users) @ self.vectors
        scores = self.alpha * own + (1 - self.alpha) * mean
        return by_id(scores.toarray(), batch.item_ids.device)

    def _nearest(self, own: sp.csr_array, users: np.ndarray) -> sp.csr_array:
        """1 / k for the k nearest training users of each row, ``[B, U]``."""
        lengths = self.vectors.multiply(self.vectors).sum(1)  # [U]
        # |u - v|^2 = |u|^2 + |v|^2 - 2 u v, and |u| is the same for the whole row
        near = 2 * (own @ self.vectors.T).toarray() - lengths
        near = lower_columns_first(near)
        near[torch.from_numpy(users[:, None] == self.users)] = -torch.inf
        values, columns = near.topk(min(self.neighbors, len(self.users)), dim=1)
        row, place = np.nonzero(values.numpy() > -np.inf)
        counted = np.bincount(row, minlength=len(users))
        places = (row, columns.numpy()[row, place])
        return sp.csr_array((1 / counted[row], places), shape=near.shape)

    def _vectors(self, events: Events, size: int) -> sp.csr_array:
        """The users' vectors, ``[size, N + 1]``."""
        keys = events.row * (int(self.sessions.max()) + 1) + events.session
        keys, basket = np.unique(keys, return_inverse=True)  # oldest first in each row
        owner = np.zeros(len(keys), np.int64)
        owner[basket] = events.row
        total = np.bincount(owner, minlength=size)
        place = np.arange(len(keys)) - (np.cumsum(total) - total)[owner]
        baskets = binary(basket, events.item, (len(keys), self.num_items + 1))
        weights = self._weights(place, total[owner])
        mixed = (weights, (owner, np.arange(len(keys))))
        return sp.csr_array(mixed, shape=(size, len(keys))) @ baskets

    def _weights(self, place: np.ndarray, total: np.ndarray) -> np.ndarray:
        """How much basket ``place`` of ``total`` counts, place 0 the oldest."""
        groups = np.minimum(total, self.groups)
        size, larger = np.divmod(total, groups)
        small = groups - larger  # groups of ``size``, before those of ``size`` + 1
        late = place >= small * size
        rest = np.where(late, place - small * size, place)
        size = size + late
        group, inside = np.divmod(rest, size)
        group = group + small * late
        within = self.within_decay ** (size - 1 - inside) / size
        return self.group_decay ** (groups - 1 - group) / groups * within

    def _slices(self, begins: np.ndarray, ends: np.ndarray) -> Events:
        """The events of the table's rows ``begins[b]:ends[b]``."""
        lengths = ends - begins
        row = np.repeat(np.arange(len(begins)), lengths)
        places = np.arange(len(row)) + (ends - np.cumsum(lengths))[row]
        return Events(row, self.sessions[places], self.items[places])

    def _training_events(
        self, interactions: Interactions, train: Examples
    ) -> tuple[np.ndarray, Events]:
        """The training users, and the events of the longest row of each."""
        if len(train) == 0:
            raise ValueError("train must hold at least one row, got none")
        longest = longest_histories(train)
        begins, ends = longest.histories.starts, longest.histories.stops
        truths = longest.truths
        first = interactions.table["user"].to_numpy()
        fits = len(longest.histories.values) == len(self.items)
        fits = fits and (ends < len(self.items)).all()
        fits = fits and np.array_equal(first[ends], longest.users)
        if not (
            fits and np.array_equal(truths.values[truths.starts], self.items[ends])
        ):
            raise ValueError(
                "train must be cut from interactions, each history followed in the "
                "table by its truth, got rows of another table"
            )
        seen = self._slices(begins, ends)
        row = np.repeat(np.arange(len(longest)), truths.lengths)
        truth = Events(row, self.sessions[ends][row], truths.flat())
        both = (np.concatenate(pair) for pair in zip(seen, truth, strict=True))
        return longest.users, Events(*both)
