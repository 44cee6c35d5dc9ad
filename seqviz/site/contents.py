"""The pages of the book in the order of ``_toc.yml``, which alone knows it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from seqviz.site.inputs import ROOT


class Page(NamedTuple):
    """A page of the table of contents.

    Attributes:
        name: its path without the ending: ``"interests/comirec_sa"``.
        source: the notebook or the Markdown file.
        part: the caption of the part that it stands in; None before the first part.
    """

    name: str
    source: Path
    part: str | None

    @property
    def question(self) -> str:
        """The question that the chapter answers, from the notebook's metadata.

        Raises:
            KeyError: the notebook states none.
        """
        metadata = json.loads(self.source.read_text(encoding="utf-8"))["metadata"]
        if "question" not in metadata:
            raise KeyError(
                f'{self.source} states no question: add "question": "…?" to the '
                'metadata of the notebook, beside "kernelspec"'
            )
        return metadata["question"]


def pages(root: Path = ROOT) -> list[Page]:
    """Return every page, in order.

    Raises:
        FileNotFoundError: ``_toc.yml`` names a page that is not there.
    """
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [
        Page(name, _source(root / "book", name), part)
        for name, part in [(contents["root"], None), *_entries(contents, None)]
    ]


def chapters(root: Path = ROOT) -> list[Page]:
    """Return the pages that are notebooks, in order."""
    return [page for page in pages(root) if page.source.suffix == ".ipynb"]


def list_of_chapters(root: Path = ROOT) -> str:
    """Return the list of the front page in MyST: the parts, chapters and questions."""
    lines: list[str] = []
    part = None
    for page in chapters(root):
        if page.part != part:
            part = page.part
            lines += ["", f"**{part}**", ""]
        lines.append(f"- {{doc}}`/{page.name}`: {page.question}")
    return "\n".join(lines[1:])


def _entries(
    node: dict[str, Any], part: str | None
) -> Iterator[tuple[str, str | None]]:
    """Yield the name and the part of all that a node of the contents lists."""
    for key in ("parts", "chapters", "sections"):
        for entry in node.get(key, ()):
            caption = entry.get("caption", part)
            if "file" in entry:
                yield entry["file"], caption
            yield from _entries(entry, caption)


def _source(book: Path, name: str) -> Path:
    for ending in (".ipynb", ".md"):
        path = book / f"{name}{ending}"
        if path.is_file():
            return path
    raise FileNotFoundError(f"_toc.yml names {name}, which is not in {book}")
