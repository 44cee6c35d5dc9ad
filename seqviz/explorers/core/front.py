"""The front end of the explorers: what a host loads, from the files of the folders.

No class is imported here, so that the book can write its files without torch.
"""

import re
from pathlib import Path

CORE = Path(__file__).parent
#: The folder of each explorer, by its name.
FOLDERS = {
    path.parent.name: path.parent for path in sorted(CORE.parent.glob("*/view.js"))
}


def read(path: Path) -> str:
    """Return the text of a front-end file."""
    return path.read_text(encoding="utf-8")


def source(folder: Path) -> str:
    """Return an explorer's whole ES module: the shared part and all of its folder."""
    own = sorted(folder.glob("*.js"))  # view.js comes last
    return "\n".join(read(path) for path in (CORE / "shared.js", *own))


def script(folder: Path) -> str:
    """Return the module as a classic script, for a page opened from the disk.

    Browsers do not import modules over ``file:``. This form leaves the explorer in
    ``window.svExplorers`` instead of exporting it.
    """
    body, count = re.subn(r"(?m)^export default ", "return ", source(folder))
    if count != 1:
        raise ValueError(
            f"{folder.name} must have one 'export default' at the start of a line, "
            f"found {count}"
        )
    name = f"(window.svExplorers ??= {{}})[{folder.name!r}]"
    return f"{name} = (() => {{\n{body}\n}})();\n"


def style(*folders: Path) -> str:
    """Return the style sheet of these explorers, without the design tokens."""
    return read(CORE / "style.css")
