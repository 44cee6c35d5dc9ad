"""``tests/cuda.sh``: the editions on a GPU and on the CPU, seconds side by side.

python tests/editions/devices.py cpu                 without a GPU
python tests/editions/devices.py cpu einsum          this chapter alone
python tests/editions/devices.py cpu /path/python    with that one's packages
python tests/editions/devices.py cpu seconds.json    and write the seconds there
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

import torch
from nbclient.exceptions import CellExecutionError
from running import Warm, faults, run

from benchmarks.machine import processor
from seqviz.site.colab.edition import Edition
from seqviz.site.colab.seconds import Seconds, store, versions
from seqviz.site.colab.write import make_press
from seqviz.site.contents import chapters

HIDDEN = {"cuda": None, "cpu": ""}  # what CUDA_VISIBLE_DEVICES says; None leaves it


class Outcome(NamedTuple):
    """How an edition ran; without seconds if a cell failed."""

    seconds: Seconds | None
    said: str


def main(given: list[str]) -> int:
    """Run the editions that are named, else all; return the exit status."""
    devices = ["cpu"] if "cpu" in given else ["cuda", "cpu"]
    into = next((Path(one) for one in given if one.endswith(".json")), None)
    wanted = set(given) - {"cpu", str(into)}
    python = next((one for one in wanted if Path(one).is_absolute()), sys.executable)
    wanted -= {python}
    if "cuda" in devices and not torch.cuda.is_available():
        print("There is no GPU that PyTorch can use here; say cpu to run without one.")
        return 1
    known = {page.source.stem: page for page in chapters()}
    if unknown := wanted - set(known):
        print(f"chapters must be of {', '.join(known)}, got {', '.join(unknown)}")
        return 2
    press = make_press()
    texts = {
        name: Edition(page, press).text()
        for name, page in known.items()
        if not wanted or name in wanted
    }
    name_of = torch.cuda.get_device_name() if "cuda" in devices else "no GPU asked"
    print(f"{name_of}, {os.cpu_count()} cores, torch {torch.__version__}")
    print("seconds: of the processor, of the clock; PyTorch was imported before")
    found = {device: _all(texts, device, python) for device in devices}
    if len(devices) > 1:
        print(f"{'chapter':20}" + "".join(f"{device:>9}" for device in devices))
        for name in texts:
            walls = (_wall(found[device][name]) for device in devices)
            print(f"{name:20}" + "".join(walls))
    if into:
        machine = f"{processor()}, {os.cpu_count()} cores"
        ran = {known[name].name: one.seconds for name, one in found["cpu"].items()}
        store(into, machine, versions(python), ran)
    failed = {
        f"{name} on {device}: {one.said}"
        for device in devices
        for name, one in found[device].items()
        if one.said
    }
    print("\n".join(sorted(failed)) or "All of them run to their end.")
    return bool(failed)


def _all(texts: dict[str, str], device: str, python: str) -> dict[str, Outcome]:
    """Return of each edition how it ran, some side by side; say it as they end."""
    if HIDDEN[device] is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = HIDDEN[device]
    side_by_side = max((os.cpu_count() or 1) // 4, 1)
    found = {}
    with Warm(python) as kernels, ThreadPoolExecutor(side_by_side) as pool:
        ran = pool.map(lambda text: _one(text, kernels), texts.values())
        for name, outcome in zip(texts, ran, strict=True):
            found[name] = outcome
            used = outcome.seconds.processor if outcome.seconds else float("nan")
            print(f"{name:20} {device:5}{used:9.1f}{_wall(outcome)}", flush=True)
    return found


def _wall(outcome: Outcome) -> str:
    return f"{outcome.seconds.wall:9.1f}" if outcome.seconds else "  stopped"


def _one(text: str, kernels: Warm) -> Outcome:
    with TemporaryDirectory() as folder:
        try:
            ran = run(text, Path(folder), kernels)
        except CellExecutionError as error:
            return Outcome(None, str(error).strip().splitlines()[-1])
    said = "; ".join(faults(ran.notebook))
    return Outcome(Seconds(ran.processor, ran.wall), said)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
