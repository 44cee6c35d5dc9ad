"""The count of a step against a step that runs; the plan's arithmetic."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from seqviz.data import Batch
from seqviz.experiments.model_adam import ModelAdam
from seqviz.experiments.scale import CALLS, Machine, Work, measure_machine, plan
from seqviz.layers import NegativeSampler
from seqviz.models import ComiRecSA

WORK = Work(items=3000, batch=16, length=10, dim=32, interests=4, negatives=64)
MACHINE = Machine(1e-11, 1e-10, 1e-9, 1e-8, 1e-8, 1e-6)


class Calls(TorchDispatchMode):
    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += 1
        return function(*args, **(kwargs or {}))


@pytest.fixture(scope="module")
def step():
    """A step that can be taken again, and its Adam by rows."""
    torch.manual_seed(0)
    sampler = NegativeSampler.log_uniform(torch.arange(3001).flip(0))
    options = {"temperature": 0.1, "sampler": sampler, "num_negatives": 64}
    model = ComiRecSA(3000, 32, 4, **options)
    optimizer = ModelAdam(model, 1e-3, "rows")
    optimizer.open()
    ids = torch.randint(1, 3001, (16, 10))
    target = torch.randint(1, 3001, (16,))
    batch = Batch(ids, ids != 0, target, target[:, None], target, target)

    def take():
        model.zero_grad(set_to_none=True)
        model.loss(batch).backward()
        optimizer.step()

    take()
    (rows,) = optimizer._tables.values()
    return take, rows.adam


def test_the_products_are_those_of_a_step(step):
    with FlopCounterMode(display=False) as counter:
        step[0]()
    assert WORK.products == pytest.approx(counter.get_total_flops() / 2, rel=0.1)


def test_the_operations_are_about_as_many(step):
    with Calls() as calls:
        step[0]()
    assert pytest.approx(calls.count, rel=0.2) == CALLS


def test_the_bytes_are_those_of_the_table_and_what_adam_keeps(step):
    adam = step[1]
    kept = (adam.weight, adam.exp_avg, adam.exp_avg_sq, adam.stands)
    assert WORK.table_bytes == sum(x.numel() * x.element_size() for x in kept)


def test_rows_that_differ():
    generator = torch.Generator().manual_seed(0)
    drawn = [
        len(torch.randint(3000, (WORK.ids,), generator=generator).unique())
        for _ in range(200)
    ]
    assert WORK.rows == pytest.approx(sum(drawn) / 200, rel=0.005)
    assert Work(10**8).rows == pytest.approx(Work(10**8).ids, rel=1e-3)


def test_a_step_is_the_sum_of_its_parts():
    alone = [
        WORK.step_seconds(Machine(*(1.0 * (i == j) for j in range(6))))
        for i in range(6)
    ]
    together = WORK.step_seconds(Machine(*[1.0] * 6))
    assert sum(alone) == pytest.approx(together)
    assert alone[2] == 16 * 10 * 128 and alone[5] == CALLS
    half = Machine(0, 0, 0, 1.0, 0, 0, row_width=32)
    assert WORK.step_seconds(half) == pytest.approx(alone[3] * 2)


def test_what_a_rank_sends():
    assert WORK.exchange_bytes(1) == 0
    two = WORK.exchange_bytes(2)
    assert two == pytest.approx(WORK.rows * (8 + 2 * 32 * 4) / 2)
    assert WORK.exchange_bytes(1000) == pytest.approx(2 * two, rel=0.01)


def test_a_plan():
    small = plan(WORK, MACHINE, 10_000)
    assert small.machines == 1 and small.exchange_share == 0
    assert small.log_bytes == 200_000 and small.table_bytes == WORK.table_bytes
    steps = 10_000 / 16
    assert small.thread_seconds == pytest.approx(steps * WORK.step_seconds(MACHINE))
    assert small.seconds == pytest.approx(small.thread_seconds / small.ranks)
    large = plan(WORK, MACHINE, 10**12, threads=16)
    assert large.seconds <= 86_400 < large.seconds * (1 + 2 / large.machines)
    assert large.ranks == 16 * large.machines and 0 < large.exchange_share < 1
    faster = plan(WORK, MACHINE, 10**12, network=1e12)
    assert faster.machines < large.machines
    huge = Work(10**9)
    assert plan(huge, MACHINE, 1).machines == -(-huge.table_bytes // 48_000_000_000)


def test_a_machine_is_measured():
    machine = measure_machine(rows=2000, repeats=2)
    assert all(0 < value < 1e-3 for value in machine[:6]) and machine.row_width == 64


def test_bad_input():
    with pytest.raises(ValueError, match="events must be at least 1, got 0"):
        plan(WORK, MACHINE, 0)
    with pytest.raises(ValueError, match="days must"):
        plan(WORK, MACHINE, 1, days=0)
    with pytest.raises(ValueError, match="rows must be at least 1000"):
        measure_machine(rows=10)
    with pytest.raises(ValueError, match="ranks must be at least 1"):
        WORK.exchange_bytes(0)
