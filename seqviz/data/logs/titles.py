"""Titles and categories of the items: from the log, or from a file beside it."""

from __future__ import annotations

from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from seqviz.data.logs.report import Report
from seqviz.data.tables import Catalog

UNKNOWN = "unknown"
TEXTS = ("title", "category")


def catalog(
    item_ids: np.ndarray,
    counts: np.ndarray,
    texts: ir.Table | None,
    where: str,
    report: Report,
) -> Catalog:
    """The catalog of these items.

    Args:
        item_ids: text ``[N]``, in the order of their numbers.
        counts: int64 ``[N]``, the events of each.
        texts: columns ``item`` and ``title`` or ``category`` or both; None: neither is
            known.
        where: they come from, for the report.
        report: told how many items have no title or several. Of several the most
            frequent is taken, of equals the first by name.
    """
    index = pd.Index(item_ids)
    table = pd.DataFrame({"title": item_ids, "category": UNKNOWN, "raw_id": item_ids})
    known = [] if texts is None else [c for c in TEXTS if c in texts.columns]
    for column in known:
        best = _most_frequent(texts, column)
        report.note(
            f"items with several of {column} in {where}: the most frequent is taken",
            int((best["several"] > 1).sum()),
        )
        found = best.set_index("item")[column].reindex(index)
        bare = found.isna().to_numpy()
        report.note(f"items without a {column} in {where}", bare.sum())
        report.note(
            f"events of items without a {column} in {where}", counts[bare].sum()
        )
        table[column] = found.fillna(pd.Series(table[column].to_numpy(), index)).array
    if "title" not in known:
        report.say("the log names no titles: an item's title is its id")
    if "category" not in known:
        report.say(f"the log names no categories: every item's is {UNKNOWN!r}")
    table.index = np.arange(1, len(table) + 1)
    return Catalog(table.astype(object))


def _most_frequent(texts: ir.Table, column: str) -> pd.DataFrame:
    said = texts.select("item", column)
    said = said.filter(said.item.notnull() & (said[column].strip() != ""))
    counts = said.group_by(["item", column]).agg(times=said.count())
    item = ibis.window(group_by="item", order_by=[ibis.desc("times"), column])
    ranked = counts.mutate(
        place=ibis.row_number().over(item),
        several=counts.count().over(ibis.window(group_by="item")),
    )
    return ranked.filter(ranked.place == 0).select("item", column, "several").execute()


def is_utf8(path: Path) -> bool:
    """Whether a small file is UTF-8."""
    try:
        path.read_bytes().decode()
    except UnicodeDecodeError:
        return False
    return True
