"""What a text file looks like from its first lines: separator, header, columns."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from seqviz.data.download import DataCorrupted
from seqviz.data.logs.plain import not_that_encoding
from seqviz.data.logs.times import looks_like_a_time

SEPARATORS = ("::", "\t", ",", ";", "|")
LOOKED_AT = 50


@dataclass(frozen=True)
class Shape:
    """The form of a text file.

    Attributes:
        path: the file as it was given.
        separator: between two fields; "" for JSON lines.
        quote: around a field that holds a separator; "" for none.
        header: whether the first line names the columns.
        columns: their names; "column 0", "column 1" ... where there is no header.
        rows: the first few rows, as text.
    """

    path: Path
    separator: str
    quote: str
    header: bool
    columns: tuple[str, ...]
    rows: list[list[str]]

    @property
    def is_json(self) -> bool:
        """Whether each line is an object."""
        return not self.separator

    def values(self, column: int) -> list[str]:
        """The first few values of a column."""
        return [row[column] for row in self.rows]


def look(
    path: Path,
    given: Path,
    separator: str | None,
    quote: str | None,
    header: bool | None,
) -> Shape:
    """The shape of a UTF-8 file, from its first 50 lines and what is said about it.

    The separator is the one of ``::``, tab, comma, semicolon and bar that gives every
    line the same number of fields, at least two. The first line is a header if no field
    of it is a number or a time and no two are equal. Fields may be quoted with ``"``
    unless tabs or ``::`` part them.

    Raises:
        DataCorrupted: there is no line, or not UTF-8.
        ValueError: no separator fits, or several do.
    """
    lines = _first_lines(path, given)
    if lines[0].lstrip().startswith("{"):
        return _json_shape(given, lines)
    if lines[0].lstrip().startswith("["):
        raise DataCorrupted(
            f"{given}, line 1: a JSON list; write one object a line (JSON lines)"
        )
    separator = separator or _separator(given, lines, quote)
    if quote is None:
        quote = _usual_quote(separator)
    rows = list(split_rows(lines, separator, quote))
    if header is None:
        header = _is_header(rows[0])
    names = [name.strip() for name in rows[0]] if header else [""] * len(rows[0])
    names = [name or f"column {place}" for place, name in enumerate(names)]
    doubled = [name for name in names if names.count(name) > 1]
    if doubled:
        raise DataCorrupted(
            f"{given}, line 1: column {doubled[0]!r} stands there twice; rename one, "
            "or give header=False if the first line is an event"
        )
    whole = [row for row in rows[header:] if len(row) == len(names)]
    return Shape(given, separator, quote, header, tuple(names), whole)


def split_rows(lines: Iterable[str], separator: str, quote: str) -> Iterator[list[str]]:
    """The fields of each row; rows may span lines where fields are quoted.

    A blank line is a row without fields.
    """
    if len(separator) > 1:
        yield from (line.rstrip("\r\n").split(separator) for line in lines if line)
        return
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    yield from csv.reader(
        lines, delimiter=separator, quotechar=quote or None, quoting=quoting
    )


def _first_lines(path: Path, given: Path) -> list[str]:
    with path.open("rb") as stream:
        raw = list(islice(stream, LOOKED_AT))
    lines = []
    for number, line in enumerate(raw, 1):
        try:
            lines.append(line.decode())
        except UnicodeDecodeError as error:
            raise not_that_encoding(given, number, "utf-8", error) from error
    lines = [line for line in lines if line.strip()]
    if not lines:
        raise DataCorrupted(f"{given} holds no line with text: export or copy it again")
    return lines


def _json_shape(given: Path, lines: list[str]) -> Shape:
    names: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        try:
            names |= dict.fromkeys(json.loads(line))
        except ValueError as error:
            raise DataCorrupted(
                f"{given}, line {number}: not a JSON object ({error}); correct or "
                "remove the line"
            ) from error
    return Shape(given, "", "", False, tuple(names), [])


def _usual_quote(separator: str) -> str:
    return "" if separator in ("::", "\t") else '"'


def _separator(given: Path, lines: list[str], quote: str | None) -> str:
    """The one that fits; what is broken is named later, with its line."""
    lines = lines[:-1] or lines  # the last one may have been cut within quotes
    fitting: dict[str, int] = {}
    for share, quoted in ((1, True), (0.8, True), (0.8, False)):
        fitting = {}
        for separator in SEPARATORS:
            used = (_usual_quote(separator) if quote is None else quote) * quoted
            lengths = [len(row) for row in split_rows(lines, separator, used)]
            if lengths[0] > 1 and lengths.count(lengths[0]) >= share * len(lengths):
                fitting[separator] = lengths[0]
        if fitting:
            break
    if len(fitting) == 1:
        return next(iter(fitting))
    said = " and ".join(f"{key!r} ({n} fields)" for key, n in fitting.items())
    got = f"{said} alike" if fitting else "none that parts the lines alike"
    raise ValueError(
        f"separator must be given for {given}, got {got}; its first line is "
        f"{lines[0].strip()[:80]!r}"
    )


def _is_header(row: list[str]) -> bool:
    names = [field.strip() for field in row]
    return len(set(names)) == len(names) and not any(map(looks_like_a_time, names))
