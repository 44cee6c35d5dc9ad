"""Runs on disk: each is done once, by whichever process comes first.

A run is a file, named by what it is a run of. It appears whole or not at all, so an
interrupt loses no more than the run that it meets; a second process beside this one
takes what nobody is at.
"""

import hashlib
import io
import json
import os
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from filelock import FileLock, Timeout

from seqviz.experiments.bars import tqdm

_DAMAGED = (BadZipFile, zlib.error, EOFError, KeyError, ValueError)
_PATIENCE = 0.5  # seconds between two looks at what others are doing


@dataclass(frozen=True)
class Run:
    """One training or one count, measured.

    Attributes:
        name: what it was a run of, as JSON values.
        row: numbers of the whole: best epoch, validation, coverage.
        users: metric to ``[U]`` values, a column for each test row.
    """

    name: Mapping[str, Any]
    row: Mapping[str, Any]
    users: Mapping[str, np.ndarray] = field(default_factory=dict)


class Runs:
    """A folder of runs.

    Args:
        folder: made if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def load(self, name: Mapping[str, Any]) -> Run | None:
        """Return the run of that name, None if there is none or its file is damaged.

        A damaged file is removed, so that the run is done again.
        """
        path = self._path(name)
        with suppress(FileNotFoundError):
            packed = path.read_bytes()
            try:
                _, (run,) = unpack(packed)
            except _DAMAGED:  # a full disk, a crash
                path.unlink()
                return None
            return run
        return None

    def save(self, run: Run) -> None:
        """Write a run; a reader sees all of it or nothing."""
        write_whole(self._path(run.name), pack({}, [run]))

    def complete(
        self,
        names: Sequence[Mapping[str, Any]],
        do: Callable[[Mapping[str, Any]], Run],
        progress: str = "",
    ) -> list[Run]:
        """Do what is missing and return all, in order.

        Args:
            names: what is wanted.
            do: makes the run of a name.
            progress: words before the bar; no bar without them.
        """
        missing = [name for name in names if self.load(name) is None]
        bar = tqdm(total=len(names), initial=len(names) - len(missing), desc=progress,
                   unit="run", disable=not progress)  # fmt: skip
        with bar:
            while missing:
                for name in list(missing):
                    if self._done_or_do(name, do):
                        missing.remove(name)
                        bar.update()
                if missing:  # others are at these
                    time.sleep(_PATIENCE)
        return [self.load(name) for name in names]

    def _done_or_do(
        self, name: Mapping[str, Any], do: Callable[[Mapping[str, Any]], Run]
    ) -> bool:
        """Whether the run is there now; False if another process is at it."""
        path = self._path(name)
        lock = FileLock(path.with_suffix(".lock"), timeout=0)
        try:
            with lock:  # the system frees it when its process dies
                if not path.exists():
                    run = do(name)
                    if dict(run.name) != dict(name):
                        raise ValueError(
                            f"do must make the run of {name}, got that of {run.name}"
                        )
                    self.save(run)
        except Timeout:
            return path.exists()
        return True

    def _path(self, name: Mapping[str, Any]) -> Path:
        words = json.dumps(name, sort_keys=True)
        return self.folder / f"{hashlib.sha256(words.encode()).hexdigest()[:24]}.npz"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(content)
    os.replace(part, path)


def pack(about: Mapping[str, Any], runs: Iterable[Run]) -> bytes:
    """Return runs in one file, with what is to be known about them all as JSON."""
    told, arrays = [], {}
    for number, run in enumerate(runs):
        told.append({"name": dict(run.name), "row": dict(run.row)})
        arrays |= {f"{number}/{name}": values for name, values in run.users.items()}
    file = io.BytesIO()
    head = json.dumps({"about": about, "runs": told})
    np.savez_compressed(file, __told__=np.array(head), **arrays)
    return file.getvalue()


def unpack(packed: bytes) -> tuple[dict[str, Any], list[Run]]:
    """Return what ``pack`` was given."""
    with np.load(io.BytesIO(packed)) as file:
        head = json.loads(str(file["__told__"]))
        users: list[dict[str, np.ndarray]] = [{} for _ in head["runs"]]
        for entry in file.files:
            if entry != "__told__":
                number, _, name = entry.partition("/")
                users[int(number)][name] = file[entry]
    pairs = zip(head["runs"], users, strict=True)
    return head["about"], [Run(**one, users=own) for one, own in pairs]
