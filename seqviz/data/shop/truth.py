"""What the shop's users would click, as their true interests have it."""

from __future__ import annotations

import numpy as np

from seqviz.arguments import require_whole
from seqviz.data.shop.products import PRICES
from seqviz.data.shop.shelves import Shelves, taste
from seqviz.data.shop.world import POPULARITY_SKEW, Shop


def click_chances(shop: Shop, seed: int) -> np.ndarray:
    r"""The true chance that a user's next fresh click is an item: ``[U, N + 1]``.

    .. math:: P(i \mid u) = \sum_k \pi_{u,k} \;
       \frac{\text{pop}(i) \, \text{taste}(i, k)}
            {\sum_j \text{pop}(j) \, \text{taste}(j, k)}

    with the strengths of her last session. It knows nothing of what was on her mind a
    moment ago, of companions, of repeats and of slips. Each row sums to 1; padding has
    chance 0.

    Args:
        shop: what ``load_shop`` returned.
        seed: the one it was given; a shop does not know its own.

    Raises:
        TypeError, ValueError: ``seed`` is no whole number of at least 0.

    Example:
        >>> shop = load_shop(num_users=40)
        >>> chances = click_chances(shop, seed=7)
        >>> chances.shape, bool(np.allclose(chances.sum(1), 1))
        ((40, 241), True)
    """
    require_whole(low=0, seed=seed)
    world = np.random.default_rng([seed, 0])  # the stream that made the shelves
    shelves = Shelves(shop.catalog, world, POPULARITY_SKEW)
    table = shop.interests
    names = np.array(shop.catalog.category_names)
    category = (names == table["category"].to_numpy(str)[:, None]).argmax(1)
    price = (np.array(PRICES) == table["price"].to_numpy(str)[:, None]).argmax(1)
    brand_names = np.append("", shop.catalog.table["brand"].to_numpy(str))
    same_brand = brand_names == table["brand"].to_numpy(str)[:, None]  # [I, N + 1]
    liking = taste(shelves.price, ~same_brand, price[:, None], 0)
    liking *= (shelves.category == category[:, None]) * shelves.popularity
    liking /= liking.sum(1, keepdims=True)
    chances = np.zeros((shop.interactions.num_users, len(shelves.popularity)))
    strength = table["last_strength"].to_numpy()[:, None]
    np.add.at(chances, table["user"].to_numpy(), strength * liking)
    return chances
