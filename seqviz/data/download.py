"""Where the real files are: a local folder, the cache, or the network. Never guessed.

A file is trusted only while its sha256 is the pinned one, wherever it lies. A download
goes to a temporary file and takes its name after the checksum has matched, so a broken
connection leaves nothing that a later run would trust.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import pooch
from tqdm import tqdm

FOLDER_VARIABLE = "SEQVIZ_DATA"


class DataNotFound(FileNotFoundError):
    """A data file is not on this machine and was not, or could not be, fetched.

    Example:
        >>> try:
        ...     load_online_retail(path="nowhere.xlsx")
        ... except DataNotFound as error:
        ...     print("not here")
        not here
    """


class DataCorrupted(ValueError):
    """A data file is not what it should be: altered, cut short or of another form.

    Example:
        >>> from tempfile import NamedTemporaryFile
        >>> with NamedTemporaryFile(suffix=".xlsx") as file:  # empty
        ...     try:
        ...         load_online_retail(path=file.name)
        ...     except DataCorrupted as error:
        ...         print("not what it should be")
        not what it should be
    """


class RemoteFile(NamedTuple):
    """One published file: its path below the data folder, its address, its checksum."""

    path: str
    url: str
    sha256: str


def locate(file: RemoteFile, *, download: bool = False, progress: bool = True) -> Path:
    """The path of a file whose checksum has been verified.

    Looks into the folder that the environment variable ``SEQVIZ_DATA`` names (which is
    read, never written; when it is set nothing else is asked), else into the cache,
    else fetches the file into the cache.

    Args:
        file: which one.
        download: whether it may be fetched. A cached file with the wrong checksum is
            then fetched again.
        progress: whether a bar shows the download; it is wiped at the end.

    Raises:
        DataNotFound: it is not there, or the download failed.
        DataCorrupted: its checksum is not the pinned one.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder:
        path = Path(folder).expanduser() / file.path
        if not path.is_file():
            raise DataNotFound(
                f"{path} does not exist: put it there (from {file.url}), or unset "
                f"{FOLDER_VARIABLE} to use the cache"
            )
        remedy = f"copy it again from {file.url}, or unset {FOLDER_VARIABLE}"
        return _verified(path, file, remedy)
    path = cache_folder() / file.path
    if download:
        _fetch(path, file, progress)
    elif not path.is_file():
        raise DataNotFound(
            f"{Path(file.path).name} is not on this machine: call the loader with "
            f"download=True (it comes from {file.url}), or set {FOLDER_VARIABLE} to a "
            f"folder that has {file.path}"
        )
    return _verified(path, file, "load it with download=True to fetch it again")


def cache_folder() -> Path:
    """Where downloads are kept."""
    return Path(pooch.os_cache("seqviz-book"))


def _verified(path: Path, file: RemoteFile, remedy: str) -> Path:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != file.sha256:
        raise DataCorrupted(
            f"{path} has been altered or cut short: its sha256 is {found}, expected "
            f"{file.sha256}; {remedy}"
        )
    return path


def _fetch(path: Path, file: RemoteFile, progress: bool) -> None:
    bar = False
    if progress:  # pooch sets the total once it knows it; without one a bar is not true
        bar = tqdm(total=1, unit="B", unit_scale=True, leave=False, desc=path.name)
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")  # the bar says enough
    try:
        pooch.retrieve(
            file.url,
            known_hash=f"sha256:{file.sha256}",
            fname=path.name,
            path=path.parent,
            downloader=pooch.HTTPDownloader(progressbar=bar),
        )
    except ValueError as error:  # pooch: the checksum does not match
        raise DataCorrupted(
            f"what {file.url} sent is not the pinned file, and was thrown away "
            f"({error}); try again, or set {FOLDER_VARIABLE} to a folder that has "
            f"{file.path}"
        ) from error
    except OSError as error:
        raise DataNotFound(
            f"{file.url} could not be fetched into {path.parent} ({error}); check the "
            f"network, or set {FOLDER_VARIABLE} to a folder that has {file.path}"
        ) from error
    finally:
        logger.setLevel(level)
        if bar is not False:
            bar.close()
