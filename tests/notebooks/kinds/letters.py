"""Every letter of a formula is on the notation page or explained in its chapter."""

import re
from dataclasses import dataclass

from kinds.chapters import Chapter
from kinds.formulas import formulas, symbols
from kinds.markdown import prose_lines
from kinds.shape_comments import shape_comments
from kinds.sizes import Size, read_shape

# A word before a letter that does not say what it is: "of $x$", "and $x$".
EMPTY = frozenset(
    "a after also an and are as at be because before below between both but by does "
    "each for from gives has have if in into is it its minus near not of on once only "
    "or over plus since so than that the their then these this those through times to "
    "toward towards under until up was when where which while whose with "
    "without".split()
)
# What follows a letter that is explained: "$x$ is", "$x$, the loss,", "$x$ `[T]`".
EXPLAINS = re.compile(
    r"^(?: (?:is|are|be|being|stands for|counts|means|denotes|the)\b|, (?:the|a|an)\b"
    r"|, \*\*|: | `\[)"
)
PLURAL = re.compile(r"^ \*{0,2}(?:[a-z-]+ )?[a-z-]+s\b")  # "$K$ interests"


def notation(text: str) -> dict[str, list[str]]:
    """Return letter -> the rows of the notation page that explain it."""
    rows: dict[str, list[str]] = {}
    for _, line in prose_lines(text):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) >= 2:
            for _, _, tex in formulas(cells[0]):
                for name in dict.fromkeys(_all_names(tex)):
                    rows.setdefault(name, []).append(line)
    return rows


def faults_of_letters(chapter: Chapter, known: set[str]) -> list[str]:
    """Return the letters that are used before anything says what they are.

    Letters of formulas, and single letters in shapes, of the text and of comments.
    """
    known = set(known)
    faults = []
    for cell in chapter.cells:
        if cell.kind == "markdown":
            text = "\n".join(line for _, line in prose_lines(cell.text))
            known |= explained(text)
            used = [*_in_formulas(text), *_in_shapes(re.findall(r"`([^`\n]+)`", text))]
        else:
            used = _in_shapes([c.text for c in shape_comments(cell.text)])
        for name, words in used:
            if name not in known:
                known.add(name)
                faults.append(
                    f"{chapter.where(cell)}: {name} in '{words.strip()[:60]}' is "
                    "neither on the notation page nor explained so far: say what it is "
                    "and its shape"
                )
    return faults


def explained(text: str) -> set[str]:
    """Return the letters that a text explains, in a table, a sentence or a formula."""
    found: set[str] = set()
    for line in text.splitlines():
        if line.lstrip().startswith("|"):
            first = line.strip().strip("|").split("|")[0]
            for _, _, tex in formulas(first):
                found.update(_all_names(tex))
    for start, end, tex in formulas(text):
        found |= _defined_by(tex)
        before = re.sub(r"\s+", " ", text[max(0, start - 40) : start])
        after = re.sub(r"\s+", " ", text[end : end + 30])
        word = re.search(r"([A-Za-z-]+)[*]{0,2} \(?$", before)
        alone = len({s.name for s in symbols(tex)}) == 1 or "," in tex
        said = word and word[1].lower() not in EMPTY
        number = re.fullmatch(r"[A-Z]", tex.strip()) and PLURAL.match(after)
        if alone and (said or EXPLAINS.match(after) or number):
            found.update(_all_names(tex))
    return found


def _defined_by(tex: str) -> set[str]:
    """The left side of ``x = ...``, ``t \\sim ...``; what a sum runs over."""
    found = set()
    for part in re.split(r"\\\\|\\qquad|\\quad|,\s*\\[,;]", tex):
        left = re.split(r"(?<![<>!])=|\\sim|\\leftarrow|\\mapsto|\\in\b|:=", part)
        if len(left) > 1:
            found.update(symbol.name for symbol in symbols(left[0]))
    for hit in re.finditer(r"\\(?:sum|prod|max|min|operatorname\{\w+\})\s*_", tex):
        below = re.match(r"\{[^}]*\}|.", tex[hit.end() :])
        found.update(re.findall(r"[A-Za-z]", below[0]) if below else [])
    return found


def _in_formulas(text: str) -> list[tuple[str, str]]:
    return [(s.name, tex) for _, _, tex in formulas(text) for s in symbols(tex)]


def _in_shapes(texts: list[str]) -> list[tuple[str, str]]:
    """Return the single letters of shapes; a word, as in `[users, T]`, says itself."""
    return [
        (letter, shape.text)
        for text in texts
        for bracket in re.findall(r"\[[^\[\]]*\]", text)
        if (shape := read_shape(bracket))
        for size in shape.axes
        if isinstance(size, Size)
        for letter in sorted(size.letters)
        if len(letter) == 1
    ]


def _all_names(tex: str) -> list[str]:
    """Return the letters and, as letters of their own, their index letters."""
    names = []
    for symbol in symbols(tex):
        names.append(symbol.name)
        if not symbol.name.isupper():  # W_q and W_k are names of matrices
            names += re.findall(r"[a-z]", symbol.subscript)
    return names


@dataclass(frozen=True)
class Row:
    """A symbol of a table: its letter, its names in the code, its shape, its line."""

    letter: str
    code: frozenset[str]
    shape: str
    line: str


def rows_of(text: str) -> list[Row]:
    """Return the symbols of the tables of a text whose first column holds symbols."""
    rows, header = [], []
    for _, line in prose_lines(text):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            header = []
        elif not header:
            header = cells
        elif header[0] in {"symbol", "formula", "letter"}:
            cell = dict(zip(header, cells, strict=False))
            code = re.findall(r"`([^`]+)`", cell.get("code", ""))
            shape = cell.get("shape", "")
            for letter in _entries(cells[0]):
                rows.append(
                    Row(letter, frozenset(n.rstrip("s") for n in code), shape, line)
                )
    return rows


def faults_of_notation(rows: list[Row]) -> list[str]:
    """Return the letters that the notation page gives two meanings in two rows."""
    faults = []
    for letter in dict.fromkeys(row.letter for row in rows):
        same = [row for row in rows if row.letter == letter]
        for row in same[1:]:
            if row.line != same[0].line and not row.code & same[0].code:
                faults.append(
                    f"book/notation.md: ${letter}$ has two meanings, '{same[0].line}' "
                    f"and '{row.line}': take another letter, or say both in one row"
                )
    return faults


def faults_of_capitals(chapter: Chapter) -> list[str]:
    """Return the plain capitals of a chapter's tables that are no lengths."""
    return [
        f"{chapter.where(cell)}: ${row.letter}$ in '{row.line}' is a plain capital, "
        "which is a length; a matrix is bold (\\mathbf), a list is script, a learned "
        "matrix is W with an index"
        for cell in chapter.of_kind("markdown")
        for row in rows_of(cell.text)
        if re.fullmatch(r"[A-VX-Z]", row.letter) and row.shape.startswith("`[")
    ]


def faults_of_missing_symbols(
    chapters: dict[str, list[Row]], notation: list[Row]
) -> list[str]:
    """Return the symbols of several chapters that the notation page does not list.

    Args:
        chapters: the symbols of each chapter's tables.
        notation: the symbols of the notation page.
    """
    listed = {row.letter for row in notation}
    users: dict[str, set[str]] = {}
    for name, rows in chapters.items():
        for row in rows:
            users.setdefault(row.letter, set()).add(name)
    return [
        f"book/notation.md: ${letter}$ is a symbol of {', '.join(sorted(names))}: list "
        "it here"
        for letter, names in users.items()
        if letter not in listed and len(names) > 1
        if not re.fullmatch("[A-Z]", letter)  # faults_of_capitals tells them
    ]


def _entries(cell: str) -> list[str]:
    """Return the symbols of a first column: ``$W_Q, w_{kt}, Q(u)$`` has three.

    A function, ``Q()``, is another symbol than the letter ``Q``.
    """
    found = []
    for _, _, tex in formulas(cell):
        bare = re.sub(r"\([^()]*\)", "()", tex)
        for entry in re.split(r",(?![^{]*\})", bare):
            index = r"_(?:\{?[tkij]\}?|\{kt\}|\{b,t\}|\{te\})"
            entry = re.sub(rf"(?<=[a-z}}]){index}|(?<=[A-Z])_\{{kt\}}", "", entry)
            if re.search(r"[A-Za-z]", entry) and "dots" not in entry:
                found.append(entry.strip())
    return found
