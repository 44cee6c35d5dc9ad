"""What the book is made from, as hashes: of the outputs, of the pages, of all.

It imports nothing that takes time to load, so that ``make book`` with nothing changed
answers at once.
"""

import hashlib
import os
import platform
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import platformdirs

#: The checkout that this package lies in.
ROOT = Path(__file__).resolve().parents[2]

#: What `make experiments` stores beside a chapter.
STORED = "*_runs.npz"

# Beside the package and the chapters: what the pages and the wheel are made with.
_SETTINGS = (
    *("_config.yml", "_toc.yml", "requirements.txt", "pyproject.toml"),
    *("README.md", "LICENSE", "CITATION.cff", "CHANGES.md"),
)


def cache_key(root: Path = ROOT) -> str:
    """Return a hash of all that an output depends on beside the notebook itself.

    That is the package with its data, the lock, the tables that the chapters read,
    the version of Python and the real data that is on this machine.
    """
    digest = hashlib.sha256(platform.python_version().encode())
    paths = [root / "requirements.txt", *_package(root, press=False)]
    for pattern in (STORED, "*.py"):
        paths += sorted((root / "book").rglob(pattern))
    _add(digest, paths, root)
    for path in sorted(data_folder().rglob("*")):
        digest.update(f"{path.name} {path.stat().st_size}".encode())
    return digest.hexdigest()[:16]


def data_folder() -> Path:
    """Return where the loaders look for real data, as :mod:`seqviz.data.download`."""
    named = os.environ.get("SEQVIZ_DATA")
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_cache_dir("seqviz-book"))


def press_key(root: Path = ROOT) -> str:
    """Return a hash of what changes pages but no output: this press and the style."""
    digest = hashlib.sha256()
    _add(digest, _package(root, press=True), root)
    return digest.hexdigest()[:16]


def book_key(root: Path = ROOT) -> str:
    """Return a hash of everything that the built book depends on, and of its place."""
    digest = hashlib.sha256(f"{root} {cache_key(root)} {press_key(root)}".encode())
    book = root / "book"
    chapters = sorted(
        path
        for path in book.rglob("*")
        # what tools leave there: .ipynb_checkpoints, .ruff_cache
        if "__pycache__" not in path.parts
        and not any(part.startswith(".") for part in path.relative_to(book).parts)
    )
    _add(digest, [*chapters, *(root / name for name in _SETTINGS)], root)
    return digest.hexdigest()[:16]


@cache  # what is edited during a build is for the next
def cache_folder(root: Path = ROOT) -> Path:
    """Return the folder of the execution cache for this state of the tree."""
    return root / "_build" / ".jupyter_cache" / cache_key(root)


def _package(root: Path, *, press: bool) -> list[Path]:
    """Return the files of the package that only the press reads, or all the others."""
    own = root / "seqviz" / "site"
    return [
        path
        for path in sorted((root / "seqviz").rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
        if press == (path.suffix == ".css" or own in path.parents)
    ]


def _add(digest: "hashlib._Hash", paths: Iterable[Path], root: Path) -> None:
    for path in paths:
        if path.is_file():
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
