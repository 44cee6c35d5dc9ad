"""Adam by rows: the weights of dense Adam, from the rows that were read."""

import pytest
import torch

from seqviz.data import Batch
from seqviz.experiments import fit
from seqviz.experiments.row_adam import REST, RowAdam, TableRows
from seqviz.layers import NegativeSampler
from seqviz.layers.embedding_table import EmbeddingTable
from seqviz.models import ComiRecSA, GRU4Rec, MeanPooling, SASRec

N, E = 40, 6


def both(steps, read, dtype=torch.float32, between=None):
    """Weights after dense Adam, and by rows, from gradients that depend on them."""
    torch.manual_seed(0)
    dense = torch.nn.Parameter(torch.randn(N, E, dtype=dtype))
    rows = dense.detach().clone()
    optimizer = torch.optim.Adam([dense], 0.01, fused=True)
    adam = RowAdam(rows, 0.01)
    target = torch.randn(N, E, dtype=dtype)
    for step in range(steps):
        ids = read(step)
        dense.grad = torch.zeros_like(dense)
        dense.grad[ids] = (dense.detach() - target)[ids]
        optimizer.step()
        values = adam.pull(ids)
        adam.push(ids, values - target[ids])
        if between:
            between(step, adam)
    adam.catch_up()
    return dense.detach(), rows, adam


def some(share):
    generator = torch.Generator().manual_seed(1)

    def read(step):
        return (torch.rand(N, generator=generator) < share).nonzero()[:, 0]

    return read


def test_every_row_read_in_each_step_is_dense_adam_itself():
    dense, rows, _ = both(50, lambda step: torch.arange(N))
    assert torch.equal(dense, rows)


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_rows_that_rest_move_as_under_dense_adam(share):
    dense, rows, _ = both(400, some(share), torch.float64)
    torch.testing.assert_close(rows, dense, rtol=0, atol=2e-7)
    assert (dense - dense.round()).abs().max() > 0.1  # they have gone somewhere


def test_a_rest_longer_than_the_sums_reach():
    """One gradient late in the training; then nothing until the end."""

    def read(step):
        return torch.arange(3 if step < 30 else 2)

    dense, rows, adam = both(30 + 3 * REST, read, torch.float64)
    torch.testing.assert_close(rows, dense, rtol=0, atol=1e-7)
    assert adam.exp_avg[2].abs().max() < 1e-25 < adam.exp_avg_sq[2].min()


def test_lazy_adam_is_another_one():
    """What ``SparseAdam`` makes of a row that rests, as the docstring says."""
    torch.manual_seed(0)
    moved = {}
    for way in ("sparse", "rows", "dense"):
        weight = torch.nn.Parameter(torch.zeros(2, 1, dtype=torch.float64))
        adam = RowAdam(weight.data, 0.01)
        lazy = torch.optim.SparseAdam([weight], 0.01)
        dense = torch.optim.Adam([weight], 0.01)
        for step in range(2000):
            ids = torch.tensor([0, 1] if step == 1000 else [0])
            gradient = torch.ones(len(ids), 1, dtype=torch.float64)
            if way == "rows":
                adam.push(ids, gradient)
                continue
            weight.grad = torch.sparse_coo_tensor(
                ids[None], gradient, (2, 1), check_invariants=True
            )
            if way == "dense":
                weight.grad = weight.grad.to_dense()
            (lazy if way == "sparse" else dense).step()
        adam.catch_up()
        moved[way] = -weight[1].item()
    assert moved["rows"] == pytest.approx(moved["dense"], rel=1e-6)
    assert moved["dense"] / moved["sparse"] == pytest.approx(10, rel=0.1)


def test_a_table_is_right_whenever_it_is_caught_up():
    def between(step, adam):
        if step % 7 == 0:
            adam.catch_up()

    dense, rows, _ = both(100, some(0.2), torch.float64, between)
    torch.testing.assert_close(rows, dense, rtol=0, atol=2e-7)


def test_what_is_pulled_only_changes_nothing():
    def between(step, adam):
        adam.pull(torch.arange(N))

    pure, _ = both(50, some(0.2))[1:]
    asked, _ = both(50, some(0.2), between=between)[1:]
    assert torch.equal(pure, asked)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_keeps_its_means_in_float32(dtype):
    torch.manual_seed(0)
    weight = torch.randn(N, E).to(dtype)
    adam = RowAdam(weight, 0.01)
    for _ in range(20):
        ids = torch.arange(5)
        adam.push(ids, torch.ones(5, E, dtype=dtype))
    before = weight.clone()
    adam.catch_up()
    assert adam.exp_avg.dtype == torch.float32 and weight.dtype == dtype
    assert torch.isfinite(weight).all() and torch.equal(before[5:], weight[5:])
    assert (adam.exp_avg[:5] > 0.5).all()


def test_several_reads_of_one_step_are_summed():
    torch.manual_seed(0)
    table = EmbeddingTable(N, E, padding_idx=0)
    ids = torch.tensor([[3, 0, 3], [7, 2, 3]]), torch.tensor([7, 9, 0])
    weights = torch.randn(2, 3, E), torch.randn(3, E)

    def loss():
        return sum((table(i) * w).sum() for i, w in zip(ids, weights, strict=True))

    loss().backward()
    reader = TableRows(table, RowAdam(table.weight))
    reader.open()
    loss().backward()
    rows, gradient = reader.gradients()
    assert rows.tolist() == [0, 2, 3, 7, 9]
    torch.testing.assert_close(gradient, table.weight.grad[rows])
    assert not gradient[0].any()
    assert reader.gradients() is None


def batches(number=60, size=16):
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(0, N + 1, (number, size, 5), generator=generator)
    target = torch.randint(1, N + 1, (number, size), generator=generator)
    return [
        Batch(i, i != 0, t, t[:, None], t, t) for i, t in zip(ids, target, strict=True)
    ]


def sampled(make, **options):
    torch.manual_seed(0)
    sampler = NegativeSampler.uniform(N)
    return make(N, 8, sampler=sampler, num_negatives=4, **options)


@pytest.mark.parametrize("make", [ComiRecSA, MeanPooling, SASRec, GRU4Rec])
def test_fit_by_rows_is_fit(make):
    trained = {}
    for way in ("dense", "rows"):
        model = sampled(make).double()
        result = fit(
            model,
            batches(),
            epochs=2,
            learning_rate=0.01,
            seed=1,
            device="cpu",
            table_optimizer=way,
            progress=False,
        )
        trained[way] = model.embedding.weight.detach(), result
        assert model.embedding.reader is None
    torch.testing.assert_close(
        trained["rows"][0], trained["dense"][0], atol=1e-5, rtol=0
    )
    assert not trained["rows"][0][0].any()
    assert "embedding" in trained["rows"][1].by_rows and not trained["dense"][1].by_rows


def run(model, **options):
    return fit(model, batches(8), epochs=2, device="cpu", progress=False, **options)


def test_the_same_seed_gives_the_same_weights():
    models = [sampled(ComiRecSA) for _ in range(2)]
    for model in models:
        run(model, seed=3, table_optimizer="rows")
    assert torch.equal(*(model.embedding.weight for model in models))


def test_large_tables_are_read_by_rows_unless_the_loss_reads_them_whole(monkeypatch):
    assert run(sampled(ComiRecSA)).by_rows == ()
    monkeypatch.setattr("seqviz.experiments.model_adam.ROWS_FROM", N)
    assert run(sampled(ComiRecSA)).by_rows == ("embedding",)
    torch.manual_seed(0)
    whole, dense = ComiRecSA(N, 8), ComiRecSA(N, 8)
    dense.load_state_dict(whole.state_dict())
    assert run(whole).by_rows == ()
    run(dense, table_optimizer="dense")
    torch.testing.assert_close(whole.embedding.weight, dense.embedding.weight)


def test_rows_are_refused_where_nothing_is_read_by_rows():
    with pytest.raises(ValueError, match="must be 'dense' for a loss that reads its"):
        run(ComiRecSA(N, 8), table_optimizer="rows")
    with pytest.raises(ValueError, match="one of dense, rows, got 'lazy'"):
        run(ComiRecSA(N, 8), table_optimizer="lazy")


def test_a_table_that_is_read_whole_later_is_an_error():
    class Later(ComiRecSA):
        def loss(self, batch):
            self.steps = getattr(self, "steps", 0) + 1
            extra = self.embedding.weight.sum() if self.steps > 3 else 0
            return super().loss(batch) + 0 * extra

    model = sampled(Later)
    with pytest.raises(RuntimeError, match="embedding.weight was read whole after"):
        run(model, table_optimizer="rows")
    assert model.embedding.reader is None


def test_bf16_and_a_frozen_table():
    model = sampled(ComiRecSA)
    assert run(model, bf16=True, table_optimizer="rows").by_rows
    frozen = sampled(ComiRecSA)
    frozen.embedding.weight.requires_grad_(False)
    before = frozen.embedding.weight.clone()
    run(frozen, table_optimizer="rows")
    assert torch.equal(frozen.embedding.weight, before)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda():
    model = sampled(ComiRecSA)
    result = fit(model, batches(8), epochs=1, table_optimizer="rows", progress=False)
    assert model.embedding.weight.is_cuda and result.by_rows == ("embedding",)


def test_bad_input():
    with pytest.raises(ValueError, match=r"weight must be \[N, E\], got \[3\]"):
        RowAdam(torch.zeros(3))
    with pytest.raises(ValueError, match="learning_rate must"):
        RowAdam(torch.zeros(3, 2), 0.0)
