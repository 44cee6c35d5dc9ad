"""The stored results of a chapter: written by its script, read by its notebook."""

import datetime
import io
import json
import platform
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import pandas as pd
import torch

from seqviz.project import project

BOOK = Path(__file__).resolve().parents[2] / "book"
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

    @property
    def stored_by(self) -> str:
        """The end of a caption: "Stored by `make experiments`; date: 2026-11-21"."""
        return stored_by(self.made_by)


def mean_and_spread(values: pd.Series, digits: int = 3) -> str:
    """Mean over the seeds ± one standard deviation, ``"0.644 ± 0.015"``.

    A single value stands alone, and of none there is a dash.
    """
    if not len(values):
        return "–"
    mean = f"{values.mean():.{digits}f}"
    return mean if len(values) == 1 else f"{mean} ± {values.std():.{digits}f}"


def read_results(chapter: str) -> Results:
    """Read ``<chapter>_results.csv``, which `make experiments` wrote.

    It is looked for in the working folder (Jupyter's is that of the notebook), in the
    checkout that seqviz was imported from, and then, as in Colab, in the published
    book, which carries it under the same path.

    Args:
        chapter: the path of the notebook without its ending: "interests/comirec_sa".

    Raises:
        ResultsNotFound: if it is nowhere, or there is no network to fetch it.
        ValueError: if its first line does not say how it was made.
    """
    found, source = find_results(f"{chapter}_results.csv")
    return _parse(found.decode("utf-8"), source)


def find_results(name: str) -> tuple[bytes, str]:
    """Return a stored file and where it was: see ``read_results``.

    Args:
        name: its path below ``book/``.
    """
    for path in (Path(Path(name).name), BOOK / name):
        if path.is_file():
            return path.read_bytes(), str(path)
    address = f"{project().address}/{name}"
    try:
        with urlopen(address, timeout=_SECONDS) as answer:
            return answer.read(), address
    except (OSError, HTTPException) as error:
        raise ResultsNotFound(
            f"no {Path(name).name} in {Path.cwd()}, and {address} did not answer "
            f"({error}). With a network this cell works as it stands; in a checkout "
            "`make experiments` computes the results anew."
        ) from error


def write_results(
    path: Path,
    runs: pd.DataFrame,
    *,
    command: str = "make experiments",
    settings: Mapping[str, Any] | None = None,
    device: torch.device | str = "cpu",
    key: Sequence[str] = (),
) -> None:
    """Write what ``read_results`` reads, below a line that says how it was made.

    Args:
        path: ``<chapter>_results.csv`` beside the notebook.
        runs: one row a run; numbers are rounded to five places.
        command: what was run, with its number of seeds.
        settings: what it was run with, for a second line.
        device: where it ran.
        key: the columns that name a run. With them the stored runs of other names are
            kept, and a run of the same name takes the place of the stored one.
    """
    if key and path.is_file():
        runs = _merged(pd.read_csv(path, comment="#"), runs, list(key))
    header = f"# {made_by(command, device)}\n"
    if settings is not None:
        header += f"# settings: {json.dumps(settings)}\n"
    table = runs.round(5).to_csv(index=False, lineterminator="\n")
    path.write_text(header + table, encoding="utf-8")
    print(f"wrote {len(runs)} rows to {path}")


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


def _merged(stored: pd.DataFrame, runs: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    names = pd.concat([stored[key], runs[key]]).drop_duplicates()
    place = names.reset_index(drop=True).reset_index(names="place")
    again = stored[key].merge(runs[key].drop_duplicates(), how="left", indicator=True)
    kept = stored[(again["_merge"] == "left_only").to_numpy()]
    merged = pd.concat([kept, runs], ignore_index=True)
    return merged.iloc[merged[key].merge(place)["place"].argsort(kind="stable")]


def _parse(text: str, source: str) -> Results:
    first, _, table = text.partition("\n")
    if not first.startswith("#"):
        raise ValueError(
            f"the first line of {source} must start with # and say how the results "
            f"were made, got {first[:60]!r}"
        )
    return Results(pd.read_csv(io.StringIO(table), comment="#"), first.strip("# \r"))
