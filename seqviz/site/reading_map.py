"""The reading map: its entries, read and checked, and the page that shows them all.

The entries stand in ``book/systems/map.yml``. The page holds every one of them; with
JavaScript ``page.js`` adds three choices and hides what does not fit.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import yaml

#: What can be chosen, with its label.
FILTERS = {"ask": "Question", "changes": "What changes", "data": "Data"}


class System(NamedTuple):
    """An entry of the map.

    Attributes:
        name: as its authors write it.
        cite: its key in ``references.bib``.
        ask, changes, data: keys of the words of the map.
        text: what it does, in a sentence or two.
        here: pages of the book that build it.
        run: a version that can be trusted; may be empty.
        faults: what was seen in published versions; may be empty.
    """

    name: str
    cite: str
    ask: Sequence[str]
    changes: Sequence[str]
    data: Sequence[str]
    text: str
    here: Sequence[str] = ()
    run: str = ""
    faults: str = ""


class ReadingMap(NamedTuple):
    """The words that can be chosen, by filter and key, and the systems."""

    words: Mapping[str, Mapping[str, str]]
    systems: Sequence[System]


def read_map(path: Path) -> ReadingMap:
    """Read the entries.

    Raises:
        ValueError: an entry has no such word, lacks a field, or stands there twice.
    """
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    words = found["words"]
    if set(words) != set(FILTERS):
        raise ValueError(f"words must be of {', '.join(FILTERS)}, got {sorted(words)}")
    systems = []
    for entry in found["systems"]:
        try:
            system = System(**entry)
        except TypeError as error:
            raise ValueError(f"systems must hold whole entries, got {error}") from None
        for name in FILTERS:
            own = getattr(system, name)
            unknown = set(own) - set(words[name])
            if unknown or not own:
                raise ValueError(
                    f"{name} of {system.name} must be words of the map "
                    f"({', '.join(words[name])}), got {sorted(unknown) or 'none'}"
                )
        systems.append(system)
    names = [system.name for system in systems]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"systems must stand there once, got {sorted(twice)} twice")
    return ReadingMap(words, systems)


def opening(system: System) -> str:
    """Return what stands before an entry's text, in HTML."""
    marks = " ".join(
        f'data-{name}="{escape(" ".join(getattr(system, name)))}"' for name in FILTERS
    )
    place = escape(anchor(system))
    return (
        f'<article class="sv-system" id="{place}" {marks}>'
        f"<h2>{escape(system.name)}"
        f'<a class="headerlink" href="#{place}" title="Link to this system">#</a></h2>'
    )


#: What stands behind it.
CLOSING = "</article>"


def body(system: System, words: Mapping[str, Mapping[str, str]]) -> str:
    """Return an entry's text, in MyST."""
    text = system.text.strip()
    lines = [f"{text} {{cite:p}}`{system.cite}`"]
    said = [
        f"{label}: {', '.join(words[name][key] for key in getattr(system, name))}"
        for name, label in FILTERS.items()
    ]
    lines.append("*" + "* · *".join(said) + "*")
    if system.here:
        pages = ", ".join(f"{{doc}}`/{page}`" for page in system.here)
        lines.append(f"**In this book:** {pages}")
    if system.run:
        lines.append(f"**To run:** {system.run.strip()}")
    if system.faults:
        lines.append(f"**Faults seen:** {system.faults.strip()}")
    return "\n\n".join(lines)


def controls(found: ReadingMap) -> str:
    """Return the choices, in HTML; page.css hides them where no script answers."""
    return (
        '<form class="sv-map-choices">'
        + "".join(_choice(name, found) for name in FILTERS)
        + '<label>Name<input type="search" name="name" autocomplete="off"></label>'
        + f'<p role="status">{len(found.systems)} systems</p></form>'
    )


def _choice(name: str, found: ReadingMap) -> str:
    options = "".join(_options(found.words[name]))
    return f'<label>{FILTERS[name]}<select name="{name}">{options}</select></label>'


def _options(words: Mapping[str, str]) -> Iterator[str]:
    yield '<option value="">any</option>'
    for key, text in words.items():
        yield f'<option value="{escape(key)}">{escape(text)}</option>'


def anchor(system: System) -> str:
    """Return the address of an entry on its page."""
    letters = (c.lower() if c.isalnum() else "-" for c in system.name)
    return "map-" + "-".join(filter(None, "".join(letters).split("-")))
