"""A log to padded training batches, beside RecBole's data set on the same events.

Ours: ``read_log`` of a CSV, ``leave_one_out``, one pass of ``batches``. Theirs: a
configuration, ``create_dataset`` and ``data_preparation`` of the same events in its own
form, for SASRec, leave one out; its batches are not asked for, since it fills them
while it prepares. Both give every prefix of at most T events with the next item.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.cases import case
from benchmarks.quiet_recbole import import_recbole
from benchmarks.timing import Clock, Row, Sizes, compare
from seqviz.data import batches, leave_one_out, load_shop
from seqviz.data.logs import read_log


@case("log")
def logs(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """All of it, once each."""
    made = [0, 0]
    folder(sizes)  # written before the clock starts

    def ours() -> None:
        made[0] = our_batches(sizes)

    def theirs() -> None:
        made[1] = their_dataset(sizes)

    row = compare(
        f"log of {sizes.log_users:,} users to batches, RecBole's data set",
        ours,
        theirs,
        1,
        warm_up=0,
        clock=clock,
    )
    assert made[0] == made[1], f"{made[0]} examples are not {made[1]}"
    yield row


def our_batches(sizes: Sizes) -> int:
    """CSV to batches; how many examples there were."""
    dataset, _ = read_log(folder(sizes) / "log.csv", aloud=False)
    train = leave_one_out(dataset.interactions).train
    loader = batches(train, sizes.batch, sizes.lengths[-1], shuffle=True)
    return sum(len(batch.users) for batch in loader)


def their_dataset(sizes: Sizes) -> int:
    """RecBole's training data; how many examples there are."""
    import_recbole()
    for old in ("float_", "complex_", "unicode_", "string_"):  # gone with NumPy 2
        if not hasattr(np, old):
            setattr(np, old, _NEW[old])
    from recbole.config import Config
    from recbole.data import create_dataset, data_preparation

    place = folder(sizes)
    config = Config(
        model="SASRec",
        dataset=place.name,
        config_dict={
            "data_path": str(place.parent),
            "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
            "MAX_ITEM_LIST_LENGTH": sizes.lengths[-1],
            "train_neg_sample_args": None,
            "train_batch_size": sizes.batch,
            "eval_args": {
                "split": {"LS": "valid_and_test"},
                "order": "TO",
                "mode": "full",
            },
            "state": "ERROR",
            "use_gpu": False,
        },
    )
    train, _, _ = data_preparation(config, create_dataset(config))
    return len(train.dataset)


_NEW = {
    "float_": np.float64,
    "complex_": np.complex128,
    "unicode_": np.str_,
    "string_": np.bytes_,
}


@cache
def _kept(sizes: Sizes) -> tempfile.TemporaryDirectory:
    """The events in both forms; gone with the process."""
    place = tempfile.TemporaryDirectory(prefix="seqviz-log-")
    asked = [str(sizes.log_users), str(sizes.log_items), place.name]
    # in another process, whose memory is not ours
    subprocess.run(
        [sys.executable, "-m", __spec__.name, *asked],
        check=True,
        cwd=Path(__file__).parents[1],
    )
    return place


def folder(sizes: Sizes) -> Path:
    """Where the same events lie in both forms, in order of time."""
    return Path(_kept(sizes).name)


def write(users: int, items: int, place: Path) -> None:
    """The shop's events as a CSV and in RecBole's form."""
    table = load_shop(users, num_items=items).interactions.table
    table = table.sort_values(["time", "user"])[["user", "item", "time"]]
    table.to_csv(place / "log.csv", index=False)
    names = ["user_id:token", "item_id:token", "timestamp:float"]
    table.to_csv(place / f"{place.name}.inter", index=False, sep="\t", header=names)


if __name__ == "__main__":
    write(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
