"""One name is one person: a name of an earlier chapter is not given to another."""

import ast
import re

from kinds.chapters import Chapter
from kinds.prose import of_chapter

CALLED = re.compile(
    r"\b[Cc]all (?:her|him) ([A-Z][a-z]+)"
    r"|\b([A-Z][a-z]+)(?:['’]s (?:\w+ )?(?:clicks?|history|tiles?|visits?|latest)\b"
    r"| (?:has |had |once |also )?clicked\b)"
)


def people_of(chapter: Chapter) -> set[str]:
    """Return the persons of a chapter: who clicks, and the users of its explorers."""
    words = " ".join(text.words for text in of_chapter(chapter))
    found = {first or second for first, second in CALLED.findall(words)}
    # "She" and "People" stand at the beginning of a sentence only.
    named = {n for n in found if re.search(rf"[a-z,] {n}\b|[Cc]all \w+ {n}\b", words)}
    for cell in chapter.of_kind("code"):
        for call in ast.walk(ast.parse(cell.text)):
            if isinstance(call, ast.keyword) and call.arg == "users":
                parts = [p.value for p in ast.walk(call) if isinstance(p, ast.Constant)]
                named |= {p for p in parts if isinstance(p, str) and p.isalpha()}
    return named


def faults_of_people(chapter: Chapter, earlier: list[Chapter]) -> list[str]:
    """Return the names that an earlier chapter has given to somebody.

    If it is the same person, the text says so with a link to that chapter.
    """
    faults = []
    for name in sorted(people_of(chapter)):
        for other in earlier:
            if name in people_of(other) and not _linked(chapter, name, other):
                faults.append(
                    f"book/{chapter.name}.ipynb: {name} is a person of {other.name}, "
                    "too: take another name, or say that she is the same, with {doc}"
                )
                break
    return faults


def _linked(chapter: Chapter, name: str, other: Chapter) -> bool:
    link = re.compile(rf"\{{doc\}}`[^`]*{other.path.stem}>?`")
    return any(
        re.search(rf"\b{name}\b", text.words) and link.search(text.words)
        for text in of_chapter(chapter)
    )
