"""All that a person reads: Markdown, what cells say, comments, docstrings, hints."""

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kinds.chapters import BOOK, ROOT, Chapter
from kinds.markdown import prose_lines


@dataclass(frozen=True)
class Text:
    """One piece of prose: where it stands and its words, in one line."""

    where: str
    words: str

    def around(self, hit: re.Match) -> str:
        """Return what was found with a few words on both sides."""
        return self.words[max(0, hit.start() - 25) : hit.end() + 20].strip()


@cache
def of_chapter(chapter: Chapter) -> list[Text]:
    """Return the prose of all cells: Markdown, strings and comments of the code."""
    texts = []
    for cell in chapter.cells:
        if cell.kind == "markdown":
            words = "\n".join(line for _, line in prose_lines(cell.text))
            texts.append(_text(chapter.where(cell), words))
        else:
            texts += _of_python(chapter.where(cell), cell.text)
    return texts


@cache
def of_files() -> dict[str, list[Text]]:
    """Return the prose of the other places: pages and the rooms of the package."""
    pages = [*sorted(BOOK.rglob("*.md")), ROOT / "README.md"]
    rooms = sorted(path for path in (ROOT / "seqviz").iterdir() if path.is_dir())
    return {
        "pages": [text for page in pages for text in of_page(page)],
        **{room.name: _of_folder(room) for room in rooms},
    }


def of_page(path: Path) -> list[Text]:
    """Return the prose of a Markdown file, paragraph by paragraph."""
    text = path.read_text("utf-8")
    return [_text(_name(path), part) for part in re.split(r"\n\s*\n", text)]


def _of_folder(folder: Path) -> list[Text]:
    texts = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".py":
            texts += _of_python(_name(path), path.read_text("utf-8"))
        elif path.suffix == ".js":
            texts.append(_text(_name(path), path.read_text("utf-8")))
    return texts


def _of_python(where: str, source: str) -> list[Text]:
    """Return strings (joined where Python joins them) and comments."""
    texts = []
    tree = ast.parse(source)
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(tree):
        if id(node) in inner:
            continue
        if isinstance(node, ast.JoinedStr):
            # A number that is filled in reads as one word.
            parts = [getattr(p, "value", "") for p in node.values]
            words = "".join(p if isinstance(p, str) else "…" for p in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value
        else:
            continue
        texts.append(_text(f"{where}, line {node.lineno}", words))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            texts.append(_text(f"{where}, line {token.start[0]}", token.string))
    return texts


def _text(where: str, words: str) -> Text:
    return Text(where, re.sub(r"\s+", " ", words).strip())


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))
