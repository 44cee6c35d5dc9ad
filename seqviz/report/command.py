"""``python -m seqviz report LOG``: the arguments, and errors as sentences."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
COLUMNS = ("user", "item", "time", "kind", "session", "title", "category")
TEXTS = {
    "name": "of the log, in the page; the file's if not given",
    "items": "a file with titles or categories",
    "layout": "a published one by its name, or none",
    "separator": "between the fields",
    "quote": "around a field",
    "encoding": "such as latin-1; default utf-8",
    "since": "the first moment that counts: a date, or unix seconds",
    "until": "the first that no longer does",
}
STOPPED = 130  # the exit status of a shell for Ctrl-C


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; return its exit status."""
    options = vars(_parser().parse_args(words))
    options.pop("command")
    source = options.pop("log")
    out = Path(options.pop("out") or f"{_stem(source[0])}-report")
    read = {name: value for name, value in options.items() if value is not None}
    try:
        from seqviz.report.call import report

        page = report(source if len(source) > 1 else source[0], out, **read)
    except KeyboardInterrupt:
        print(
            f"\nStopped. What is done is kept in {out}: the same command goes on.",
            file=sys.stderr,
        )
        return STOPPED
    except (ImportError, OSError, LookupError, TypeError, ValueError) as error:
        print(f"seqviz report: {_as_options(str(error))}", file=sys.stderr)
        return 1
    print(f"The report is at {page.resolve()}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m seqviz", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    about = (
        "the book's counts and retrieval models on a log; nothing leaves this machine"
    )
    own = commands.add_parser("report", help=about, description=about)
    own.add_argument("log", nargs="+", help="a file, a pattern or several files")
    own.add_argument("--out", help="a folder; LOG-report if not given")
    own.add_argument(
        "--budget",
        type=_seconds,
        default=600.0,
        help="time for counting and training: 90s, 10m (default), 2h",
    )
    own.add_argument("--hash-ids", action="store_true", help="no id in the page")
    own.add_argument("--min-item-events", type=int, default=5, help="default 5")
    own.add_argument(
        "--families", nargs="+", help="trained models by name; all if not given"
    )
    columns = own.add_argument_group(
        "columns, by name or by number from 0; several, with commas between, are one id"
    )
    for name in COLUMNS:
        columns.add_argument(f"--{name}", type=_column, metavar="COLUMN")
    reading = own.add_argument_group("reading, as of seqviz.data.logs.read_log")
    for name, words in TEXTS.items():
        kind = _moment if name in ("since", "until") else str
        reading.add_argument(f"--{name}", type=kind, help=words)
    reading.add_argument(
        "--header", type=_yes, metavar="yes|no", help="whether line 1 names the columns"
    )
    reading.add_argument(
        "--missing",
        type=_several,
        help="texts that stand for no value, with commas between",
    )
    reading.add_argument("--time-unit", help="of numbers: s, ms, us, ns, m, h or D")
    reading.add_argument("--time-format", help="of text, such as '%%m/%%d/%%Y %%H:%%M'")
    reading.add_argument(
        "--broken", choices=("error", "drop"), help="what a time that is none does"
    )
    reading.add_argument(
        "--kinds", type=_several, help="the kinds that are kept, with commas between"
    )
    reading.add_argument(
        "--duplicates", choices=("keep", "drop"), help="equal events; default keep"
    )
    reading.add_argument(
        "--repeats",
        choices=("keep", "adjacent", "all"),
        help="of an item: leave out none (default), those in a row, all",
    )
    reading.add_argument(
        "--max-user-events", type=int, help="who has more is taken for a program"
    )
    reading.add_argument(
        "--min-user-events", type=int, help="who has fewer is left out"
    )
    reading.add_argument("--gap", type=int, help="seconds that end a session")
    return parser


def _as_options(text: str) -> str:
    """Return the words of an error with the arguments as they are typed here."""
    parser = _parser().parse_args(["report", "-"])
    names = "|".join(sorted(vars(parser), key=len, reverse=True))

    def typed(found: re.Match[str]) -> str:
        name, value = found[1], found[2]
        if not value and "_" not in name:  # a word, such as time
            return found[0]
        return f"--{name.replace('_', '-')}{' ' if value else ''}"

    text = re.sub(r"^source must", "LOG must", text)
    text = text.replace("or a list of them)", "or several with commas between)")
    return re.sub(rf"(?<![\w-])({names})\b(?!\.)(=?)", typed, text)


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not found or float(found[1]) == 0:
        raise argparse.ArgumentTypeError(
            f"must be a time such as 90s, 10m or 2h, got {text!r}"
        )
    return float(found[1]) * UNITS[found[2]]


def _yes(text: str) -> bool:
    if text not in ("yes", "no", "True", "False"):
        raise argparse.ArgumentTypeError(f"must be yes or no, got {text!r}")
    return text in ("yes", "True")


def _moment(text: str) -> int | str:
    return int(text) if re.fullmatch(r"\d{9,}", text) else text  # 8 are a date


def _column(text: str) -> Any:
    parts = [int(part) if part.isdecimal() else part for part in text.split(",")]
    return parts[0] if len(parts) == 1 else parts


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _stem(source: str) -> str:
    name = re.sub(r"[*?\[\]]+", "", Path(source).name)
    return name.split(".")[0].strip("-_ ") or "log"
