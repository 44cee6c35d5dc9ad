"""What a page of the book can ask for: the chapters, the reading map, a room, news."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from seqviz.site import (
    chapter_map,
    citation,
    glossary,
    look,
    news,
    reading_map,
    reference,
    status,
)
from seqviz.site.assignments import guide
from seqviz.site.colab import seconds
from seqviz.site.contents import chapters
from seqviz.site.inputs import ROOT
from seqviz.site.published import is_published

#: Where the content of a directive comes between two raw nodes.
_HERE = "\0"


class Chapters(SphinxDirective):
    """``{chapters}``: every chapter, its question, its minutes and what it needs."""

    def run(self) -> list[Any]:
        """Return the map, made from the table of contents and the notebooks."""
        found = chapters()
        for path in (ROOT / "_toc.yml", *(chapter.source for chapter in found)):
            self.env.note_dependency(str(path))
        lanes = chapter_map.lay(found)
        rows: list[nodes.Node] = []
        part = None
        for number, chapter in enumerate(found):
            if chapter.part != part:
                part = chapter.part
                name = f"**{part}**"
                rows.append(self._row("sv-part", lanes, number - 0.5, name))
            minutes = chapter.minutes
            # one word, with the last one of the title
            time = f" · {minutes} min".replace(" ", "\N{NO-BREAK SPACE}")
            text = f"{{doc}}`/{chapter.name}`{time if minutes else ''}"
            text += f"\n\n{chapter.question}"
            rows.append(self._row("sv-chapter", lanes, number, text))
        return [nodes.container("", *rows, classes=["sv-ways"])]

    def _row(
        self, name: str, lanes: list[chapter_map.Lane], number: float, text: str
    ) -> nodes.container:
        drawn = chapter_map.lines(lanes, number, dot=name == "sv-chapter")
        words = nodes.container("", *self.parse_text_to_nodes(text))
        svg = nodes.raw("", drawn, format="html")
        return nodes.container("", svg, words, classes=["sv-way", name])


class _OfParts(SphinxDirective):
    """A directive that asks for one of several parts by its name."""

    required_arguments = 1
    parts: ClassVar[Mapping[str, Callable[[], str]]]

    def part(self) -> str:
        """Return the part.

        Raises:
            SphinxDirective.error: there is no such part.
        """
        name = self.arguments[0]
        if name not in self.parts:
            known = ", ".join(self.parts)
            raise self.error(f"{self.name} must be one of {known}, got {name!r}")
        return self.parts[name]()


class CourseLists(_OfParts):
    """``{course} goals``: a list of the teacher's guide, made of the exercises."""

    parts = guide.PARTS

    def run(self) -> list[Any]:
        """Return the list."""
        return list(self.parse_text_to_nodes(self.part()))


class ShownMap(SphinxDirective):
    """``{reading-map}``: every system of ``map.yml`` beside the page, and choices."""

    def run(self) -> list[Any]:
        """Return the choices, hidden, and all entries."""
        path = Path(self.env.doc2path(self.env.docname)).with_suffix(".yml")
        self.env.note_dependency(str(path))
        found = reading_map.read_map(path)

        def raw(html: str) -> nodes.raw:
            return nodes.raw("", html, format="html")

        shown: list[Any] = [raw(reading_map.controls(found))]
        for system in found.systems:
            text = reading_map.body(system, found.words)
            shown.append(raw(reading_map.opening(system)))
            shown += self.parse_text_to_nodes(text)
            shown.append(raw(reading_map.CLOSING))
        return shown


class Glossary(SphinxDirective):
    """``{glossary-of-the-book}``: the terms of the file beside the page."""

    def run(self) -> list[Any]:
        """Return a search, hidden, and all terms."""
        path = Path(self.env.doc2path(self.env.docname)).with_suffix(".yml")
        self.env.note_dependency(str(path))
        shown: list[Any] = [nodes.raw("", glossary.SEARCH, format="html")]
        for term in glossary.read(path):
            shown.append(nodes.raw("", glossary.opening(term), format="html"))
            says = f"{term.says[:1].upper()}{term.says[1:]}. {{doc}}`/{term.here}`"
            shown += self.parse_text_to_nodes(says)
            shown.append(nodes.raw("", glossary.CLOSING, format="html"))
        return shown


class Room(SphinxDirective):
    """``{room} layers``: what a room of the package gives, from its docstrings."""

    required_arguments = 1
    option_spec: ClassVar = {"letters": str}

    def run(self) -> list[Any]:
        """Return an entry for each public name, and where it is used."""
        room = self.arguments[0]
        for path in (ROOT / "seqviz" / room.replace(".", "/")).glob("*.py"):
            self.env.note_dependency(str(path))
        return [
            node
            for entry in reference.entries(room, **self.options)
            for node in self.parse_text_to_nodes(entry)
        ]


class Status(SphinxDirective):
    """``{status}``: the place of the table that the end of the build fills in."""

    def run(self) -> list[Any]:
        """Return the place."""
        return [nodes.raw("", status.PLACE, format="html")]


class Bench(SphinxDirective):
    """``{bench}``: what the last ``make bench`` stored, with its machine and date."""

    def run(self) -> list[Any]:
        """Return its text, or that there is none."""
        path = ROOT / "benchmarks" / "last.md"
        self.env.note_dependency(str(path))
        text = "No run is stored with this edition."
        if path.is_file():
            text = path.read_text(encoding="utf-8")
        return list(self.parse_text_to_nodes(text))


class ColabSeconds(SphinxDirective):
    """``{colab-seconds}``: how long the Colab editions ran, as last stored."""

    def run(self) -> list[Any]:
        """Return the table, or that there is none."""
        folder = ROOT / "book" / "colab_seconds"
        for path in folder.glob("*.json"):
            self.env.note_dependency(str(path))
        names = [chapter.name for chapter in chapters()]
        return list(self.parse_text_to_nodes(seconds.table(folder, names)))


class News(SphinxDirective):
    """``{news}``: what is new, the newest day open, the days before it folded."""

    def run(self) -> list[Any]:
        """Return the days."""
        self.env.note_dependency(str(news.CHANGES))
        newest, *before = news.read()
        older = "\n\n".join(f"**{day.said}**\n\n{day.text}" for day in before)
        text = f"**{newest.said}**\n\n{newest.text}"
        if older:
            text += f"\n\n:::{{dropdown}} Before\n{older}\n:::"
        return list(self.parse_text_to_nodes(text))


class Look(_OfParts):
    """``{look} tiles``: a part of the page for authors, in both themes."""

    parts = look.PARTS

    def run(self) -> list[Any]:
        """Return the part."""
        return [nodes.raw("", self.part(), format="html")]


class BothThemes(SphinxDirective):
    """``{both-themes}``: what it holds, light and dark."""

    has_content = True

    def run(self) -> list[Any]:
        """Return it in the light theme; the end of the build makes the dark copy."""
        before, after = look.both(_HERE).split(_HERE)
        inside = self.parse_content_to_nodes()
        return [
            nodes.raw("", before, format="html"),
            *inside,
            nodes.raw("", after, format="html"),
        ]


class HowToCite(SphinxDirective):
    """``{how-to-cite}``: the book as a line to quote, and for BibTeX."""

    def run(self) -> list[Any]:
        """Return both."""
        for path in (citation.CITATION, news.CHANGES, ROOT / "pyproject.toml"):
            self.env.note_dependency(str(path))
        cited, edition = citation.read(), news.read()[0].day
        said = cited, edition, is_published()
        text = f"{citation.sentence(*said)}\n\n```bibtex\n{citation.bibtex(*said)}\n```"
        return list(self.parse_text_to_nodes(text))


DIRECTIVES = {
    "bench": Bench,
    "both-themes": BothThemes,
    "chapters": Chapters,
    "colab-seconds": ColabSeconds,
    "course": CourseLists,
    "glossary-of-the-book": Glossary,
    "how-to-cite": HowToCite,
    "look": Look,
    "news": News,
    "reading-map": ShownMap,
    "room": Room,
    "status": Status,
}
