"""MovieTweetings: ratings of films that people announced on Twitter.

Dooms, De Pessemier, Martens (2013), MIT licence. ``users.dat`` holds account names and
is never read.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from seqviz.data.cleaning import keep_frequent, numbered
from seqviz.data.download import DataCorrupted, DataNotFound, RemoteFile, locate
from seqviz.data.tables import Catalog, Dataset, Interactions

_ADDRESS = (
    "https://raw.githubusercontent.com/sidooms/MovieTweetings/"
    "8917fd3bf8b8e3c7ca3ae11cd1d1a8b946630e84/latest/"
)
RATINGS = RemoteFile(
    "movietweetings/ratings.dat",
    _ADDRESS + "ratings.dat",
    "38677e4a858d3356326dfe0db73cc381c29043a9da4ade8c00a45486e2488c37",
)
MOVIES = RemoteFile(
    "movietweetings/movies.dat",
    _ADDRESS + "movies.dat",
    "fec176ae08802e4a83dbc9e1e081f0d658f4a599f788ff606015f3ee1eb221fb",
)
DAY = 86_400
NOT_A_GENRE = ("Short", "News", "Adult")


def load_movietweetings(
    min_user_events: int = 5,
    min_item_events: int = 5,
    *,
    folder: str | Path | None = None,
    download: bool = False,
    progress: bool = True,
) -> Dataset:
    """Reads MovieTweetings.

    Nothing is dropped but films and users with too few ratings, repeatedly until both
    minimums hold: of 141,695 ratings, 21,081 users and 12,611 films, 5 and 5 leave
    102,461, 5,973 and 3,119.

    Events: kind ``rating``; a session is a user's calendar day (UTC); ratings of one
    user at one second keep the order of the file. Extra column ``rating`` (0 to 10).

    Catalog: ``title`` with the year; ``category``, the film's rarest genre over all
    films, after Short, News and Adult are struck from the lists ("other" if none is
    left; of equally rare ones the first by name); ``year``; ``raw_id``, the film's
    number at IMDb.

    Args:
        min_user_events: fewest ratings of a user.
        min_item_events: fewest ratings of a film.
        folder: a folder of your own with ``ratings.dat`` and ``movies.dat`` in the same
            form, whose checksums are not asked; left out, the published files (see
            :func:`seqviz.data.download.locate`).
        download: whether the published files may be fetched (5 MB).
        progress: whether a bar shows the download.

    Raises:
        DataNotFound: there is no file.
        DataCorrupted: one is altered, or a line cannot be read.
        ValueError: a minimum is under 1, or nothing is left.

    Example:
        >>> try:
        ...     load_movietweetings(folder="nowhere")
        ... except DataNotFound:
        ...     print("fetched only with download=True")
        fetched only with download=True
    """
    if folder is None:
        paths = [
            locate(f, download=download, progress=progress) for f in (RATINGS, MOVIES)
        ]
    else:
        paths = [Path(folder) / name for name in ("ratings.dat", "movies.dat")]
    ratings = _read_ratings(paths[0])
    movies = _read_movies(paths[1])
    unknown = ~ratings["movie"].isin(movies.index)
    if unknown.any():
        line = unknown.idxmax()
        raise DataCorrupted(
            f"{paths[0]}, line {line}: film {ratings.at[line, 'movie']!r} is not in "
            f"{paths[1]}; take both files from one release"
        )
    kept = keep_frequent(ratings, "user", "movie", min_user_events, min_item_events)
    return _dataset(kept, movies)


def _fields(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Lines of fields between double colons, as text; the index is the line."""
    if not path.is_file():
        raise DataNotFound(f"{path} does not exist: correct the argument folder")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise DataCorrupted(f"{path} is not UTF-8 text: {error}") from error
    rows = [line.split("::") for line in text.removesuffix("\n").split("\n")]
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            raise DataCorrupted(
                f"{path}, line {number}: {'::'.join(row)!r} has {len(row)} fields, "
                f"expected {len(columns)}: {'::'.join(columns)}"
            )
    return pd.DataFrame(
        rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1), dtype=object
    )


def _read_ratings(path: Path) -> pd.DataFrame:
    table = _fields(path, ("user", "movie", "rating", "time"))
    for column in ("user", "rating", "time"):
        numbers = pd.to_numeric(table[column], errors="coerce")
        bad = numbers.isna() | (numbers % 1 != 0)
        if bad.any():
            line = bad.idxmax()
            raise DataCorrupted(
                f"{path}, line {line}: {column} is {table.at[line, column]!r}, "
                f"expected {'unix seconds' if column == 'time' else 'a whole number'}"
            )
        table[column] = numbers.astype(np.int64)
    return table


def _read_movies(path: Path) -> pd.DataFrame:
    """Columns title, year and category; the index is the raw id."""
    table = _fields(path, ("movie", "title", "genres"))
    doubled = table["movie"].duplicated()
    if doubled.any():
        line = doubled.idxmax()
        raise DataCorrupted(
            f"{path}, line {line}: film {table.at[line, 'movie']!r} stands there twice"
        )
    year = table["title"].str.extract(r"\((\d{4})\)\s*$")[0]
    if year.isna().any():
        line = year.isna().idxmax()
        raise DataCorrupted(
            f"{path}, line {line}: title {table.at[line, 'title']!r} does not end with "
            "a year such as (1994)"
        )
    genres = [
        [genre for genre in text.split("|") if genre and genre not in NOT_A_GENRE]
        for text in table["genres"]
    ]
    counts = Counter(genre for row in genres for genre in row)
    category = [
        min(row, key=lambda genre: (counts[genre], genre)) if row else "other"
        for row in genres
    ]
    return pd.DataFrame(
        {
            "title": table["title"].str.strip().to_numpy(),
            "category": category,
            "year": year.astype(np.int64).to_numpy(),
        },
        index=table["movie"].to_numpy(),
    )


def _dataset(ratings: pd.DataFrame, movies: pd.DataFrame) -> Dataset:
    ratings = ratings.sort_values(["user", "time"], kind="stable")
    user, _ = numbered(ratings["user"])
    item, raw = numbered(ratings["movie"])
    time = ratings["time"].to_numpy()
    day = time // DAY
    begins = np.append(True, (user[1:] != user[:-1]) | (day[1:] != day[:-1]))
    events = pd.DataFrame(
        {
            "user": user,
            "item": item + 1,
            "time": time,
            "session": np.cumsum(begins) - 1,
            "kind": pd.Categorical.from_codes(np.zeros(len(time), int), ["rating"]),
            "rating": ratings["rating"].to_numpy(),
        }
    )
    catalog = movies.loc[raw].assign(raw_id=raw.to_numpy())
    catalog.index = np.arange(1, len(raw) + 1)
    return Dataset("movietweetings", Interactions(events, len(raw)), Catalog(catalog))
