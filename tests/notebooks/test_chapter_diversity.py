"""What the chapter defines is compared with the package; the stored runs are whole."""

from itertools import combinations

import numpy as np
import pytest
import torch
from definitions import definitions, experiment

from seqviz.data import Examples, Ragged
from seqviz.experiments import read_study
from seqviz.models import ComiRecSA
from seqviz.retrieval.rerank import (
    brute_force,
    greedy_diversity,
    list_value,
)
from seqviz.retrieval.search import ItemSearch, candidates

chapter = definitions("interests/diversity")


@pytest.fixture(params=range(4))
def case(request):
    """Eighths, so that sums are exact and ties are many."""
    generator = torch.Generator().manual_seed(request.param)
    scores = torch.randint(-8, 9, (5, 14), generator=generator) / 8
    categories = torch.randint(1, 5, (5, 14), generator=generator)
    return scores, categories, 9, request.param / 4


def test_the_rungs_are_the_package(case):
    scores, categories, n, weight = case
    expected = greedy_diversity(scores, categories, n, weight)
    assert torch.equal(chapter.batched(scores, categories, n, weight), expected)
    for row in range(len(scores)):
        one = scores[row].tolist(), categories[row].tolist(), n, weight
        assert chapter.as_written(*one) == expected[row].tolist()
        assert chapter.with_counts(*one) == expected[row].tolist()


@pytest.mark.parametrize("seen", [(), (3, 8)])
def test_join_is_the_package(seen):
    torch.manual_seed(0)
    interests, vectors = torch.randn(1, 3, 6), torch.randn(41, 6)
    ours = chapter.join(interests[0], vectors, 8, seen)
    left_out = torch.tensor([seen]) if seen else None
    found = candidates(ItemSearch(vectors), interests, 8, seen=left_out)
    real = found.mask[0]
    assert found.items[0, real].tolist() == [item for item, _ in ours]
    scores = torch.tensor([score for _, score in ours])
    torch.testing.assert_close(found.scores[0, real], scores)


def test_the_value_by_categories_is_the_value_by_pairs(case):
    """The equation from which the chapter concludes that greedy is exact."""
    scores, categories, _, weight = case
    chosen = torch.tensor([[0, 3, 4, 8, 11, 13]]).expand(5, -1)
    own = categories.gather(1, chosen)
    m = torch.nn.functional.one_hot(own).sum(1).double()  # [B, C]
    value = scores.double().gather(1, chosen).sum(1) + weight * 6 * 5 / 2
    value = value - weight * (m * (m - 1) / 2).sum(1)
    torch.testing.assert_close(list_value(scores, categories, chosen, weight), value)


def test_several_labels_break_what_one_category_keeps():
    """Greedy is exact for a category; for labels there is a case where it is not."""
    chapter.every = torch.tensor(list(combinations(range(10), 5)))
    names = chapter.pair_values.__globals__
    names["every"] = chapter.every
    generator = torch.Generator().manual_seed(0)
    gaps = {"category": [], "labels": []}
    for _ in range(60):
        f = torch.rand(10, generator=generator).double()
        c = torch.randint(1, 5, (10,), generator=generator)
        labels = (torch.rand(10, 6, generator=generator) < 0.4).double()
        labels[:, 0] = 1
        both = labels @ labels.T
        either = labels.sum(1)[:, None] + labels.sum(1)[None] - both
        differ = (c[:, None] != c[None]).double()
        for kind, g in (("category", differ), ("labels", 1 - both / either)):
            values = chapter.pair_values(f, g, 0.5)
            pick = torch.tensor(sorted(chapter.greedy_pairs(f, g, 0.5)))
            ours = values[(chapter.every == pick).all(1)].item()
            gaps[kind].append(values.max().item() - ours)
        best = brute_force(f[None], c[None], 5, 0.5)
        largest = chapter.pair_values(f, differ, 0.5).max()
        torch.testing.assert_close(list_value(f[None], c[None], best, 0.5)[0], largest)
    assert max(gaps["category"]) < 1e-9
    assert max(gaps["labels"]) > 1e-6


def test_every_way_of_the_experiment_makes_a_list():
    torch.manual_seed(0)
    script = experiment("interests/diversity")
    model = ComiRecSA(300, 8, 4, temperature=0.1)
    rng = np.random.default_rng(0)
    histories = Ragged.from_rows([rng.integers(1, 301, 6) for _ in range(9)])
    examples = Examples(np.arange(9), np.zeros(9, np.int64), histories, histories)
    kinds = np.concatenate([[0], rng.integers(1, 6, 300)])
    every = script.asked(model, examples, kinds, 6, {})
    plain = script.measure(every, "greedy", 0)
    assert torch.equal(plain[0], script.measure(every, "MMR, items", 1)[0])
    for own in script.STUDY.families.values():
        found, varied = script.measure(every, own["way"][0], own["weight"][0])
        assert found.shape == varied.shape == (9,)
        if own["way"][0] == "DPP, categories":
            assert varied.mean() > plain[1].mean()


def test_stored_diversities_are_shares():
    stored = read_study("interests/diversity").runs["diversity@50"]
    assert stored.between(0, 1).all()
