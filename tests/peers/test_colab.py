"""On Colab's packages each room is imported, data and layers tested, editions run.

Both lists, of before and after the change of August 2026, with their Python where the
machine has it (run.py). Torch is that of the lock; faiss, which Colab has not, is
hidden from the editions. ``make test-peers PEERS=colab STORE=yes`` puts the seconds
into book/colab_seconds, for the status page.
"""

import ast
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import seqviz

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PEER = os.environ.get("SEQVIZ_PEER", "")
if not PEER.startswith("colab-"):
    pytest.skip("Colab's packages are not installed: make test-peers", True)

PINS = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)$", (HERE / f"{PEER}.txt").read_text()))

#: What needs packages beyond the pins: the book, nbgrader, anyone's log.
EXTRAS = ("seqviz.site.", "seqviz.course.nbgrader")
EXTRAS += ("seqviz.data.logs", "seqviz.report.")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(seqviz.__path__, "seqviz.")
    if not module.name.startswith(EXTRAS)
)
GROUND = {"arguments", "data", "layers", "project", "start"}


def rooms(path):
    """Return the rooms of seqviz that a test file imports, other modules apart."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("seqviz.")}


def test_the_environment_is_that_of_the_pins():
    found = {name: version(name).split("+")[0] for name in PINS}  # torch 2.13.0+cpu
    assert found == PINS


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_imported(name):
    importlib.import_module(name)


def test_every_edition_runs_to_its_end(capfd):
    """The Python of the book makes them, with its packages; the kernels are of here."""
    book = os.environ.get("SEQVIZ_PYTHON")
    if book is None:
        pytest.skip("tests/peers/run.py says which Python makes the editions")
    command = [book, ROOT / "tests" / "editions" / "devices.py", "cpu", sys.executable]
    if os.environ.get("STORE"):
        name = PEER.removeprefix("colab-")
        command.append(ROOT / "book" / "colab_seconds" / f"{name}.json")
    with capfd.disabled():  # the seconds of each chapter
        done = subprocess.run(command, cwd=ROOT, check=False)
    assert done.returncode == 0


def test_data_and_layers_pass_their_tests():
    files = [
        str(path)
        for path in sorted((ROOT / "tests" / "unit").glob("test_*.py"))
        if rooms(path) and rooms(path) <= GROUND
    ]
    assert any("test_data_clicks" in path for path in files)
    assert any("test_self_attention" in path for path in files)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
