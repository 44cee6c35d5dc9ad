"""``make sync``: what must stand in several files is copied from the one that says it.

Version and addresses stand in ``pyproject.toml``, the start of every notebook in
``book/first_cell.py``, the colors in :mod:`seqviz.figures.tokens`. Where Python can
ask, it asks; the files below are read by others, or before seqviz is there.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

from seqviz.figures.tokens import LIGHT
from seqviz.project import Project, read_project
from seqviz.site.contents import chapters
from seqviz.site.inputs import ROOT

_CELL_ID = "first-cell"


def copies(root: Path = ROOT) -> dict[Path, str]:
    """Return every file that holds a copy, with the text that it should have.

    Raises:
        ValueError: a file lacks the line that holds the copy.
    """
    project = read_project(root / "pyproject.toml")
    texts = {
        root / name: _with_lines(root / name, lines)
        for name, lines in _lines(project).items()
    }
    favicon = root / "book" / "_static" / "favicon.svg"
    texts[favicon] = _with_colors(favicon)
    cell = texts[root / "book" / "first_cell.py"].rstrip("\n")
    for chapter in chapters(root):
        texts[chapter.source] = _with_first_cell(chapter.source, cell)
    return texts


def main(given: list[str] | None = None) -> None:
    """Write the copies that differ, and name them."""
    asked = argparse.ArgumentParser(
        prog="python -m seqviz.site.sync",
        description="Copy version, addresses, colors and first cell to their places.",
    )
    asked.parse_args(given)
    for path, text in copies().items():
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")


def _lines(project: Project) -> dict[str, dict[str, str]]:
    """Return file -> start of a line -> its rest."""
    version, address, repository = project
    wheel = f"seqviz_book-{version}-py3-none-any.whl"
    return {
        "book/first_cell.py": {
            "    book = ": f'"{address}"',
            "    wheel = ": f'f"{{book}}/wheels/{wheel}"',
        },
        "_config.yml": {"  url: ": repository, "  baseurl: ": f"{address}/"},
        "CITATION.cff": {
            "version: ": version,
            "repository-code: ": repository,
            "url: ": f"{address}/",
        },
    }


def _with_lines(path: Path, lines: dict[str, str]) -> str:
    text = path.read_text(encoding="utf-8")
    for start, rest in lines.items():
        text, count = re.subn(
            rf"(?m)^{re.escape(start)}.*$", lambda _, new=start + rest: new, text
        )
        if count != 1:
            raise ValueError(
                f"{path} must have one line that starts with {start!r}, it has {count}"
            )
    return text


def _with_colors(favicon: Path) -> str:
    """Return the picture with its signs, in their order, in the interests' colors."""
    interests = iter(color for name, color in LIGHT.items() if "interest" in name)
    return re.sub(
        r'fill="[^"]*"',
        lambda _: f'fill="{next(interests)}"',
        favicon.read_text(encoding="utf-8"),
    )


def _with_first_cell(path: Path, source: str) -> str:
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)
    cells = notebook["cells"]
    lines = source.splitlines(keepends=True)
    for cell in cells:
        if cell.get("id") == _CELL_ID:
            if cell["source"] == lines:
                return text
            cell["source"] = lines
            break
    else:
        code = [cell["cell_type"] for cell in cells].index("code")
        cells.insert(code, _new_cell(lines))
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _new_cell(lines: list[str]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _CELL_ID,
        "metadata": {"tags": ["hide-input"]},
        "outputs": [],
        "source": lines,
    }


if __name__ == "__main__":
    main()
