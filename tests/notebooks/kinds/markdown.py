"""Markdown of a chapter in lines, without the code inside fences."""

import re
from collections.abc import Iterator

FENCE = re.compile(r"^\s*(`{3,}|:{3,}|~{3,})\s*(.*)$")


def prose_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and line of what is prose; a line of a code fence is none.

    ``{exercise}``, ``{dropdown}`` and the like hold prose; any other fence holds code.
    """
    fences: list[tuple[str, bool]] = []
    for number, line in enumerate(text.splitlines()):
        in_code = bool(fences) and fences[-1][1]
        fence = FENCE.match(line)
        if fence and fences and fence.groups() == (fences[-1][0], ""):
            fences.pop()
        elif fence and not in_code:
            fences.append((fence[1], not fence[2].startswith("{")))
            in_code = fences[-1][1]
        if not in_code:
            yield number, line
