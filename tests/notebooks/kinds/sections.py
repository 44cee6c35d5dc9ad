"""A chapter as sections, and the shape that every chapter has."""

import ast
import re
from dataclasses import dataclass, field

from kinds.chapters import Cell, Chapter
from kinds.markdown import prose_lines

# SYLLABUS: question, picture and formula, from scratch, proof, look inside,
# experiment, in the wild, exercises, where it came from. A colon may add a subtitle:
# "The experiment: who gains?". Other sections may stand anywhere between.
SHAPE = (
    "The question",
    "The picture",
    "From scratch",
    "The proof",
    "Look inside",
    "The experiment",
    "In the wild",
    "Exercises",
    "To remember",
    "Check yourself",
    "Where it came from",
)

# The only sections that a chapter may leave out, each with the reason.
LEFT_OUT = {
    (
        "foundations/einsum",
        "The experiment",
    ): "nothing is trained here",
}


@dataclass
class Section:
    """A heading of two signs and all that stands under it, in cells or parts."""

    title: str
    cell: Cell
    parts: list[Cell] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return the title without its subtitle."""
        return self.title.split(":")[0].strip()

    @property
    def prose(self) -> str:
        """Return all Markdown of the section."""
        return "\n\n".join(p.text for p in self.parts if p.kind == "markdown")

    @property
    def code(self) -> str:
        """Return all code of the section."""
        return "\n".join(p.text for p in self.parts if p.kind == "code")


def outline(chapter: Chapter) -> list[Section]:
    """Return the sections; the first has the title of the chapter."""
    sections: list[Section] = []
    for cell in chapter.cells:
        if cell.kind == "code":
            if sections:
                sections[-1].parts.append(cell)
            continue
        lines: list[str] = []
        prose = {number for number, _ in prose_lines(cell.text)}
        for number, line in enumerate(cell.text.splitlines()):
            heading = re.match(r"##? +(.+)", line)
            if heading and number in prose:
                _add(sections, cell, lines)
                sections.append(Section(heading[1].strip(), cell))
                lines = []
            else:
                lines.append(line)
        _add(sections, cell, lines)
    return sections


def faults_of_shape(chapter: Chapter) -> list[str]:
    """Return what is missing, empty or in the wrong order.

    A page that stands in no part of the book, in no folder, is no chapter.
    """
    if "/" not in chapter.name:
        return []
    title, *sections = outline(chapter)
    faults = []
    if not title.prose.strip():
        faults.append(
            f"{chapter.where(title.cell)}: '# {title.title}' is followed by a heading: "
            "say first, in a sentence or two, what the chapter is about"
        )
    names = [section.name for section in sections]
    places = []
    for name in SHAPE:
        times = names.count(name)
        if times > 1:
            faults.append(f"{_file(chapter)}: '## {name}' stands {times} times")
        if times:
            places.append(names.index(name))
        if bool(times) == ((chapter.name, name) in LEFT_OUT):
            faults.append(_missing(chapter, name, bool(times)))
    for before, after in zip(places, places[1:], strict=False):
        if after < before:
            faults.append(
                f"{chapter.where(sections[after].cell)}: '## {names[after]}' stands "
                f"before '## {names[before]}': move it behind"
            )
    faults += _formula(chapter, sections)
    for section in sections:
        if not section.parts:
            faults.append(
                f"{chapter.where(section.cell)}: '## {section.title}' is empty: "
                "another heading follows at once"
            )
        elif need := _lacking(section):
            faults.append(f"{chapter.where(section.cell)}: '## {section.title}' {need}")
    return faults


def _formula(chapter: Chapter, sections: list[Section]) -> list[str]:
    """The formula and the shapes of its symbols come before the first rung."""
    names = [section.name for section in sections]
    if "From scratch" not in names:
        return []
    prose = "\n\n".join(s.prose for s in sections[: names.index("From scratch")])
    faults = []
    if "$$" not in prose:
        faults.append(f"{_file(chapter)}: no formula ($$) before '## From scratch'")
    if not re.search(r"(?m)^\|.*\bshape\b", prose):
        faults.append(
            f"{_file(chapter)}: no table of symbols with a column 'shape' before "
            "'## From scratch'"
        )
    return faults


def _missing(chapter: Chapter, name: str, there: bool) -> str:
    if there:
        return (
            f"{_file(chapter)}: '## {name}' exists: delete its entry in LEFT_OUT "
            "(tests/notebooks/kinds/sections.py)"
        )
    return (
        f"{_file(chapter)}: no section '## {name}': add it, name the one that does its "
        f"work so ('## {name}: subtitle'), or give a reason in LEFT_OUT "
        "(tests/notebooks/kinds/sections.py)"
    )


def _lacking(section: Section) -> str | None:
    """Return what a section must hold and does not."""
    exercises = len(re.findall(r"(?m)^\s*`{3,}\{exercise\}", section.prose))
    needs = {
        "The question": (section.prose.strip(), "has no text"),
        "The picture": (_draws(section), "has no picture: show one before the formula"),
        "From scratch": (
            "**Rung 1" in section.prose and re.search(r"\bdef |\bclass ", section.code),
            "has no '**Rung 1' with a function of its own",
        ),
        "The proof": (
            re.search(r"(?m)^\s*assert |assert_close|assert_allclose", section.code),
            "asserts nothing",
        ),
        "Look inside": (
            any(name.endswith("Explorer") for name in _called(section.code)),
            "has no explorer",
        ),
        "The experiment": (section.code.strip(), "runs nothing"),
        "In the wild": (section.code.strip(), "reproduces no fault"),
        "Exercises": (3 <= exercises <= 5, f"has {exercises} exercises, not 3 to 5"),
        "To remember": (section.prose.strip(), "is empty"),
        "Check yourself": ("Quiz" in _called(section.code), "has no Quiz"),
        "Where it came from": ("{cite}" in section.prose, "cites nothing"),
    }
    held, words = needs.get(section.name, (True, ""))
    return None if held else words


def _draws(section: Section) -> bool:
    called = _called(section.code)
    return bool(re.search(r"!\[|```\{(figure|image)\}", section.prose)) or any(
        name.startswith("show") or name.endswith("Explorer") for name in called
    )


def _called(code: str) -> set[str]:
    calls = [n.func for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call)]
    return {getattr(f, "id", getattr(f, "attr", "")) for f in calls}


def _add(sections: list[Section], cell: Cell, lines: list[str]) -> None:
    text = "\n".join(lines).strip("\n")
    if text.strip() and sections:
        sections[-1].parts.append(Cell(cell.id, "markdown", text))


def _file(chapter: Chapter) -> str:
    return f"book/{chapter.name}.ipynb"
