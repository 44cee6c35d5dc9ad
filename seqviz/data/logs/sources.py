"""From what is given (files, frames, a table of an engine) to a table of Ibis.

Text is read as text, every column of it: an id keeps its leading zeros, and what cannot
be read as a time is found and named by us, not by the engine.
"""

from __future__ import annotations

import glob
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend as DuckDB

from seqviz.data.download import DataCorrupted, DataNotFound
from seqviz.data.logs.plain import is_parquet, not_that_encoding, plain
from seqviz.data.logs.shape import Shape, look, split_rows

LEAST = 1024  # MiB of an engine's memory
ROW = "row_"  # the place of an event in the source, where it has one


@dataclass
class Source:
    """A table, and the way back from one of its rows to where it was written.

    Attributes:
        table: the events; ``row_`` counts them from 0, where they have an order.
        columns: the names of its other columns.
        name: what it is called in messages.
        shape: of text files, else None.
        files: of text files, the one given and the one that is read.
    """

    table: ir.Table
    columns: tuple[str, ...]
    name: str
    shape: Shape | None = None
    files: list[tuple[Path, Path]] = field(default_factory=list)

    def place(self, row: int) -> str:
        """Where a row is written: its file and line, or its number."""
        if self.shape is None:
            return f"{self.name}, row {row}"
        left = row
        for given, path in self.files:
            with path.open(encoding="utf-8", newline="") as stream:
                for number, count in _rows_by_line(stream, self.shape):
                    if count == left:
                        return f"{given}, line {number}"
                left -= count + 1
        return f"{self.name}, row {row}"


class Engine(DuckDB):
    """DuckDB in this process, gone with the call that made it."""

    _held: tuple[str, ...] = ()  # names of the tables

    def hold(self, table: ir.Table, in_order: bool = False) -> ir.Table:
        """The same table, computed.

        Rows that are numbered as they come are so by one thread: a second one would
        only wait, and takes twice the processor's time for it.
        """
        name = ibis.util.gen_name("log")
        self._held += (name,)
        if not in_order:
            return self.create_table(name, table, temp=True)
        self.raw_sql("SET threads = 1")
        try:
            return self.create_table(name, table, temp=True)
        finally:
            self.raw_sql("RESET threads")

    def forget(self) -> None:
        """Give the memory of all that is held back."""
        for name in self._held:
            self.drop_table(name)
        self._held = ()


def engine(place: Path) -> Engine:
    """An engine that puts into the folder ``place`` what its memory cannot hold.

    That is a sixth of what DuckDB would take, which leaves the arrays their place: a
    hundred million events take about as much again.
    """
    made = Engine(temp_directory=str(place))
    made.reconnect()
    made.raw_sql("SET TimeZone = 'UTC'")
    made.raw_sql(f"SET memory_limit = '{max(mebibytes(made) // 6, LEAST)} MiB'")
    return made


def mebibytes(of: DuckDB) -> int:
    """What an engine's memory is limited to, by itself: a share of the machine's."""
    said = of.raw_sql("SELECT current_setting('memory_limit')").fetchone()[0]
    amount, unit = said.split()
    return int(float(amount) * {"MiB": 1, "GiB": 2**10, "TiB": 2**20}[unit])


def stored(table: ir.Table, in_order: bool = False) -> ir.Table:
    """The same table, computed and held by its engine; ``in_order``: see ``hold``."""
    held_by = table.get_backend()
    if isinstance(held_by, Engine):
        return held_by.hold(table, in_order)
    return table.cache()


def open_source(
    source: object,
    con: ibis.BaseBackend,
    place: Path,
    *,
    names: Callable[[Shape], tuple[str, ...]],
    encoding: str,
    separator: str | None,
    quote: str | None,
    header: bool | None,
) -> Source:
    """The table of a source.

    Args:
        source: a path, a pattern of paths, a list of them, a frame (pandas, Polars,
            Arrow: what has ``__arrow_c_stream__``), or a table of Ibis on any engine.
        con: the engine for all but the last.
        place: a folder for what is unpacked.
        names: the columns of a file without header, by its shape; () if unknown.
        encoding, separator, quote, header: of text files.

    Raises:
        DataNotFound: no file is there.
        DataCorrupted: one cannot be read to its end.
        TypeError, ValueError: it is something else, or the files differ in form.
    """
    if isinstance(source, ir.Table):
        return Source(source, tuple(source.columns), "the table")
    if hasattr(source, "__arrow_c_stream__") or isinstance(source, pa.Table):
        return _frame(source, con)
    paths = _paths(source)
    parquet = [path for path in paths if path.is_file() and is_parquet(path)]
    if parquet and len(parquet) < len(paths):
        raise ValueError(
            f"source must be files of one form, got {parquet[0].name} (Parquet) among "
            "text"
        )
    if parquet:
        return _parquet(paths, con)
    files = [(path, plain(path, encoding, place)) for path in paths]
    shapes = [look(path, given, separator, quote, header) for given, path in files]
    shape = shapes[0]
    for other in shapes[1:]:
        _require_alike(shape, other)
    columns = names(shape) or shape.columns
    if len(columns) != len(shape.columns):
        raise ValueError(
            f"layout must have the {len(shape.columns)} columns of {shape.path}, got "
            f"{len(columns)}: {', '.join(columns)}"
        )
    if shape.is_json:
        keys = dict.fromkeys(key for s in shapes for key in s.columns)
        table, columns = _json(files, tuple(keys), con), tuple(keys)
    else:
        table = _csv(files, columns, shape, con)
    return Source(
        table.mutate(**{ROW: ibis.row_number()}), columns, _called(paths), shape, files
    )


def reading_error(error: duckdb.Error, source: Source) -> DataCorrupted:
    """What an engine says of a broken file, in our words, with its line."""
    text = str(error)
    given = {str(path): path_given for path_given, path in source.files}
    file = next((given[p] for p in given if p in text), source.name)
    if source.shape is not None and source.shape.is_json:
        return _bad_json(source) or DataCorrupted(f"{file}: {text.splitlines()[0]}")
    line = re.search(r"Line: (\d+)", text)
    where = f"{file}, line {line[1]}" if line else f"{file}"
    if "unicode" in text.lower():
        return _bad_byte(source) or DataCorrupted(f"{where} is not UTF-8")
    fields = re.search(r"Columns: (\d+) Found: (\d+)", text)
    if fields:
        return DataCorrupted(
            f"{where} has {fields[2]} fields, expected {fields[1]}; correct or remove "
            "the line, or give separator=... or quote=... if the file is written so"
        )
    if "unterminated quote" in text or "state machine" in text:
        return DataCorrupted(
            f"{where}: a quote that does not close, or an end of line unlike the "
            "others; correct the line, or give quote='' if quotes mean nothing here"
        )
    return DataCorrupted(f"{where} cannot be read: {text.splitlines()[0]}")


def _rows_by_line(stream, shape: Shape):
    """The line on which each row begins, and the row's number from 0."""
    if shape.is_json or len(shape.separator) > 1:
        numbers = (n for n, line in enumerate(stream, 1) if line.strip())
    else:
        numbers = _beginnings(stream, shape)
    count = -1 - shape.header
    for number in numbers:
        count += 1
        yield number, count


def _beginnings(stream, shape: Shape):
    line = 0

    def counted():
        nonlocal line
        for text in stream:
            line += 1
            yield text

    begin = 1
    for row in split_rows(counted(), shape.separator, shape.quote):
        if row:
            yield begin
        begin = line + 1


def _frame(frame: object, con: ibis.BaseBackend) -> Source:
    try:
        table = pa.table(frame)
    except pa.ArrowInvalid as error:
        raise TypeError(
            f"source must have one type in each column, got {error}; "
            ".astype(str) makes text of it"
        ) from error
    table = table.select([c for c in table.column_names if c != "__index_level_0__"])
    for place, column in enumerate(table.schema):
        if pa.types.is_null(column.type):  # a column without a value has no type
            empty = table.column(place).cast(pa.string())
            table = table.set_column(place, column.name, empty)
    try:
        loaded = con.create_table(ibis.util.gen_name("frame"), table, temp=True)
    except KeyError as error:  # an extension of Arrow's types
        raise TypeError(
            f"source must have columns of numbers, text or times, got {error}; "
            ".astype(str) makes text of it"
        ) from error
    numbered = loaded.mutate(**{ROW: ibis.row_number()})
    return Source(numbered, tuple(loaded.columns), "the frame")


def _parquet(paths: list[Path], con: ibis.BaseBackend) -> Source:
    for path in paths:
        try:
            con.read_parquet(str(path))
        except duckdb.Error as error:
            raise DataCorrupted(
                f"{path} is damaged or cut short ({str(error).splitlines()[0]}): "
                "export or copy it again"
            ) from error
    try:
        table = con.read_parquet([str(path) for path in paths])
    except duckdb.Error as error:
        raise ValueError(
            f"source must be files with the same columns, got {error}"
        ) from error
    numbered = table.mutate(**{ROW: ibis.row_number()})
    return Source(numbered, tuple(table.columns), _called(paths))


def _csv(files, columns, shape: Shape, con) -> ir.Table:
    return con.read_csv(
        [str(path) for _, path in files],
        columns=dict.fromkeys(columns, "VARCHAR"),
        auto_detect=False,
        header=shape.header,
        delim=shape.separator,
        quote=shape.quote,
        escape=shape.quote,
        nullstr="",
        strict_mode=True,
    )


def _json(files, columns, con) -> ir.Table:
    return con.read_json(
        [str(path) for _, path in files],
        columns=dict.fromkeys(columns, "VARCHAR"),
        format="newline_delimited",
    )


def _paths(source: object) -> list[Path]:
    if isinstance(source, (str, Path)):
        text = str(Path(source).expanduser())
        if Path(text).is_dir():
            inside = sorted(path.name for path in Path(text).iterdir())
            raise ValueError(
                f"source must be a file or a pattern, got the folder {text} with "
                f"{', '.join(inside[:9])}"
            )
        if Path(text).is_file() or not glob.has_magic(text):
            return [Path(text)]
        found = sorted(map(Path, glob.glob(text)))
        if not found:
            raise DataNotFound(f"no file fits the pattern {text}: correct it")
        return found
    if isinstance(source, (list, tuple)) and source:
        return [path for part in source for path in _paths(part)]
    raise TypeError(
        "source must be a path, a pattern, a list of paths, a frame or a table, got "
        f"{type(source).__name__}"
    )


def _called(paths: list[Path]) -> str:
    return str(paths[0]) + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")


def _require_alike(first: Shape, other: Shape) -> None:
    same = (first.separator, first.header) == (other.separator, other.header)
    if not same or (not first.is_json and first.columns != other.columns):
        raise ValueError(
            f"source must be files of one form, got {first.path.name} with "
            f"{', '.join(first.columns)} and {other.path.name} with "
            f"{', '.join(other.columns)}"
        )


def _bad_json(source: Source) -> DataCorrupted | None:
    for given, path in source.files:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                try:
                    good = not line.strip() or isinstance(json.loads(line), dict)
                except ValueError:
                    good = False
                if not good:
                    return DataCorrupted(
                        f"{given}, line {number}: not a JSON object; correct or remove "
                        "the line"
                    )
    return None


def _bad_byte(source: Source) -> DataCorrupted | None:
    for given, path in source.files:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                try:
                    line.decode()
                except UnicodeDecodeError as error:
                    return not_that_encoding(given, number, "utf-8", error)
    return None
