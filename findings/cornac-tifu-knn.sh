#!/bin/sh
# TIFU-KNN's neighbors add one number to all items: with alpha = 0 every item scores the same
#
# cornac 3.0.1, Python 3.11. The method mixes the user's own item frequencies with the
# mean of her nearest neighbors' vectors: alpha u + (1 - alpha) mean. Here the mean is
# taken over neighbors and items at once, so that it is a single number. The ranking is
# that of the user's own counts, whatever alpha (above 0) and the neighbors are; an item
# that she never bought cannot be recommended for her neighbors' sake. The docstring
# calls alpha the weight between the user and her neighbors.
#
# Seen:
#   alpha 0: 1 different score among 6 items
#   alpha 0.5: the order is that of the user's own counts
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile cornac==3.0.1
"$place/bin/python" -W ignore - <<'PY'
import numpy as np
from cornac.data import BasketDataset
from cornac.models import TIFUKNN

# Users 1 and 2 buy alike; user 3 buys other things. The last basket is the truth.
bought = {1: ["ab", "abc", "a"], 2: ["ab", "abd", "a"], 3: ["ef", "efc", "e"]}
rows = [
    (user, f"{user}-{place}", item)
    for user, baskets in bought.items()
    for place, basket in enumerate(baskets)
    for item in basket
]
data = BasketDataset.from_ubi(rows)


def scores(alpha):
    model = TIFUKNN(n_neighbors=2, alpha=alpha, n_groups=1).fit(data)
    history = [[data.iid_map[i] for i in basket] for basket in bought[1][:2]]
    own = model._compute_user_vector(history)
    return np.asarray(model.score(data.uid_map[1], history)), own


found, _ = scores(0.0)
different = len(np.unique(found.round(9)))
print(f"alpha 0: {different} different score among {len(found)} items")
assert different == 1
found, own = scores(0.5)
assert (np.argsort(-found, kind="stable") == np.argsort(-own, kind="stable")).all()
print("alpha 0.5: the order is that of the user's own counts")
PY
