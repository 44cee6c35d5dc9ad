import pytest
import torch

from seqviz.data import Batch
from seqviz.models import MeanPooling
from seqviz.train import best_device, fit

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


def test_denormal_numbers_are_0_during_training_only():
    seen = []

    class Watched(MeanPooling):
        def loss(self, batch):
            seen.append(float(torch.full((8,), 1e-39).mul(1).max()))
            return super().loss(batch)

    if not torch.set_flush_denormal(False):
        pytest.skip("this processor has no switch for denormal numbers")
    quiet(Watched(N, 8), data(), epochs=1)
    assert seen == [0, 0, 0]
    assert float(torch.full((8,), 1e-39).mul(1).max()) > 0


def test_bf16():
    result = quiet(model(), data(), epochs=3, bf16=True)
    assert result.log.loss.notna().all()


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
    with pytest.raises(ValueError, match="train holds no batch"):
        quiet(model(), [])
    broken = model()
    broken.embedding.weight.data.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="loss is nan"):
        quiet(broken, data())


def test_best_device_exists():
    torch.zeros(1, device=best_device())
