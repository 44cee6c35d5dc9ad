"""``make measure``: every page of the contents, measured; the tables are printed.

``python -m benchmarks.pages --help`` says how to measure less.
"""

import argparse
import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks.pages import lighthouse, markup, visits
from benchmarks.pages.faults import faults
from benchmarks.pages.serving import served
from seqviz.site.contents import pages
from seqviz.site.inputs import ROOT
from seqviz.site.pdf import browser

PARTS = ("bytes", "markup", "zoom", "answers", "quality", "speed")


def main() -> None:
    """Measure and print."""
    names = [page.name for page in pages()]
    wanted = argparse.ArgumentParser(prog="python -m benchmarks.pages")
    wanted.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    wanted.add_argument("--tools", type=Path, default=ROOT / "_build" / "measure")
    wanted.add_argument("--node", default="node")
    wanted.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    wanted.add_argument("--pages", nargs="+", default=names, metavar="NAME")
    said = wanted.parse_args()
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores\n")
    site = said.site.resolve()
    with served(site) as address:
        for part in said.parts:
            MEASURES[part](said, site, address)


def _bytes(said: argparse.Namespace, site: Path, address: str) -> None:
    """KB before the first scroll, on a first visit and coming from the page before."""
    rows, before = [], None
    with browser() as chromium:
        for name in said.pages:
            context = chromium.new_context(viewport=visits.WIDE)
            first = visits.first_look(context, address, name)
            context.close()
            context = chromium.new_context(viewport=visits.WIDE)
            if before:
                visits.first_look(context, address, before)
            later = visits.first_look(context, address, name)
            context.close()
            kinds = " ".join(
                f"{kind} {_kb(size)}" for kind, size in sorted(first.parts.items())
            )
            following = _kb(later.bytes) if before else ""
            rows.append((name, _kb(first.bytes), following, kinds, len(first.wrong)))
            for one in first.wrong:
                print(f"{name}: {one}")
            before = name
    _table(("page", "first", "next", "first by kind", "messages"), rows)


def _markup(said: argparse.Namespace, site: Path, address: str) -> None:
    """HTML errors and dead links."""
    errors = markup.invalid(said.tools, said.node, site, said.pages)
    dead = markup.dead_links(site, said.pages)
    rows = [(one, errors[one], len(dead.get(one, ()))) for one in said.pages]
    _table(("page", "HTML errors", "dead links"), rows)
    for name, links in dead.items():
        print(f"{name}: {', '.join(links)}")


def _zoom(said: argparse.Namespace, site: Path, address: str) -> None:
    """Still figures without scripts, and what is cut at 200%."""
    rows = []
    with browser() as chromium:
        for name in said.pages:
            seen, stills = visits.without_scripts(chromium, address, name)
            cut = visits.doubled(chromium, address, name)
            rows.append((name, f"{seen} of {stills}", len(cut)))
            for one in cut:
                print(f"{name} at 200%: {one}")
    _table(("page", "stills without scripts", "cut at 200%"), rows)


def _answers(said: argparse.Namespace, site: Path, address: str) -> None:
    """Input to frame of every control, ms at the 95th percentile."""
    rows = []
    with browser() as chromium:
        for name in said.pages:
            found = []
            for slow in (1, 4):
                context = chromium.new_context(viewport=visits.WIDE)
                page = context.new_page()
                wrong = faults(page, address)
                page.goto(f"{address}/{name}.html", wait_until="load")
                found.append(visits.answers(page, slow))
                context.close()
                for one in wrong:
                    print(f"{name}: {one}")
            full, slowed = found
            if not full:
                continue
            worst = max(full, key=full.__getitem__)
            worst_slow = max(slowed, key=slowed.__getitem__)
            rows.append(
                (name, len(full), f"{full[worst]:.0f}", worst)
                + (f"{slowed[worst_slow]:.0f}", worst_slow)
            )
    _table(("page", "controls", "p95", "slowest", "p95, 4x slower", "slowest"), rows)


def _lighthouse(said: argparse.Namespace, address: str, speed: bool) -> None:
    import shutil

    chromium = os.environ.get("SEQVIZ_CHROMIUM") or shutil.which("chromium") or ""
    rows = []
    times = ("performance", *lighthouse.TIMES) if speed else ()
    for name in said.pages:
        for desktop in (False, True):
            found = lighthouse.audit(
                said.tools,
                said.node,
                chromium,
                f"{address}/{name}.html",
                desktop=desktop,
                speed=speed,
            )
            kind = "desktop" if desktop else "mobile"
            shown = [f"{found[one]:.3g}" for one in (*lighthouse.QUALITY, *times)]
            rows.append((name, kind, *shown, found["failed"]))
            print(*rows[-1], flush=True)
    _table(("page", "as", *lighthouse.QUALITY, *times, "failed"), rows)


def _quality(said: argparse.Namespace, site: Path, address: str) -> None:
    """Lighthouse but for the times."""
    _lighthouse(said, address, speed=False)


def _speed(said: argparse.Namespace, site: Path, address: str) -> None:
    """Lighthouse with the times: on a machine that does nothing else."""
    _lighthouse(said, address, speed=True)


def _kb(size: int) -> str:
    return f"{size / 1000:.0f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    lines = [head, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        print("  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)))
    print(flush=True)


MEASURES = {
    "bytes": _bytes,
    "markup": _markup,
    "zoom": _zoom,
    "answers": _answers,
    "quality": _quality,
    "speed": _speed,
}

if __name__ == "__main__":
    main()
