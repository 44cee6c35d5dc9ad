"""Does the gate open where the past matters? `make experiments`.

On planted sessions (`seqviz.data.planted_sessions`) it is known in which of
them the past decides, and which clicks are casual. Four readers of the session
and three fusions, without casual clicks and with three of ten; the values of
every test session are stored in sdm_planted_runs.npz.
"""

import sys
from functools import cache

import numpy as np
import torch

from seqviz.data import batches, item_attributes, planted_sessions
from seqviz.data.shop.products import shop_catalog
from seqviz.experiments import Study, run_study
from seqviz.experiments.recommend import recommend
from seqviz.experiments.runs import Run
from seqviz.experiments.train import TRAINING, fit_setting
from seqviz.models import SDM

ATTRIBUTES = torch.from_numpy(
    item_attributes(shop_catalog(), ("category", "price"))
)
MODELS = {
    "SDM": {},
    "without heads": {"self_attention": False},
    "last state of the LSTM": {
        "self_attention": False,
        "user_attention": False,
    },
    "without LSTM": {"recurrent": False},
    "sum": {"fusion": "sum"},
    "concatenation": {"fusion": "concat"},
}
SETTING = {
    "embedding_dim": 16,
    "length": 18,
    "batch_size": 256,
    "temperature": 0.1,
}
STUDY = Study(
    chapter="systems/sdm_planted",
    date="2026-11-30",
    data={
        "no casual clicks": {**SETTING, "casual_rate": 0.0},
        "3 of 10 casual": {**SETTING, "casual_rate": 0.3},
    },
    levels={"no casual clicks": "cuts", "3 of 10 casual": "cuts"},
    splits={"no casual clicks": 1, "3 of 10 casual": 1},
    seeds=3,
    trials=2,
    epochs=80,
    patience=8,
    grid={"learning_rate": (3e-3, 1e-2)},
    families={name: {} for name in MODELS},
)


@cache
def parts(rate):
    """Draw sessions to learn from, to choose by, to report."""
    return [
        planted_sessions(n, casual_rate=rate, seed=seed)
        for n, seed in ((6000, 0), (1000, 1), (1000, 2))
    ]


def whole(planted):
    """Make one batch of all."""
    return next(iter(batches(planted.examples, len(planted.cell), 18)))


@torch.no_grad()
def in_cell(model, planted, n=5):
    """Return the share of each list of n that is of the right cell: [B]."""
    model.eval()
    found = planted.cells[recommend(model, whole(planted), n).numpy()]
    return (found == planted.cell[:, None]).mean(1)


def moved(model, batch, other):
    """How far the probabilities move, half the sum of the changes: [B]."""
    one, two = (model.scores(x).softmax(1) for x in (batch, other))
    return (one - two).abs().sum(1).numpy() / 2


@torch.no_grad()
def measured(model, planted):
    """Return what is stored of every test session."""
    model.eval()
    batch = whole(planted)
    strangers = batch.long_ids.roll(1, 0)
    casual = torch.from_numpy(planted.casual)
    rng = np.random.default_rng(0)
    others = torch.from_numpy(rng.integers(1, 241, size=casual.shape))
    redrawn = torch.where(casual, others, batch.session_ids)
    values = {
        "personal": planted.personal,
        "casual": planted.casual.any(1),
        "in cell@5": in_cell(model, planted),
        "past moves": moved(model, batch, batch._replace(long_ids=strangers)),
        "casual moves": moved(
            model, batch, batch._replace(session_ids=redrawn)
        ),
        "gate": model.read(batch).gate.mean(1).numpy(),
    }
    if casual.any():
        values["weight on casual"] = weight_on(model, batch, casual)
    return {name: column.astype(np.float32) for name, column in values.items()}


def weight_on(model, batch, casual):
    """Weight of the casual clicks over their share: [B], NaN without one."""
    weights = model.read(batch).weights  # [B, T]
    if model.short.heads is not None:  # who is read by whom the user reads
        heads = model.head_weights(batch)  # [B, H, T, T]
        weights = torch.einsum("bt,bts->bs", weights, heads.mean(1))
    share = casual.float().mean(1)
    return ((weights * casual).sum(1) / share).numpy()


def do(name):
    """Make the run of a name."""
    setting, seed = dict(name["setting"]), name["seed"]
    train, validation, test = parts(setting.pop("casual_rate"))
    own = {k: v for k, v in setting.items() if k not in TRAINING}
    torch.manual_seed(seed)
    model = SDM(240, attributes=ATTRIBUTES, **MODELS[name["model"]], **own)
    row = fit_setting(
        model,
        batches(
            train.examples,
            setting["batch_size"],
            setting["length"],
            shuffle=True,
            seed=seed,
        ),
        lambda m: in_cell(m, validation).mean(),
        setting,
        seed,
    )
    users = {"user": np.arange(len(test.cell), dtype=np.int32)}
    return Run(name, row, {**users, **measured(model, test)})


if __name__ == "__main__":
    run_study(STUDY, do, progress="--quiet" not in sys.argv)
