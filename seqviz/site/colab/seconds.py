"""How long the editions run on Colab's packages: what is stored, as a table.

``make test-peers STORE=yes`` measures it: for each of Colab's lists of packages one
file in ``book/colab_seconds``.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from seqviz.site.day import in_words

#: What a reader may want to know the version of.
PACKAGES = ("torch", "numpy", "pandas", "matplotlib", "ipywidgets", "ipython")

_ASK = """
import json, platform, sys
from importlib.metadata import version
found = {name: version(name).split("+")[0] for name in sys.argv[1:]}
print(json.dumps({"Python": platform.python_version()} | found))
"""


class Seconds(NamedTuple):
    """How long an edition ran.

    Attributes:
        processor: seconds that its kernel computed.
        wall: seconds on the clock.
    """

    processor: float
    wall: float


def versions(python: str) -> dict[str, str]:
    """Return the versions of an interpreter and of its packages."""
    command = [python, "-c", _ASK, *PACKAGES]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(said.stdout)


def store(
    into: Path,
    machine: str,
    versions: Mapping[str, str],
    ran: Mapping[str, Seconds | None],
    today: date | None = None,
) -> None:
    """Write how long editions ran; a chapter that stopped loses its seconds.

    What the file says of other chapters stays if it was measured on the same day, on
    the same machine, with the same versions.

    Args:
        into: a file, which may exist.
        machine: its processor and cores.
        versions: what the editions ran with, by name.
        ran: seconds by the names of pages.
        today: the day of the run.
    """
    measured = {
        "ran": (today or date.today()).isoformat(),
        "machine": machine,
        "versions": dict(versions),
    }
    seconds = {}
    if into.is_file():
        before = json.loads(into.read_text(encoding="utf-8"))
        seconds = before.pop("seconds")
        if before != measured:
            seconds = {}
    for name, one in ran.items():
        seconds[name] = one and {k: round(v, 1) for k, v in one._asdict().items()}
    kept = {name: one for name, one in sorted(seconds.items()) if one}
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_text(
        json.dumps(measured | {"seconds": kept}, indent=1) + "\n", encoding="utf-8"
    )


def table(folder: Path, chapters: Sequence[str]) -> str:
    """Return what is stored as a table in MyST, a row a chapter, a column a list.

    Args:
        folder: of the files; the name of each is year and month of its list.
        chapters: the names of their pages.
    """
    stored = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
    }
    if not stored:
        return "No run is stored with this edition."
    said = [f"- {_list(name)}: {_measured(one)}" for name, one in stored.items()]
    rows = [
        f"| {{doc}}`/{name}` | "
        + " | ".join(_cell(one["seconds"].get(name)) for one in stored.values())
        + " |"
        for name in chapters
    ]
    return "\n".join(
        [
            *said,
            "",
            f"| chapter | {' | '.join(f'list of {_list(name)}' for name in stored)} |",
            f"|---|{'--:|' * len(stored)}",
            *rows,
        ]
    )


def _measured(one: Mapping[str, Any]) -> str:
    with_ = ", ".join(f"{name} {number}" for name, number in one["versions"].items())
    day = in_words(date.fromisoformat(one["ran"]))
    return f"{with_}; on {day} ({one['machine']})"


def _list(name: str) -> str:
    return f"{date.fromisoformat(f'{name}-01'):%B %Y}"


def _cell(seconds: Mapping[str, float] | None) -> str:
    return f"{seconds['processor']:.0f}" if seconds else "–"
