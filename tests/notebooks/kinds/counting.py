"""Rungs, numbered paragraphs, exercises and steps count 1, 2, 3 without a gap."""

import re
from collections.abc import Iterator

from kinds.chapters import Cell, Chapter
from kinds.markdown import prose_lines
from kinds.sections import Section, outline

RUNG = re.compile(r"^\*\*Rung (\d+)")
PARAGRAPH = re.compile(r"^\*\*(\d+)\. ")
EXERCISE = re.compile(r"^\s*`{3,}\{exercise\} *(\d+)")
STEP = re.compile(r"^(\d+)\. ")
WORDS = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve".split(),
        range(1, 13),
        strict=True,
    )
)
PROMISE = re.compile(r"\b((\w+) (?:faults|uses|ways in which published))\b")
MENTION = re.compile(r"\b([Rr]ung|[Ee]xercise)s? (\d+)")


def faults_of_counting(chapter: Chapter) -> list[str]:
    """Return every number that is missing, doubled, alone or promised in vain."""
    faults = []
    sections = outline(chapter)
    last = {"rung": 0, "exercise": 0}
    for kind, pattern in (("rung", RUNG), ("exercise", EXERCISE)):
        found = [hit for section in sections for hit in _hits(section, pattern)]
        faults += _gaps(chapter, found, kind)
        last[kind] = len(found)
    for section in sections:
        found = list(_hits(section, PARAGRAPH))
        faults += _gaps(chapter, found, "numbered paragraph")
        faults += _alone(chapter, found, f"in '## {section.title}'")
        faults += _promise(chapter, section, len(found))
        rungs = list(_hits(section, RUNG))
        if rungs and section.name != "From scratch":
            faults.append(
                f"{chapter.where(rungs[0][1])}: rung {rungs[0][0]} stands in "
                f"'## {section.title}', not in '## From scratch'"
            )
    for section in sections[1:]:
        if section.name == "In the wild":
            numbered = len(list(_hits(section, PARAGRAPH)))
            faults += _promise(chapter, sections[0], numbered)
    for cell in chapter.of_kind("markdown"):
        faults += _steps(chapter, cell)
        for word, number in MENTION.findall(cell.text):
            if int(number) > last[word.lower()]:
                faults.append(
                    f"{chapter.where(cell)}: '{word} {number}' does not exist, there "
                    f"are {last[word.lower()]}"
                )
    return faults


def _hits(section: Section, pattern: re.Pattern) -> Iterator[tuple[int, Cell]]:
    for part in section.parts:
        if part.kind == "markdown":
            for _, line in prose_lines(part.text):
                if hit := pattern.match(line):
                    yield int(hit[1]), part


def _gaps(chapter: Chapter, found: list[tuple[int, Cell]], kind: str) -> list[str]:
    faults = []
    for expected, (number, cell) in enumerate(found, 1):
        if number != expected:
            faults.append(
                f"{chapter.where(cell)}: {kind} {number} stands where {expected} is due"
            )
            break
    return faults


def _alone(chapter: Chapter, found: list[tuple[int, Cell]], where: str) -> list[str]:
    if len(found) != 1:
        return []
    number, cell = found[0]
    return [
        f"{chapter.where(cell)}: '**{number}.' is alone {where}: number two or more "
        "paragraphs, or none"
    ]


def _promise(chapter: Chapter, section: Section, count: int) -> list[str]:
    """Who says "four faults" numbers four paragraphs."""
    for text in (section.title, section.prose):
        for words, first in PROMISE.findall(text):
            number = WORDS.get(first.lower())
            if count and number and number != count:
                return [
                    f"{chapter.where(section.cell)}: '{words}' is said under "
                    f"'{section.title}', but the numbered paragraphs are {count}"
                ]
    return []


def _steps(chapter: Chapter, cell: Cell) -> list[str]:
    """The ordered lists of one cell: each from 1 on, two steps or more, no gap."""
    faults, expected = [], 1
    for _, line in prose_lines(cell.text):
        hit = STEP.match(line)
        if hit:
            number = int(hit[1])
            if number not in {1, expected}:
                faults.append(
                    f"{chapter.where(cell)}: step {number} stands where {expected} is "
                    f"due: '{line[:50]}'"
                )
            if number == 1 and expected == 2:
                faults.append(f"{chapter.where(cell)}: a list of a single step")
            expected = number + 1
    if expected == 2:
        faults.append(f"{chapter.where(cell)}: a list of a single step")
    return faults
