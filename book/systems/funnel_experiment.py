"""The long runs behind the chapter on the funnel: `make experiments`.

Retrieve with ComiRec-SA, four interests; keep the ranker's best M; show a list.
On three worlds of the shop. DIN learns from negatives of the whole catalog or
of what retrieval finds, in three ways; its rivals and what is counted rank the
same candidates, and what is counted makes whole lists, too. Every trained
ranker tries as many learning rates; validation chooses; the values of every
test user are stored in funnel_runs.npz.
"""

import sys
from functools import cache

import numpy as np
import torch

from seqviz.data import (
    batches,
    click_batches,
    click_chances,
    load_shop,
    ranking_rows,
)
from seqviz.experiments import Study, baselines, evaluate, run_study
from seqviz.experiments.recommend import recommend
from seqviz.experiments.runs import Run
from seqviz.experiments.tasks import retail_cut, shop_world
from seqviz.experiments.train import fit_setting
from seqviz.metrics import diversity, ndcg, recall
from seqviz.models import (
    DIN,
    BaseModel,
    ClickModel,
    ComiRecSA,
    TargetPooling,
)
from seqviz.retrieval import (
    ByModel,
    ByScores,
    Funnel,
    Greedy,
    InterestSearch,
    as_retrieved,
)

TASKS = {"shop": shop_world, "Online Retail": retail_cut}
INTERESTS, LATEST, NEGATIVES = 4, 20, 4  # T of a ranker; drawn for a click
RETRIEVER = {"epochs": 60, "patience": 5, "learning_rate": 1e-2}
VALIDATED = 300  # people, at most
WEIGHTS = (0.1, 0.3, 1.0)  # λ, beside 0
COUNTS = (
    "own counts",
    "item-kNN, with itself",
    "popular lately",
    "share of categories",
)
WHOLE = (*COUNTS, "most popular", "item-kNN", "EASE", "TIFU-kNN")


def base(catalog, width, **known):
    return BaseModel(catalog.num_items, width, **known)


def din(catalog, width, **known):
    unit = {"attention_units": (32, 16), "attention_activation": "prelu"}
    return DIN(catalog.num_items, width, **unit, **known)


def target_attention(catalog, width, **known):
    pooling = TargetPooling(2 * width)  # an id and a category
    return ClickModel(catalog.num_items, pooling, width, **known)


RANKERS = {"DIN": din, "Base": base, "target attention": target_attention}
DATA = {
    "shop": {
        **{"embedding_dim": 8, "batch_size": 1024, "examples": 10000},
        **{"length": 30, "n": 15, "ranked": 20, "listed": 10},
    },
    "Online Retail": {
        **{"embedding_dim": 8, "batch_size": 1024, "examples": 15000},
        **{"length": 50, "n": 50, "ranked": 50, "listed": 20},
    },
}
STUDY = Study(
    chapter="systems/funnel",
    date="2026-11-28",
    data={"shop": DATA["shop"]},
    levels={"shop": "worlds"},
    splits={"shop": 3},
    seeds=1,
    trials=2,
    epochs=12,
    patience=2,
    grid={"learning_rate": (3e-3, 1e-2)},
    families={
        "DIN, whole catalog": {"ranker": ("DIN",), "drawn": ("catalog",)},
        "DIN, retrieved": {"ranker": ("DIN",), "drawn": ("retrieved",)},
        "DIN, as shown": {"ranker": ("DIN",), "drawn": ("shown",)},
        "DIN, out of fold": {"ranker": ("DIN",), "drawn": ("out of fold",)},
        "Base, whole catalog": {"ranker": ("Base",), "drawn": ("catalog",)},
        "target attention, whole catalog": {
            **{"ranker": ("target attention",), "drawn": ("catalog",)},
        },
    },
    counts=(
        "as retrieved",
        *(f"{count} ranks" for count in COUNTS),
        *(f"{count}, whole list" for count in WHOLE),
    ),
)


def fitted(data, split, seed, train):
    """Train a first stage on some of the examples."""
    task, length = TASKS[data](split), DATA[data]["length"]
    torch.manual_seed(seed)
    width = {"shop": 16, "Online Retail": 32}[data]
    model = ComiRecSA(task.catalog.num_items, width, INTERESTS, temperature=0.1)
    fit_setting(
        model,
        batches(train, 512, length, shuffle=True, seed=seed),
        lambda m: evaluate(m, task.split.validation, at=[20], length=length)[
            "recall@20"
        ],
        RETRIEVER,
        seed,
    )
    return model.cpu().eval()


@cache
def retriever(data, split, seed):
    """Return the first stage: the same for every ranker of a seed."""
    return fitted(data, split, seed, TASKS[data](split).split.train)


def search(data, split, seed):
    """Return the first stage as it serves."""
    own = DATA[data]
    model = retriever(data, split, seed)
    return InterestSearch(model, own["n"], length=own["length"])


def found(model, examples, data):
    """Return what a first stage finds for every example: [B, C]."""
    own = DATA[data]
    find = InterestSearch(model, own["n"], length=own["length"])
    parts = [find(b).items for b in batches(examples, 512, own["length"])]
    return torch.cat(parts).numpy()


def found_by_others(examples, data, split, seed):
    """Find with a first stage that has not learned from the example's user."""
    train = TASKS[data](split).split.train
    width = INTERESTS * DATA[data]["n"]
    result = np.zeros((len(examples), width), int)
    for fold in range(2):
        others = train.select(train.users % 2 != fold)
        model = fitted(data, split, seed, others)
        rows = examples.users % 2 == fold
        result[rows] = found(model, examples.select(rows), data)
    return result


@cache
def learned(data, split, seed, drawn):
    """Return the rows that a ranker learns from."""
    task, own = TASKS[data](split), DATA[data]
    train, num_items = task.split.train, task.catalog.num_items
    rng = np.random.default_rng(seed)
    some = train.select(np.sort(rng.choice(len(train), own["examples"])))
    options = {"negatives": NEGATIVES, "seed": seed}
    if drawn == "catalog":
        return ranking_rows(some, num_items, **options)
    if drawn == "out of fold":
        shown = found_by_others(some, data, split, seed)
    else:
        shown = found(retriever(data, split, seed), some, data)
    return ranking_rows(
        some,
        num_items,
        retrieved=shown,
        missed=drawn == "retrieved",
        **options,
    )


@cache
def asked(data, split, part):
    """Return the batches of a part, with the whole histories."""
    examples = getattr(TASKS[data](split).split, part)
    if part == "validation":  # people in no order
        examples = examples.select(slice(VALIDATED))
    longest = int(examples.histories.lengths.max())
    return list(batches(examples, 64, longest))


def traces(data, split, seed, part, rank, weight=0.0):
    """Send everybody of a part through the funnel."""
    own, catalog = DATA[data], TASKS[data](split).catalog
    categories = torch.as_tensor(np.array(catalog.category_ids))
    funnel = Funnel(search(data, split, seed), rank, Greedy(categories, weight))
    for batch in asked(data, split, part):
        yield batch, funnel(batch, own["ranked"], own["listed"])


def of_list(listed, truths):
    """Recall and NDCG of lists [B, N]."""
    hits = (listed[:, :, None] == truths[:, None]).any(2) & (listed > 0)
    number = (truths > 0).sum(1)
    return {"recall@N": recall(hits, number), "ndcg@N": ndcg(hits, number)}


def of_trace(batch, trace):
    """What is measured of each user, [B] by its name."""
    ceilings = trace.ceilings(batch.truths)
    names = ("perfect", "retrieved", "kept")
    return {
        **of_list(trace.listed, batch.truths),
        **dict(zip(names, ceilings.T, strict=False)),
    }


def gathered(parts):
    """Join the batches' values: name to [U]."""
    parts = list(parts)
    return {
        name: torch.cat([part[name].float() for part in parts]).numpy()
        for name in parts[0]
    }


def measured(data, split, seed, part, rank):
    """Return the values of a part's users without re-ranking."""
    return gathered(
        of_trace(*pair) for pair in traces(data, split, seed, part, rank)
    )


def varied(data, split, seed, rank, row, users):
    """Measure the test users' lists with several λ, too."""
    task = TASKS[data](split)
    categories = torch.as_tensor(np.array(task.catalog.category_ids))
    for weight in (0.0, *WEIGHTS):
        parts = [
            {
                "recall": of_list(trace.listed, batch.truths)["recall@N"],
                "diversity": diversity(categories[trace.listed]),
            }
            for batch, trace in traces(data, split, seed, "test", rank, weight)
        ]
        values = gathered(parts)
        users[f"recall@N, λ = {weight:g}"] = values["recall"]
        row[f"diversity@N, λ = {weight:g}"] = float(values["diversity"].mean())


def run_of(name, row, users):
    """Return a run with who its users are."""
    task = TASKS[name["data"]](name["split"])
    people = task.split.test.users.astype(np.int32)
    return Run(name, row, {"user": people, **users})


def train(name):
    """Train a ranker and send the test users through its funnel."""
    data, split, seed = name["data"], name["split"], name["seed"]
    setting = name["setting"]
    task = TASKS[data](split)
    torch.manual_seed(seed)
    model = RANKERS[setting["ranker"]](
        task.catalog,
        setting["embedding_dim"],
        item_features=torch.from_numpy(task.catalog.category_ids)[:, None],
        hidden_units=(64, 32),
    )
    rows = learned(data, split, seed, setting["drawn"])

    def validate(model):
        rank = ByModel(model, length=LATEST)
        found = measured(data, split, seed, "validation", rank)
        return float(found["recall@N"].mean())

    rows = click_batches(
        rows, setting["batch_size"], LATEST, shuffle=True, seed=seed
    )
    row = fit_setting(model, rows, validate, setting, seed)
    rank = ByModel(model.cpu(), length=LATEST)
    users = measured(data, split, seed, "test", rank)
    if name["model"] == "DIN, whole catalog":
        varied(data, split, seed, rank, row, users)
    return run_of(name, row, users)


def count(name):
    """Measure what is counted, as a ranker or as the whole list."""
    data, split, model = name["data"], name["split"], name["model"]
    task = TASKS[data](split)
    if model == "as retrieved":
        users = measured(data, split, 0, "test", as_retrieved)
        if data == "shop":
            users |= truth(data, split)
        return run_of(name, {}, users)
    kind = model.removesuffix(" ranks").removesuffix(", whole list")

    def values(recommender, part):
        if model.endswith(" ranks"):
            return measured(data, split, 0, part, ByScores(recommender))
        size = DATA[data]["listed"]
        return gathered(
            of_list(recommend(recommender, batch, size), batch.truths)
            for batch in asked(data, split, part)
        )

    tried = {
        setting: (values(one, "validation")["recall@N"].mean(), one)
        for setting, one in baselines.COUNTS[kind](task).items()
    }
    chosen = max(tried, key=lambda setting: tried[setting][0])
    best, recommender = tried[chosen]
    row = {"validation": float(best), "chosen": chosen}
    return run_of(name, row, values(recommender, "test"))


def truth(data, split):
    """Rank by the true chances: the best that can be known of a user."""
    chances = torch.from_numpy(click_chances(load_shop(seed=split), split))

    def rank(batch, found):
        return chances[batch.users].gather(1, found.items)

    users = measured(data, split, 0, "test", rank)
    size = DATA[data]["listed"]
    whole = gathered(
        of_list(chances[batch.users].topk(size).indices, batch.truths)
        for batch in asked(data, split, "test")
    )
    return {
        "recall@N, true chances": users["recall@N"],
        "kept, true chances": users["kept"],
        "recall@N, true chances, whole list": whole["recall@N"],
    }


def do(name):
    """Make the run of a name."""
    return train(name) if name["model"] in STUDY.families else count(name)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
