import pytest
import torch

from seqviz.data import Batch, ClickBatch
from seqviz.models import DIN, ComiRecSA, counting
from seqviz.retrieval import (
    ByModel,
    ByScores,
    Candidates,
    Funnel,
    Greedy,
    InterestSearch,
    ItemSearch,
    as_retrieved,
    candidates,
    greedy_diversity,
)

N = 30


def batch_of(rows, length=5, truths=None):
    """Histories, padded at the left."""
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    for row, items in zip(ids, rows, strict=True):
        if items:
            row[-len(items) :] = torch.tensor(items)
    truths = torch.ones(len(rows), 1, dtype=torch.long) if truths is None else truths
    zeros = torch.zeros(len(rows), dtype=torch.long)
    return Batch(ids, ids > 0, truths[:, 0], truths, zeros, zeros)


def found_of(items, scores=None):
    """Candidates as they stand; 0 is none."""
    items = torch.tensor(items)
    mask = items > 0
    if scores is None:
        scores = -torch.arange(items.shape[1]).float().expand(items.shape)
    scores = torch.as_tensor(scores, dtype=torch.float32)
    return Candidates(
        items, scores.masked_fill(~mask, -torch.inf), mask.long() - 1, mask
    )


def fixed(items, scores):
    """A funnel whose first two stages say what they are told."""
    found = found_of(items)
    return Funnel(lambda batch: found, lambda batch, _: torch.tensor(scores))


@pytest.fixture
def models():
    torch.manual_seed(0)
    retriever = ComiRecSA(N, 8, 3, temperature=0.1).eval()
    return retriever, DIN(N, 4, attention_units=(8,), hidden_units=(8,)).eval()


@pytest.fixture
def batch():
    return batch_of([[3, 4, 5], [9], [1, 2, 1, 2, 1], [30, 29, 28, 27]])


@pytest.mark.parametrize("method", ["exact", "flat"])
def test_equals_the_three_stages_one_user_at_a_time(models, batch, method):
    retriever, ranker = models
    kinds = torch.randint(1, 5, (N + 1,), generator=torch.Generator().manual_seed(1))
    search = ItemSearch(retriever.item_vectors(), method)
    funnel = Funnel(
        InterestSearch(retriever, 6, search),
        ByModel(ranker, chunk=5),
        Greedy(kinds, 0.3),
    )
    trace = funnel(batch, 5, 3)
    with torch.no_grad():
        interests = retriever.scaled_interests(batch.item_ids)
        scores = interests @ retriever.item_vectors()[1:].T  # [B, K, N]
    for user in range(len(batch.item_ids)):
        best = {}
        for interest in scores[user]:
            for item in interest.topk(6).indices.tolist():
                best[item + 1] = max(best.get(item + 1, -9e9), float(interest[item]))
        items = sorted(best, key=lambda item: -best[item])
        row = trace.candidates.items[user]
        assert row[row > 0].tolist() == items
        logits = []
        for item in items:
            ids = batch.item_ids[user][None]
            one = torch.tensor([item]), batch.users[:1], batch.times[:1]
            pair = ClickBatch(ids, ids > 0, *one, torch.zeros(1))
            logits.append(float(ranker.logits(pair).detach()))
        order = sorted(range(len(items)), key=lambda i: -logits[i])[:5]
        ranked = [items[i] for i in order]
        assert trace.ranked[user].tolist() == ranked
        columns = greedy_diversity(
            torch.tensor([[logits[i] for i in order]]), kinds[ranked][None], 3, 0.3
        )[0]
        assert trace.listed[user].tolist() == [ranked[c] for c in columns]


def test_the_first_stage_is_the_search(models, batch):
    retriever, _ = models
    own = InterestSearch(retriever, 4)(batch)
    with torch.no_grad():
        interests = retriever.scaled_interests(batch.item_ids)
    expected = candidates(ItemSearch(retriever.item_vectors()), interests, 4)
    for one, other in zip(own, expected, strict=True):
        assert torch.equal(one, other)


def test_what_several_interests_found_stands_once(models, batch):
    trace = Funnel(InterestSearch(models[0], N), as_retrieved)(batch, N, N)
    for ids in trace.stages.values():
        for row in ids.tolist():
            real = [item for item in row if item]
            assert sorted(real) == list(range(1, N + 1))


def test_a_model_is_left_in_the_mode_it_was_in(models, batch):
    retriever, ranker = models
    retriever.train()
    funnel = Funnel(InterestSearch(retriever, 3), ByModel(ranker.train()))
    once, again = funnel(batch, 4, 2), funnel(batch, 4, 2)
    assert torch.equal(once.scores, again.scores)
    assert retriever.training and ranker.training
    assert not once.scores.requires_grad


def test_the_truths_are_not_read(models, batch):
    funnel = Funnel(InterestSearch(models[0], 3), ByModel(models[1]))
    other = batch._replace(target_ids=batch.target_ids + 7, truths=batch.truths + 7)
    assert torch.equal(funnel(batch, 4, 3).listed, funnel(other, 4, 3).listed)


def test_fewer_candidates_than_places():
    funnel = fixed([[4, 9, 0], [7, 0, 0], [0, 0, 0]], [[1.0, 2.0, 9.0]] * 3)
    trace = funnel(batch_of([[1]] * 3), 5, 4)
    assert trace.ranked.tolist() == [[9, 4, 0, 0, 0], [7] + [0] * 4, [0] * 5]
    assert trace.listed.tolist() == [[9, 4, 0, 0], [7, 0, 0, 0], [0] * 4]


@pytest.mark.parametrize("weight", [0, 0.5, 100.0])
def test_empty_places_come_last_whatever_lambda_is(weight):
    kinds = torch.tensor([0, 1, 1, 1, 1, 2])
    found = found_of([[1, 2, 3, 4, 0, 0], [1, 2, 3, 4, 5, 0]])
    funnel = Funnel(
        lambda batch: found,
        lambda batch, _: torch.tensor([[4.0, 3, 2, 1, 0, 0], [4.0, 3, 2, 1, -9, 0]]),
        Greedy(kinds, weight),
    )
    first, second = funnel(batch_of([[1]] * 2), 6, 5).listed.tolist()
    assert first == [1, 2, 3, 4, 0]
    assert sorted(second) == [1, 2, 3, 4, 5]
    assert second.index(5) == (1 if weight == 100 else 4)


def test_greedy_is_the_re_ranking_where_nobody_has_too_few():
    torch.manual_seed(2)
    kinds = torch.randint(1, 4, (N + 1,))
    items = torch.stack([torch.randperm(N)[:12] + 1 for _ in range(40)])
    scores = torch.randn(40, 12)
    mask = torch.ones_like(items, dtype=torch.bool)
    own = Greedy(kinds, 0.4)(items, scores, mask, 6)
    assert torch.equal(own, greedy_diversity(scores, kinds[items], 6, 0.4))


def test_equal_scores_stay_in_the_order_of_retrieval():
    trace = fixed([[5, 2, 8, 1]], [[0.0, 1.0, 1.0, 0.0]])(batch_of([[1]]), 3, 3)
    assert trace.ranked.tolist() == [[2, 8, 5]]


def test_a_catalog_of_one_item_and_an_empty_history():
    torch.manual_seed(0)
    model = ComiRecSA(1, 4, 2)
    ranker = DIN(1, 4, attention_units=(4,), hidden_units=(4,))
    funnel = Funnel(
        InterestSearch(model, 1), ByModel(ranker), Greedy(torch.tensor([0, 1]), 1.0)
    )
    trace = funnel(batch_of([[1], []]), 2, 1)
    assert trace.candidates.items.tolist() == [[1, 0], [1, 0]]
    assert trace.listed.tolist() == [[1], [1]]


def test_a_count_ranks_what_was_retrieved():
    popular = counting.PersonalFrequency(N)
    batch = batch_of([[7, 7, 9], [3]])
    found = found_of([[3, 9, 7, 0], [9, 3, 0, 0]])
    trace = Funnel(lambda batch: found, ByScores(popular))(batch, 2, 2)
    assert trace.listed.tolist() == [[7, 9], [3, 9]]


def test_a_model_may_read_the_latest_behaviors_only(models):
    _, ranker = models
    long, short = batch_of([[3, 4, 5, 6]]), batch_of([[5, 6]], length=2)
    found = found_of([[1, 2, 3]])
    torch.testing.assert_close(
        ByModel(ranker, length=2)(long, found), ByModel(ranker)(short, found)
    )


def test_places_follow_an_item_through_the_stages():
    trace = fixed([[5, 2, 8, 1], [3, 4, 0, 0]], [[0.0, 1, 3, 2], [1.0, 2, 0, 0]])(
        batch_of([[1]] * 2), 3, 2
    )
    assert trace.stages["retrieved"].tolist() == [[5, 2, 8, 1], [3, 4, 0, 0]]
    places = trace.places(torch.tensor([[8, 2, 5, 9], [4, 0, 3, 8]]))
    assert places[0].tolist() == [[3, 1, 1], [2, 3, 0], [1, 0, 0], [0, 0, 0]]
    assert places[1].tolist() == [[2, 1, 1], [0, 0, 0], [1, 2, 2], [0, 0, 0]]


def test_ceilings_fall_from_stage_to_stage():
    trace = fixed([[5, 2, 8, 1], [3, 4, 0, 0]], [[0.0, 1, 3, 2], [1.0, 2, 0, 0]])(
        batch_of([[1]] * 2), 3, 2
    )
    truths = torch.tensor([[5, 2, 8, 9], [7, 0, 0, 0]])
    # three of four truths retrieved but two places; then two ranked, one listed
    assert trace.ceilings(truths).tolist() == [[0.5, 0.5, 0.5, 0.25], [1, 0, 0, 0]]


def test_ceilings_never_rise(models):
    torch.manual_seed(3)
    rows = [torch.randint(1, N + 1, (4,)).tolist() for _ in range(50)]
    truths = torch.stack([torch.randperm(N)[:6] + 1 for _ in range(50)])
    kinds = torch.randint(1, 4, (N + 1,))
    funnel = Funnel(InterestSearch(models[0], 5), ByModel(models[1]), Greedy(kinds, 1))
    trace = funnel(batch_of(rows), 8, 4)
    found = trace.ceilings(truths)
    assert (found.diff(dim=1) <= 0).all()
    assert (found.diff(dim=1) < 0).any(0).all()
    hits = (trace.listed[:, :, None] == truths[:, None]).any(2).sum(1) / 6
    torch.testing.assert_close(found[:, 3], hits.double())


def test_bad_stages_are_named(batch):
    found = found_of([[1, 2]] * 4)

    def ask(rank=as_retrieved, rerank=None, retrieve=lambda batch: found, m=2, n=1):
        return Funnel(retrieve, rank, rerank)(batch, m, n)

    with pytest.raises(TypeError, match="rank must be callable, got NoneType"):
        ask(rank=None)
    with pytest.raises(ValueError, match=r"n must lie in 1..2, got 3"):
        ask(n=3)
    with pytest.raises(ValueError, match="m must be at least 1, got 0"):
        ask(m=0)
    with pytest.raises(ValueError, match=r"rank must return scores like .*\[4, 2\]"):
        ask(rank=lambda batch, found: torch.zeros(4, 3))
    with pytest.raises(ValueError, match="rank must return finite scores, got nan"):
        ask(rank=lambda batch, found: torch.full((4, 2), torch.nan))
    with pytest.raises(ValueError, match=r"rerank must return columns \[4, 1\]"):
        ask(rerank=lambda items, scores, mask, n: torch.zeros(4, 2).long())
    flat = found._replace(items=found.items[0])
    with pytest.raises(ValueError, match=r"retrieve must return candidates \[B, C\]"):
        ask(retrieve=lambda batch: flat)
    with pytest.raises(ValueError, match="n must lie in 1..30, got 31"):
        InterestSearch(ComiRecSA(N, 4, 2), 31)
    with pytest.raises(ValueError, match="diversity_weight must be"):
        Greedy(torch.tensor([0, 1]), -1)
    with pytest.raises(ValueError, match=r"categories must be whole numbers \[N"):
        Greedy(torch.zeros(3), 1)


def test_bad_truths_are_named(batch):
    trace = Funnel(lambda batch: found_of([[1, 2]] * 4), as_retrieved)(batch, 2, 1)
    with pytest.raises(ValueError, match="an item in every row, got none in 1"):
        trace.ceilings(torch.tensor([[1], [0], [1], [1]]))
    with pytest.raises(ValueError, match="an item once, got one twice in 2"):
        trace.ceilings(torch.tensor([[1, 2], [1, 0], [3, 3], [1, 0]]))
    with pytest.raises(ValueError, match=r"items must be ids \[B, R\] with B = 4"):
        trace.places(torch.tensor([1, 2, 3, 4]))
    with pytest.raises(TypeError, match="items must be whole numbers"):
        trace.places(torch.rand(4, 1))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_the_cpu(models, batch):
    kinds = torch.randint(1, 4, (N + 1,))
    here = Funnel(InterestSearch(models[0], 5), ByModel(models[1]), Greedy(kinds, 1))
    expected = here(batch, 6, 4)
    retriever, ranker = (model.cuda() for model in models)
    there = Funnel(InterestSearch(retriever, 5), ByModel(ranker), Greedy(kinds, 1))
    trace = there(Batch(*(column.cuda() for column in batch)), 6, 4)
    assert torch.equal(trace.listed.cpu(), expected.listed)
