"""What the chapter defines is compared with the package and with PyTorch."""

import pytest
import torch
import torch.nn.functional as F
from definitions import definitions, experiment

from seqviz.data.planted import four_versions, planted_orders
from seqviz.experiments import read_study
from seqviz.layers import DualAttention, SelfAttention, TargetAttention

chapter = definitions("attention/dual_attention")
B, M, T, E = 9, 3, 12, 8


@pytest.fixture(params=range(3))
def case(request):
    """Candidates, behaviors, a mask with one empty row, and a layer of the package."""
    torch.manual_seed(request.param)
    mask = torch.rand(B, T) < 0.6
    mask[:, 0], mask[-1] = True, False
    return torch.randn(B, M, E), torch.randn(B, T, E), mask, DualAttention(E)


def draw(count, seed=0):
    return planted_orders(count, generator=torch.Generator().manual_seed(seed))


def test_the_last_rung_is_the_layer_and_torch(case):
    candidates, behaviors, mask, layer = case
    first, second = chapter.matrices(layer)
    interest, weights = chapter.dual_attention(
        candidates, behaviors, mask, first, second
    )
    expected, expected_weights = layer(candidates, behaviors, mask, need_weights=True)
    torch.testing.assert_close(interest, expected)
    torch.testing.assert_close(weights, expected_weights[:, 0])
    assert (interest[-1] == 0).all()

    def look_up(asking, read, W_Q, W_K, W_V, W_O):
        parts = asking @ W_Q, read @ W_K, read @ W_V
        return F.scaled_dot_product_attention(*parts, mask[:-1, None]) @ W_O

    related = look_up(behaviors[:-1], behaviors[:-1], *first)
    theirs = look_up(candidates[:-1], related, *second)
    torch.testing.assert_close(interest[:-1], theirs)


def test_each_rung_is_the_next_one_with_less(case):
    candidates, behaviors, mask, _ = case
    identity = [torch.eye(E)] * 4
    many, _ = chapter.dual_attention(candidates, behaviors, mask, identity, identity)
    batched, weights = chapter.batched(candidates, behaviors, mask)
    torch.testing.assert_close(batched, many)
    bare, own = chapter.bare(candidates[0, 0], behaviors[0][mask[0]])
    torch.testing.assert_close(bare, batched[0, 0])
    torch.testing.assert_close(own, weights[0, 0][mask[0]])
    package = DualAttention(E, projection=False)(candidates, behaviors, mask)
    torch.testing.assert_close(batched, package)


@pytest.mark.parametrize("seed", range(5))
def test_target_attention_answers_at_most_three_of_four_versions(seed):
    """The proof of the chapter, on random readers and random histories."""
    torch.manual_seed(seed)
    reader = chapter.Reader(TargetAttention(16)).double()
    four = four_versions(draw(200, seed))
    with torch.no_grad():
        logit = reader(four)
        target, behaviors = reader.embed(four)
        parts = [
            chapter.numerators(
                target[r : r + 1],
                behaviors[r : r + 1],
                reader.attention,
                reader.ask(target[r]),
                reader.bias,
            )
            for r in range(40)
        ]
    above = torch.cat(parts)
    assert torch.equal(above > 0, logit[:40] > 0)
    sums = above.view(-1, 4)
    liked, others = sums[:, 0] + sums[:, 3], sums[:, 1] + sums[:, 2]
    torch.testing.assert_close(liked, others)
    right = ((logit > 0) == four.relation.bool()).view(-1, 4).sum(1)
    assert right.max() <= 3


def test_self_pooling_does_not_see_the_candidate():
    torch.manual_seed(0)
    pooling, behaviors = chapter.SelfPooling(E), torch.randn(B, T, E)
    one = pooling(torch.randn(B, E), behaviors)
    other = pooling(torch.randn(B, E), behaviors)
    assert torch.equal(one, other)
    related = SelfAttention(E)(behaviors)
    assert one.shape == related.mean(1).shape


@pytest.mark.parametrize("hidden", [None, 8])
def test_training_changes_the_reader_and_is_the_same_twice(hidden):
    scores = []
    for _ in range(2):
        torch.manual_seed(0)
        reader = chapter.Reader(DualAttention(16), hidden=hidden)
        before = reader(draw(5)).detach()
        chapter.train(reader, "relation", seed=0, steps=5)
        assert not torch.equal(reader(draw(5)), before)
        scores.append(chapter.accuracy(reader, "relation", four_versions(draw(50))))
    assert scores[0] == scores[1]


def test_self_attention_over_one_candidate_does_nothing():
    torch.manual_seed(0)
    one, x = torch.randn(B, E), torch.randn(B, T, E)
    wrong = chapter.OverCandidates(E, projection=False)(one, x)
    right = TargetAttention(E, projection=False)(one, x)
    assert torch.equal(wrong, right)
    mistaken, merged = chapter.OverCandidates(E), TargetAttention(E)
    merged.load_state_dict(mistaken.target_attention.state_dict())
    W_V = mistaken.self_attention.query_key_value.weight.T.chunk(3, -1)[2]
    W_O = mistaken.self_attention.output.weight.T
    W_Q = mistaken.target_attention.query.weight.T
    with torch.no_grad():
        merged.query.weight.copy_((W_V @ W_O @ W_Q).T)
    torch.testing.assert_close(mistaken(one, x), merged(one, x))


def test_self_attention_over_candidates_lets_them_disturb_each_other():
    torch.manual_seed(0)
    several, x = torch.randn(B, M, E), torch.randn(B, T, E)
    alone = several[:, :1]
    for reader, disturbed in (
        (chapter.OverCandidates(E), True),
        (DualAttention(E), False),
    ):
        gap = (reader(several, x)[:, :1] - reader(alone, x)).abs().max()
        assert (gap > 1e-3) == disturbed


def test_the_experiment_trains_the_classes_of_the_chapter():
    script = experiment("attention/dual_attention")
    book = script.chapter()
    assert set(script.READERS) >= {"self", "target", "dual", "over candidates"}
    for attention in script.READERS.values():
        assert hasattr(book, attention)
    network = experiment("attention/dual_attention_network").STUDY.families
    assert set(network) <= set(script.READERS)


def test_each_history_has_its_share_of_right_answers():
    script = experiment("attention/dual_attention")
    exam = script.exam(5, 0)

    def always(data):  # two of four labels are 1, the first stays
        return torch.ones(len(data.item))

    assert script.right(always, "relation", exam).tolist() == [0.5] * 5
    known = exam.relevance.unflatten(0, (-1, 4))[:, 0]
    assert script.right(always, "relevance", exam).tolist() == known.tolist()


def test_the_stored_runs_keep_the_bound():
    study = read_study("attention/dual_attention")
    for reader in ("target", "over candidates"):
        assert study.values("relation", reader, "right").max() <= 0.75
