"""The commands of the project: what they name is there and can be collected."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version


def _test_folders(root):
    folders = re.findall(
        r"tests/\w+(?= |$)", (root / "Makefile").read_text(), re.MULTILINE
    )
    assert "tests/unit" in folders
    return folders


def test_the_folders_that_make_test_names_exist(root):
    assert [name for name in _test_folders(root) if not (root / name).is_dir()] == []
    readme = (root / "README.md").read_text()
    words = re.search(r"(?m)^tests/ +(.*)$", readme)[1].split(", ")
    assert [name for name in words if not (root / "tests" / name).is_dir()] == []


def test_two_folders_may_hold_a_test_of_one_name(root, tmp_path):
    """As ``make test`` does: all folders in one run, under the project's settings."""
    for folder in ("parity", "notebooks"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test_chapter.py").write_text("def test_one(): pass\n")
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only"]
    command += ["-p", "no:cacheprovider", "-c", str(root / "pyproject.toml")]
    done = subprocess.run(
        [*command, str(tmp_path)], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "2 tests collected" in done.stdout


def test_the_lock_allows_the_cpu_build_of_torch(root):
    """The README offers it: pip takes 2.13.0+cpu for ==2.13.0, and prefers it."""
    pin = re.search(r"(?m)^torch==(\S+)$", (root / "requirements.txt").read_text())[1]
    public, cpu = Version(pin), Version(f"{pin}+cpu")
    assert public.local is None
    assert cpu in SpecifierSet(f"=={pin}") and cpu > public


@pytest.mark.parametrize("extra", ["book", "course", "logs", "report", "test"])
def test_every_extra_is_in_the_lock(root, extra):
    """An extra that no command installs would drift from what is installed.

    ``cluster`` is installed by ``make test-peers`` alone, with what the lock has.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert set(extras) == {"book", "cluster", "course", "logs", "report", "test"}
    locked = (root / "requirements.txt").read_text()
    for need in extras[extra]:
        name = re.match(r"[\w.-]+", need)[0]
        assert re.search(rf"(?m)^{re.escape(name)}==", locked), name


def _pins(path):
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+)$", path.read_text()))


def test_both_environments_have_one_version_of_a_package(root):
    locked = _pins(root / "requirements.txt")
    compared = _pins(root / "benchmarks" / "requirements.txt")
    shared = set(locked) & set(compared)
    assert "torch" in shared
    assert {n: compared[n] for n in shared} == {n: locked[n] for n in shared}


def test_a_cluster_reads_a_log_with_what_its_peer_was_tested_with(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needs = project["optional-dependencies"]["cluster"]
    pinned = re.sub(r"\[.*?\]", "", "\n".join(needs)).splitlines()
    peer = (root / "tests" / "peers" / "spark.txt").read_text()
    peer = re.sub(r"\[.*?\]", "", peer).splitlines()
    assert pinned and set(pinned) <= set(peer)
    locked = (root / "requirements.txt").read_text().splitlines()
    for name in ("duckdb", "ibis-framework", "sqlglot"):
        pins = [
            [x for x in lines if x.startswith(f"{name}==")] for lines in (peer, locked)
        ]
        assert len(pins[0]) == 1 and pins[0] == pins[1]


NEEDS = [
    needs
    for peer in sorted((Path(__file__).parents[1] / "peers").glob("test_*.py"))
    for name in [peer.stem.removeprefix("test_")]
    for needs in sorted(peer.parent.glob(f"{name}-*.txt"))
    or [peer.with_name(f"{name}.txt")]
]


@pytest.mark.parametrize("needs", NEEDS, ids=lambda path: path.stem)
def test_every_peer_says_what_it_needs(root, needs):
    """And takes the lock's torch: a looser pin may fetch CUDA libraries."""
    included = re.findall(r"(?m)^-r (\S+)$", needs.read_text())
    pins = [_pins(needs), *(_pins(needs.parent / name) for name in included)]
    locked = _pins(root / "requirements.txt")
    assert {p["torch"] for p in pins if "torch" in p} == {locked["torch"]}
    for name in ("pytest", "hypothesis"):  # what tests/conftest.py imports
        assert any(name in p for p in pins), name


WITHOUT_XDIST = """
import sys

import pytest


class Absent:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] == "xdist":
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, Absent())
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_a_peer_needs_no_plugin_of_pytest(root):
    """``tests/conftest.py`` is theirs, too."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_XDIST, "--collect-only", "-q", __file__],
        cwd=root,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_node_reads_packages_of_the_environment_as_they_are(root):
    """A "type" here would reach into .venv, where KaTeX's server is CommonJS."""
    assert "type" not in json.loads((root / "package.json").read_text())
