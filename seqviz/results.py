"""The stored results of a chapter: beside the notebook, or from the published book."""

import io
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import pandas as pd

#: Where the book is published; `baseurl` in _config.yml says the same.
ADDRESS = "https://sequence-attention.github.io/sequence-attention-book"

_BOOK = Path(__file__).resolve().parent.parent / "book"
_SECONDS = 30.0


class ResultsNotFound(LookupError):
    """The stored results lie neither in this checkout nor in the published book."""


class Results(NamedTuple):
    """What ``make experiments`` wrote for a chapter.

    Attributes:
        runs: one row a run.
        made_by: the first line of the file: the command, the date, the versions.
    """

    runs: pd.DataFrame
    made_by: str


def read_results(chapter: str) -> Results:
    """Read ``<chapter>_results.csv``, which `make experiments` wrote.

    It is looked for in the working folder (Jupyter's is that of the notebook), in the
    checkout that seqviz was imported from, and then, as in Colab, in the published
    book, which carries it under the same path.

    Args:
        chapter: the path of the notebook without its ending: ``"interests/comirec_sa"``.

    Raises:
        ResultsNotFound: if it is nowhere, or there is no network to fetch it.
        ValueError: if its first line does not say how it was made.
    """
    name = f"{chapter}_results.csv"
    for path in (Path(Path(name).name), _BOOK / name):
        if path.is_file():
            return _parse(path.read_text(encoding="utf-8"), str(path))
    address = f"{ADDRESS}/{name}"
    try:
        with urlopen(address, timeout=_SECONDS) as answer:
            text = answer.read().decode("utf-8")
    except (OSError, HTTPException) as error:
        raise ResultsNotFound(
            f"no {Path(name).name} in {Path.cwd()}, and {address} did not answer "
            f"({error}). With a network this cell works as it stands; in a checkout "
            "`make experiments` computes the results anew."
        ) from error
    return _parse(text, address)


def _parse(text: str, source: str) -> Results:
    first, _, table = text.partition("\n")
    if not first.startswith("#"):
        raise ValueError(
            f"the first line of {source} must start with # and say how the results "
            f"were made, got {first[:60]!r}"
        )
    return Results(pd.read_csv(io.StringIO(table), comment="#"), first.strip("# \r"))
