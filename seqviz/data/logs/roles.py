"""Which column is the user, the item, the time; said, known, or by its usual name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from numbers import Integral

from seqviz.data.logs.layouts import Layout

Column = str | int | Sequence[str]
ROLES = ("user", "item", "time", "kind", "session", "title", "category")
NEEDED = ("user", "item", "time")
#: Usual names, in small letters without what joins the words.
USUAL = {
    "user": "user userid uid visitorid customer customerid reviewerid memberid".split(),
    "item": "item itemid iid product productid movieid asin articleid newsid sku "
    "stockcode".split(),
    "time": "time timestamp datetime ts date eventtime unixtime unixreviewtime "
    "unixtimestamp createdat".split(),
    "kind": "kind event eventtype behavior behaviour behaviortype action".split(),
    "session": "session sessionid".split(),
    "title": "title itemtitle movietitle itemname productname".split(),
    "category": "category categoryid cateid cat itemcategory maincategory "
    "categorycode class genre".split(),
}


def listing(names: Sequence[str], most: int = 12) -> str:
    """The first few of many names."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def plain_name(column: str) -> str:
    """A column's name without RecBole's type, in small letters, one word."""
    return re.sub(r"[^a-z0-9]", "", column.split(":")[0].lower())


def find_roles(
    columns: Sequence[str],
    said: dict[str, Column | None],
    layout: Layout | None,
    where: str,
    needed: Sequence[str] = NEEDED,
) -> dict[str, str | list[str]]:
    """The column of each role that has one.

    What is said goes first, then what the layout knows; without a layout the usual
    names, of which exactly one may occur.

    Raises:
        ValueError: a column does not exist, two could be meant, or none is found for a
            role that is needed.
    """
    known = layout.roles if layout else {}
    found: dict[str, str | list[str]] = {}
    for role in said:
        if said[role] is not None:
            found[role] = _said(columns, role, said[role], where)
        elif role in known:
            found[role] = known[role]
    for role in said:
        if known or role in found:
            continue
        usual = [c for c in columns if plain_name(c) in USUAL[role]]
        taken = [name for value in found.values() for name in _as_list(value)]
        usual = [column for column in usual if column not in taken]
        if len(usual) > 1:
            raise ValueError(
                f"{role} must be given for {where}, got the columns "
                f"{' and '.join(usual)} alike: {role}={usual[0]!r} or another"
            )
        if usual:
            found[role] = usual[0]
    missing = [role for role in needed if role not in found]
    if missing:
        given = ", ".join(f"{role}=..." for role in missing)
        known_as = f" ({layout.name}: {layout.remark})" if known else ""
        *others, last = missing
        named = f"{', '.join(others)} and {last}" if others else last
        raise ValueError(
            f"{named} must be given for {where}{known_as}, got the "
            f"columns {listing(columns)}; say {given} (a name, a number from "
            "0, or a list of them)"
        )
    return found


def _said(
    columns: Sequence[str], role: str, column: Column, where: str
) -> str | list[str]:
    if isinstance(column, Integral) and not isinstance(column, bool):
        if not 0 <= column < len(columns):
            raise ValueError(
                f"{role} must be a column from 0 to {len(columns) - 1} of {where}, got "
                f"{column}"
            )
        return columns[column]
    if not isinstance(column, str):
        return [str(_said(columns, role, part, where)) for part in column]
    short = {name.split(":")[0]: name for name in columns}
    if column not in columns and column not in short:
        raise ValueError(
            f"{role} must be a column of {where}, got {column!r}; there are "
            f"{listing(columns)}"
        )
    return column if column in columns else short[column]


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
