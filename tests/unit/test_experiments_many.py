"""Trainings side by side are the trainings one after the other."""

from functools import partial

import numpy as np
import pytest
import torch

from seqviz.data import Examples, Ragged, batches
from seqviz.experiments import fit, fit_many
from seqviz.layers import NegativeSampler
from seqviz.models import ComiRecDR, ComiRecSA, MeanPooling

N, T, U = 30, 6, 70

FAMILIES = {
    "MeanPooling": partial(MeanPooling, N, 8),
    "ComiRecSA": partial(ComiRecSA, N, 8, 3),
    "ComiRecSA, nearest": partial(ComiRecSA, N, 8, 3, nearest=True),
}


@pytest.fixture
def examples():
    """Histories of 0 to 9 items, 1 to 3 true items."""
    rng = np.random.default_rng(0)
    some = np.arange(1, N + 1)
    return Examples(
        np.arange(U),
        np.zeros(U, np.int64),
        Ragged.from_rows([rng.choice(some, rng.integers(0, 10)) for _ in range(U)]),
        Ragged.from_rows(
            [rng.choice(some, rng.integers(1, 4), replace=False) for _ in range(U)]
        ),
    )


def made(make, count, **options):
    models = []
    for seed in range(count):
        torch.manual_seed(seed)
        models.append(make(**options))
    return models


def shuffled(examples, seeds):
    return [batches(examples, 16, T, shuffle=True, seed=seed) for seed in seeds]


def closeness(model):
    """A metric of the weights that is neither monotonic nor the same for two models."""
    weight = model.embedding.weight.detach()
    return float((weight * torch.arange(weight.numel()).view_as(weight).sin()).sum())


def quiet(fitting, *args, **options):
    return fitting(*args, device="cpu", progress=False, **options)


def same(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        for name, value in other.state_dict().items():
            torch.testing.assert_close(
                one.state_dict()[name], value, rtol=0, atol=1e-5, msg=name
            )


@pytest.mark.parametrize("cosine", [False, True], ids=["product", "cosine"])
@pytest.mark.parametrize("family", FAMILIES)
def test_each_model_ends_where_fit_ends(family, cosine, examples):
    make, seeds = FAMILIES[family], [3, 4, 5]
    rates, temperatures = [0.01, 0.02, 0.005], [0.3, 0.1, 1.0]
    together, apart = (made(make, 3) for _ in range(2))
    for models in (together, apart) if cosine else ():
        for model, temperature in zip(models, temperatures, strict=True):
            model.temperature = temperature
    budget = {"epochs": 4, "patience": 2}
    results = quiet(
        fit_many,
        together,
        shuffled(examples, seeds),
        closeness,
        learning_rate=rates,
        **budget,
    )
    for i, (model, train) in enumerate(
        zip(apart, shuffled(examples, seeds), strict=True)
    ):
        alone = quiet(
            fit,
            model,
            train,
            closeness,
            learning_rate=rates[i],
            seed=seeds[i],
            **budget,
        )
        assert results[i].best_epoch == alone.best_epoch
        assert len(results[i].log) == len(alone.log)
        np.testing.assert_allclose(results[i].log, alone.log, atol=1e-4)
    same(together, apart)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_target_without_a_chance_has_the_loss_of_its_logit(family, examples):
    together, apart = made(FAMILIES[family], 2), made(FAMILIES[family], 2)
    for model in (*together, *apart):
        with torch.no_grad():  # many a loss is over 87, where a chance becomes 0
            model.embedding.weight[:, 0] *= 40
            if hasattr(model, "attention"):
                model.attention.W1.zero_()
    budget = {"epochs": 1, "learning_rate": 1e-3}
    ours = quiet(fit_many, together, shuffled(examples, [0, 1]), **budget)
    theirs = [
        quiet(fit, model, train, **budget)
        for model, train in zip(apart, shuffled(examples, [0, 1]), strict=True)
    ]
    for one, other in zip(ours, theirs, strict=True):
        assert other.log["loss"][0] > 87
        np.testing.assert_allclose(one.log, other.log, rtol=1e-5)
    same(together, apart)


def test_a_model_that_stops_keeps_its_best_weights_and_leaves_the_others_alone(
    examples,
):
    together, apart = made(FAMILIES["ComiRecSA"], 3), made(FAMILIES["ComiRecSA"], 3)
    metrics = [[0.5, 0.4, 0.3], [0.1, 0.2, 0.3, 0.4, 0.5], [0.1, 0.5, 0.4, 0.3]]

    def by_plan(models):
        plans = {id(m): iter(plan) for m, plan in zip(models, metrics, strict=True)}
        return lambda model: next(plans[id(model)])

    budget = {"epochs": 5, "patience": 2, "learning_rate": 0.02}
    results = quiet(
        fit_many, together, shuffled(examples, range(3)), by_plan(together), **budget
    )
    assert [result.best_epoch for result in results] == [1, 5, 2]
    assert [len(result.log) for result in results] == [3, 5, 4]
    check = by_plan(apart)
    for model, train in zip(apart, shuffled(examples, range(3)), strict=True):
        quiet(fit, model, train, check, **budget)
    same(together, apart)


def test_one_pass_of_the_batches_may_serve_all(examples):
    together, apart = (
        made(FAMILIES["ComiRecSA, nearest"], 2),
        made(FAMILIES["ComiRecSA, nearest"], 2),
    )
    (train,) = shuffled(examples, [7])
    quiet(fit_many, together, [train] * 2, epochs=2, learning_rate=0.02)
    for model, own in zip(apart, shuffled(examples, [7, 7]), strict=True):
        quiet(fit, model, own, epochs=2, learning_rate=0.02)
    same(together, apart)


def test_afterwards_every_model_has_its_own_memory(examples):
    models = made(FAMILIES["MeanPooling"], 2)
    quiet(fit_many, models, shuffled(examples, [0, 1]), epochs=1)
    tables = [model.embedding.weight for model in models]
    assert all(t.untyped_storage().nbytes() == t.numel() * 4 for t in tables)
    assert all(t.grad is None and t.requires_grad for t in tables)


def test_an_interrupt_keeps_the_best_of_each(examples):
    models, calls = made(FAMILIES["MeanPooling"], 2), []

    def validate(model):
        calls.append(model.embedding.weight.detach().clone())
        if len(calls) == 5:
            raise KeyboardInterrupt
        return -len(calls)

    results = quiet(fit_many, models, shuffled(examples, [0, 1]), validate, epochs=9)
    assert all(result.interrupted for result in results)
    for model, kept in zip(models, calls, strict=False):
        assert torch.equal(model.embedding.weight, kept)


def test_bad_input(examples):
    two, train = made(FAMILIES["MeanPooling"], 2), shuffled(examples, [0, 1])
    with pytest.raises(ValueError, match="models must hold at least one, got none"):
        quiet(fit_many, [], [])
    with pytest.raises(ValueError, match="train must hold one for each of 2 models"):
        quiet(fit_many, two, train[:1])
    with pytest.raises(ValueError, match="learning_rate must hold one for each of 2"):
        quiet(fit_many, two, train, learning_rate=[0.1])
    with pytest.raises(ValueError, match="learning_rate must be finite and above 0"):
        quiet(fit_many, two, train, learning_rate=[0.1, 0.0])
    with pytest.raises(ValueError, match="train must hold at least one batch"):
        quiet(fit_many, two, [[], []])
    other = [MeanPooling(N, 8), ComiRecSA(N, 8, 3)]
    with pytest.raises(ValueError, match="models must have the same class"):
        quiet(fit_many, other, train)
    other = [ComiRecSA(N, 8, 2), ComiRecSA(N, 8, 3)]
    with pytest.raises(ValueError, match=r"same attention.W2 .*\[8, 2\].*|same"):
        quiet(fit_many, other, train)
    other = [ComiRecSA(N, 8, 2, nearest=own) for own in (True, False)]
    with pytest.raises(ValueError, match=r"same nearest .*got \[True, False\]"):
        quiet(fit_many, other, train)
    two[1].embedding.weight.data.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="loss is nan for model 1"):
        quiet(fit_many, two, train)


MORE = {
    "positions": lambda: ComiRecSA(N, 8, 3, max_length=T),
    "routing": lambda: ComiRecDR(N, 8, 3, T),
    "negatives": lambda: MeanPooling(
        N, 8, sampler=NegativeSampler.log_uniform(torch.arange(N + 1).flip(0))
    ),
    "a loss of its own": lambda: type("Own", (MeanPooling,), {})(N, 8),
}


@pytest.mark.parametrize("more", MORE)
def test_a_model_that_reads_more_than_counts_is_refused(more, examples):
    model = MORE[more]()
    with pytest.raises(ValueError, match="models must be MeanPooling, or ComiRecSA"):
        quiet(fit_many, [model], shuffled(examples, [0]))


def test_logits_that_counts_cannot_tell_apart_are_refused(examples):
    models = made(FAMILIES["ComiRecSA"], 2)
    models[1].attention.W2.data *= 1000
    with pytest.raises(FloatingPointError, match="less than 80 apart, got"):
        quiet(fit_many, models, shuffled(examples, [0, 1]))
