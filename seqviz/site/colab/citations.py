"""Citations in plain text: author and year, and the list of what was cited."""

from functools import cache
from pathlib import Path

from pybtex.backends import markdown, plaintext
from pybtex.database import BibliographyData, Entry, parse_file
from pybtex.richtext import Text
from pybtex.style.formatting.unsrt import Style


class Citations:
    """What a notebook cites, in the order of its text.

    Args:
        known: every entry that may be cited.
    """

    def __init__(self, known: BibliographyData) -> None:
        self._known = known
        self._cited: dict[str, str] = {}

    def cite(self, keys: str) -> str:
        """Return "[Cen et al., 2020; Li et al., 2019]" for keys with commas between.

        Raises:
            ValueError: the bibliography has no such key.
        """
        return f"[{'; '.join(self._label(key.strip()) for key in keys.split(','))}]"

    def references(self) -> str:
        """Return the list of what was cited, in Markdown; nothing if nothing was."""
        if not self._cited:
            return ""
        lines = [
            f"- **{label}.** {_written(self._known.entries[key])}"
            for key, label in self._cited.items()
        ]
        return "\n".join(["## References", "", *sorted(lines, key=str.casefold)])

    def _label(self, key: str) -> str:
        if key not in self._known.entries:
            raise ValueError(f"references.bib must have what is cited, got {key!r}")
        if key not in self._cited:
            label, taken = author_year(self._known.entries[key]), self._cited.values()
            letters = iter("bcdefghij")
            unique = label
            while unique in taken:
                unique = f"{label}{next(letters)}"
            self._cited[key] = unique
        return self._cited[key]


def read_bibliography(path: Path) -> BibliographyData:
    """Read a BibTeX file."""
    return parse_file(str(path))


def author_year(entry: Entry) -> str:
    """Return "Lin, 2017", "Lin and Feng, 2017" or "Lin et al., 2017"."""
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [_plain(" ".join([*one.prelast_names, *one.last_names])) for one in people]
    if not names:
        who = _plain(entry.fields.get("title", entry.key))
    elif len(names) == 1:
        who = names[0]
    else:
        who = f"{names[0]} and {names[1]}" if len(names) == 2 else f"{names[0]} et al."
    return f"{who}, {entry.fields['year']}"


# Made once: each looks through all packages on the machine.
@cache
def _style() -> Style:
    return Style()


def _written(entry: Entry) -> str:
    formatted = _style().format_entry(entry.key, entry)
    return " ".join(formatted.text.render(markdown.Backend()).split())


def _plain(latex: str) -> str:
    return Text.from_latex(latex).render(plaintext.Backend())
