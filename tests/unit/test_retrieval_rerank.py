import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqviz.retrieval.rerank import (
    brute_force,
    greedy_diversity,
    greedy_dpp,
    list_value,
    maximal_marginal_relevance,
)


def plain(scores, categories, n, weight, mask=None):
    """Algorithm 2 for one user, as it is written."""
    left = [i for i in range(len(scores)) if mask is None or mask[i]]
    chosen = []
    for _ in range(n):
        gains = [
            scores[i] + weight * sum(categories[i] != categories[j] for j in chosen)
            for i in left
        ]
        best = left[gains.index(max(gains))]  # the first of equals
        chosen.append(best)
        left.remove(best)
    return chosen


@st.composite
def lists(draw, most=9):
    """Eighths, so that sums are exact and ties are many."""
    B, M = draw(st.integers(1, 3)), draw(st.integers(1, most))
    size = {"min_size": B * M, "max_size": B * M}
    scores = draw(st.lists(st.integers(-8, 8), **size))
    kinds = draw(st.lists(st.integers(-1, 3), **size))
    n = draw(st.integers(1, M))
    weight = draw(st.integers(0, 12)) / 8
    return (
        torch.tensor(scores).view(B, M) / 8,
        torch.tensor(kinds).view(B, M),
        n,
        weight,
    )


@given(lists())
def test_equals_the_plain_loop(case):
    scores, categories, n, weight = case
    expected = [
        plain(s.tolist(), c.tolist(), n, weight)
        for s, c in zip(scores, categories, strict=True)
    ]
    assert greedy_diversity(scores, categories, n, weight).tolist() == expected


@given(lists(), st.data())
def test_equals_the_plain_loop_with_a_mask(case, data):
    scores, categories, n, weight = case
    M = scores.shape[1]
    rows = [
        data.draw(st.sets(st.integers(0, M - 1), min_size=n))
        for _ in range(len(scores))
    ]
    mask = torch.tensor([[i in row for i in range(M)] for row in rows])
    expected = [
        plain(s.tolist(), c.tolist(), n, weight, m.tolist())
        for s, c, m in zip(scores, categories, mask, strict=True)
    ]
    loud = scores.masked_fill(~mask, math.nan)
    assert greedy_diversity(loud, categories, n, weight, mask).tolist() == expected


@given(lists())
def test_no_list_is_better(case):
    """The gains of a category only fall, so the greedy list is the best one."""
    scores, categories, n, weight = case
    greedy = greedy_diversity(scores, categories, n, weight)
    best = brute_force(scores, categories, n, weight)
    values = [list_value(scores, categories, c, weight) for c in (greedy, best)]
    assert torch.equal(*values)


def test_brute_force_knows_a_small_case():
    scores = torch.tensor([[3.0, 2.9, 1.0, 0.5]])
    categories = torch.tensor([[1, 1, 2, 3]])
    assert brute_force(scores, categories, 2, 0.0).tolist() == [[0, 1]]
    assert brute_force(scores, categories, 2, 2.0).tolist() == [[0, 2]]
    chosen = torch.tensor([[0, 1], [0, 2]])
    values = list_value(scores.expand(2, -1), categories.expand(2, -1), chosen, 2.0)
    assert values.tolist() == pytest.approx([5.9, 6.0])


def test_equals_the_plain_loop_on_many_scores():
    torch.manual_seed(0)
    scores, categories = torch.randn(20, 60), torch.randint(5, (20, 60))
    ours = greedy_diversity(scores, categories, 25, 0.25)
    for row in range(20):
        expected = plain(scores[row].tolist(), categories[row].tolist(), 25, 0.25)
        assert ours[row].tolist() == expected


def test_the_order_of_the_candidates_does_not_matter():
    torch.manual_seed(0)
    scores, categories = torch.randn(6, 30), torch.randint(4, (6, 30))
    shuffle = torch.randperm(30)
    straight = greedy_diversity(scores, categories, 12, 0.3)
    shuffled = greedy_diversity(scores[:, shuffle], categories[:, shuffle], 12, 0.3)
    assert torch.equal(shuffle[shuffled], straight)


def test_the_names_of_the_categories_do_not_matter():
    torch.manual_seed(0)
    scores, categories = torch.randn(6, 30), torch.randint(4, (6, 30))
    other = torch.tensor([70, -3, 0, 5])[categories]
    lists = [greedy_diversity(scores, kinds, 12, 0.3) for kinds in (categories, other)]
    assert torch.equal(*lists)


def test_weight_zero_is_the_best_scores():
    torch.manual_seed(0)
    scores, categories = torch.randn(6, 30), torch.randint(4, (6, 30))
    expected = scores.topk(12, dim=1).indices
    assert torch.equal(greedy_diversity(scores, categories, 12, 0), expected)


def test_a_large_weight_takes_the_categories_in_turn():
    torch.manual_seed(0)
    scores = torch.randn(6, 40)
    categories = torch.arange(4).repeat(10).expand(6, -1)
    chosen = greedy_diversity(scores, categories, 12, 1e6)
    rounds = categories.gather(1, chosen).view(6, 3, 4).sort(dim=2).values
    assert (rounds == torch.arange(4)).all()


@pytest.mark.parametrize("weight", [-0.1, math.nan, math.inf])
def test_a_weight_out_of_range(weight):
    with pytest.raises(
        ValueError, match="diversity_weight must be finite and at least"
    ):
        greedy_diversity(torch.zeros(1, 3), torch.zeros(1, 3).long(), 2, weight)


@pytest.mark.parametrize("weight", ["0.1", None, True])
def test_a_weight_that_is_no_number(weight):
    """The authors' own ``--coef`` arrives as a string."""
    with pytest.raises(TypeError, match="diversity_weight must be a number"):
        greedy_diversity(torch.zeros(1, 3), torch.zeros(1, 3).long(), 2, weight)


@pytest.mark.parametrize("n", [0, 4])
def test_n_out_of_range(n):
    with pytest.raises(
        ValueError, match=rf"n must (lie in 1\.\.3 .*|be at least 1), got {n}"
    ):
        greedy_diversity(torch.zeros(1, 3), torch.zeros(1, 3).long(), n, 0.1)


def test_all_candidates_masked():
    mask = torch.tensor([[True] * 3, [False] * 3])
    with pytest.raises(ValueError, match=r"n must lie in 1\.\.0"):
        greedy_diversity(torch.zeros(2, 3), torch.zeros(2, 3).long(), 1, 0.1, mask)


def test_categories_missing_or_of_another_shape():
    with pytest.raises(TypeError, match="got NoneType"):
        greedy_diversity(torch.zeros(1, 3), None, 1, 0.1)
    with pytest.raises(ValueError, match=r"\[1, 3\], got \[1, 2\]"):
        greedy_diversity(torch.zeros(1, 3), torch.zeros(1, 2).long(), 1, 0.1)
    with pytest.raises(TypeError, match="categories must be whole numbers"):
        greedy_diversity(torch.zeros(1, 3), torch.zeros(1, 3), 1, 0.1)


def test_other_bad_input():
    kinds = torch.zeros(1, 3).long()
    with pytest.raises(ValueError, match="scores must be finite"):
        greedy_diversity(torch.tensor([[1.0, math.nan, 0.0]]), kinds, 1, 0.1)
    with pytest.raises(ValueError, match=r"scores must be \[B, M\]"):
        greedy_diversity(torch.zeros(3), kinds, 1, 0.1)
    with pytest.raises(TypeError, match="mask must be bool"):
        greedy_diversity(torch.zeros(1, 3), kinds, 1, 0.1, torch.ones(1, 3))
    with pytest.raises(ValueError, match="must be at most 1,000,000 lists"):
        brute_force(torch.zeros(1, 60), torch.zeros(1, 60).long(), 30, 0.1)
    with pytest.raises(ValueError, match=r"similarity must be \[1, 3, 3\]"):
        maximal_marginal_relevance(torch.zeros(1, 3), torch.zeros(1, 3, 2), 1, 0.5)
    with pytest.raises(ValueError, match=r"relevance_weight must lie in 0\.\.1"):
        maximal_marginal_relevance(torch.zeros(1, 3), torch.zeros(1, 3, 3), 1, 1.5)

    with pytest.raises(TypeError, match="relevance_weight must be a number"):
        maximal_marginal_relevance(torch.zeros(1, 3), torch.zeros(1, 3, 3), 1, "1")
    with pytest.raises(ValueError, match=r"kernel must be \[1, 3, 3\]"):
        greedy_dpp(torch.zeros(1, 3, 4), 1)
    with pytest.raises(ValueError, match="kernel must be finite"):
        greedy_dpp(torch.full((1, 3, 3), math.nan), 1)


def test_nobody_gets_no_list():
    empty, pairs = torch.zeros(0, 3), torch.zeros(0, 3, 3)
    for lists in (
        greedy_diversity(empty, empty.long(), 2, 0.1),
        brute_force(empty, empty.long(), 2, 0.1),
        maximal_marginal_relevance(empty, pairs, 2, 0.1),
        greedy_dpp(pairs, 2),
    ):
        assert lists.shape == (0, 2) and lists.dtype == torch.long


@pytest.mark.parametrize("weight", [np.float32(0.25), np.float64(0.25), np.int64(1)])
def test_a_weight_may_come_from_numpy(weight):
    torch.manual_seed(0)
    scores, categories = torch.randn(6, 30), torch.randint(4, (6, 30))
    lists = [
        greedy_diversity(scores, categories, 9, w) for w in (weight, float(weight))
    ]
    assert torch.equal(*lists)


def vectors(B=4, M=10, E=6):
    return torch.nn.functional.normalize(torch.randn(B, M, E), dim=2)


def test_mmr_equals_a_plain_loop():
    torch.manual_seed(0)
    unit = vectors()
    scores, alike = torch.randn(4, 10), unit @ unit.mT
    ours = maximal_marginal_relevance(scores, alike, 6, 0.4)
    for row in range(4):
        chosen = []
        for _ in range(6):
            gains = {
                i: 0.4 * float(scores[row, i])
                - 0.6 * max((float(alike[row, i, j]) for j in chosen), default=0.0)
                for i in range(10)
                if i not in chosen
            }
            chosen.append(max(gains, key=gains.get))
        assert ours[row].tolist() == chosen


def test_mmr_at_one_is_the_best_scores():
    torch.manual_seed(0)
    scores, unit = torch.randn(4, 10), vectors()
    ours = maximal_marginal_relevance(scores, unit @ unit.mT, 6, 1.0)
    assert torch.equal(ours, scores.topk(6, dim=1).indices)


def test_dpp_equals_the_determinants():
    torch.manual_seed(0)
    unit, quality = vectors(), torch.rand(4, 10) + 0.5
    kernel = (quality[:, :, None] * (unit @ unit.mT) * quality[:, None, :]).double()
    ours = greedy_dpp(kernel, 5)
    for row in range(4):
        chosen = []
        for _ in range(5):
            volume = {
                i: np.linalg.det(
                    kernel[row].numpy()[np.ix_([*chosen, i], [*chosen, i])]
                )
                for i in range(10)
                if i not in chosen
            }
            chosen.append(max(volume, key=volume.get))
        assert ours[row].tolist() == chosen


def test_dpp_leaves_out_copies_while_it_can():
    kernel = torch.ones(1, 4, 4)
    kernel[0, 3, :3] = kernel[0, :3, 3] = 0.0
    with pytest.raises(ValueError, match="rank of the kernel, 2 in row 0, got 4"):
        greedy_dpp(kernel, 4)
    assert greedy_dpp(kernel, 4, regularization=0.01).tolist() == [[0, 3, 1, 2]]
    mask = torch.tensor([[False, True, True, True]])
    assert greedy_dpp(kernel, 2, mask).tolist() == [[1, 3]]


def test_dpp_does_not_see_what_is_no_candidate():
    """However large: the smallest volume that counts is measured on the others."""
    kernel = torch.diag(torch.tensor([1e13, 1.0, 5.0, 1.0]))[None]
    mask = torch.tensor([[False, True, True, True]])
    assert greedy_dpp(kernel, 2, mask).tolist() == [[2, 1]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("strength", [0.0, 2.0])
def test_dpp_stops_at_the_rank(dtype, strength):
    """Without a limit by dtype an eleventh pick would follow the rounding."""
    torch.manual_seed(0)
    unit = torch.nn.functional.normalize(torch.randn(20, 60, 10).to(dtype), dim=2)
    quality = torch.exp(strength * (torch.randn(20, 60) - 2)).to(dtype)
    kernel = quality[:, :, None] * (unit @ unit.mT) * quality[:, None]
    assert greedy_dpp(kernel, 10).shape == (20, 10)
    with pytest.raises(ValueError, match=r"rank of the kernel, 10 in row 0, got 11"):
        greedy_dpp(kernel, 11)


def test_regularized_dpp_goes_on_by_quality():
    torch.manual_seed(0)
    unit = torch.nn.functional.normalize(torch.randn(8, 40, 5), dim=2)
    quality = torch.rand(8, 40) + 0.1
    kernel = quality[:, :, None] * (unit @ unit.mT) * quality[:, None]
    plain = greedy_dpp(kernel, 5)
    longer = greedy_dpp(kernel, 30, regularization=1e-3)
    assert torch.equal(longer[:, :5], plain)
    assert all(len(set(row)) == 30 for row in longer.tolist())
    left_out = torch.ones_like(quality, dtype=torch.bool).scatter(1, longer, False)
    worst = quality[left_out].view(8, 10).mean(1)
    assert (quality.gather(1, longer[:, 5:15]).mean(1) > worst + 0.3).all()


def test_dpp_wants_full_precision():
    for dtype in (torch.float16, torch.bfloat16):
        with pytest.raises(TypeError, match="kernel must be float32 or float64, got"):
            greedy_dpp(torch.eye(3, dtype=dtype)[None], 2)
    with pytest.raises(
        ValueError, match="regularization must be finite and at least 0"
    ):
        greedy_dpp(torch.eye(3)[None], 2, regularization=-1)
