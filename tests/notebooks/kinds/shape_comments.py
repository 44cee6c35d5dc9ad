"""Shape comments of a cell: ``# [B, T]``, ``# mask [B, T]``, ``# [E] -> [T]``."""

import io
import re
import tokenize
from dataclasses import dataclass

from kinds.sizes import Shape, read_shape

STATED = re.compile(r"\[[^\[\]]*\]|\bany shape\b")
# "bytes of [B, T, 4E]" speaks of a shape and does not state one.
SPOKEN = re.compile(r"\b(?:as|for|from|is|like|of|than|to|was)(?: an?| the)? $")
# The name right before a shape: "# mask [B, T]", "# Wq, Wk [D, E], a [D]".
NAMES = re.compile(r"(?:^|[,;>] )((?:[A-Za-z_]\w*, )*[A-Za-z_]\w*) $")


@dataclass(frozen=True)
class Said:
    """One shape of a comment; ``shape`` is None where any is allowed."""

    shape: Shape | None
    names: tuple[str, ...] = ()
    each: bool = False
    returned: bool = False


@dataclass(frozen=True)
class Comment:
    """A shape comment: its line, its words, what it says, if it stands alone."""

    line: int
    column: int
    text: str
    said: tuple[Said, ...]
    alone: bool


def shape_comments(source: str) -> list[Comment]:
    """Return the comments that state a shape."""
    found = []
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and (said := read_comment(token.string)):
            line, column = token.start
            alone = not lines[line - 1][:column].strip()
            if not alone or all(one.names for one in said):
                found.append(Comment(line, column, token.string, said, alone))
    return found


def read_comment(comment: str) -> tuple[Said, ...]:
    """Return what a comment says; nothing if it states no shape.

    What follows ``<-`` speaks of another line ("<- was [B, E]").
    """
    text = comment.lstrip("# ").split("<-")[0]
    said: list[Said] = []
    end = 0
    for hit in STATED.finditer(text):
        shape = read_shape(hit[0]) if hit[0].startswith("[") else None
        if shape is None and hit[0].startswith("["):
            continue
        between = text[end : hit.start()]
        if SPOKEN.search(between):
            continue
        names = NAMES.search(between)
        after = text[hit.end() :]
        one = Said(
            shape,
            tuple(names[1].split(", ")) if names else (),
            each=after.startswith(" each"),
            returned="->" in text[: hit.start()],
        )
        said += [one] * (2 if after.startswith(" twice") else 1)
        end = hit.end()
    return tuple(said) if any(one.shape for one in said) else ()
