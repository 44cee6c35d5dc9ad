"""What the chapter defines is compared with the package and with PyTorch."""

import pytest
import torch
from definitions import definitions, experiment

from seqviz.data import Examples, Ragged, Split, batches
from seqviz.layers import SelfAttention, TransformerBlock

chapter = definitions("attention/self_attention")
B, T, E, H = 9, 12, 16, 4


@pytest.fixture(params=range(3))
def case(request):
    """Behaviors and a mask with one empty row."""
    torch.manual_seed(request.param)
    mask = torch.rand(B, T) < 0.6
    mask[:, 0], mask[-1] = True, False
    return torch.randn(B, T, E), mask


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, H])
def test_the_last_rung_is_the_layer_and_torch(case, heads, causal):
    x, mask = case
    layer = SelfAttention(E, heads, causal=causal)
    matrices = chapter.matrices_of(layer)
    output, weights = chapter.self_attention(x, mask, matrices, heads, causal)
    expected, expected_weights = layer(x, mask, need_weights=True)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(weights, expected_weights)
    assert (output[~mask] == 0).all()
    real = mask[:-1]
    for theirs in (chapter.by_function, chapter.by_module):
        other = theirs(x[:-1], real, matrices, heads, causal)
        torch.testing.assert_close(output[:-1][real], other[real])


def test_each_rung_is_the_next_one_with_less(case):
    x, mask = case
    bare, weights = chapter.bare(x[0][mask[0]])
    readable = chapter.padding_mask(mask) & chapter.query_mask(mask)
    read, masked = chapter.look(x, readable)
    torch.testing.assert_close(bare, read[0][mask[0]])
    torch.testing.assert_close(weights, masked[0][mask[0]][:, mask[0]])
    identity = [torch.eye(E)] * 4
    torch.testing.assert_close(
        read, chapter.self_attention(x, mask, identity)[0], atol=1e-5, rtol=1e-4
    )
    package = SelfAttention(E, projection=False)(x, mask)
    torch.testing.assert_close(read, package)


def test_each_mask_takes_away_what_it_says(case):
    x, mask = case
    everything = torch.ones(B, T, T, dtype=torch.bool)
    _, weights = chapter.look(x, everything & chapter.padding_mask(mask))
    assert (weights.mT[~mask] == 0).all() and (weights[:-1][~mask[:-1]] > 0).any()
    _, weights = chapter.look(x, everything & chapter.causal_mask(T))
    assert (weights.triu(1) == 0).all() and (weights.tril() > 0).any()
    _, weights = chapter.look(x, everything & chapter.query_mask(mask))
    assert (weights[~mask] == 0).all()
    assert (weights[mask] > 0).all()


def test_the_block_is_the_package_block(case):
    x, mask = case
    mine = chapter.Block(E, 4 * E, H).eval()
    package = TransformerBlock(E, H).eval()
    package.load_state_dict(mine.state_dict())
    torch.testing.assert_close(mine(x, mask), package(x, mask))
    torch.manual_seed(0)
    dropped = mine.train()(x, mask)
    assert not torch.allclose(dropped, mine.eval()(x, mask))


def test_the_planted_histories_hold_both_items_once_and_mirrors_flip_the_answer():
    ids, first = chapter.which_first(300, torch.Generator().manual_seed(0))
    for item in (1, 2):
        assert ((ids == item).sum(1) == 1).all()
    places = [(ids == item).int().argmax(1) for item in (1, 2)]
    assert torch.equal(first, (places[0] < places[1]).float())
    assert 0.4 < first.mean() < 0.6
    mirrored = chapter.mirror(ids)
    assert torch.equal(mirrored.sort(1).values, ids.sort(1).values)
    assert torch.equal((mirrored == 1), (ids == 2))


@pytest.mark.parametrize("positions, causal", [(True, False), (False, True)])
def test_positions_or_a_causal_mask_tell_a_history_from_its_mirror(positions, causal):
    torch.manual_seed(0)
    ids, _ = chapter.which_first(50, torch.Generator().manual_seed(1))
    reader = chapter.OrderReader(positions, causal)
    gap = (reader(ids) - reader(chapter.mirror(ids))).abs()
    assert gap.max() > 1e-3
    blind = chapter.OrderReader(False, False)
    torch.testing.assert_close(
        blind(ids), blind(chapter.mirror(ids)), atol=1e-5, rtol=1e-5
    )


def test_training_on_order_is_the_same_twice():
    def make():
        return chapter.OrderReader(positions=True, causal=False)

    scores = [chapter.order_accuracy(make, 0, steps=5) for _ in range(2)]
    assert scores[0] == scores[1]


def test_the_faults_in_the_wild():
    assert chapter.port(10)[0] == 0
    assert chapter.port(200)[0] == pytest.approx(0.95, abs=0.005)
    vectors = torch.zeros(1, 3, 4)
    vectors[0, 1] = 1.0
    assert chapter.mask_from_vectors(vectors).tolist() == [[False, True, False]]
    assert chapter.mask_from_vectors(vectors + 1).all()
    without = chapter.alikeness(8, residual=False)
    assert chapter.alikeness(8, residual=True) < without


class Fixed:
    """The same scores for everybody."""

    def __init__(self, scores):
        self.row = torch.tensor(scores)

    def scores(self, batch):
        return self.row.repeat(len(batch.item_ids), 1)


def examples(histories, truths):
    users = torch.arange(len(histories)).numpy()
    return Examples(users, users, Ragged.from_rows(histories), Ragged.from_rows(truths))


def test_a_place_among_few_counts_what_stands_above_the_truth():
    script = experiment("attention/self_attention_movies")
    scores = [-torch.inf, *range(200, 0, -1)]  # item i has rank i
    rows = examples([[1, 2], [3]], [[30], [199]])

    def hits(n, negatives=190):
        return script.placed(Fixed(scores), rows, 5, negatives, n)

    # of 197 and 198 others all but few are drawn: ranks 30 and 199 of about 200
    few = "hit@10 of 101"
    assert [hits(n)[few].tolist() for n in (10, 40)] == [[0, 0], [1, 0]]
    # two items of the first history stand above its truth, and count for nothing
    assert [hits(n)["hit@10"].tolist() for n in (27, 28)] == [[0, 0], [1, 0]]
    best = examples([[2]], [[1]])
    assert script.placed(Fixed(scores), best, 5)[few] == [1]


def test_scarce_items_are_counted_in_training_only():
    script = experiment("attention/self_attention_movies")
    train, test = examples([[1, 2]], [[3]]), examples([[1], [2]], [[3, 4], [5]])
    split = Split(train, test, test)
    assert script.scarce(split, fewest=1) == pytest.approx(2 / 3)
    assert script.scarce(split, fewest=2) == 1


def test_a_frozen_count_asks_about_one_moment():
    script = experiment("attention/self_attention_movies")

    class Clock:
        def scores(self, batch):
            return batch.times

    (batch,) = batches(examples([[1], [2]], [[3], [4]]), 2, 3)
    assert script.Frozen(Clock(), 7).scores(batch).tolist() == [7, 7]


def test_positions_that_are_taken_out_stay_out():
    model = experiment("attention/self_attention").without_positions(9, 5)
    assert (model.positions.weight == 0).all()
    assert not model.positions.weight.requires_grad
