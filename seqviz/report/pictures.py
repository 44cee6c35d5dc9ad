"""Explorers on the log's own users: interests, attention, the list with λ."""

import numpy as np
import torch

from seqviz.data import batches
from seqviz.experiments import Recommender, recommend
from seqviz.experiments.recommend import best_items
from seqviz.explorers import (
    AttentionExplorer,
    DiversityExplorer,
    Explorer,
    InterestExplorer,
    Reading,
)
from seqviz.metrics import diversity, recall
from seqviz.models import ComiRecSA, SASRec
from seqviz.report.counts import allowed
from seqviz.report.labels import Labels
from seqviz.report.measures import METRIC, longest
from seqviz.report.reading import Log
from seqviz.report.trials import Method, Trials, Tried
from seqviz.retrieval import greedy_diversity

PEOPLE = 6
SHOWN = 16  # clicks of a person
ITEMS = 800  # whose vectors travel with the page
CANDIDATES = 50
LENGTHS = (10, 20)


def recommender_of(method: Method, log: Log, trials: Trials) -> Recommender:
    """The method itself: trained weights, or the count made again."""
    if method.trained:
        return trials.weights(method.runs[0])
    return allowed(log)[0][method.name](log.task)[method.setting[""]]


def interests(
    log: Log, tried: Tried, trials: Trials, labels: Labels
) -> Explorer | None:
    """How the better ComiRec-SA reads some users; None if none was trained."""
    method = _best(tried, "ComiRec-SA", "ComiRec-SA, nearest")
    if method is None:
        return None
    model = trials.weights(method.runs[0])
    assert isinstance(model, ComiRecSA)
    ids, users = _people(log)
    with torch.no_grad():
        logits = model.attention.logits(model.embedding(ids))  # [U, K, T]
        wanted = model.scaled_interests(ids) @ model.item_vectors().T  # [U, K, N + 1]
    wanted[..., 0] = -torch.inf
    wanted = wanted.scatter(2, ids[:, None].expand(-1, wanted.shape[1], -1), -torch.inf)
    few = min(10, wanted.shape[2] - 1)
    counts = np.bincount(
        log.task.interactions.table["item"], minlength=len(labels.titles)
    )
    chosen = [ids.flatten().numpy(), wanted.topk(few).indices.flatten().numpy()]
    popular = np.argsort(-counts, kind="stable")[:ITEMS]
    # their clicks and finds first, then what everybody knows
    kept = list(dict.fromkeys(i for i in np.concatenate([*chosen, popular]) if i))
    kept = np.sort(np.array(kept[:ITEMS]))
    place = np.zeros(len(labels.titles), np.int64)
    place[kept] = np.arange(1, len(kept) + 1)
    shown = torch.from_numpy(np.append(0, kept))
    vectors = model.item_vectors().detach()[shown].half()
    names = log.task.catalog.category_names
    kinds = [""] * (len(kept) + 1)
    if len(names) > 1:
        kinds = ["", *(names[c - 1] for c in log.task.catalog.category_ids[kept])]
    return InterestExplorer(
        place[ids.numpy()],
        Reading(logits, vectors),
        [labels.titles[i] for i in shown],
        kinds,
        users=labels.users(users),
        title="How a history is shared among interests",
        caption=(
            f"Test users as *{method.name}* reads them, with {logits.shape[1]} "
            f"interests. Retrieved are the nearest of {len(kept):,} items: theirs, and "
            "the most frequent. Take a click out: which interest moves, and what does "
            "it find then?"
        ),
    )


def attention(
    log: Log, tried: Tried, trials: Trials, labels: Labels
) -> Explorer | None:
    """What SASRec's positions read; None if it was not trained."""
    method = _best(tried, "SASRec")
    if method is None:
        return None
    model = trials.weights(method.runs[0])
    assert isinstance(model, SASRec)
    ids, users = _people(log)
    with torch.no_grad():
        weights = model.weights(ids).flatten(1, 2)  # [U, blocks · H, T, T]
    blocks, heads = len(model.blocks), weights.shape[1] // len(model.blocks)
    # the softmax of a logarithm of weights is the weights
    scores = weights.clamp(min=1e-9).log()
    return AttentionExplorer(
        scores,
        [[labels.titles[i] for i in row] for row in ids.tolist()],
        mask=(ids != 0).numpy(),
        causal=True,
        heads=[
            f"{b + 1}" if heads == 1 else f"{b + 1}.{h + 1}"
            for b in range(blocks)
            for h in range(heads)
        ],
        head_label="Block" if heads == 1 else "Block and head",
        users=labels.users(users),
        title="What each click reads of those before it",
        caption=(
            "*SASRec* on the same users: a row is a click that asks, a column one that "
            "it may read. Which blocks look at the latest click, and which far back?"
        ),
    )


def list_with_weight(
    log: Log, method: Method, trials: Trials, labels: Labels
) -> Explorer | None:
    """The leader's list as λ rises; None where the log has no categories."""
    catalog = log.task.catalog
    if len(catalog.category_names) < 2 or catalog.num_items < 2 * LENGTHS[0]:
        return None
    length, asked = longest(log), log.task.split.test
    if method.trained:
        length, asked = trials.length, trials.rows.task(method.name).split.test
    recommender = recommender_of(method, log, trials)
    found = min(CANDIDATES, catalog.num_items)
    of_item = torch.from_numpy(catalog.category_ids)
    lengths = [n for n in LENGTHS if n <= found]
    parts = []
    for batch in batches(asked, 128, length):
        with torch.no_grad():
            scores = recommender.scores(batch)
        items = best_items(scores, found)
        top = scores.gather(1, items).double()
        parts.append((items, top, batch.truths))
    spread = float(torch.cat([t[:, 0] - t[:, -1] for _, t, _ in parts]).median())
    largest = min(float(f"{max(spread, 1e-6) / 2:.1g}"), 1e5)
    weights = [0, *(largest * share for share in (0.05, 0.1, 0.2, 0.4, 0.7, 1))]
    curves = {n: _curve(parts, of_item, n, weights) for n in lengths}
    ids, users = _people(log)
    rows = np.flatnonzero(np.isin(asked.users, users))
    shown = asked.select(rows)
    (batch,) = batches(shown, len(rows), length)
    with torch.no_grad():
        scores = recommender.scores(batch)
    items = recommend(recommender, batch, found)
    top = scores.gather(1, items).double()
    names = ["", *catalog.category_names]
    relevant = (items[:, :, None] == batch.truths[:, None]).any(2)
    return DiversityExplorer(
        [[labels.titles[i] for i in row] for row in items.tolist()],
        top,
        [[names[catalog.category_ids[i]] for i in row] for row in items.tolist()],
        relevant=relevant,
        curves=curves,
        curve_label=f"{len(asked):,} test users",
        lengths=lengths,
        users=labels.users(shown.users),
        largest=largest,
        title="One weight trades what is likely for variety",
        caption=(
            f"The list of *{method.name}*, the {found} best candidates of each user "
            "re-ranked. A shaded tile would not be there by its score alone. Raise λ: "
            "how much variety is there before recall falls?"
        ),
    )


def _curve(
    parts: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]],
    of_item: torch.Tensor,
    n: int,
    weights: list[float],
) -> np.ndarray:
    """Mean recall and diversity of the list by weight: ``[P, 3]``."""
    points = []
    for weight in weights:
        values = []
        for items, scores, truths in parts:
            columns = greedy_diversity(scores, of_item[items], n, weight)
            listed = items.gather(1, columns)
            hits = (listed[:, :, None] == truths[:, None]).any(2)
            own = recall(hits, (truths > 0).sum(1)), diversity(of_item[listed])
            values.append(torch.stack([own[0].double(), own[1].double()], 1))
        points.append([weight, *torch.cat(values).mean(0).tolist()])
    return np.array(points)


def _people(log: Log) -> tuple[torch.Tensor, np.ndarray]:
    """Histories ``[U, T]`` of some test users, neither short nor long, and who."""
    test = log.task.split.test
    lengths = test.histories.lengths
    away = np.abs(lengths - SHOWN * 3 // 4)
    rows = np.sort(np.argsort(away, kind="stable")[:PEOPLE])
    length = int(np.clip(lengths[rows].max(), 2, SHOWN))
    ids = torch.from_numpy(test.histories.select(rows).pad(length)[0])
    return ids, test.users[rows]


def _best(tried: Tried, *names: str) -> Method | None:
    own = [m for m in tried.methods if m.name in names]
    means = [m.values("validation", METRIC).mean() for m in own]
    return own[int(np.argmax(means))] if own else None
