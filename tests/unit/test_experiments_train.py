import pytest
import torch

from seqviz.data import Batch
from seqviz.experiments import train
from seqviz.experiments.train import fit
from seqviz.models import ComiRecSA, MeanPooling
from seqviz.start import best_device

N = 12


def data(batches=3):
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(1, N + 1, (batches, 16, 4), generator=generator)
    return [Batch(i, i != 0, i[:, 0], i[:, :1], i[:, 0], i[:, 0]) for i in ids]


def model(seed=0):
    torch.manual_seed(seed)
    return MeanPooling(N, 8, temperature=0.2)


def quiet(*args, **options):
    return fit(*args, device="cpu", progress=False, **options)


def test_learns_and_the_same_seed_gives_the_same_weights():
    runs = []
    for _ in range(2):
        network = model()
        result = quiet(network, data(), epochs=20, learning_rate=0.02, seed=1)
        runs.append(network.embedding.weight)
    assert torch.equal(*runs)
    assert result.log.loss.iloc[-1] < 0.5 * result.log.loss.iloc[0]
    assert result.best_epoch == 20 and not result.interrupted


def test_stops_early_and_restores_the_best_weights():
    metrics = iter([0.1, 0.5, 0.4, 0.3, 0.9])
    seen = []

    def validate(network):
        seen.append(network.embedding.weight.detach().clone())
        return next(metrics)

    network = model()
    result = quiet(network, data(), validate, epochs=5, patience=2)
    assert (result.best_epoch, result.best_metric) == (2, 0.5)
    assert list(result.log.epoch) == [1, 2, 3, 4]
    assert torch.equal(network.embedding.weight, seen[1])


def test_an_interrupt_keeps_the_best_so_far():
    calls = []

    def validate(network):
        calls.append(network.embedding.weight.detach().clone())
        if len(calls) == 3:
            raise KeyboardInterrupt
        return -len(calls)

    network = model()
    result = quiet(network, data(), validate, epochs=9, patience=9)
    assert result.interrupted and result.best_epoch == 1
    assert torch.equal(network.embedding.weight, calls[0])


def test_no_epoch_begins_when_the_time_is_over():
    training = quiet(model(), data(), epochs=5, seconds=0)
    assert training.out_of_time and list(training.log["epoch"]) == [1]
    assert not quiet(model(), data(), epochs=1, seconds=0).out_of_time
    assert not quiet(model(), data(), epochs=2, seconds=1e6).out_of_time
    with pytest.raises(ValueError, match="seconds must"):
        quiet(model(), data(), seconds=-1)


def test_the_means_of_forgotten_items_never_become_denormal(monkeypatch):
    monkeypatch.setattr(train, "SWEEP", 2)
    network, optimizers = model(), []
    adam = torch.optim.Adam

    def watched(*args, **options):
        optimizers.append(adam(*args, **options))
        return optimizers[0]

    monkeypatch.setattr(torch.optim, "Adam", watched)
    quiet(network, data(), epochs=1)
    mean = optimizers[0].state[network.embedding.weight]["exp_avg"]
    before = mean.clone()
    mean[1, 0], mean[1, 1] = 1e-26, 1e-24
    train.sweep_denormals(optimizers[0])
    assert mean[1, 0] == 0 and mean[1, 1] > 0
    assert torch.equal(mean[2:], before[2:])


def test_an_error_keeps_the_best_so_far():
    network, kept = model(), []

    def validate(network):
        kept.append(network.embedding.weight.detach().clone())
        return 0.5

    class Diverges(list):
        def __iter__(self):
            if kept:
                network.embedding.weight.data[1:] = float("nan")
            return super().__iter__()

    with pytest.raises(FloatingPointError, match="mean loss is nan"):
        quiet(network, Diverges(data()), validate, epochs=5)
    assert torch.equal(network.embedding.weight, kept[0])


def test_a_metric_that_is_not_a_number_is_an_error():
    with pytest.raises(FloatingPointError, match="validate returned nan in epoch 1"):
        quiet(model(), data(), lambda network: float("nan"))


def test_bf16():
    def trained(**options):
        torch.manual_seed(0)
        network = ComiRecSA(N, 8, 2, temperature=0.2)
        return quiet(network, data(), epochs=3, learning_rate=0.02, **options)

    plain, half = trained(), trained(bf16=True)
    assert half.log.loss.iloc[-1] == pytest.approx(plain.log.loss.iloc[-1], rel=0.02)
    assert not half.log.loss.equals(plain.log.loss)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda():
    network = model()
    result = fit(network, data(), epochs=2, progress=False)
    assert network.embedding.weight.is_cuda and len(result.log) == 2


def test_bad_input():
    with pytest.raises(ValueError, match="epochs must be at least 1"):
        quiet(model(), data(), epochs=0)
    with pytest.raises(ValueError, match="patience must be at least 1"):
        quiet(model(), data(), patience=0)
    with pytest.raises(
        ValueError, match="train must hold at least one batch, got none"
    ):
        quiet(model(), [])
    broken = model()
    broken.embedding.weight.data.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="loss is nan"):
        quiet(broken, data())


def test_a_second_fit_begins_adam_anew():
    """Its first step is as long as Adam's first ever, whatever the gradient."""
    network = model()
    quiet(network, data(), epochs=4, learning_rate=0.02)
    before = network.embedding.weight.detach().clone()
    (one,) = [*data()][:1]
    quiet(network, [one], epochs=1, learning_rate=0.02)
    moved = (network.embedding.weight - before).abs()
    assert moved.max().item() == pytest.approx(0.02, rel=1e-3)


@pytest.mark.parametrize("cuda", [True, False])
def test_the_best_device_is_never_mps_unasked(cuda, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert best_device() == torch.device("cuda" if cuda else "cpu")
