"""The shop's users: who they are, and what they click of their own accord.

The equations are at the head of :mod:`seqviz.data.shop`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from seqviz.data.shop.products import PRICES
from seqviz.data.shop.shelves import Shelves, taste

MAX_INTERESTS = 5
NUM_INTERESTS = (0.10, 0.25, 0.30, 0.20, 0.15)
SESSION_END = 1 / 6
OPENING = 1_704_067_200  # 2024-01-01 00:00 UTC
HOUR, DAY = 3_600, 86_400


class People(NamedTuple):
    """U users with room for M = 5 interests each; unused places have strength 0."""

    count: np.ndarray  # int64 [U]
    category: np.ndarray  # int64 [U, M]
    price: np.ndarray  # int64 [U, M]
    brand: np.ndarray  # int64 [U, M]
    strength: np.ndarray  # float [U, M]


class Clicks(NamedTuple):
    """The users' own clicks, in order of user and time; n clicks, S sessions."""

    user: np.ndarray  # int64 [n]
    session: np.ndarray  # int64 [n]
    time: np.ndarray  # int64 [n]
    active: np.ndarray  # int64 [n], the interest on the user's mind
    slip: np.ndarray  # bool [n]
    item: np.ndarray  # int64 [n]
    strength: np.ndarray  # float [S, M]
    owner: np.ndarray  # int64 [S], the user of each session


def draw_people(
    rng: np.random.Generator,
    num_users: int,
    shelves: Shelves,
    num_interests: int | None,
    evenness: float,
) -> People:
    """Users with their interests, strongest first."""
    most = MAX_INTERESTS if num_interests is None else num_interests
    size = (num_users, most)
    count = np.full(num_users, most)
    if num_interests is None:
        count = 1 + rng.choice(MAX_INTERESTS, num_users, p=NUM_INTERESTS)
    # Gumbel noise on the log-appeal, best first: drawing without repetition
    keys = np.log(shelves.appeal) + rng.gumbel(size=(num_users, len(shelves.appeal)))
    category = np.argsort(-keys, axis=1)[:, :most]
    strength = rng.gamma(evenness, size=size)
    strength[np.arange(most) >= count[:, None]] = 0
    strength = -np.sort(-strength, axis=1)
    return People(
        count,
        category,
        rng.integers(len(PRICES), size=size),
        rng.integers(shelves.num_brands, size=size),
        strength / strength.sum(axis=1, keepdims=True),
    )


def draw_clicks(
    rng: np.random.Generator,
    people: People,
    shelves: Shelves,
    goes_with: np.ndarray,
    misclick_rate: float,
    companion_rate: float,
    stickiness: float,
    drift: float,
    median_clicks: float,
    repeats: tuple[np.random.Generator, float],
) -> Clicks:
    """The own clicks of all users at once; ``goes_with`` int64 ``[N + 1]``."""
    num_users = len(people.count)
    number = np.exp(np.log(median_clicks) + 0.6 * rng.standard_normal(num_users))
    number = np.clip(number.round().astype(np.int64), 3, 300)
    user = np.repeat(np.arange(num_users), number)
    first = np.zeros(len(user), bool)
    first[np.cumsum(number) - number] = True
    opens = first | (rng.random(len(user)) < SESSION_END)
    session = np.cumsum(opens) - 1
    time = _times(rng, first, opens)

    owner = user[opens]
    strength = _drifted(rng, people.strength[owner], first[opens], drift)
    anew = opens | (rng.random(len(user)) >= stickiness)
    active = _choose(rng, np.cumsum(strength, axis=1)[session])
    active = active[_latest(anew)]

    slip = rng.random(len(user)) < misclick_rate
    item = _fresh_items(rng, people, shelves, user, active)
    item = np.where(slip, rng.integers(1, len(goes_with), len(user)), item)
    follows = rng.random(len(user)) < companion_rate
    follows &= ~anew & ~slip & ~np.append(True, slip[:-1])
    source = _repeated(*repeats, user, active, slip)  # [n], -1 where nothing is
    follows &= source < 0
    source[follows] = np.flatnonzero(follows) - 1
    for rows in _by_depth(source):
        before = item[source[rows]]
        item[rows] = np.where(follows[rows], goes_with[before], before)
    return Clicks(user, session, time, active, slip, item, strength, owner)


def _repeated(
    rng: np.random.Generator,
    rate: float,
    user: np.ndarray,
    active: np.ndarray,
    slip: np.ndarray,
) -> np.ndarray:
    """The earlier click of the same user and interest that is done again, or -1."""
    source = np.full(len(user), -1)
    if not rate:
        return source
    rows = np.flatnonzero(~slip)
    rows = rows[np.lexsort((rows, active[rows], user[rows]))]
    key = user[rows] * (active.max() + 1) + active[rows]
    begins = _latest(np.append(True, np.diff(key) != 0))
    earlier = np.arange(len(rows)) - begins
    again = (rng.random(len(rows)) < rate) & (earlier > 0)
    place = begins + (rng.random(len(rows)) * earlier).astype(np.int64)
    source[rows[again]] = rows[place[again]]
    return source


def _by_depth(source: np.ndarray) -> Iterator[np.ndarray]:
    """Rows that have a source, each after its source, all chains at once."""
    known, rows = source < 0, np.flatnonzero(source >= 0)
    while len(rows):
        ready = known[source[rows]]
        yield rows[ready]
        known[rows[ready]] = True
        rows = rows[~ready]


def _times(
    rng: np.random.Generator, first: np.ndarray, opens: np.ndarray
) -> np.ndarray:
    """Unix seconds of the own clicks, from the gaps before them."""
    size = len(first)
    inside = np.minimum(20 + rng.exponential(70, size), 25 * 60)
    short = np.exp(np.log(10 * HOUR) + 0.8 * rng.standard_normal(size))
    between = np.where(rng.random(size) < 0.6, short, rng.exponential(10 * DAY, size))
    gap = np.where(opens, np.maximum(between, HOUR), inside).astype(np.int64)
    arrival = rng.integers(90 * DAY, size=int(first.sum()))
    passed = np.cumsum(gap)
    who = np.cumsum(first) - 1
    return OPENING + arrival[who] + passed - passed[first][who]


def _drifted(
    rng: np.random.Generator, strength: np.ndarray, first: np.ndarray, drift: float
) -> np.ndarray:
    """The strengths [S, M] in each session, from those that the user began with."""
    steps = drift * rng.standard_normal(strength.shape)
    steps[first] = 0
    walk = np.cumsum(steps, axis=0)
    walk -= walk[first][np.cumsum(first) - 1]
    walk[strength == 0] = -np.inf
    walk -= walk.max(axis=1, keepdims=True)
    drifted = strength * np.exp(walk)
    return drifted / drifted.sum(axis=1, keepdims=True)


def _fresh_items(
    rng: np.random.Generator,
    people: People,
    shelves: Shelves,
    user: np.ndarray,
    active: np.ndarray,
) -> np.ndarray:
    """An item for each click by popularity and taste."""
    liking = taste(
        shelves.cell_price,
        shelves.cell_brand,
        people.price[..., None],
        people.brand[..., None],
    )  # [U, M, G]
    cells = np.cumsum(shelves.cell_mass[people.category] * liking, axis=2)
    cell = _choose(rng, cells[user, active])
    return shelves.draw(rng, people.category[user, active], cell)


def interest_of(people: People, shelves: Shelves) -> np.ndarray:
    """Which interest a category belongs to, int64 [U, C]; -1 for none."""
    table = np.full((len(people.count), len(shelves.appeal)), -1)
    user, interest = np.nonzero(people.strength)
    table[user, people.category[user, interest]] = interest
    return table


def _choose(rng: np.random.Generator, cumulative: np.ndarray) -> np.ndarray:
    """A column of each row by its running totals [n, M], never one of weight 0."""
    total = cumulative[:, -1]
    point = np.minimum(rng.random(len(total)) * total, np.nextafter(total, 0))
    return (cumulative <= point[:, None]).sum(axis=1)


def _latest(marked: np.ndarray) -> np.ndarray:
    """For each place the last marked place up to it; place 0 counts as marked."""
    return np.maximum.accumulate(np.where(marked, np.arange(len(marked)), 0))
