"""Where the stored results of a chapter lie, and the words on how they were made."""

import datetime
import platform
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

import torch

from seqviz.project import project

BOOK = Path(__file__).resolve().parents[2] / "book"
_SECONDS = 30.0


class ResultsNotFound(LookupError):
    """The stored results lie neither in this checkout nor in the published book.

    Example:
        >>> try:
        ...     read_study("no/chapter")
        ... except ResultsNotFound:
        ...     print("not stored")
        not stored
    """


def find_results(name: str) -> bytes:
    """Return a file that ``make experiments`` stored.

    It is looked for in the working folder (Jupyter's is that of the notebook), in the
    checkout that seqviz was imported from, and then, as in Colab, in the published
    book, which carries it under the same path.

    Args:
        name: its path below ``book/``.

    Raises:
        ResultsNotFound: if it is nowhere, or there is no network to fetch it.
    """
    for path in (Path(Path(name).name), BOOK / name):
        if path.is_file():
            return path.read_bytes()
    address = f"{project().address}/{name}"
    try:
        with urlopen(address, timeout=_SECONDS) as answer:
            return answer.read()
    except (OSError, HTTPException) as error:
        raise ResultsNotFound(
            f"no {Path(name).name} in {Path.cwd()}, and {address} did not answer "
            f"({error}). With a network this cell works as it stands; in a checkout "
            "`make experiments` computes the results anew."
        ) from error


def made_by(command: str, device: torch.device | str) -> str:
    """Return how results are made, here and now, as it is stored with them."""
    return (
        f"command: {command}; date: {datetime.date.today()}; "
        f"torch {torch.__version__}, Python {platform.python_version()}, {device}"
    )


def stored_by(words: str) -> str:
    """Return what ``made_by`` has said as the end of a caption."""
    command, _, rest = words.removeprefix("command: ").partition("; ")
    return f"Stored by `{command}`; {rest}."
