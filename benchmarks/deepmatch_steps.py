"""deepmatch's SDM in a process of its own: a training step for each line that comes in.

Run by ``benchmarks/sdm.py`` with the interpreter of the peer (tests/peers), which has
TensorFlow. Nothing of it is imported where this module is.
"""

import json
import os
import sys
from itertools import cycle
from typing import Any


def main(options: dict[str, Any]) -> None:
    """Say "ready", and "done" after each step."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import numpy as np
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(options["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.compat.v1.disable_eager_execution()
    tf.get_logger().setLevel("ERROR")
    from deepctr.feature_column import SparseFeat, VarLenSparseFeat
    from deepmatch.models import SDM
    from deepmatch.utils import NegativeSampler, sampledsoftmaxloss

    rows, dim = options["items"] + 1, options["dim"]
    batch, length, longest = options["batch"], options["length"], options["long"]

    def history(name: str, size: int) -> VarLenSparseFeat:
        item = SparseFeat(f"{name}_item_id", rows, dim, embedding_name="item_id")
        return VarLenSparseFeat(item, size, "mean", f"{name}_sess_length")

    model = SDM(
        [
            SparseFeat("user_id", options["users"], dim),
            history("short", length),
            history("prefer", longest),
        ],
        [SparseFeat("item_id", rows, dim)],
        ["item_id"],
        units=dim,
        sampler_config=NegativeSampler("uniform", options["negatives"], "item_id"),
        **options["changes"],
    )
    model.compile("adam", loss=sampledsoftmaxloss)
    rng = np.random.default_rng(0)
    made = cycle(
        [
            {
                "user_id": rng.integers(0, options["users"], batch),
                "short_item_id": rng.integers(1, rows, (batch, length)),
                "prefer_item_id": rng.integers(1, rows, (batch, longest)),
                "short_sess_length": np.full(batch, length),
                "prefer_sess_length": np.full(batch, longest),
                "item_id": rng.integers(1, rows, batch),
            }
            for _ in range(5)
        ]
    )
    nothing = np.zeros(batch)
    model.train_on_batch(next(made), nothing)
    print("ready", flush=True)
    for _ in sys.stdin:
        model.train_on_batch(next(made), nothing)
        print("done", flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
