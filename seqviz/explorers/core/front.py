"""The front end of the explorers: what a host loads, from the files of the folders.

No class is imported here, so that the book can write its files without torch.
"""

from functools import cache
from pathlib import Path

from seqviz.explorers.core.link import link

CORE = Path(__file__).parent
#: The folder of each explorer, by its name.
FOLDERS = {
    path.parent.name: path.parent for path in sorted(CORE.parent.glob("*/view.js"))
}


def read(path: Path) -> str:
    """Return the text of a front-end file."""
    return path.read_text(encoding="utf-8")


def source(folder: Path) -> str:
    """Return an explorer as one ES module that imports nothing."""
    return f"export default {_explorer(folder)};\n"


def script(folder: Path) -> str:
    """Return an explorer as a classic script, for a page opened from the disk.

    Browsers do not import modules over ``file:``. This form leaves the explorer in
    ``window.svExplorers`` instead of exporting it.
    """
    return f"(window.svExplorers ??= {{}}).{folder.name} = {_explorer(folder)};\n"


def style(*folders: Path) -> str:
    """Return the style sheet of these explorers, without the design tokens."""
    return "\n".join(read(path / "style.css") for path in (CORE, *folders))


#: The script that starts the explorers of a page.
HOST: str = read(CORE / "host.js")


@cache
def _explorer(folder: Path) -> str:
    return link(folder / "view.js", "default")
