"""How to cite the book: from ``CITATION.cff``, which alone says it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from seqviz.site.day import in_words
from seqviz.site.inputs import ROOT

#: What the book is called and by whom it is, in the Citation File Format.
CITATION = ROOT / "CITATION.cff"
_KEY = "sequence-attention"


def read(path: Path = CITATION) -> Mapping[str, Any]:
    """Read the file.

    Raises:
        ValueError: it names no title, version, address or author.
    """
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    missing = {"title", "version", "url", "authors"} - found.keys()
    if missing or not found["authors"]:
        raise ValueError(
            f"{path.name} must name title, version, url and authors, got no "
            f"{', '.join(sorted(missing)) or 'author'}"
        )
    return found


def sentence(cited: Mapping[str, Any], edition: date, address: bool) -> str:
    """Return the citation as a line of Markdown.

    Args:
        cited: what :func:`read` returns.
        edition: the day of the edition that is cited.
        address: whether the book's address leads to it.
    """
    end = f" <{cited['url']}>" if address else ""
    return (
        f"{'; '.join(map(_name, cited['authors']))} ({edition.year}). "
        f"*{cited['title']}*. Version {cited['version']}, {in_words(edition)}.{end}"
    )


def bibtex(cited: Mapping[str, Any], edition: date, address: bool) -> str:
    """Return the citation as an entry of BibTeX; arguments as of :func:`sentence`."""
    fields = {
        "author": " and ".join(map(_bibtex_name, cited["authors"])),
        "title": f"{{{cited['title']}}}",
        "version": str(cited["version"]),
        "year": str(edition.year),
        "date": edition.isoformat(),
    }
    if address:
        fields["url"] = cited["url"]
    if "doi" in cited:
        fields["doi"] = cited["doi"]
    width = max(map(len, fields))
    lines = (f"  {name:<{width}} = {{{text}}}," for name, text in fields.items())
    return "\n".join([f"@software{{{_KEY},", *lines, "}"])


def _name(author: Mapping[str, str]) -> str:
    """Return an author as the file has her: a person's two names, or one."""
    if "name" in author:
        return author["name"]
    return f"{author['family-names']}, {author['given-names']}"


def _bibtex_name(author: Mapping[str, str]) -> str:
    # The name of a group is not to be taken apart.
    return f"{{{author['name']}}}" if "name" in author else _name(author)
