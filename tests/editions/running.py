"""Runs an edition as Colab would, and says what a reader would not want to see."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

import matplotlib
import nbformat
import pytest
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WARM = str(HERE / "warm.py")
SECONDS = 600  # for a cell, or a start, on a busy machine

# Of a kernel, which began when it was forked: what was imported before is not in it.
_PROCESSOR = "import time; print(time.process_time())"
_WIDGET = "application/vnd.jupyter.widget-view+json"
_HOST = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|import\(["']https?:""")


class Ran(NamedTuple):
    """An edition that ran to its end.

    Attributes:
        notebook: with its outputs.
        processor: seconds that its kernel computed.
        wall: seconds from asking for the kernel until it had ended.
    """

    notebook: NotebookNode
    processor: float
    wall: float


class Warm(KernelSpecManager):
    """Kernels forked from a process that has imported what is slow. Use it in a with.

    Each is as new as any: the process has run nothing, and none of it is seqviz. It
    gets the environment, the folder and the PYTHONPATH of whoever asks for it.

    Args:
        python: whose kernels they are, with its packages.
    """

    def __init__(self, python: str = sys.executable) -> None:
        super().__init__()
        self._python = python

    def __enter__(self) -> "Warm":
        self._folder = TemporaryDirectory(prefix="warm-")
        self._address = f"{self._folder.name}/socket"
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.bind(self._address)
            waiting.listen()
            self._program = subprocess.Popen(
                # -P: what lies beside the program is not on Colab
                [self._python, "-P", WARM, "serve", str(waiting.fileno())],
                stdin=subprocess.PIPE,
                env=environment(Path(self._folder.name)) | {"PYTHONPATH": ""},
                pass_fds=[waiting.fileno()],
                cwd=self._folder.name,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._program.stdin.close()
        self._program.wait()
        self._folder.cleanup()

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return what Jupyter starts, whichever kernel it asks for."""
        caller = [self._python, "-S", WARM, "call", self._address]
        words = {"language": "python", "display_name": "Python 3"}
        return KernelSpec(argv=[*caller, "-f", "{connection_file}"], **words)


@cache
def warm(config: pytest.Config) -> Warm:
    """Start it once for all notebooks of this process; it ends with the last test."""
    kernels = Warm().__enter__()
    config.add_cleanup(lambda: kernels.__exit__())
    return kernels


def run(text: str, folder: Path, kernels: KernelSpecManager) -> Ran:
    """Run a notebook in an empty folder, without checkout, data and network.

    Args:
        text: of the notebook's file.
        folder: empty; it may hold things afterwards.
        kernels: where its kernel comes from.

    Raises:
        CellExecutionError: a cell failed, so that "Run all" stops.
    """
    if any(folder.iterdir()):
        raise ValueError(f"folder must be empty, got {folder}")
    notebook = nbformat.reads(text, as_version=4)
    limits = {"timeout": SECONDS, "startup_timeout": SECONDS}
    client = _Client(notebook, kernel_name="python3", **limits)
    client.kernels = kernels
    notebook.cells.append(new_code_cell(_PROCESSOR))
    start = perf_counter()
    client.execute(cwd=str(folder), env=environment(folder))
    wall = perf_counter() - start
    return Ran(notebook, float(notebook.cells.pop().outputs[0].text), wall)


class _Client(NotebookClient):
    kernels: KernelSpecManager

    def create_kernel_manager(self) -> AsyncKernelManager:
        self.km = AsyncKernelManager(
            kernel_name=self.kernel_name, kernel_spec_manager=self.kernels
        )
        return self.km


def environment(folder: Path) -> dict[str, str]:
    """Return the variables of a machine that has never seen the book."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SEQVIZ", "TQDM", "PYTEST", "COV"))
    }
    return kept | {
        "PYTHONPATH": str(HERE / "stand_in"),
        "SEQVIZ_CHECKOUT": str(ROOT),
        "XDG_CACHE_HOME": str(folder / ".cache"),
        "MPLCONFIGDIR": matplotlib.get_cachedir(),  # else a word about its fonts
        "OMP_NUM_THREADS": "1",
    }


def faults(notebook: NotebookNode) -> Iterator[str]:
    """Yield what is wrong with a notebook that ran to its end."""
    if notebook.metadata.get("widgets"):
        yield "the notebook keeps the state of widgets"
    for cell in notebook.cells:
        outputs = cell.get("outputs", ())
        said = "".join(o["text"] for o in outputs if o.get("name") == "stderr")
        if left := _left(said):
            yield f"cell {cell.id}: on stderr: {json.dumps(left[-200:])}"
        for output in outputs:
            for fault in _of_output(output):
                yield f"cell {cell.id}: {fault}"


def _of_output(output: NotebookNode) -> Iterator[str]:
    data = output.get("data", {})
    if _WIDGET in data:
        yield "a widget, which a saved notebook cannot show"
    shown = "".join(data.get("text/html", data.get("text/plain", "")))
    if re.search(r" object at 0x|Traceback", shown + output.get("text", "")):
        yield f"it shows {shown[:80]!r}"
    if found := _HOST.search(shown):
        yield f"it asks another host: {shown[found.start() :][:80]!r}"


def _left(text: str) -> str:
    """Return what stays to be seen: a bar that is done has written spaces over it."""
    lines = (line.split("\r") for line in text.split("\n"))
    seen = ([part for part in line if part][-1:] for line in lines)
    return "\n".join("".join(line) for line in seen).strip()
