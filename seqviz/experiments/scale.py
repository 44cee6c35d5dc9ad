r"""What a training needs, on paper: bytes, seconds, machines.

A step of ComiRec-SA is counted, not run: the products of its matrices, the numbers that
pass through it one by one, and the rows that it fetches from the table and puts back.
What each of these costs is measured once on a machine, in isolation; no cost is fitted
to a whole step. What is on the list was extended after a first comparison with measured
steps, so these test the count of a later size or machine more than the list itself
(``book/systems/scale.md``).
"""

import math
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import torch
from torch.autograd import grad

from seqviz.arguments import require_number, require_whole
from seqviz.experiments.row_adam import put_rows

NUMBER = 4  # bytes of a float32
ROW_MOVES = 6  # a row, its mean and mean square, fetched and put back
CALLS = 300  # operations of a step, however small
FOR_TABLE = 0.75  # of a machine's memory


class Machine(NamedTuple):
    """What one thread does, in seconds.

    Attributes:
        product: for a multiplication and an addition of a matrix product.
        number: to take a number from memory, change it and put it back.
        tanh: for a tanh and its gradient.
        row: to fetch or put back a row of ``row_width`` numbers of a large table.
        sort: to find the different ids of a step, for each id.
        call: to start an operation of torch, with its gradient.
        row_width: E of the table that ``row`` was measured on.
    """

    product: float
    number: float
    tanh: float
    row: float
    sort: float
    call: float
    row_width: int = 64


class Work(NamedTuple):
    """One training: ComiRec-SA with a sampled softmax, its table moved by rows.

    Attributes:
        items: N.
        batch: B, of one process.
        length: T, all clicks real.
        dim: E.
        interests: K.
        negatives: S, shared by the batch.
    """

    items: int
    batch: int = 256
    length: int = 50
    dim: int = 64
    interests: int = 4
    negatives: int = 1024

    @property
    def ids(self) -> int:
        """Ids that a step reads: clicks, targets, negatives."""
        return self.batch * (self.length + 1) + self.negatives

    @property
    def rows(self) -> float:
        """How many of them differ, if all items are as likely."""
        return self.items * -math.expm1(self.ids * math.log1p(-1 / self.items))

    @property
    def products(self) -> float:
        """Multiplications of a step: forward once, backward twice."""
        B, T, E, K = self.batch, self.length, self.dim, self.interests
        pooling = B * T * E * 4 * E + B * T * 4 * E * K + B * K * T * E
        return 3 * (pooling + B * K * E + B * self.negatives * E)

    @property
    def numbers(self) -> float:
        """Numbers that a step changes one by one, the tanh apart.

        Of each row some 20: ten in Adam, six where it catches up, the others in the
        sums of gradients. Of each logit of a negative some 10: the correction, the
        mask, the softmax and the ways back. Of each behavior 4. Of each hidden number
        6, in products that are too narrow to be anything but reading and writing.
        """
        behaviors = self.batch * self.length * self.dim
        logits = self.batch * self.negatives
        return 20 * self.rows * self.dim + 10 * logits + 4 * behaviors + 6 * self.tanhs

    @property
    def tanhs(self) -> int:
        """Hidden numbers of the attention."""
        return self.batch * self.length * 4 * self.dim

    def step_seconds(self, machine: Machine) -> float:
        """What a step takes on one thread."""
        width = self.dim / machine.row_width
        return (
            self.products * machine.product
            + self.numbers * machine.number
            + self.tanhs * machine.tanh
            + ROW_MOVES * self.rows * machine.row * width
            + self.ids * machine.sort
            + CALLS * machine.call
        )

    @property
    def table_bytes(self) -> int:
        """The table, its two means, and the step at which each row stands."""
        return (self.items + 1) * (3 * self.dim * NUMBER + 4)

    def exchange_bytes(self, ranks: int) -> float:
        """What a rank sends in a step, over ``ranks`` that share the table's rows.

        Ids of the rows it asks for, the rows that others ask of it, and gradients.
        """
        require_whole(ranks=ranks)
        return self.rows * (8 + 2 * self.dim * NUMBER) * (1 - 1 / ranks)


class Plan(NamedTuple):
    """What it takes to train one epoch in a given time.

    Attributes:
        log_bytes: the events: user 8 bytes, item 4, time 8.
        table_bytes: of all ranks together.
        thread_seconds: an epoch on one thread, nothing exchanged.
        ranks: threads that it takes, with the exchange.
        seconds: what these take for an epoch.
        exchange_share: of these seconds.
        machines: for the ranks or for the table, whichever is more.
    """

    log_bytes: int
    table_bytes: int
    thread_seconds: float
    ranks: int
    seconds: float
    exchange_share: float
    machines: int


def plan(
    work: Work,
    machine: Machine,
    events: int,
    *,
    days: float = 1.0,
    threads: int = 16,
    memory: float = 64e9,
    network: float = 1.25e9,
) -> Plan:
    """What one epoch over ``events`` needs, each event a target once.

    Args:
        work: of one rank; a rank is one thread, so the whole batch grows with them.
        machine: what a thread does.
        events: of the log.
        days: in which an epoch has to be done.
        threads: of a machine.
        memory: bytes of a machine, of which the table may take three quarters.
        network: bytes a second of a machine, which its threads share; exchange and
            computing take turns.

    Raises:
        TypeError, ValueError: an argument out of range.
    """
    require_whole(events=events, threads=threads)
    require_number(low=0, ends=False, days=days, memory=memory, network=network)
    step = work.step_seconds(machine)
    # at most all rows come from another machine
    exchange = threads * work.exchange_bytes(10**9) / network
    steps = events / work.batch
    ranks = math.ceil(steps * (step + exchange) / (days * 86_400))
    by_memory = math.ceil(work.table_bytes / (FOR_TABLE * memory))
    machines = max(math.ceil(ranks / threads), by_memory)
    ranks = machines * threads
    if machines == 1:
        exchange = 0.0
    return Plan(
        log_bytes=20 * events,
        table_bytes=work.table_bytes,
        thread_seconds=steps * step,
        ranks=ranks,
        seconds=steps / ranks * (step + exchange),
        exchange_share=exchange / (step + exchange),
        machines=machines,
    )


def measure_machine(rows: int = 1_000_000, repeats: int = 15) -> Machine:
    """Measure one thread, part by part: medians of processor time.

    Args:
        rows: of the table; it should be far larger than the caches.
        repeats: of each part.
    """
    require_whole(low=1000, rows=rows)
    require_whole(repeats=repeats)
    E, hidden, taken = 64, 256, 10_000
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        behaviors = torch.randn(12_800, E, requires_grad=True)
        weight = torch.randn(E, hidden, requires_grad=True)
        out = torch.randn(12_800, hidden)
        grown = torch.randn(12_800, hidden, requires_grad=True)
        table = torch.randn(rows, E)
        places = [torch.randint(rows, (taken,)).unique() for _ in range(repeats)]
        after = iter(places)

        def move() -> None:
            chosen = next(after)
            put_rows(table, chosen, table.index_select(0, chosen))

        # with the gradients, as they make and fill memory as a step does
        product = _seconds(
            lambda: grad(behaviors @ weight, (behaviors, weight), out), repeats
        )
        number = _seconds(lambda: out.mul_(0.5), repeats)
        tanh = _seconds(lambda: grad(torch.tanh(grown), grown, out), repeats)
        row = _seconds(move, repeats)
        ids, small = torch.randint(rows, (taken,)), torch.randn(8, requires_grad=True)
        sort = _seconds(lambda: ids.unique(return_inverse=True), repeats)
        call = _seconds(lambda: _many(small).backward(), repeats)
    finally:
        torch.set_num_threads(threads)
    return Machine(
        product=product / (3 * 12_800 * E * hidden),
        number=number / out.numel(),
        tanh=tanh / out.numel(),
        row=row / (2 * len(places[0])),
        sort=sort / taken,
        call=call / (2 * 100),
        row_width=E,
    )


def _many(value: torch.Tensor) -> torch.Tensor:
    """A hundred operations."""
    for _ in range(99):
        value = value * 1.001
    return value.sum()


def _seconds(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return median(times)
