"""Interactive figures for two hosts, the notebook and the page: one folder a figure.

Every folder with a ``view.js`` is an explorer, and what its ``__all__`` names can be
imported from here; ``EXPLORERS`` holds the classes.

``MODULES``, ``STYLE`` and ``HOST`` are what the book writes beside its pages: the
module sources by file name (without ``.js``; ``name.file`` is the classic script for
pages opened from the disk), the style sheet and the page host. They are there before
any class is imported, and so without torch.
"""

import re
from ast import literal_eval
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from seqviz.explorers.core.front import FOLDERS, HOST, read, script, source, style

MODULES: dict[str, str] = {
    file: text
    for name, folder in FOLDERS.items()
    for file, text in ((name, source(folder)), (f"{name}.file", script(folder)))
}
STYLE: str = style(*FOLDERS.values())


def owners(folders: Mapping[str, Path]) -> dict[str, str]:
    """Return for each public name the folder whose ``__all__`` has it.

    Raises:
        ImportError: for a folder without ``__all__``, a name that two folders have.
    """
    found: dict[str, str] = {}
    for folder, path in folders.items():
        names = re.search(r"(?ms)^__all__ = (\[.*?\])", read(path / "__init__.py"))
        if not names:
            raise ImportError(f"{folder}/__init__.py must have __all__ = [...]")
        for name in literal_eval(names[1]):
            if name in found:
                raise ImportError(f"{name} is public in {found[name]} and in {folder}")
            found[name] = folder
    return found


_OWNERS = {"Explorer": "core.base", **owners(FOLDERS)}
__all__ = ["EXPLORERS", "HOST", "MODULES", "STYLE", *_OWNERS]


def __getattr__(name: str) -> Any:
    if name == "EXPLORERS":
        value = tuple(_explorer(folder) for folder in FOLDERS)
    elif name in _OWNERS:
        value = getattr(import_module(f"{__name__}.{_OWNERS[name]}"), name)
    else:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _explorer(folder: str) -> type:
    """Return the class of a folder."""
    for one in vars(import_module(f"{__name__}.{folder}")).values():
        if getattr(one, "module", None) == folder:
            return one
    raise ImportError(f"{folder}/__init__.py must define an Explorer")
