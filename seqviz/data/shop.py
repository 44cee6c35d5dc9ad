r"""The shop: a small world whose causes are known.

240 products that a person can picture, users with a few true interests, and events
that each carry the interest that caused them. One seed, one world. The numbers in
brackets are the defaults.

**Items.** Item :math:`i` lies in category :math:`c_i`, with price band :math:`b_i`,
brand :math:`m_i` and rank :math:`r_i` inside its category (dealt at random). Categories
have appeal :math:`a_c \propto \text{rank}_c^{-1/2}`. The popularity of an item is

.. math:: \text{pop}(i) \propto a_{c_i} \; r_i^{-s} \Big/ \sum_{c_j = c_i} r_j^{-s},
   \qquad s = 0.8 .

**Users.** User :math:`u` has :math:`K_u \in \{1, \dots, 5\}` interests, with chances
(.10, .25, .30, .20, .15). Interest :math:`k` is a category :math:`c_k` (without
repetition, by appeal) with a liked price band and a liked brand (uniform). Her
strengths are :math:`\pi_u \sim \text{Dirichlet}(1.5, \dots)`, sorted, so that interest
0 is strongest at first. An item suits an interest by

.. math:: \text{taste}(i, k) = [c_i = c_k] \;
   \tfrac12^{[b_i \ne b_k]} \; \tfrac12^{[m_i \ne m_k]} .

**Sessions.** The number of a user's own clicks is log-normal (median 22, sigma .6, cut
to 3..300). Each begins a new session with probability 1/6. Inside a session the gap is
20 s + Exp(70 s), at most 25 min. Between sessions it is, with probability .6,
log-normal (median 10 hours, sigma .8), else Exp(10 days), and at least 1 hour: bursts,
and the rule "a gap of 30 minutes ends a session" finds the sessions exactly. Users
arrive uniformly over the first 90 days of 2024.

**Drift.** The log-strengths take a random step before each later session :math:`s`:

.. math:: \pi_{u,s} = \text{softmax}\Big(\log \pi_u + \sum_{r \le s} \xi_r\Big),
   \qquad \xi_r \sim N(0, \delta^2 I), \; \delta = 0.3 .

**Active interest.** Sticky inside a session, drawn anew at its start:

.. math:: P(z_{n+1} = k \mid z_n) = \rho\,[k = z_n] + (1 - \rho)\,\pi_{u,s,k},
   \qquad \rho = 0.7 .

**Own clicks.** With probability .05 (``misclick_rate``) the finger slips: the item is
uniform over the shop and its ``interest`` is -1. Otherwise, if the interest was not
drawn anew and the last click was no slip, with probability .25 (``companion_rate``) the
item is the one that goes with the last (running socks after trail shoes). Otherwise

.. math:: P(i \mid u, z = k) \propto \text{pop}(i) \; \text{taste}(i, k) .

**Shown items.** After each own click the shop shows 2 items (``impressions``), one
second apart, each by popularity: half of the time in the category of one of the user's
interests (uniform), else from the whole shop. A shown item is clicked with probability

.. math:: p = \varepsilon + (1 - \varepsilon) \sum_k P(z_{n+1} = k \mid z_n) \;
   \text{taste}(i, k), \qquad \varepsilon = 0.01 ,

kept in the column ``click_probability``: what somebody would bet who knows the user's
mind. A click by accident (:math:`\varepsilon`) has ``interest`` -1; an item that is
only shown is an ``impression`` and has the interest that its category belongs to, -1 if
none. Shown items change neither the active interest nor the chain of companions.

**Cart.** An own click that is no slip puts its item into the cart, some seconds later,
with probability :math:`.15 \; \text{taste}(i, z)`.

Own clicks and carts were not offered, so their ``click_probability`` is NaN. The rows
with a number are what a click model learns from; ``interactions.of_kind("click")`` is
what a sequence model reads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from .products import NUM_NAMED, PRICES, shop_catalog
from .shelves import Shelves, taste
from .tables import Catalog, Interactions

MAX_INTERESTS = 5
NUM_INTERESTS = (0.10, 0.25, 0.30, 0.20, 0.15)
POPULARITY_SKEW = 0.8
MEDIAN_CLICKS = 22
SESSION_END = 1 / 6
SLIP_ON_SHOWN = 0.01
CART_RATE = 0.15
KINDS = ("click", "impression", "cart")
OPENING = 1_704_067_200  # 2024-01-01 00:00 UTC
HOUR, DAY = 3_600, 86_400


class Shop(NamedTuple):
    """The shop's events and items, and the truth behind them."""

    name: str
    interactions: Interactions
    catalog: Catalog
    interests: pd.DataFrame
    """One row an interest: ``user``, ``interest`` (0, 1, ...), ``category``, ``price``,
    ``brand``, ``strength`` (at her first session) and ``last_strength``."""


class _People(NamedTuple):
    """U users with room for M = 5 interests each; unused places have strength 0."""

    count: np.ndarray  # int64 [U]
    category: np.ndarray  # int64 [U, M]
    price: np.ndarray  # int64 [U, M]
    brand: np.ndarray  # int64 [U, M]
    strength: np.ndarray  # float [U, M]


class _Clicks(NamedTuple):
    """The users' own clicks, in order of user and time; n clicks, S sessions."""

    user: np.ndarray  # int64 [n]
    session: np.ndarray  # int64 [n]
    time: np.ndarray  # int64 [n]
    active: np.ndarray  # int64 [n], the interest on the user's mind
    slip: np.ndarray  # bool [n]
    item: np.ndarray  # int64 [n]
    strength: np.ndarray  # float [S, M]
    owner: np.ndarray  # int64 [S], the user of each session


def load_shop(
    num_users: int = 2000,
    seed: int = 7,
    *,
    num_items: int = NUM_NAMED,
    impressions: int = 2,
    misclick_rate: float = 0.05,
    companion_rate: float = 0.25,
    stickiness: float = 0.7,
    drift: float = 0.3,
) -> Shop:
    """Builds the shop by the equations at the head of :mod:`seqviz.data.shop`.

    Each part of the world has a random stream of its own: changing ``impressions``
    leaves the users' own clicks as they are. A user has about 82 events on average,
    so 12,000 users give a million.

    Args:
        num_users: U.
        seed: which world.
        num_items: N, at least 240; items beyond are numbered copies.
        impressions: items shown after each own click, 0 to 10.
        misclick_rate: the share of own clicks that are slips, 0 to 1.
        companion_rate: how often a click follows what goes with the last one, 0 to 1.
        stickiness: rho, how often the active interest stays, 0 to 1.
        drift: delta, the step of the log-strengths from session to session.

    Raises:
        ValueError: an argument is out of range.
    """
    _require("num_users", num_users, 1, None)
    _require("impressions", impressions, 0, 10)
    _require("misclick_rate", misclick_rate, 0, 1)
    _require("companion_rate", companion_rate, 0, 1)
    _require("stickiness", stickiness, 0, 1)
    _require("drift", drift, 0, None)
    world, birth, mind, shown, cart = (
        np.random.default_rng([seed, part]) for part in range(5)
    )
    catalog = shop_catalog(num_items)
    shelves = Shelves(catalog, world, POPULARITY_SKEW)
    people = _people(birth, num_users, shelves)
    goes_with = np.append(0, catalog.table["goes_with"].to_numpy())
    clicks = _clicks(
        mind,
        people,
        shelves,
        goes_with,
        misclick_rate,
        companion_rate,
        stickiness,
        drift,
    )
    table = pd.concat(
        [
            _own(clicks),
            _shown(shown, people, shelves, clicks, impressions, stickiness),
            _carts(cart, people, shelves, clicks, impressions),
        ],
        ignore_index=True,
    )
    interactions = Interactions(table, catalog.num_items, num_users)
    return Shop("shop", interactions, catalog, _truth(people, clicks, catalog))


def _people(rng: np.random.Generator, num_users: int, shelves: Shelves) -> _People:
    size = (num_users, MAX_INTERESTS)
    count = 1 + rng.choice(MAX_INTERESTS, num_users, p=NUM_INTERESTS)
    # Gumbel noise on the log-appeal, best first: drawing without repetition
    keys = np.log(shelves.appeal) + rng.gumbel(size=(num_users, len(shelves.appeal)))
    category = np.argsort(-keys, axis=1)[:, :MAX_INTERESTS]
    strength = rng.gamma(1.5, size=size)
    strength[np.arange(MAX_INTERESTS) >= count[:, None]] = 0
    strength = -np.sort(-strength, axis=1)
    return _People(
        count,
        category,
        rng.integers(len(PRICES), size=size),
        rng.integers(shelves.num_brands, size=size),
        strength / strength.sum(axis=1, keepdims=True),
    )


def _clicks(
    rng: np.random.Generator,
    people: _People,
    shelves: Shelves,
    goes_with: np.ndarray,
    misclick_rate: float,
    companion_rate: float,
    stickiness: float,
    drift: float,
) -> _Clicks:
    num_users = len(people.count)
    number = np.exp(np.log(MEDIAN_CLICKS) + 0.6 * rng.standard_normal(num_users))
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
    depth = np.arange(len(user)) - _latest(~follows)
    for step in range(1, depth.max() + 1):  # along the chains, all chains at once
        rows = np.flatnonzero(depth == step)
        item[rows] = goes_with[item[rows - 1]]
    return _Clicks(user, session, time, active, slip, item, strength, owner)


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
    drifted = strength * np.exp(walk)
    return drifted / drifted.sum(axis=1, keepdims=True)


def _fresh_items(
    rng: np.random.Generator,
    people: _People,
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


def _own(clicks: _Clicks) -> pd.DataFrame:
    interest = np.where(clicks.slip, -1, clicks.active)
    return _events(clicks, slice(None), 0, clicks.item, 0, interest, np.nan)


def _shown(
    rng: np.random.Generator,
    people: _People,
    shelves: Shelves,
    clicks: _Clicks,
    impressions: int,
    stickiness: float,
) -> pd.DataFrame:
    row = np.repeat(np.arange(len(clicks.user)), impressions)
    user = clicks.user[row]
    aimed = (rng.random(len(row)) * people.count[user]).astype(np.int64)
    near = shelves.draw_category(rng, people.category[user, aimed])
    item = np.where(rng.random(len(row)) < 0.5, near, shelves.draw_any(rng, len(row)))

    interest = _interest_of(people, shelves)[user, shelves.category[item]]
    known = np.maximum(interest, 0)
    next_is = (1 - stickiness) * clicks.strength[clicks.session[row], known]
    next_is += stickiness * (clicks.active[row] == known)
    suits = taste(
        shelves.price[item],
        shelves.brand[item],
        people.price[user, known],
        people.brand[user, known],
    )
    meant = np.where(interest >= 0, next_is * suits, 0)
    slip = rng.random(len(row)) < SLIP_ON_SHOWN
    clicked = slip | (rng.random(len(row)) < meant)
    chance = SLIP_ON_SHOWN + (1 - SLIP_ON_SHOWN) * meant
    delay = np.tile(np.arange(1, impressions + 1), len(clicks.user))
    return _events(
        clicks,
        row,
        delay,
        item,
        np.where(clicked, 0, 1),
        np.where(clicked & slip, -1, interest),
        chance,
    )


def _carts(
    rng: np.random.Generator,
    people: _People,
    shelves: Shelves,
    clicks: _Clicks,
    impressions: int,
) -> pd.DataFrame:
    suits = taste(
        shelves.price[clicks.item],
        shelves.brand[clicks.item],
        people.price[clicks.user, clicks.active],
        people.brand[clicks.user, clicks.active],
    )
    put = (rng.random(len(suits)) < CART_RATE * suits) & ~clicks.slip
    row = np.flatnonzero(put)
    delay = impressions + 2
    return _events(clicks, row, delay, clicks.item[row], 2, clicks.active[row], np.nan)


def _events(
    clicks: _Clicks,
    row: np.ndarray | slice,
    delay: np.ndarray | int,
    item: np.ndarray,
    kind: np.ndarray | int,
    interest: np.ndarray,
    chance: np.ndarray | float,
) -> pd.DataFrame:
    """Events that hang on the own clicks ``row``, some seconds after them."""
    codes = np.broadcast_to(kind, item.shape)
    return pd.DataFrame(
        {
            "user": clicks.user[row],
            "item": item,
            "time": clicks.time[row] + delay,
            "session": clicks.session[row],
            "kind": pd.Categorical.from_codes(codes, categories=KINDS),
            "interest": interest,
            "click_probability": np.broadcast_to(chance, item.shape),
        }
    )


def _truth(people: _People, clicks: _Clicks, catalog: Catalog) -> pd.DataFrame:
    user, interest = np.nonzero(people.strength)
    last = clicks.strength[np.append(np.flatnonzero(np.diff(clicks.owner)), -1)]
    category = people.category[user, interest]
    names = catalog.table.drop_duplicates(["category", "brand"])
    brands = names.sort_values(["category", "brand"])["brand"].to_numpy(object)
    brands = brands.reshape(len(catalog.category_names), -1)
    return pd.DataFrame(
        {
            "user": user,
            "interest": interest,
            "category": np.array(catalog.category_names, object)[category],
            "price": np.array(PRICES, object)[people.price[user, interest]],
            "brand": brands[category, people.brand[user, interest]],
            "strength": people.strength[user, interest],
            "last_strength": last[user, interest],
        }
    )


def _interest_of(people: _People, shelves: Shelves) -> np.ndarray:
    """Which interest a category belongs to, int64 [U, C]; -1 for none."""
    table = np.full((len(people.count), len(shelves.appeal)), -1)
    user, interest = np.nonzero(people.strength)
    table[user, people.category[user, interest]] = interest
    return table


def _choose(rng: np.random.Generator, cumulative: np.ndarray) -> np.ndarray:
    """A column of each row by its running totals [n, M], never one of weight 0."""
    point = rng.random(len(cumulative)) * cumulative[:, -1]
    return (cumulative <= point[:, None]).sum(axis=1).clip(max=cumulative.shape[1] - 1)


def _latest(marked: np.ndarray) -> np.ndarray:
    """For each place the last marked place up to it; place 0 counts as marked."""
    return np.maximum.accumulate(np.where(marked, np.arange(len(marked)), 0))


def _require(name: str, value: float, low: float, high: float | None) -> None:
    if value < low or (high is not None and value > high) or value != value:
        limits = f"{low} or more" if high is None else f"{low} to {high}"
        raise ValueError(f"{name} is {value!r}: expected {limits}")
