"""``make test-peers``: our numbers beside other people's, each in its own environment.

A peer is a file ``test_<name>.py`` here. What pip installs for it stands in
``<name>.txt``, what goes in without its dependencies in ``<name>.alone.txt``; a program
that it needs of the machine, and how to get it, in ``<name>.program.txt``. A peer with
several lists of packages has each in ``<name>-<list>.txt`` and runs once for each. A
list whose first line is ``# Python 3.13`` gets that Python where the machine has it,
else the one at hand. A peer that cannot be installed here is skipped, with the reason.
``python tests/peers/run.py recbole colab-2026-08`` runs the named ones alone.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LAST_LINES = 5


def main(names: list[str]) -> int:
    """Run the peers, say of each how it went; return the exit status."""
    known = {
        name: peer
        for peer in (path.stem.removeprefix("test_") for path in HERE.glob("test_*.py"))
        for name in [path.stem for path in HERE.glob(f"{peer}-*.txt")] or [peer]
    }
    wanted = names or sorted(known)
    unknown = set(wanted) - {*known, *known.values()}
    if unknown:
        sys.exit(
            f"no such peer: {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        )
    outcomes = {
        name: _outcome(name, peer)
        for name, peer in sorted(known.items())
        if name in wanted or peer in wanted
    }
    width = max(map(len, outcomes))
    print()
    for name, outcome in outcomes.items():
        print(f"{name:<{width}}  {outcome}")
    return any(outcome == "failed" for outcome in outcomes.values())


def _outcome(name: str, peer: str) -> str:
    python, reason = _environment(name)
    if reason:
        return f"skipped: {reason}"
    print(f"\n{name}", flush=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, HERE / f"test_{peer}.py"],
        cwd=ROOT,
        env={**os.environ, "SEQVIZ_PYTHON": sys.executable, "SEQVIZ_PEER": name},
        check=False,
    )
    return "failed" if done.returncode else "passed"


def _environment(name: str) -> tuple[Path, str]:
    """Return the interpreter of a peer, and why there is none."""
    folder = ROOT / ".venv-peers" / name
    python = folder / "bin" / "python"
    program = HERE / f"{name}.program.txt"
    if program.is_file():
        wanted, _, remedy = program.read_text(encoding="utf-8").strip().partition(": ")
        if not shutil.which(wanted):
            return python, f"there is no {wanted} here; {remedy}"
    wanted = [HERE / f"{name}.txt", HERE / f"{name}.alone.txt"]
    wanted = [path for path in wanted if path.is_file()]
    stamp = folder / "stamp"
    key = hashlib.sha256("".join(map(_text, wanted)).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == key:
        return python, ""
    print(f"Installing {name} into .venv-peers (minutes, once)", flush=True)
    commands = [[_base("".join(map(_text, wanted))), "-m", "venv", "--clear", folder]]
    for path in wanted:
        command = [python, "-m", "pip", "install", "-q", "-r", path]
        if path.name.endswith(".alone.txt"):
            command.append("--no-deps")
        commands.append(command)
    for command in commands:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            said = done.stderr.strip().splitlines()[-LAST_LINES:]
            return python, f"{command[2]}: " + " | ".join(said)
    stamp.write_text(key)
    return python, ""


def _base(wanted: str) -> str:
    """Return the Python that a list of packages names, else the one that runs this."""
    named = re.match(r"# Python (\d+\.\d+)\n", wanted)
    if named is None:
        return sys.executable
    done = subprocess.run(
        [shutil.which(f"python{named[1]}") or sys.executable]
        + ["-c", "import sys, venv; print(sys.executable)"],
        env={**os.environ, "PYENV_VERSION": named[1]},  # pyenv's command asks for one
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or sys.executable


def _text(path: Path) -> str:
    """Return a file of requirements with the files that it names."""
    text = path.read_text(encoding="utf-8")
    return text + "".join(
        _text(path.parent / line.removeprefix("-r ").strip())
        for line in text.splitlines()
        if line.startswith("-r ")
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
