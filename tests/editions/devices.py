"""``tests/cuda.sh``: the editions on a GPU and on the CPU, seconds side by side.

python tests/editions/devices.py cpu                 without a GPU
python tests/editions/devices.py cpu einsum          this chapter alone
python tests/editions/devices.py cpu /path/python    with that one's packages
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

import torch
from nbclient.exceptions import CellExecutionError
from running import Warm, faults, run

from seqviz.site.colab.edition import Edition
from seqviz.site.colab.write import make_press
from seqviz.site.contents import chapters

HIDDEN = {"cuda": None, "cpu": ""}  # what CUDA_VISIBLE_DEVICES says; None leaves it


def main(given: list[str]) -> int:
    """Run the editions that are named, else all; return the exit status."""
    devices = ["cpu"] if "cpu" in given else ["cuda", "cpu"]
    python = next((one for one in given if Path(one).is_absolute()), sys.executable)
    wanted = set(given) - {"cpu", python}
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
    found = {device: _all(texts, device, python) for device in devices}
    print(f"{'chapter':20}" + "".join(f"{device:>9}" for device in devices))
    for name in texts:
        seconds = "".join(f"{found[device][name][0]:8.1f}s" for device in devices)
        print(f"{name:20}{seconds}")
    failed = {
        f"{name} on {device}: {said}"
        for device in devices
        for name, (_, said) in found[device].items()
        if said
    }
    print("\n".join(sorted(failed)) or "All of them run to their end.")
    return bool(failed)


def _all(
    texts: dict[str, str], device: str, python: str
) -> dict[str, tuple[float, str]]:
    """Return of each edition its seconds and what is wrong, some side by side."""
    if HIDDEN[device] is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = HIDDEN[device]
    side_by_side = max((os.cpu_count() or 1) // 4, 1)
    with Warm(python) as kernels, ThreadPoolExecutor(side_by_side) as pool:
        ran = pool.map(lambda text: _one(text, kernels), texts.values())
        return dict(zip(texts, ran, strict=True))


def _one(text: str, kernels: Warm) -> tuple[float, str]:
    start, said = time.perf_counter(), ""
    with TemporaryDirectory() as folder:
        try:
            said = "; ".join(faults(run(text, Path(folder), kernels)))
        except CellExecutionError as error:
            said = str(error).strip().splitlines()[-1]
    return time.perf_counter() - start, said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
