"""The part of seqviz that an assignment needs, in one file beside the notebook."""

import ast
import io
import zipfile
from functools import cache
from pathlib import Path

from seqviz.site.inputs import ROOT

#: The name of the file; the first cell of a notebook looks for it.
NAME = "seqviz.zip"

_ROOTS = ("course/score.py", "course/__init__.py", "layers/__init__.py")
_READ = (".js", ".css", ".json")  # what a module reads beside itself
_FOUND_BY_NAME = (
    "checks",
    "course/museums",
    "course/variants",
)  # exercises are looked up in folders


@cache
def carried(root: Path = ROOT) -> bytes:
    """Return the archive, always the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in needed(root):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix())
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return packed.getvalue()


def needed(root: Path = ROOT) -> list[Path]:
    """Return the files of seqviz that the check of an assignment needs."""
    package = root / "seqviz"
    waiting = [package / one for one in _ROOTS]
    for room in _FOUND_BY_NAME:
        waiting += sorted((package / room).rglob("*.py"))
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += _imported(path, root)
        above = path.parent
        while above != root:
            waiting.append(above / "__init__.py")
            above = above.parent
    rooms = {path.parent for path in found}
    beside = {p for room in rooms for p in room.iterdir() if p.suffix in _READ}
    return sorted(found | beside)


def _imported(path: Path, root: Path) -> list[Path]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{n.name}" for n in node.names)]
    places = [root / name.replace(".", "/") for name in names]
    files = [
        file
        for place in places
        for file in (place.with_suffix(".py"), place / "__init__.py")
    ]
    return [file for file in files if file.is_file() and root in file.parents]
