"""Whether the addresses of the book lead anywhere: pyproject.toml says it."""

import tomllib
from pathlib import Path

from seqviz.site.inputs import ROOT


def is_published(root: Path = ROOT) -> bool:
    """Return ``published`` of ``[tool.book]``."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["tool"]["book"]["published"]
