"""A small shop with six users for the explorers: fixed by one seed."""

import numpy as np

SHOP = {
    "Running": "Trail shoes|Running socks|Race vest|Sport watch|Cap|Hydration flask"
    "|Foam roller",
    "Camping": "Two-person tent|Down sleeping bag|Gas stove|Head lamp|Sleeping mat"
    "|Camping chair|Water filter",
    "Coffee": "Espresso beans|Burr grinder|Milk jug|Pour-over kettle|Paper filters"
    "|Moka pot|Coffee scale|Cold brew bottle",
    "Baking": "Proofing basket|Bread knife|Rye flour|Dough scraper|Cake tin"
    "|Kitchen thermometer|Sourdough starter",
    "Gardening": "Tomato seeds|Hand trowel|Watering can|Potting soil|Raised bed"
    "|Pruning shears|Compost bin|Bird feeder",
    "Board games": "Card sleeves|Two-player duel|Dice tower|Railway strategy game"
    "|Word party game|Puzzle of the old town, 1000 pieces|Score pad",
    "Photography": "Prime lens|Camera strap|Tripod|Memory card|Lens cloth"
    "|Camera bag|Film roll|Light meter",
    "Drawing": "Sketchbook|Pencil set|Fineliners|Watercolor box|Brush set"
    "|Kneaded eraser|Drawing board|Masking tape",
}
USERS = ["Mia", "Jonas", "Aylin", "Pedro", "Ruth", "Sam"]
LENGTH = 24


def sample():
    """Return the arguments of an InterestExplorer as a dict (readings as arrays)."""
    rng = np.random.default_rng(7)
    titles, categories = [""], [""]
    for category, names in SHOP.items():
        for name in names.split("|"):
            titles.append(name)
            categories.append(category)
    names = list(SHOP)
    category_of = np.array([-1, *(names.index(c) for c in categories[1:])])
    width = 16
    centers = rng.normal(size=(8, width))
    vectors = centers[category_of] + 0.45 * rng.normal(size=(len(titles), width))
    vectors[0] = 0
    vectors = vectors.astype(np.float32)
    item_ids = np.zeros((len(USERS), LENGTH), dtype=np.int64)
    truth = [[None] * LENGTH for _ in USERS]
    for user, clicks in enumerate([24, 17, 9, 20, 5, 13]):
        liked = rng.permutation(8)[: 2 + user % 3]
        for position in range(LENGTH - clicks, LENGTH):
            category = rng.choice(liked) if rng.random() > 0.1 else rng.integers(8)
            item_ids[user, position] = rng.choice(
                np.flatnonzero(category_of == category)
            )
            if category in liked:
                truth[user][position] = names[category].lower()
    readings = {}
    for count in (1, 2, 4):
        heads = np.array([centers[k::count].sum(axis=0) for k in range(count)])
        logits = np.einsum("ke,ute->ukt", heads, vectors[item_ids]) / 8
        logits = logits + 0.3 * rng.normal(size=logits.shape)
        readings[count] = (logits.astype(np.float32), vectors)
    return {
        "item_ids": item_ids,
        "readings": readings,
        "titles": titles,
        "categories": categories,
        "users": USERS,
        "truth": truth,
    }


def explorer(**options):
    """Return the explorer of the sample."""
    from seqviz.explorers import InterestExplorer, Reading

    arguments = sample()
    arguments["readings"] = {
        count: Reading(*arrays) for count, arrays in arguments["readings"].items()
    }
    return InterestExplorer(**{**arguments, **options})
