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
(.10, .25, .30, .20, .15), or as many as ``num_interests`` says. Interest :math:`k` is a
category :math:`c_k` (without repetition, by appeal) with a liked price band and a liked
brand (uniform). Her strengths are :math:`\pi_u \sim \text{Dirichlet}(a, \dots)` with
``evenness`` a = 1.5, sorted, so that interest 0 is strongest at first. An item suits an
interest by

.. math:: \text{taste}(i, k) = [c_i = c_k] \;
   \tfrac12^{[b_i \ne b_k]} \; \tfrac12^{[m_i \ne m_k]} .

**Sessions.** The number of a user's own clicks is log-normal (``median_clicks`` 22,
sigma .6, cut to 3..300). Each begins a new session with probability 1/6. Inside a
session the gap is 20 s + Exp(70 s), at most 25 min. Between sessions it is, with
probability .6, log-normal (median 10 hours, sigma .8), else Exp(10 days), and at least
1 hour: bursts, and the rule "a gap of 30 minutes ends a session" finds the sessions
exactly. Users arrive uniformly over the first 90 days of 2024.

**Drift.** The log-strengths take a random step before each later session :math:`s`:

.. math:: \pi_{u,s} = \text{softmax}\Big(\log \pi_u + \sum_{r \le s} \xi_r\Big),
   \qquad \xi_r \sim N(0, \delta^2 I), \; \delta = 0.3 .

**Active interest.** Sticky inside a session, drawn anew at its start:

.. math:: P(z_{n+1} = k \mid z_n) = \rho\,[k = z_n] + (1 - \rho)\,\pi_{u,s,k},
   \qquad \rho = 0.7 .

**Own clicks.** With probability .05 (``misclick_rate``) the finger slips: the item is
uniform over the shop and its ``interest`` is -1. Otherwise, with probability 0
(``repeat_rate``), she clicks again what one of her earlier clicks out of the same
interest was, if there is one. Otherwise, if the interest was not drawn anew and the
last click was no slip, with probability .25 (``companion_rate``) the item is the one
that goes with the last (running socks after trail shoes). Otherwise

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

from seqviz.arguments import require_number, require_whole
from seqviz.data.shop.products import NUM_NAMED, PRICES, shop_catalog
from seqviz.data.shop.shelves import Shelves, taste
from seqviz.data.shop.shoppers import (
    Clicks,
    People,
    draw_clicks,
    draw_people,
    interest_of,
)
from seqviz.data.tables import Catalog, Interactions

POPULARITY_SKEW = 0.8
SLIP_ON_SHOWN = 0.01
CART_RATE = 0.15
KINDS = ("click", "impression", "cart")


class Shop(NamedTuple):
    """The shop's events and items, and the truth behind them.

    Example:
        >>> shop = load_shop(num_users=40)
        >>> shop._fields
        ('name', 'interactions', 'catalog', 'interests')
    """

    name: str
    interactions: Interactions
    catalog: Catalog
    interests: pd.DataFrame
    """One row for each interest: ``user``, ``interest`` (0, 1, ...), ``category``,
    ``price``, ``brand``, ``strength`` (at her first session) and ``last_strength``."""


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
    num_interests: int | None = None,
    evenness: float = 1.5,
    median_clicks: float = 22,
    repeat_rate: float = 0.0,
) -> Shop:
    """Builds the shop by the equations at the head of ``seqviz.data.shop``.

    Each part of the world has a random stream of its own: changing ``impressions``
    leaves the users' own clicks as they are. A user has about 80 events on average,
    so 12,500 users give a million.

    Args:
        num_users: U.
        seed: which world.
        num_items: N, at least 240; items beyond are numbered copies.
        impressions: items shown after each own click, 0 to 10.
        misclick_rate: the share of own clicks that are slips, 0 to 1.
        companion_rate: how often a click follows what goes with the last one, 0 to 1.
        stickiness: rho, how often the active interest stays, 0 to 1.
        drift: delta, the step of the log-strengths from session to session.
        num_interests: of each user, 1 to 12; 1 to 5 by chance if not given.
        evenness: a, of the strengths; near 0 one interest has nearly all.
        median_clicks: of the number of a user's own clicks, 3 to 300.
        repeat_rate: how often a click is an earlier one again, 0 to 1.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> shop = load_shop(num_users=40)
        >>> shop.interactions.num_users, shop.catalog.num_items, shop.catalog.titles[1]
        (40, 240, 'trail shoes')
    """
    require_whole(num_users=num_users)
    require_whole(low=0, seed=seed)
    require_whole(low=0, high=10, impressions=impressions)
    require_number(low=0, high=1, misclick_rate=misclick_rate)
    require_number(low=0, high=1, companion_rate=companion_rate)
    require_number(low=0, high=1, stickiness=stickiness)
    require_number(low=0, drift=drift)
    require_number(low=0, ends=False, evenness=evenness)
    require_number(low=3, high=300, median_clicks=median_clicks)
    require_number(low=0, high=1, repeat_rate=repeat_rate)
    world, birth, mind, shown, cart, again = (
        np.random.default_rng([seed, part]) for part in range(6)
    )
    catalog = shop_catalog(num_items)
    if num_interests is not None:
        most = len(catalog.category_names)
        require_whole(high=most, num_interests=num_interests)
    shelves = Shelves(catalog, world, POPULARITY_SKEW)
    people = draw_people(birth, num_users, shelves, num_interests, evenness)
    goes_with = np.append(0, catalog.table["goes_with"].to_numpy())
    clicks = draw_clicks(
        mind,
        people,
        shelves,
        goes_with,
        misclick_rate,
        companion_rate,
        stickiness,
        drift,
        median_clicks,
        (again, repeat_rate),
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


def _own(clicks: Clicks) -> pd.DataFrame:
    interest = np.where(clicks.slip, -1, clicks.active)
    return _events(clicks, slice(None), 0, clicks.item, 0, interest, np.nan)


def _shown(
    rng: np.random.Generator,
    people: People,
    shelves: Shelves,
    clicks: Clicks,
    impressions: int,
    stickiness: float,
) -> pd.DataFrame:
    row = np.repeat(np.arange(len(clicks.user)), impressions)
    user = clicks.user[row]
    aimed = (rng.random(len(row)) * people.count[user]).astype(np.int64)
    near = shelves.draw_category(rng, people.category[user, aimed])
    item = np.where(rng.random(len(row)) < 0.5, near, shelves.draw_any(rng, len(row)))

    interest = interest_of(people, shelves)[user, shelves.category[item]]
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
    people: People,
    shelves: Shelves,
    clicks: Clicks,
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
    clicks: Clicks,
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


def _truth(people: People, clicks: Clicks, catalog: Catalog) -> pd.DataFrame:
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
