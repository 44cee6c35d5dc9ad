"""Sources that the reader cannot look up, links that lead nowhere, broken tables."""

import importlib
import posixpath
import re

from kinds.chapters import ROOT, Chapter, names_in_order
from kinds.markdown import prose_lines
from kinds.prose import Text

NOTES = re.compile(
    r"\b(?:the|these|those|source|study|own|same) (?:source |study )?notes?\b(?! page)",
    re.IGNORECASE,
)
NOTES_IN_CODE = re.compile(r"\b\w*_of_the_notes\b|\bnotes_\w+|\b\w+_notes\b")
PACKAGE = re.compile(r"`(seqviz(?:\.\w+)+)(?:\(.*?\))?`")
MAKE = re.compile(r"`make ([\w-]+)`")
DOC = re.compile(r"\{doc\}`(?:[^`<]*<)?([^`>]+)>?`")


def faults_of_sources(texts: list[Text]) -> list[str]:
    """Return every mention of notes that no reader has."""
    return [
        f"{text.where}: '{text.around(hit)}': nobody can look this source up: cite a "
        "published one, or say 'a common mistake'"
        for text in texts
        for hit in NOTES.finditer(text.words)
    ]


def faults_of_source_names(chapter: Chapter) -> list[str]:
    """Return the names in code that point to the notes."""
    return [
        f"{chapter.where(cell)}: '{name}' is named after a source that nobody has"
        for cell in chapter.of_kind("code")
        for name in sorted(set(NOTES_IN_CODE.findall(cell.text)))
    ]


def faults_of_links(name: str, texts: list[Text], known: set[str]) -> list[str]:
    """Return the {doc} links of page ``name`` that lead to no page of the book."""
    faults = []
    for text in texts:
        for target in DOC.findall(text.words):
            page = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            page = page if not target.startswith("/") else target[1:]
            if page not in known:
                faults.append(
                    f"{text.where}: {{doc}}`{target}` leads to {page}, which is not in "
                    "_toc.yml"
                )
    return faults


def faults_of_package_names(texts: list[Text]) -> list[str]:
    """Return the `seqviz....` names and the `make ...` commands that do not exist."""
    targets = set(re.findall(r"(?m)^([\w-]+):", (ROOT / "Makefile").read_text("utf-8")))
    faults = []
    for text in texts:
        for name in PACKAGE.findall(text.words):
            if not _exists(name):
                faults.append(f"{text.where}: `{name}` does not exist")
        for target in MAKE.findall(text.words):
            if target not in targets:
                faults.append(f"{text.where}: `make {target}` does not exist")
    return faults


def _exists(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        return found is not None
    return False


def known_pages() -> set[str]:
    """Return every page of the table of contents."""
    return set(names_in_order())


def faults_of_tables(where: str, text: str) -> list[str]:
    """Return rows outside a table and rows with another number of cells."""
    faults, group, last = [], [], None
    for number, line in [*prose_lines(text), (-1, "")]:
        if line.lstrip().startswith("|") and (last is None or number == last + 1):
            group.append(line.strip())
        else:
            faults += _faults_of_table(where, group)
            group = [line.strip()] if line.lstrip().startswith("|") else []
        last = number
    return faults


def _faults_of_table(where: str, rows: list[str]) -> list[str]:
    if not rows:
        return []
    if len(rows) < 2 or not re.fullmatch(r"[|:\- ]+", rows[1]):
        return [
            f"{where}: '{rows[0][:60]}' stands outside its table: delete the blank "
            "line before it"
        ]
    widths = [len(re.findall(r"(?<!\\)\|", _without_code(row))) for row in rows]
    return [
        f"{where}: '{row[:60]}' has {width - 1} cells, its header {widths[0] - 1}"
        for row, width in zip(rows, widths, strict=True)
        if width != widths[0]
    ]


def _without_code(row: str) -> str:
    return re.sub(r"`[^`]*`|\$[^$]*\$", "", row)
