"""Exact work on devices without float64; no MPS here, so CUDA plays one."""

import pytest
import torch

from seqviz.data import Batch, Examples, Ragged
from seqviz.layers import NegativeSampler, precision, sampled_softmax
from seqviz.models import counting
from seqviz.models.counting import ties
from seqviz.retrieval import (
    greedy_diversity,
    greedy_dpp,
    list_value,
    maximal_marginal_relevance,
    rerank,
    search,
    search_recall,
)

CPU = torch.device("cpu")
cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


def test_mps_sends_exact_work_to_the_cpu():
    assert precision.exact_device(torch.device("mps")) == CPU
    assert precision.exact_device(torch.device("mps:0")) == CPU
    for name in ("cpu", "cuda:0", "meta"):
        assert precision.exact_device(torch.device(name)) == torch.device(name)


def test_widening():
    half = torch.ones(2, dtype=torch.float16)
    assert precision.in_float64(half).dtype == torch.float64
    assert precision.at_least_float32(half).dtype == torch.float32
    assert precision.at_least_float32(half.double()).dtype == torch.float64


@pytest.fixture
def poor(monkeypatch):
    """A CUDA device that is said to have no float64."""
    stand_in = lambda device: CPU  # noqa: E731
    for module in (precision, sampled_softmax, ties):
        monkeypatch.setattr(module, "exact_device", stand_in)
    return torch.device("cuda")


@cuda
def test_a_sampler_there_draws_every_item(poor):
    sampler = NegativeSampler.uniform(6).to(poor)
    torch.manual_seed(0)
    draws = sampler(10_000)
    assert draws.is_cuda
    torch.manual_seed(0)
    assert torch.equal(draws.cpu(), NegativeSampler.uniform(6)(10_000))


@cuda
def test_lists_there_are_those_of_the_cpu(poor):
    torch.manual_seed(0)
    scores, kinds = torch.randn(5, 20), torch.randint(0, 4, (5, 20))
    vectors = torch.randn(5, 20, 8)
    alike = vectors @ vectors.mT
    mask = torch.rand(5, 20) < 0.9
    for make in (
        lambda to: greedy_diversity(to(scores), to(kinds), 8, 0.3, to(mask)),
        lambda to: maximal_marginal_relevance(to(scores), to(alike), 8, 0.5, to(mask)),
        lambda to: greedy_dpp(to(alike), 8, to(mask)),
    ):
        there = make(lambda x: x.to(poor))
        assert there.is_cuda
        assert torch.equal(there.cpu(), make(lambda x: x))
    chosen = greedy_diversity(scores, kinds, 8, 0.3)
    value = list_value(*(x.to(poor) for x in (scores, kinds, chosen)), 0.3)
    torch.testing.assert_close(value.cpu(), list_value(scores, kinds, chosen, 0.3))
    found = search_recall(chosen.to(poor), chosen.to(poor))
    assert found.dtype == torch.float64 and (found == 1).all()


@cuda
def test_a_baseline_there_scores_on_the_cpu(poor):
    train = Examples(
        [0, 1], [5, 5], Ragged.from_rows([[1], [2]]), Ragged.from_rows([[2], [2]])
    )
    ids = torch.tensor([[1], [2]], device=poor)
    batch = Batch(ids, ids != 0, ids[:, 0], ids, ids[:, 0], ids[:, 0])
    for model in (counting.MostPopular(train, 3), counting.ItemKNN(train, 3)):
        scores = model.scores(batch)
        assert scores.dtype == torch.float64 and scores.device == CPU


def test_the_stand_in_is_what_the_code_asks():
    """The names that ``poor`` replaces are those that are used."""
    for module in (sampled_softmax, ties):
        assert module.exact_device is precision.exact_device
    for module in (rerank, search):
        assert module.in_float64 is precision.in_float64
