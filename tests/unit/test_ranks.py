"""Two processes are as one: losses, weights, lists; each holds half of the table."""

import json
from datetime import timedelta

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from seqviz.data import Batch
from seqviz.experiments import fit
from seqviz.experiments.ranks import RankBatches, RankedModel
from seqviz.layers import NegativeSampler
from seqviz.models import ComiRecSA, MeanPooling
from seqviz.retrieval import ItemSearch, RankedSearch

N, STEPS, RANKS = 60, 50, 2
pytestmark = pytest.mark.skipif(not dist.is_available(), reason="no torch.distributed")


def data():
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(0, N + 1, (STEPS, 17, 5), generator=generator)
    target = ids[..., -1].clamp(min=1)
    return [
        Batch(i, i != 0, t, t[:, None], t, t) for i, t in zip(ids, target, strict=True)
    ]


def made(make):
    torch.manual_seed(0)
    return make(N, 8, sampler=NegativeSampler.uniform(N), num_negatives=6)


def trained(model, batches):
    """The loss of each step, and the table."""
    losses, loss = [], model.loss

    def noted(batch):
        losses.append(loss(batch))
        return losses[-1]

    model.loss = noted
    options = {"epochs": 1, "learning_rate": 0.02, "seed": 5, "device": "cpu"}
    fit(model, batches, table_optimizer="rows", progress=False, **options)
    return [x.item() for x in losses]


def asked():
    """Items, queries, a method with its options, and how many are wanted."""
    torch.manual_seed(3)
    items, query = torch.randn(N + 1, 8), torch.randn(9, 8)
    items[0] = 100  # padding is never found
    return [
        (items, query, "exact", {}, 10),
        (items, query, "flat", {}, N),
        (items, query, "ivf", {"cells": 3, "probes": 3}, 10),
        (items[:4], query, "exact", {}, 3),  # a rank has one item, the other two
        (items, query, "ivf", {"cells": 9, "probes": 1}, N),
    ]


def rank_main(rank, place):
    """What a rank does; spawned, so it imports this file anew."""
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo",
        init_method=f"file://{place}/meeting",
        rank=rank,
        world_size=RANKS,
        timeout=timedelta(minutes=10),  # a busy machine
    )
    try:
        found = {}
        for make in (ComiRecSA, MeanPooling):
            model = RankedModel(made(make))
            losses = trained(model, RankBatches(data()))
            table = model.model.embedding
            with torch.no_grad():
                whole, items = table.weight, model.model.item_vectors()
            state = {k: v.tolist() for k, v in model.state_dict().items()}
            found[make.__name__] = {
                "losses": losses,
                "whole": whole.tolist(),
                "same": torch.equal(whole, items),
                "shard": list(table.shard.shape),
                "states": [len(v) for k, v in state.items() if k.endswith("shard")],
                "others": {k: v for k, v in state.items() if not k.endswith("shard")},
            }
            with pytest.raises(RuntimeError, match="read whole only under"):
                model.model.item_vectors()
            with pytest.raises(RuntimeError, match="only fit, which moves"):
                table(torch.tensor([1]))
        found["lists"] = [
            [part.tolist() for part in RankedSearch(items, method, **own).top(query, n)]
            for items, query, method, own, n in asked()
        ]
        with pytest.raises(ValueError, match="an item for each of the 2 ranks"):
            RankedSearch(torch.zeros(2, 8))
        with open(f"{place}/{rank}.json", "w") as file:
            json.dump(found, file)
    finally:
        dist.destroy_process_group()


def test_two_ranks_train_and_search_as_one_process(tmp_path):
    mp.start_processes(rank_main, (str(tmp_path),), RANKS, start_method="spawn")
    ranks = [json.loads((tmp_path / f"{r}.json").read_text()) for r in range(RANKS)]
    for make in (ComiRecSA, MeanPooling):
        model = made(make)
        even = [batch._make(c[:16] for c in batch) for batch in data()]
        losses = torch.tensor(trained(model, even))
        first, second = (rank[make.__name__] for rank in ranks)
        together = (torch.tensor(first["losses"]) + torch.tensor(second["losses"])) / 2
        torch.testing.assert_close(together, losses, rtol=0, atol=1e-5)
        assert losses[-9:].mean() < losses[:9].mean() - 0.1 and len(losses) == STEPS
        assert first["losses"] != second["losses"]
        weight = model.embedding.weight.detach()
        for rank in (first, second):
            close = {"rtol": 0, "atol": 1e-4}
            torch.testing.assert_close(torch.tensor(rank["whole"]), weight, **close)
            assert rank["same"]
        assert [first["shard"], second["shard"]] == [[31, 8], [30, 8]]  # 61 rows
        assert first["states"] == [31]
        assert first["others"] == second["others"]
    assert ranks[0]["lists"] == ranks[1]["lists"]
    for (items, query, *_, n), (scores, ids) in zip(
        asked()[:-1], ranks[0]["lists"], strict=False
    ):
        wanted = ItemSearch(items).top(query, n)
        torch.testing.assert_close(torch.tensor(scores), wanted[0])
        assert ids == wanted[1].tolist()
    scores, ids = map(torch.tensor, ranks[0]["lists"][-1])
    missing = ids == 0  # of an index that looks into one cell
    assert missing.any() and torch.equal(missing, scores == -torch.inf)
    assert (missing.int().diff(dim=1) >= 0).all()  # at the end of the list
