"""What the chapter defines is compared with the package; the stored runs are whole."""

import numpy as np
import pytest
import torch
from definitions import definitions, experiment

from seqviz.experiments import read_study
from seqviz.retrieval import Greedy, ItemSearch, Trace, candidates

chapter = definitions("systems/funnel")
N, K, n = 40, 3, 6


@pytest.fixture(params=range(4))
def found(request):
    torch.manual_seed(request.param)
    vectors = torch.randn(N + 1, 4)
    vectors[0] = 0
    interests = torch.randn(9, K, 4)
    return interests, vectors, *chapter.retrieve(interests, vectors, n)


def test_the_rungs_are_the_package(found):
    interests, vectors, items, near = found
    expected = candidates(ItemSearch(vectors), interests, n)
    assert torch.equal(items, expected.items)
    torch.testing.assert_close(near, expected.scores)
    scores = torch.randint(0, 4, items.shape) / 4.0  # with ties
    scores = scores.masked_fill(items == 0, -torch.inf)
    ranked, kept = chapter.cut(items, scores, 5)
    kinds = torch.randint(1, 4, (N + 1,))
    listed = chapter.re_rank(ranked, kept, kinds[ranked], 3, 0.5)
    columns = Greedy(kinds, 0.5)(ranked, kept, ranked > 0, 3)
    assert torch.equal(listed, ranked.gather(1, columns))
    truths = torch.stack([torch.randperm(N)[:5] + 1 for _ in items])
    truths[0, 2:] = 0
    trace = Trace(expected, scores, ranked, listed)
    ceilings = trace.ceilings(truths)
    for stage, left in enumerate((items, ranked, listed), 1):
        own = chapter.ceiling(left, truths, 3)
        torch.testing.assert_close(own.double(), ceilings[:, stage], check_dtype=False)


def test_divided_by_their_propensity_clicks_are_unbiased():
    rng = np.random.default_rng(0)
    theta = 1 / np.arange(1, 11)
    clicked = (rng.random((200_000, 10)) < theta) & (rng.random((200_000, 10)) < 0.3)
    np.testing.assert_allclose((clicked / theta).mean(0), 0.3, atol=0.02)


@pytest.mark.parametrize("name", ["funnel", "funnel_retail"])
def test_every_stage_of_the_stored_runs_can_only_lose(name):
    study = read_study(f"systems/{name}")
    for data in study.study.data:
        for model in study.models(data):
            if "whole list" in model:
                continue
            stages = [
                study.values(data, model, key)
                for key in ("perfect", "retrieved", "kept", "recall@N")
            ]
            if study.study.levels[data] == "worlds":
                stages = [np.concatenate(one, 1) for one in stages]
            falls = np.diff(np.stack(stages), axis=0)
            assert (falls <= 1e-6).all() and (falls < 0).any((1, 2)).all()


def test_rows_out_of_fold_were_found_by_others():
    script = experiment("systems/funnel")
    assert script.STUDY.families["DIN, out of fold"]["drawn"] == ("out of fold",)
    assert set(script.DATA) == set(script.TASKS)
