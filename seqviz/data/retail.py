"""Online Retail: the invoices of a British gift wholesaler, December 2010 to 2011.

Chen (2015), UCI Machine Learning Repository, doi 10.24432/C5BW33, CC BY 4.0. Changed
here as :func:`load_online_retail` states.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from seqviz.data.cleaning import keep_frequent, numbered
from seqviz.data.download import DataCorrupted, DataNotFound, RemoteFile, locate
from seqviz.data.tables import Catalog, Dataset, Interactions

ONLINE_RETAIL = RemoteFile(
    path="online_retail/online-retail-dataset.csv",
    url="https://raw.githubusercontent.com/databricks/Spark-The-Definitive-Guide/"
    "4ba5601eb9b9aed1d01ab79775e3af228216ff6f/data/retail-data/all/"
    "online-retail-dataset.csv",
    sha256="a2f79bbdd4463df6db8a3f5a50b9c980ae8f645a370bf5e2c0d6097f9e817b05",
)
"""A CSV mirror; UCI itself offers the same table as a spreadsheet at
https://archive.ics.uci.edu/static/public/352/online+retail.zip."""

TEXT_COLUMNS = ("InvoiceNo", "StockCode", "Description", "InvoiceDate")
NUMBER_COLUMNS = ("Quantity", "UnitPrice", "CustomerID")
DATE_FORMAT = "%m/%d/%Y %H:%M"
NOT_A_PRODUCT = "23444"  # next-day carriage


def load_online_retail(
    min_user_events: int = 5,
    min_item_events: int = 5,
    *,
    path: str | Path | None = None,
    download: bool = False,
    progress: bool = True,
) -> Dataset:
    """Reads and cleans Online Retail.

    Of 541,909 lines are dropped, in this order: those without a customer; cancellations
    (invoices that begin with C); lines whose quantity or unit price is not positive;
    what is no product (stock codes other than five digits and capital letters, and
    23444, carriage); all but the first line of an item on an invoice. 386,247 lines of
    4,334 customers, 3,658 items and 18,402 invoices remain. Then items and users with
    too few events go, repeatedly until both minimums hold; with 5 and 5 that leaves
    384,673 events, 4,104 users and 3,178 items.

    Events: kind ``purchase``; a session is an invoice, its time the first minute on it;
    a user's invoices are ordered by time, then number, and lines as in the file (an
    order that means little). Extra columns ``quantity`` and ``unit_price``.

    Catalog: ``title``, the item's most frequent description; ``category`` by 18 ordered
    regular expressions on it, else "other" (about one in ten is wrong); ``price``, the
    median unit price in pounds; ``raw_id``, the stock code.

    Args:
        min_user_events: fewest events of a user.
        min_item_events: fewest events of an item.
        path: a CSV of your own in the same form, whose checksum is not asked; left out,
            the published file (see :func:`seqviz.data.download.locate`).
        download: whether the published file may be fetched (45 MB).
        progress: whether a bar shows the download.

    Raises:
        DataNotFound: there is no file.
        DataCorrupted: it is altered, or a line cannot be read.
        ValueError: a minimum is under 1, or nothing is left.

    Example:
        >>> try:
        ...     load_online_retail(path="nowhere.csv")
        ... except DataNotFound:
        ...     print("fetched only with download=True")
        fetched only with download=True
    """
    if path is None:
        path = locate(ONLINE_RETAIL, download=download, progress=progress)
    lines = _clean(_read(Path(path)))
    if not len(lines):
        raise ValueError(
            f"path must hold a purchase of a known customer, got none in {path}"
        )
    titles = _titles(lines)
    kept = keep_frequent(
        lines, "CustomerID", "StockCode", min_user_events, min_item_events
    )
    return _dataset(kept, titles)


def category_of(titles: pd.Series) -> pd.Series:
    """The category of each title: the first rule that matches, else "other"."""
    upper = titles.str.upper()
    category = pd.Series("other", index=titles.index)
    undecided = pd.Series(True, index=titles.index)
    for name, rule in _rules():
        matches = undecided & upper.map(lambda t, rule=rule: bool(rule.search(t)))
        category[matches] = name
        undecided &= ~matches
    return category


@cache
def _rules() -> list[tuple[str, re.Pattern[str]]]:
    text = (files("seqviz.data") / "retail_categories.json").read_text("utf-8")
    return [(name, re.compile(rule)) for name, rule in json.loads(text)]


def _read(path: Path) -> pd.DataFrame:
    """The file's columns with their types, and ``time``; the index is the line."""
    if not path.is_file():
        raise DataNotFound(f"{path} does not exist: correct the argument path")
    columns = [*TEXT_COLUMNS, *NUMBER_COLUMNS]
    try:
        header = pd.read_csv(path, nrows=0)
        missing = [column for column in columns if column not in header.columns]
        if missing:
            raise DataCorrupted(
                f"{path}, line 1: there is no column {', '.join(missing)}; expected "
                f"{', '.join(columns)}, separated by commas"
            )
        # Blank lines stay, so that row n is line n + 2 of the file. All columns are
        # read: with a choice of them pandas cuts longer lines without a word.
        text = pd.read_csv(
            path,
            dtype=dict.fromkeys(TEXT_COLUMNS, str),
            skip_blank_lines=False,
            na_values=[""],
            keep_default_na=False,
            low_memory=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as bad:
        raise DataCorrupted(
            f"{path} is no table of comma-separated UTF-8 text: {bad}"
        ) from bad
    text.index = pd.RangeIndex(2, len(text) + 2)
    for column in NUMBER_COLUMNS:
        text[column] = _numbers(text[column], path, column != "CustomerID")
    for column in ("InvoiceNo", "StockCode"):
        empty = text[column].isna()
        if empty.any():
            raise DataCorrupted(f"{path}, line {empty.idxmax()}: {column} is empty")
    dates = pd.Series(text["InvoiceDate"].unique())
    times = pd.to_datetime(dates, format=DATE_FORMAT, errors="coerce")
    moments = text["InvoiceDate"].map(dict(zip(dates, times, strict=True)))
    bad = moments.isna()
    if bad.any():
        line = bad.idxmax()
        raise DataCorrupted(
            f"{path}, line {line}: InvoiceDate is {text.at[line, 'InvoiceDate']!r}, "
            "expected month/day/year hour:minute such as 12/1/2010 8:26"
        )
    text["time"] = moments.astype("datetime64[s]").astype(np.int64)
    return text


def _numbers(values: pd.Series, path: Path, required: bool) -> pd.Series:
    if values.dtype.kind not in "iuf":
        numbers = pd.to_numeric(values, errors="coerce")
        bad = numbers.isna() & values.notna()
        if bad.any():
            line = bad.idxmax()
            raise DataCorrupted(
                f"{path}, line {line}: {values.name} is {values[line]!r}, expected a "
                "number"
            )
        values = numbers
    empty = values.isna()
    if required and empty.any():
        raise DataCorrupted(f"{path}, line {empty.idxmax()}: {values.name} is empty")
    return values


def _clean(lines: pd.DataFrame) -> pd.DataFrame:
    code = lines["StockCode"]
    kept = (
        lines["CustomerID"].notna()
        & ~lines["InvoiceNo"].str.startswith("C")
        & (lines["Quantity"] > 0)
        & (lines["UnitPrice"] > 0)
        & code.str.fullmatch(r"\d{5}[A-Z]*")
        & (code != NOT_A_PRODUCT)
    )
    return lines[kept].drop_duplicates(["InvoiceNo", "StockCode"])


def _titles(lines: pd.DataFrame) -> pd.Series:
    """The most frequent description of each stock code; of equals the first by name."""
    named = lines[["StockCode", "Description"]].dropna()
    named = named.assign(Description=named["Description"].str.strip())
    counts = named.value_counts().rename("count").reset_index()
    counts = counts.sort_values(
        ["StockCode", "count", "Description"], ascending=[True, False, True]
    )
    return counts.drop_duplicates("StockCode").set_index("StockCode")["Description"]


def _dataset(lines: pd.DataFrame, titles: pd.Series) -> Dataset:
    first_minute = lines.groupby("InvoiceNo")["time"].transform("min")
    lines = lines.assign(time=first_minute, line=lines.index)
    lines = lines.sort_values(["CustomerID", "time", "InvoiceNo", "line"])
    user, _ = numbered(lines["CustomerID"])
    item, codes = numbered(lines["StockCode"])
    invoice = lines["InvoiceNo"].to_numpy(object)
    begins = np.append(True, (invoice[1:] != invoice[:-1]) | (user[1:] != user[:-1]))
    events = pd.DataFrame(
        {
            "user": user,
            "item": item + 1,
            "time": lines["time"].to_numpy(),
            "session": np.cumsum(begins) - 1,
            "kind": pd.Categorical.from_codes(np.zeros(len(lines), int), ["purchase"]),
            "quantity": lines["Quantity"].to_numpy(),
            "unit_price": lines["UnitPrice"].to_numpy(),
        }
    )
    title = titles.reindex(codes).fillna(pd.Series(codes, index=codes))
    catalog = pd.DataFrame(
        {
            "title": title.str.capitalize().to_numpy(),
            "category": category_of(title).to_numpy(),
            "price": lines.groupby("StockCode")["UnitPrice"].median()[codes].to_numpy(),
            "raw_id": codes.to_numpy(),
        },
        index=np.arange(1, len(codes) + 1),
    )
    return Dataset("online retail", Interactions(events, len(codes)), Catalog(catalog))
