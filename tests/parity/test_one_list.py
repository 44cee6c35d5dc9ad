"""One list, many libraries: what the chapter writes out is what the locked ones do."""

import numpy as np
import pytest
import sklearn.metrics
import torch
from definitions import definitions
from torchmetrics.functional import retrieval

chapter = definitions("foundations/fair_tests")

SCORES = torch.arange(10.0, 0, -1)  # ten items, the best first, none at 0
PLACES = [
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    [1, 0, 0, 0, 0, 1, 1, 1, 1, 1],  # six true items, one among the first five
    [0, 1, 0, 1, 0, 0, 1, 0, 0, 0],
]


@pytest.mark.parametrize("places", PLACES)
def test_the_definitions_are_those_of_the_libraries(places):
    target = torch.tensor(places, dtype=torch.bool)
    hits, truths = np.array(places[:5]), sum(places)
    theirs = {
        chapter.ndcg: retrieval.retrieval_normalized_dcg(SCORES, target, top_k=5),
        chapter.recall: retrieval.retrieval_recall(SCORES, target, top_k=5),
        chapter.ap_by_hits: retrieval.retrieval_average_precision(
            SCORES, target, top_k=5
        ),
    }
    for ours, value in theirs.items():
        assert ours(hits, truths) == pytest.approx(float(value), abs=1e-6)
    learn = sklearn.metrics.ndcg_score([places], SCORES[None].numpy(), k=5)
    assert chapter.ndcg(hits, truths) == pytest.approx(learn)


def test_the_other_denominators_are_others():
    hits = np.array([1, 0, 0, 0, 0])
    found = [
        way(hits, 6)
        for way in (
            chapter.ndcg,
            chapter.ndcg_of_a_full_ideal,
            chapter.ndcg_from_rank_two,
            chapter.recall,
            chapter.recall_of_what_fits,
            chapter.ap_by_hits,
            chapter.ap_of_what_fits,
            chapter.ap_by_truths,
        )
    ]
    told = [0.339, 0.339, 0.281, 1 / 6, 0.2, 1, 0.2, 1 / 6]  # as the libraries say
    np.testing.assert_allclose(found, told, atol=5e-4)
    second = np.array([0, 1, 0, 0, 0])
    assert chapter.ndcg_from_rank_two(second, 1) == 1
    assert chapter.ndcg_of_a_full_ideal(second, 1) == pytest.approx(0.214, abs=5e-4)
    assert chapter.ndcg(second, 1) == pytest.approx(0.631, abs=5e-4)


def test_saturated_scores_have_two_orders_in_torchmetrics():
    scores, target = torch.ones(10), torch.zeros(10, dtype=torch.bool)
    target[0] = True
    assert retrieval.retrieval_hit_rate(scores, target, top_k=5) == 1
    assert retrieval.retrieval_precision(scores, target, top_k=5) == 0


def test_a_constant_lands_at_chance_in_scikit_learn():
    assert sklearn.metrics.roc_auc_score([1, 0, 0, 1, 0], np.ones(5)) == 0.5
