"""Examples in files, of which a chunk is read at a time."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from seqviz.arguments import require_whole
from seqviz.data.download import DataCorrupted, DataNotFound
from seqviz.data.examples import Examples
from seqviz.data.ragged import Ragged

CHUNK = 4096  # rows
SIZES = "sizes.json"  # written last
COLUMNS = ("user", "time", "history", "truths")  # of a Parquet file


class StoredExamples(Protocol):
    """Where ``stream`` reads from.

    Attributes:
        sizes: how many examples each chunk has.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> with TemporaryDirectory() as folder:
        ...     print(save_examples(train, folder + "/a").read(0))  # a chunk
        Examples(2729 rows, 32 users)
    """

    sizes: Sequence[int]

    def read(self, chunk: int) -> Examples:
        """The examples of one chunk."""
        ...


class MappedExamples:
    """Examples that ``save_examples`` wrote: arrays that stay on the disk.

    The histories of a chunk are slices of the file, so only what a batch takes of them
    is read.

    Args:
        folder: what ``save_examples`` wrote.
        chunk: rows of a chunk.

    Raises:
        DataNotFound: ``folder`` holds no examples, or writing them was not finished.
        DataCorrupted: a file has another size than when it was written.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> with TemporaryDirectory() as folder:
        ...     stored = save_examples(train, folder + "/train")
        ...     print(len(MappedExamples(folder + "/train").read(0)) == len(train))
        True
    """

    def __init__(self, folder: str | Path, *, chunk: int = CHUNK) -> None:
        require_whole(chunk=chunk)
        folder = Path(folder)
        if not (folder / SIZES).is_file():
            raise DataNotFound(
                f"folder must hold examples that save_examples wrote, got {folder}"
            )
        self._columns = {}
        for name, size in json.loads((folder / SIZES).read_text()).items():
            path = folder / f"{name}.npy"
            try:
                column = np.load(path, mmap_mode="r" if size else None)
            except (OSError, ValueError) as error:
                raise DataCorrupted(f"{path} cannot be read: {error}") from error
            if len(column) != size:
                raise DataCorrupted(
                    f"{path} must hold {size:,} numbers, got {len(column):,}; "
                    "write the examples again"
                )
            self._columns[name] = column
        rows = len(self._columns["users"])
        self._starts = range(0, rows, chunk)
        self.sizes = [min(chunk, rows - start) for start in self._starts]

    def read(self, chunk: int) -> Examples:
        """The examples of one chunk; the histories are slices of the whole file."""
        start = self._starts[chunk]
        part = slice(start, start + self.sizes[chunk])
        own = self._columns
        return Examples(
            own["users"][part],
            own["times"][part],
            *(
                Ragged(
                    own[f"{name}_values"],
                    own[f"{name}_starts"][part],
                    own[f"{name}_stops"][part],
                )
                for name in ("histories", "truths")
            ),
        )


class ParquetExamples:
    """Examples of Parquet files; a row group is a chunk.

    Columns: ``user`` and ``time`` (unix seconds), whole numbers; ``history`` and
    ``truths``, lists of item ids. Whatever engine wrote them: ``save_parquet`` does.

    Args:
        paths: a file or several, read in this order.

    Raises:
        DataNotFound: there is no such file.
        DataCorrupted: a file is no Parquet, lacks a column, or a value is missing.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> with TemporaryDirectory() as folder:
        ...     path = folder + "/train.parquet"
        ...     _ = save_parquet(train, path)
        ...     print(len(ParquetExamples(path).read(0)) == len(train))
        True
    """

    def __init__(self, paths: str | Path | Iterable[str | Path]) -> None:
        import pyarrow as pa  # here, as Colab's first cell needs none
        import pyarrow.parquet as pq

        paths = [paths] if isinstance(paths, str | Path) else list(paths)
        self._groups, self.sizes = [], []
        for path in map(Path, paths):
            if not path.is_file():
                raise DataNotFound(f"paths must be files, got {path}")
            try:
                file = pq.ParquetFile(path, memory_map=True)
            except pa.ArrowInvalid as error:
                raise DataCorrupted(f"{path} cannot be read: {error}") from error
            lacks = set(COLUMNS) - set(file.schema_arrow.names)
            if lacks:
                raise DataCorrupted(
                    f"{path} must have the columns {', '.join(COLUMNS)}, got "
                    f"{', '.join(file.schema_arrow.names)}"
                )
            for group in range(file.num_row_groups):
                self._groups.append((path, file, group))
                self.sizes.append(file.metadata.row_group(group).num_rows)

    def read(self, chunk: int) -> Examples:
        """The examples of one row group."""
        path, file, group = self._groups[chunk]
        table = file.read_row_group(group, columns=list(COLUMNS)).combine_chunks()
        columns = [table[name].combine_chunks() for name in COLUMNS]
        for name, column in zip(COLUMNS, columns, strict=True):
            inside = 0 if name in ("user", "time") else column.flatten().null_count
            if column.null_count or inside:
                raise DataCorrupted(
                    f"{path}, row group {group}, column {name} must have no missing "
                    f"value, got {column.null_count + inside}"
                )
        lists = []
        for column in columns[2:]:
            ends = column.value_lengths().to_numpy(zero_copy_only=False).cumsum()
            starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
            values = column.flatten().to_numpy(zero_copy_only=False)
            lists.append(Ragged(values, starts[: len(ends)], ends.astype(np.int64)))
        users, times = (column.to_numpy(zero_copy_only=False) for column in columns[:2])
        return Examples(users, times, *lists)


def save_examples(examples: Examples, folder: str | Path) -> MappedExamples:
    """Writes examples as arrays that can be mapped into memory.

    Histories that overlap are stored once. The folder takes its name when all is
    written, so half of it is never read.

    Args:
        examples: what to write.
        folder: must not exist yet.

    Raises:
        FileExistsError: ``folder`` exists.
        TypeError: ``examples`` have columns that a store has not.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> with TemporaryDirectory() as folder:
        ...     stored = save_examples(train, folder + "/train")
        ...     print(len(stored.read(0)) == len(train))
        True
    """
    _require_plain(examples)
    folder = Path(folder)
    if folder.exists():
        raise FileExistsError(f"folder must not exist yet, got {folder}")
    columns = {"users": examples.users, "times": examples.times}
    for name in ("histories", "truths"):
        rows = getattr(examples, name)
        for part in ("values", "starts", "stops"):
            columns[f"{name}_{part}"] = getattr(rows, part)
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, column in columns.items():
            np.save(place / f"{name}.npy", column)
        sizes = {name: len(column) for name, column in columns.items()}
        (place / SIZES).write_text(json.dumps(sizes))
        place.rename(folder)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return MappedExamples(folder)


def save_parquet(
    examples: Examples, path: str | Path, *, chunk: int = CHUNK
) -> ParquetExamples:
    """Writes examples as a Parquet file of row groups with ``chunk`` rows each.

    The file takes its name when all is written.

    Raises:
        TypeError, ValueError: ``examples`` have columns that a store has not, or
            ``chunk`` is under 1.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> train = split_by_user(load_shop(num_users=40).interactions).train
        >>> with TemporaryDirectory() as folder:
        ...     stored = save_parquet(train, folder + "/train.parquet", chunk=64)
        ...     print(type(stored).__name__)
        ParquetExamples
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    _require_plain(examples)
    require_whole(chunk=chunk)
    path = Path(path)
    lists = pa.list_(pa.int64())
    schema = pa.schema(
        [("user", pa.int64()), ("time", pa.int64())]
        + [("history", lists), ("truths", lists)]
    )
    half = path.with_name(f".{path.name}.half")
    try:
        with pq.ParquetWriter(half, schema) as writer:
            for start in range(0, len(examples), chunk):
                part = examples.select(slice(start, start + chunk))
                arrays = [pa.array(part.users), pa.array(part.times)]
                for rows in (part.histories, part.truths):
                    ends = np.concatenate([[0], np.cumsum(rows.lengths)])
                    arrays.append(
                        pa.ListArray.from_arrays(
                            pa.array(ends, pa.int32()), pa.array(rows.flat())
                        )
                    )
                writer.write_table(pa.table(arrays, schema=schema))
        half.rename(path)
    finally:
        half.unlink(missing_ok=True)
    return ParquetExamples(path)


def _require_plain(examples: Examples) -> None:
    if type(examples) is not Examples:
        raise TypeError(
            f"examples must be plain Examples, got {type(examples).__name__}, whose "
            "further columns would be lost"
        )
