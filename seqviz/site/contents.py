"""The pages of the book in the order of ``_toc.yml``, which alone knows it."""

import json
import posixpath
import re
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
        question = metadata["question"]
        return question[:1].upper() + question[1:]

    @property
    def is_for_authors(self) -> bool:
        """Whether it keeps itself out of the search, and so of the printed book."""
        text = self.source.read_text(encoding="utf-8")
        found = re.match(r"---\n(.*?)\n---\n", text, re.S)
        return bool(found and (yaml.safe_load(found[1]) or {}).get("nosearch"))

    @property
    def needs(self) -> list[str]:
        """The chapters that its first cell asks for, after "You need:"."""
        asked = re.search(r"^You need:(.*?)\bTime:", self._opening, re.S | re.M)
        linked = re.findall(r"\{doc\}`([^`<>]+)`", asked[1]) if asked else []
        folder = posixpath.dirname(self.name)
        return [
            posixpath.normpath(posixpath.join("/", folder, name))[1:] for name in linked
        ]

    @property
    def minutes(self) -> int | None:
        """How long it takes to read and touch, where its first cell says so."""
        said = re.search(
            r"\bTime: about (half an hour|an hour|(\d+)\s+minutes)", self._opening
        )
        if said is None:
            return None
        return int(said[2] or {"half an hour": 30, "an hour": 60}[said[1]])

    @property
    def _opening(self) -> str:
        first = json.loads(self.source.read_text(encoding="utf-8"))["cells"][0]
        return "".join(first["source"])


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
