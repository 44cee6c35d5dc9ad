"""How prose is set: letters of sizes in formulas, notes of tables with their table."""

import ast
import re
from collections.abc import Iterator

from kinds.chapters import Chapter
from kinds.formulas import CODE, FORMULA
from kinds.markdown import prose_lines

#: A letter of a size alone in a sentence: "T of them", "H/K", "T = 50".
BARE = re.compile(r"(?<![\w@*`/.\\{\[(|,#-])[TEKHN](?![\w`\]@*\\}.'’-])(?!,? ?[A-Z]\b)")
#: A paragraph that begins with whole sentences in italics.
NOTE = re.compile(r"(?ms)(?:\A|\n\s*\n)\s*\*(?!\*)[^*]{20,}[.}]\*(?!\*)(?=\s)")


def faults_of_setting(chapter: Chapter) -> list[str]:
    """Return the letters that are no formula and the notes in italics."""
    faults = []
    for where, text in _texts(chapter):
        plain = FORMULA.sub(" ", CODE.sub(" ", text))
        lines = [line for line in plain.splitlines() if not line.startswith("#")]
        faults += [
            f"{where}: '{line[max(0, hit.start() - 25) : hit.end() + 20].strip()}': "
            f"write ${hit[0]}$"
            for line in lines
            for hit in BARE.finditer(line)
        ]
        faults += [
            f"{where}: '{hit[0].strip()[:50]}…' is a note in italics: give it to its "
            "table as the caption (show_table)"
            for hit in NOTE.finditer(f"{text}\n")
        ]
    return faults


def _texts(chapter: Chapter) -> Iterator[tuple[str, str]]:
    """Yield the Markdown of a chapter, written in it or by its cells."""
    for cell in chapter.cells:
        if cell.kind == "markdown":
            text = "\n".join(line for _, line in prose_lines(cell.text))
            yield chapter.where(cell), text
        else:
            for call in ast.walk(ast.parse(cell.text)):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "Markdown":
                    yield chapter.where(cell), _words(call.args[0])


def _words(node: ast.expr) -> str:
    """Return a text, with {} in the place of what is put in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = (_words(part) for part in node.values)
        return "".join(parts)
    return "{}"
