"""SDM's step beside deepmatch's and beside its own kernels; what a session costs.

Beside deepmatch 0.3.2 (TensorFlow 2.12.1, in a process and an environment of its own,
``make test-peers PEERS=deepmatch``): the same batch, session, past, catalog, width,
heads, sampled softmax with as many uniform negatives, Adam on a dense gradient. Not
identical, read in its ``models/sdm.py``: its scores are additive in the past and scaled
in the session, its heads see no later click and are normed; it brings the whole table
to length 1 at each step, ours the rows that it reads; and it trains no weight of its
LSTM. As shipped it has two layers of LSTM with a residual and dropout; then also with
one layer, as ours has. A row says how long a step waits, so it is wall time or none.

Beside its kernels: look-up and its gradient, LSTM, heads, products of the user, loss
and Adam, each by itself, with the weights that the model has.

Short sessions: both sides are the same encoder, forward and backward; "theirs" are
sessions of the full length, so the ratio says how much of the padding a short session
does not pay for.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import torch
import torch.nn.functional as F

from benchmarks.cases import case
from benchmarks.timing import RATE, Clock, Row, Sizes, compare, training
from seqviz.data import SessionBatch
from seqviz.layers import NegativeSampler, ShortTermEncoder
from seqviz.models import SDM

MEAN = 8  # clicks
HEADS, LONG, USERS = 4, 20, 1_000
ROOT = Path(__file__).parents[1]
PEER = ROOT / ".venv-peers" / "deepmatch"
ONE_LAYER = {"rnn_layers": 1, "rnn_num_res": 0, "dropout_rate": 0.0}


@case("session")
def session(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Sessions of 8 clicks on average against full ones, at each length."""
    for length in sizes.lengths:
        encoder = ShortTermEncoder(sizes.dim)
        draws = torch.distributions.Geometric(1 / MEAN).sample((sizes.batch,))
        short = (draws.long() + 1).clamp(max=length)
        yield compare(
            f"session of {MEAN} clicks of {length} on average, against {length}",
            read(encoder, sizes, length, short),
            read(encoder, sizes, length, torch.full_like(short, length)),
            repeats,
            clock=clock,
        )


@case("sdm")
def step(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Our step beside its kernels and, where it is installed, deepmatch's."""
    for length in sizes.lengths:
        yield compare(
            f"SDM step, T {length}, ours: only its kernels, one by one",
            our_step(sizes, length),
            kernels(sizes, length),
            repeats,
            clock=clock,
        )
        if clock is time.process_time:
            continue  # the other process has a clock of its own
        if not (PEER / "stamp").is_file():
            print("SDM beside deepmatch: make test-peers PEERS=deepmatch first")
            continue
        for name, changes in (("as shipped", {}), ("one layer", ONE_LAYER)):
            with deepmatch(sizes, length, changes) as theirs:
                yield compare(
                    f"SDM step, T {length}, deepmatch, {name}",
                    our_step(sizes, length),
                    theirs,
                    repeats,
                    clock=clock,
                )


def read(
    encoder: ShortTermEncoder, sizes: Sizes, length: int, lengths: torch.Tensor
) -> Callable[[], None]:
    """A function to time: sessions ``[B]`` long, padded on the right to ``length``."""
    behaviors = torch.randn(len(lengths), length, sizes.dim, requires_grad=True)
    mask = torch.arange(length) < lengths[:, None]
    user = torch.randn(len(lengths), sizes.dim)

    def step() -> None:
        encoder(behaviors, mask, user).sum().backward()

    return step


def our_model(sizes: Sizes) -> SDM:
    return SDM(
        sizes.items,
        sizes.dim,
        HEADS,
        num_users=USERS,
        temperature=0.05,
        sampler=NegativeSampler.uniform(sizes.items),
        num_negatives=sizes.shared_negatives,
    )


def batches(sizes: Sizes, length: int, pool: int = 5) -> Iterator[SessionBatch]:
    """Full sessions and pasts of uniform ids, over and over."""
    made = []
    for _ in range(pool):
        ids = torch.randint(1, sizes.items + 1, (sizes.batch, length))
        past = torch.randint(1, sizes.items + 1, (sizes.batch, 1, LONG))
        target_ids = torch.randint(1, sizes.items + 1, (sizes.batch,))
        users = torch.randint(0, USERS, (sizes.batch,))
        truths = target_ids[:, None]
        made.append(
            SessionBatch(ids, ids != 0, target_ids, truths, users, users, ids, past)
        )
    return cycle(made)


def our_step(sizes: Sizes, length: int) -> Callable[[], None]:
    return training(
        our_model(sizes),
        lambda model, batch: model.loss(batch),
        batches(sizes, length),
        fused=True,
    )


def kernels(sizes: Sizes, length: int) -> Callable[[], None]:
    """What the step consists of, each part by itself, forward and back."""
    model, made = our_model(sizes), batches(sizes, length)
    table, short, E = model.embedding.weight, model.short, sizes.dim
    optimizer = torch.optim.Adam(model.parameters(), RATE, fused=True)
    shape = sizes.batch, length, E
    clicks, states, read = (torch.randn(shape, requires_grad=True) for _ in range(3))
    past = torch.randn(sizes.batch, LONG, E, requires_grad=True)
    user, query = torch.randn(2, sizes.batch, E).requires_grad_().unbind()
    user, query = user.detach().requires_grad_(), query.detach().requires_grad_()
    items = torch.randn(1 + sizes.shared_negatives, E, requires_grad=True)

    def asked(vectors: torch.Tensor) -> torch.Tensor:
        weights = (vectors * user[:, None]).sum(-1).softmax(1)
        return (weights[..., None] * vectors).sum(1)

    def parts(ids: torch.Tensor) -> None:
        short.lstm(clicks)[0].backward(clicks.detach())
        three = short.heads.query_key_value(states).chunk(3, -1)
        three = (x.unflatten(-1, (HEADS, -1)).transpose(1, 2) for x in three)
        found = F.scaled_dot_product_attention(*three).transpose(1, 2).flatten(2)
        short.heads.output(found).backward(states.detach())
        joined = model.join.gate(torch.cat([user, asked(read), query], 1)).sigmoid()
        long = model.long.join(asked(past)).tanh()
        (joined * asked(read) + (1 - joined) * long).backward(user.detach())
        logits = F.normalize(query, dim=1) @ F.normalize(items, dim=1).T
        F.cross_entropy(logits, torch.zeros_like(ids[: sizes.batch])).backward()

    def step() -> None:
        batch = next(made)
        optimizer.zero_grad(set_to_none=True)
        for leaf in (clicks, states, read, past, user, query, items):
            leaf.grad = None
        parts_of = (batch.session_ids, batch.long_ids, batch.target_ids, model.draw())
        ids = torch.cat([part.flatten() for part in parts_of])
        with torch.no_grad():
            vectors = table.index_select(0, ids)
            table.grad = torch.zeros_like(table).index_add_(0, ids, vectors)
        parts(ids)
        optimizer.step()

    return step


@contextmanager
def deepmatch(
    sizes: Sizes, length: int, changes: dict[str, float]
) -> Iterator[Callable[[], None]]:
    """A function to time: it asks for a step and waits until it is done."""
    options = {
        "items": sizes.items,
        "dim": sizes.dim,
        "batch": sizes.batch,
        "length": length,
        "long": LONG,
        "users": USERS,
        "negatives": sizes.shared_negatives,
        "threads": torch.get_num_threads(),
        "changes": {"num_head": HEADS, **changes},
    }
    command = [PEER / "bin" / "python", "-W", "ignore"]
    command += ["-m", "benchmarks.deepmatch_steps", json.dumps(options)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=sys.stderr, text=True
    ) as process:
        _wait(process, "ready")

        def step() -> None:
            process.stdin.write("\n")
            process.stdin.flush()
            _wait(process, "done")

        yield step
        process.stdin.close()


def _wait(process: subprocess.Popen, word: str) -> None:
    """Skip what is printed besides, such as deepmatch's search for a newer version."""
    for line in process.stdout:
        if line.strip() == word:
            return
    raise RuntimeError(f"deepmatch ended before it said {word!r}")
