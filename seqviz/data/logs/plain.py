"""A file as UTF-8 text on disk, whatever it was packed and encoded in.

DuckDB reads gzip itself, but does not look at its checksum, nor at whether the end is
there (findings/duckdb-gzip.sh). So what is packed is unpacked first, to its end.
"""

from __future__ import annotations

import ast
import bz2
import codecs
import gzip
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from seqviz.data.download import DataCorrupted, DataNotFound

CHUNK = 1 << 20
BROKEN = (EOFError, OSError, zlib.error, zipfile.BadZipFile, lzma.LZMAError)
#: The first bytes of what can be unpacked, and how it is opened.
OPENERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
LITERAL = (b"{u'", b"{'")
ZIP, PARQUET, ZSTD = b"PK\x03\x04", b"PAR1", b"\x28\xb5\x2f\xfd"


def is_parquet(path: Path) -> bool:
    """Whether it calls itself Parquet, by its first bytes or its name."""
    return _magic(path).startswith(PARQUET) or path.suffix == ".parquet"


def plain(path: Path, encoding: str, place: Path) -> Path:
    """The path of the same text unpacked and in UTF-8: itself, or a copy in ``place``.

    Raises:
        DataNotFound: there is no file.
        DataCorrupted: it is empty, cut short, damaged, not of that encoding, or an
            archive of several files.
        ValueError: the encoding is unknown.
    """
    magic = _magic(path)
    if not magic:
        raise DataCorrupted(f"{path} is empty, 0 bytes: export or copy it again")
    if magic.startswith(ZSTD):
        raise DataCorrupted(f"{path} is packed with zstd: unpack it first (unzstd)")
    try:
        codec = codecs.lookup(encoding).name
    except LookupError:
        raise ValueError(
            f"encoding must be one that Python knows, such as 'latin-1', got "
            f"{encoding!r}"
        ) from None
    packed = magic.startswith((ZIP, *OPENERS))
    if not packed and codec == "utf-8" and not magic.startswith(codecs.BOM_UTF8):
        return _as_json(path, place) if magic.startswith(LITERAL) else path
    copy = _new(path, place)
    try:
        with _unpacked(path, magic) as stream, copy.open("wb") as out:
            _recode(path, stream, out, "utf-8-sig" if codec == "utf-8" else codec)
    except BROKEN as error:
        raise DataCorrupted(
            f"{path} is damaged or cut short ({error}): export or copy it again"
        ) from error
    with copy.open("rb") as stream:
        return _as_json(copy, place) if stream.read(6).startswith(LITERAL) else copy


def _new(path: Path, place: Path) -> Path:
    return place / f"{len(list(place.iterdir()))}-{path.name}.txt"


def _as_json(path: Path, place: Path) -> Path:
    """The same lines as JSON: older sets were written with Python's ``repr``."""
    copy = _new(path, place)
    with path.open(encoding="utf-8") as stream, copy.open("w") as out:
        for number, line in enumerate(stream, 1):
            try:
                json.dump(ast.literal_eval(line.strip() or "{}"), out)
            except (ValueError, SyntaxError) as error:
                raise DataCorrupted(
                    f"{path}, line {number}: neither JSON nor a Python literal; "
                    "correct or remove the line"
                ) from error
            out.write("\n")
    return copy


def _magic(path: Path) -> bytes:
    if not path.is_file():
        raise DataNotFound(f"there is no file {path}: correct its name")
    with path.open("rb") as stream:
        return stream.read(6)


@contextmanager
def _unpacked(path: Path, magic: bytes) -> Iterator[BinaryIO]:
    if magic.startswith(ZIP):
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
            if len(names) != 1:
                raise DataCorrupted(
                    f"{path} must hold one file, got {', '.join(names[:9])}; unpack "
                    "it and give the log among them"
                )
            with archive.open(names[0]) as stream:
                yield stream
        return
    opener = next((o for m, o in OPENERS.items() if magic.startswith(m)), open)
    with opener(path, "rb") as stream:
        yield stream


def _recode(path: Path, stream: BinaryIO, out: BinaryIO, codec: str) -> None:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    lines = 1
    while chunk := stream.read(CHUNK):
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            at = lines + error.object[: error.start].count(b"\n")
            raise not_that_encoding(path, at, codec, error) from error
        out.write(text.encode())
        lines += text.count("\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise not_that_encoding(path, lines, codec, error) from error


def not_that_encoding(
    path: Path, line: int, codec: str, error: UnicodeDecodeError
) -> DataCorrupted:
    """The error for a byte that an encoding does not have, with its line."""
    byte = error.object[error.start]
    codec = "UTF-8" if codec.startswith("utf-8") else codec
    advice = "'latin-1'" if codec == "UTF-8" else "another"
    return DataCorrupted(
        f"{path}, line {line}: byte 0x{byte:02x} is not {codec}; give encoding="
        f"{advice} if the file was written so (older European files often were)"
    )
