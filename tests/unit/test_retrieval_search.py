import pytest
import torch

from seqviz.retrieval.search import (
    METHODS,
    ItemSearch,
    candidates,
    join,
    search_recall,
)


@pytest.fixture
def items():
    torch.manual_seed(0)
    return torch.randn(401, 8)


@pytest.mark.parametrize("method", METHODS)
def test_finds_the_largest_inner_products(items, method):
    query = torch.randn(30, 8)
    items[0] = 100 * query[0]  # padding is never found
    expected = (query @ items[1:].T).topk(10, dim=1)
    scores, ids = ItemSearch(items, method, probes=10_000, effort=400).top(query, 10)
    assert search_recall(ids, expected.indices + 1).mean() > 0.95
    assert ids.min() >= 1
    torch.testing.assert_close(scores, (query @ items.T).gather(1, ids))
    if method != "hnsw":
        torch.testing.assert_close(scores, expected.values)


def test_fewer_cells_find_less(items):
    query = torch.randn(30, 8)
    exact = ItemSearch(items).top(query, 10)[1]
    recall = [
        search_recall(
            ItemSearch(items, "ivf", probes=p).top(query, 10)[1], exact
        ).mean()
        for p in (1, 20)
    ]
    assert recall[0] < recall[1] == 1


def test_an_index_may_find_fewer(items):
    scores, ids = ItemSearch(items, "ivf", cells=100, probes=1).top(items[1:31], 50)
    missing = ids == 0
    assert missing.any() and not missing.all()
    assert torch.equal(missing, scores == -torch.inf)


@pytest.mark.parametrize("size", ["chunk", "cells", "probes", "links", "effort"])
def test_sizes_start_at_one(items, size):
    with pytest.raises(ValueError, match=f"{size} must be at least 1, got 0"):
        ItemSearch(items, "ivf", **{size: 0})


def test_bad_input_is_named(items):
    with pytest.raises(ValueError, match="method must be one of"):
        ItemSearch(items, "annoy")
    with pytest.raises(ValueError, match="cells must lie in 1..400, got 401"):
        ItemSearch(items, "ivf", cells=401)
    with pytest.raises(ValueError, match=r"item_vectors must be \[N \+ 1, E\]"):
        ItemSearch(items[0])
    search = ItemSearch(items)
    with pytest.raises(ValueError, match=r"query must be \[Q, 8\], got \[2, 7\]"):
        search.top(torch.zeros(2, 7), 1)
    for n in (0, 401):
        with pytest.raises(ValueError, match=f"n must lie in 1..400, got {n}"):
            search.top(torch.zeros(2, 8), n)
        with pytest.raises(ValueError, match=f"n must lie in 1..400, got {n}"):
            candidates(search, torch.zeros(2, 4, 8), n)
    with pytest.raises(ValueError, match=r"interests must be \[B, K, E\]"):
        candidates(search, torch.zeros(2, 8), 3)
    with pytest.raises(ValueError, match=r"seen must be \[B, T\] with B = 2"):
        candidates(search, torch.zeros(2, 4, 8), 3, seen=torch.zeros(3, 5).long())
    with pytest.raises(ValueError, match="seen must lie in 0..400, got 401..401"):
        candidates(search, torch.zeros(2, 4, 8), 3, seen=torch.full((2, 1), 401))
    with pytest.raises(TypeError, match="seen must be whole numbers"):
        candidates(search, torch.zeros(2, 4, 8), 3, seen=torch.zeros(2, 1))
    with pytest.raises(TypeError, match="query must be torch.float32 like the items"):
        search.top(torch.zeros(2, 8).double(), 1)
    with pytest.raises(ValueError, match="query must be finite"):
        search.top(torch.full((2, 8), torch.nan), 1)
    with pytest.raises(ValueError, match="item_vectors must be finite"):
        ItemSearch(items / 0)
    with pytest.raises(ValueError, match="links must be at least 2, got 1"):
        ItemSearch(items, "hnsw", links=1)
    with pytest.raises(TypeError, match="chunk must be a whole number, got 2.5"):
        ItemSearch(items, chunk=2.5)
    with pytest.raises(ValueError, match="must both be"):
        search_recall(torch.zeros(2, 3), torch.zeros(2, 4))


@pytest.mark.parametrize("method", METHODS)
def test_candidates_equal_a_loop(items, method):
    """Dictionaries: per user, per interest, the largest score of an item."""
    interests = torch.randn(5, 3, 8)
    interests[:, 2] = interests[:, 1] + 0.1  # two that find the same items
    search = ItemSearch(items, method, probes=10_000, effort=400)
    found = candidates(search, interests, 6)
    scores, ids = search.top(interests.flatten(0, 1), 6)
    repeats = 0
    for user in range(5):
        best = {}
        for row in range(3 * user, 3 * user + 3):
            for item, score in zip(
                ids[row].tolist(), scores[row].tolist(), strict=True
            ):
                repeats += item in best
                if item not in best or score > best[item][0]:
                    best[item] = score, row - 3 * user
        expected = sorted(best.items(), key=lambda entry: -entry[1][0])
        real = found.mask[user]
        assert real.tolist() == sorted(real.tolist(), reverse=True)
        assert found.items[user, real].tolist() == [item for item, _ in expected]
        assert found.scores[user, real].tolist() == [pair[0] for _, pair in expected]
        assert found.interest[user, real].tolist() == [pair[1] for _, pair in expected]
        assert (found.items[user, ~real] == 0).all()
        assert (found.scores[user, ~real] == -torch.inf).all()
        assert (found.interest[user, ~real] == -1).all()
    assert repeats > 0


def test_the_first_n_are_the_best_of_the_maximum(items):
    interests = torch.randn(5, 3, 8)
    found = candidates(ItemSearch(items), interests, 20)
    scores = (interests @ items.T).amax(1)
    scores[:, 0] = -torch.inf
    assert torch.equal(found.items[:, :20], scores.topk(20, dim=1).indices)


def test_seen_items_make_room_for_others(items):
    interests = torch.randn(4, 2, 8)
    search = ItemSearch(items)
    before = candidates(search, interests, 6)
    seen = torch.zeros(4, 5, dtype=torch.int64)
    seen[:, :3] = before.items[:, :3]
    after = candidates(search, interests, 6, seen=seen)
    assert not (after.items[:, :, None] == seen[:, None, :3]).any()
    scores = (interests @ items.T).scatter(
        2, seen[:, None].expand(-1, 2, -1), -torch.inf
    )
    scores[:, :, 0] = -torch.inf
    assert torch.equal(after.items[:, :6], scores.amax(1).topk(6, dim=1).indices)


def test_one_who_has_seen_all_gets_nothing():
    items = torch.randn(4, 2)
    seen = torch.tensor([[1, 2, 3], [1, 2, 0]])
    found = candidates(ItemSearch(items), torch.randn(2, 2, 2), 3, seen=seen)
    assert found.mask.sum(1).tolist() == [0, 1]
    assert found.items[1, 0] == 3


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16])
def test_one_item_nobody_and_no_interest(method, dtype):
    search = ItemSearch(torch.randn(2, 8, dtype=dtype), method)
    scores, ids = search.top(torch.randn(3, 8, dtype=dtype), 1)
    assert scores.dtype == dtype and (ids == 1).all()
    seen = torch.ones(0, 4, dtype=torch.long)
    nobody = torch.zeros(0, 3, 8, dtype=dtype)
    assert candidates(search, nobody, 1, seen=seen).items.shape == (0, 3)
    none = torch.zeros(2, 0, 8, dtype=dtype)
    assert candidates(search, none, 1).items.shape == (2, 0)


def test_ids_of_int32_and_of_another_device_are_left_out(items):
    search = ItemSearch(items)
    interests = torch.randn(2, 3, 8)
    seen = torch.randint(0, 401, (2, 6))
    expected = candidates(search, interests, 5, seen=seen)
    found = candidates(search, interests, 5, seen=seen.int())
    assert torch.equal(found.items, expected.items)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("method", METHODS)
def test_items_queries_and_seen_may_lie_apart(items, method):
    torch.manual_seed(1)
    interests, seen = torch.randn(2, 3, 8), torch.randint(0, 401, (2, 6))
    options = {"probes": 10_000, "effort": 400}
    expected = candidates(ItemSearch(items, method, **options), interests, 5, seen=seen)
    for one, other, third in (("cuda", "cpu", "cpu"), ("cpu", "cuda", "cpu")):
        search = ItemSearch(items.to(one), method, **options)
        found = candidates(search, interests.to(other), 5, seen=seen.to(third))
        assert found.items.device.type == other
        assert torch.equal(found.items.cpu(), expected.items)


def test_what_was_seen_is_left_out_of_each_user_s_own_finds(items):
    torch.manual_seed(1)
    interests = torch.randn(5, 3, 8)
    seen = torch.stack([torch.randperm(400)[:7] + 1 for _ in range(5)])
    seen[0] = 0
    search = ItemSearch(items)
    for one in (seen, seen.mT.contiguous().mT):  # any strides
        found = candidates(search, interests, 4, seen=one).items
        for user in range(5):
            alone = candidates(search, interests[user : user + 1], 400).items[0]
            left = alone[~torch.isin(alone, seen[user])]
            got = found[user][found[user] > 0]
            assert len(got) >= 4 and not torch.isin(got, seen[user]).any()
            assert torch.equal(got[:4], left[:4])


def test_joined_finds_must_fit():
    with pytest.raises(ValueError, match=r"must both be \[B, K, n\], got \[2, 3\]"):
        join(torch.ones(2, 3, dtype=torch.long), torch.ones(2, 3))


@pytest.mark.parametrize("method", METHODS)
def test_recall_by_norm_equals_a_loop(items, method):
    items = items * torch.linspace(0.2, 3, len(items))[torch.randperm(len(items)), None]
    query = torch.randn(12, 8)
    search = ItemSearch(items, method, probes=1, cells=20, effort=5)
    found = search.recall_by_norm(query, 9, groups=3)
    norms = items[1:].norm(dim=1)
    order = norms.argsort()
    exact = ItemSearch(items).top(query, 9)[1].tolist()
    own = search.top(query, 9)[1].tolist()
    for group, rows in enumerate((order[:134], order[134:267], order[267:])):
        members = set((rows + 1).tolist())
        wanted = [(q, i) for q in range(12) for i in exact[q] if i in members]
        hits = sum(i in own[q] for q, i in wanted)
        assert found.norms[group] == pytest.approx(float(norms[rows].max()))
        assert found.places[group] == len(wanted)
        if wanted:
            assert found.recall[group] == pytest.approx(hits / len(wanted))
        else:
            assert found.recall[group].isnan()
    assert found.places.sum() == 12 * 9
    if method in ("exact", "flat"):
        assert (found.recall[found.places > 0] == 1).all()
    with pytest.raises(ValueError, match="groups must lie in 1..400, got 401"):
        search.recall_by_norm(query, 9, groups=401)
