"""The folder of a chosen model: weights, vectors, ids, an index, ONNX, a server."""

import json
import logging
import os
import shutil
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import faiss
import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from seqviz.models import Retriever
from seqviz.report.description import moment
from seqviz.report.reading import Log
from seqviz.report.saved import CONFIG, FORMAT, ITEMS, WEIGHTS
from seqviz.report.trials import Method, own

SERVE = Path(__file__).with_name("serve.py")
ONNX = "model.onnx"
CLOSE = 1e-4  # how far ONNX may be from torch, relative to the largest entry


class Stored(NamedTuple):
    """What was written.

    Attributes:
        folder: where.
        family: whose model it is.
        files: name to what it is.
        export: what became of the export to ONNX, in a sentence.
        served: whether ``serve.py`` is among them.
    """

    folder: Path
    family: str
    files: dict[str, str]
    export: str
    served: bool


def store(model: Retriever, method: Method, log: Log, folder: Path) -> Stored:
    """Write the folder; it appears whole or not at all.

    Args:
        model: of a method's first seed, trained on all before the test.
        method: which.
        log: what it was trained on.
        folder: replaced if it is there.
    """
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    named = method.runs[0].name
    length = named["setting"]["length"]
    config = {
        "format": FORMAT,
        "family": method.name,
        "options": own(named["setting"]),
        "length": length,
        "num_items": model.num_items,
        "log": log.name,
        "seed": named["seed"],
        "trained until": moment(log.moments[1]),
        "epochs": max(1, method.runs[0].row["best_epoch"]),
        "validation recall@20 before": method.runs[0].row["validation"],
        "torch": torch.__version__,
    }
    save_file({k: v.contiguous() for k, v in model.state_dict().items()},
              part / WEIGHTS)  # fmt: skip
    (part / WEIGHTS).chmod(0o644)  # as the others; a server may be another user
    vectors = model.item_vectors().detach().float().cpu().numpy()
    np.save(part / "item_vectors.npy", vectors)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors[1:]))
    faiss.write_index(index, str(part / "index.faiss"))
    _write(part / ITEMS, [str(name) for name in log.item_ids])
    files = {
        CONFIG: "which model, how long a history, how it was chosen",
        WEIGHTS: "the weights",
        "item_vectors.npy": f"[N + 1, E] = {list(vectors.shape)}, row 0 is padding",
        "index.faiss": "FAISS, exact inner product; row r is item r + 1",
        ITEMS: "the log's own ids by item number; number 0 is padding",
    }
    rows = log.task.split.test.histories.pad(length)[0][:64]
    export = _exported(model, torch.from_numpy(rows), part / ONNX)
    served = (part / ONNX).is_file()
    if served:
        files[ONNX] = "item ids [B, T] to interests [B, K, E]"
        files["serve.py"] = "a server of one file: numpy, faiss-cpu, onnxruntime"
        shutil.copyfile(SERVE, part / "serve.py")
    _write(part / CONFIG, config)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)
    return Stored(folder, method.name, files, export, served)


class _Interests(nn.Module):
    """What is exported: ids to the interests that the item vectors are asked with."""

    def __init__(self, model: Retriever) -> None:
        super().__init__()
        self.model = model

    def forward(self, item_ids: Tensor) -> Tensor:
        return self.model.scaled_interests(item_ids)


def _exported(model: Retriever, rows: Tensor, path: Path) -> str:
    """Write the model as ONNX and compare it with torch; say what came of it."""
    absent = [p for p in ("onnx", "onnxscript", "onnxruntime") if not find_spec(p)]
    if absent:
        return (
            f"Not exported to ONNX, so there is no serve.py either; the extra report "
            f"is not installed ({', '.join(absent)})."
        )
    import onnxruntime

    for name in ("torch.onnx", "onnxscript", "onnx_ir"):  # of what is well
        logging.getLogger(name).setLevel(logging.ERROR)
    asks = _Interests(model).eval()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                asks,
                (rows[:2],),
                str(path),
                input_names=["item_ids"],
                output_names=["interests"],
                dynamic_shapes={"item_ids": {0: torch.export.Dim("batch")}},
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    except Exception as error:  # the exporter raises many kinds
        path.unlink(missing_ok=True)
        while error.__cause__ is not None:
            error = error.__cause__
        first = str(error).strip().splitlines()[0][:160]
        return (
            f"Not exported to ONNX: {type(error).__name__}, {first}; so there is no "
            "serve.py either."
        )
    session = onnxruntime.InferenceSession(path)
    (found,) = session.run(None, {"item_ids": rows.numpy()})
    with torch.no_grad():
        wanted = asks(rows).numpy()
    far = float(np.abs(found - wanted).max() / max(np.abs(wanted).max(), 1e-9))
    if not far < CLOSE:
        path.unlink()
        return (
            f"Not exported to ONNX: the export is {far:.1g} from torch on {len(rows)} "
            "test histories, relative to the largest entry."
        )
    return (
        f"Exported to ONNX and compared with torch on {len(rows)} test histories: the "
        f"interests agree to {far:.0e} of the largest entry."
    )


def _write(path: Path, content: Mapping[str, Any] | list[str]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=0)
    path.write_text(text, encoding="utf-8")
