"""The version and the addresses of the book, which pyproject.toml alone states."""

import tomllib
from functools import cache
from importlib.metadata import metadata
from pathlib import Path
from typing import NamedTuple

_NAME = "seqviz-book"
_CHECKOUT = Path(__file__).resolve().parents[1]


class Project(NamedTuple):
    """What pyproject.toml says.

    Attributes:
        version: of the package, which is that of the book.
        address: where the book is published, without a slash at its end.
        repository: where its source lies.
    """

    version: str
    address: str
    repository: str


@cache
def project() -> Project:
    """Read pyproject.toml in a checkout, elsewhere the metadata that the wheel carries.

    Raises:
        importlib.metadata.PackageNotFoundError: seqviz is neither in a checkout nor
            installed.
    """
    path = _CHECKOUT / "pyproject.toml"
    if path.is_file():
        return read_project(path)
    stated = metadata(_NAME)
    urls = dict(url.split(", ", 1) for url in stated.get_all("Project-URL") or ())
    return Project(stated["Version"], urls["Homepage"], urls["Repository"])


def read_project(path: Path) -> Project:
    """Read a pyproject.toml."""
    stated = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    urls = stated["urls"]
    return Project(stated["version"], urls["Homepage"], urls["Repository"])
