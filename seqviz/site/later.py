"""A large state of an explorer, in a file that a page asks for in time.

A script and not JSON: a page opened from the disk may run one, but fetch nothing.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

#: Below the folder of the explorers.
FOLDER = "later"
#: Letters of a state that stays: a request for so few would cost more.
SMALL = 4_000
_STATE = re.compile(
    r"(<script type=\"application/json\" class=\"sv-state\")>"
    rf"([^<]{{{SMALL},}})</script>"
)
_FILE = re.compile(rf"data-file=\"({FOLDER}/\w+\.js)\"")


def move(html: str) -> tuple[str, dict[str, str]]:
    """Return a page without the large states, and the script of each by its file.

    A page whose states have moved already stays as it is.
    """
    files: dict[str, str] = {}

    def moved(state: re.Match[str]) -> str:
        file = f"{FOLDER}/{hashlib.sha256(state[2].encode()).hexdigest()[:12]}.js"
        files[file] = f"(window.svLater ??= {{}})[{json.dumps(file)}] = {state[2]};\n"
        return f'{state[1]} data-file="{file}"></script>'

    return _STATE.sub(moved, html), files


def move_all(pages: Mapping[Path, str], explorers: Path) -> dict[Path, str]:
    """Return the pages without the large states, which go to the explorers' folder.

    A file that no page asks for any more is taken away.
    """
    finished, wanted = {}, set()
    for path, html in pages.items():
        finished[path], files = move(html)
        wanted.update(_FILE.findall(finished[path]))
        for file, text in files.items():
            (explorers / file).parent.mkdir(parents=True, exist_ok=True)
            (explorers / file).write_text(text, encoding="utf-8")
    for old in (explorers / FOLDER).glob("*.js"):
        if f"{FOLDER}/{old.name}" not in wanted:
            old.unlink()
    return finished
