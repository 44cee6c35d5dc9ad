"""Is attention better, and at which length? `make experiments`.

A planted task: somewhere in a history of T - 1 clicks on 64 items lies one of
eight items of the category that is asked for at the end, or two, of which the
later counts. Which of the eight? What has to be kept is the same at every T;
only the way to the end is longer. One layer each, as wide, with as many steps;
whether each of 1,000 test histories is answered is in memory_length_runs.npz.
"""

import sys
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seqviz.experiments import Study, run_study
from seqviz.experiments.runs import Run
from seqviz.experiments.train import fit_setting
from seqviz.layers import GRU, LSTM, SelfAttention

ANSWERS, OTHERS, WIDTH = 8, 64, 32
ASKING = ANSWERS + OTHERS  # the id of the question, the last step
LENGTHS = (20, 100, 400)
STEPS, ROWS = 50, 32  # of an epoch, of a batch
FAMILIES = ("GRU", "LSTM", "self-attention", "self-attention, positions")
STUDY = Study(
    chapter="foundations/memory_length",
    date="2026-11-29",
    data={f"T = {n}": {"length": n, "embedding_dim": WIDTH} for n in LENGTHS},
    levels={f"T = {n}": "cuts" for n in LENGTHS},
    splits={f"T = {n}": 1 for n in LENGTHS},
    seeds=3,
    trials=2,
    epochs=8,
    patience=8,
    grid={"learning_rate": (1e-2, 3e-3)},
    families={name: {} for name in FAMILIES},
)


class Histories(NamedTuple):
    """Clicks [B, T], the last one the question, and what is right [B]."""

    item_ids: Tensor
    answers: Tensor


def draw(rows, length, twice, generator):
    """Draw histories; in the first ``twice`` of them two clicks were made."""
    ids = torch.randint(ANSWERS, ASKING, (rows, length), generator=generator)
    ids[:, -1] = ASKING
    places = torch.rand(rows, length - 1, generator=generator).argsort(1)
    earlier, later = places[:, :2].sort(1).values.unbind(1)  # [B] each
    right = torch.randint(0, ANSWERS, (rows,), generator=generator)
    other = torch.randint(1, ANSWERS, (rows,), generator=generator)
    row = torch.arange(rows)
    ids[row, later] = right
    ids[row[:twice], earlier[:twice]] = ((right + other) % ANSWERS)[:twice]
    return Histories(ids, right)


class Drawn:
    """New histories for each epoch, half of them with two clicks."""

    def __init__(self, length, seed):
        self.length = length
        self.generator = torch.Generator().manual_seed(seed)

    def __iter__(self):
        for _ in range(STEPS):
            yield draw(ROWS, self.length, ROWS // 2, self.generator)


class Reader(nn.Module):
    """One layer over the clicks; its last output says which item it was."""

    def __init__(self, family, length, width):
        super().__init__()
        self.item = nn.Embedding(ASKING + 1, width)
        layers = {"GRU": GRU, "LSTM": LSTM}
        self.layer = layers.get(family, SelfAttention)(width)
        self.place = None
        if family.endswith("positions"):
            self.place = nn.Embedding(length, width)  # 0 is the last step
        self.answer = nn.Linear(width, ANSWERS)

    def forward(self, item_ids):
        """Return logits, [B, T] -> [B, 8]."""
        behaviors = self.item(item_ids)  # [B, T, E]
        if not isinstance(self.layer, SelfAttention):
            states, *_ = self.layer(behaviors)
            return self.answer(states[:, -1])
        if self.place is not None:
            behaviors = behaviors + self.place.weight.flip(0)
        mask = torch.ones_like(item_ids, dtype=torch.bool)
        return self.answer(self.layer.at_latest(behaviors, mask)[:, 0])

    def loss(self, batch):
        """Return the cross entropy of a batch."""
        return F.cross_entropy(self(batch.item_ids), batch.answers)


@torch.no_grad()
def right(model, twice, seed, rows, length):
    """Return for each new history whether the answer is right: [rows]."""
    generator = torch.Generator().manual_seed(seed)
    histories = draw(rows, length, rows if twice else 0, generator)
    device = model.answer.weight.device
    found = [model(ids.to(device)).argmax(1) for ids in histories[0].split(100)]
    return (torch.cat(found).cpu() == histories.answers).numpy()


def do(name):
    """Make the run of a name."""
    setting, seed = name["setting"], name["seed"]
    length = setting["length"]
    torch.manual_seed(seed)
    model = Reader(name["model"], length, setting["embedding_dim"])

    def validate(model):
        both = [right(model, twice, 10_001, 200, length) for twice in (0, 1)]
        return float(np.mean(both))

    row = fit_setting(model, Drawn(length, seed), validate, setting, seed)
    shared = {*model.item.parameters(), *model.answer.parameters()}
    own = [p.numel() for p in model.parameters() if p not in shared]
    row["parameters"] = sum(own)
    columns = {
        "once": right(model, False, 10_002, 1000, length),
        "twice": right(model, True, 10_002, 1000, length),
    }
    users = {"user": np.arange(1000, dtype=np.int32)}
    users |= {key: found.astype(np.float32) for key, found in columns.items()}
    return Run(name, row, users)


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
