"""The files of the pages: links that lead nowhere, HTML that is not valid."""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

_LINK = re.compile(r"<a\b[^>]*?\bhref=\"([^\"]*)\"")
_ID = re.compile(r"\bid=\"([^\"]*)\"")


def dead_links(site: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """Return for each page the links to no file or no place of one."""
    ids: dict[Path, set[str]] = {}

    def places(path: Path) -> set[str]:
        if path not in ids:
            ids[path] = set(_ID.findall(path.read_text(encoding="utf-8")))
        return ids[path]

    found: dict[str, list[str]] = {}
    for name in names:
        page = site / f"{name}.html"
        for link in sorted(set(_LINK.findall(page.read_text(encoding="utf-8")))):
            if re.match(r"[a-z]+:", link):
                continue
            file, _, place = unquote(link).partition("#")
            target = (page.parent / file.partition("?")[0]).resolve() if file else page
            gone = not target.is_file()
            lost = place and target.suffix == ".html" and not gone
            if gone or (lost and place not in places(target)):
                found.setdefault(name, []).append(link)
    return found


def invalid(tools: Path, node: str, site: Path, names: Sequence[str]) -> dict[str, int]:
    """Return the number of errors of html-validate for each page."""
    config = tools / "html-validate.json"
    config.write_text('{"root": true, "extends": ["html-validate:standard"]}')
    files = [str(site / f"{name}.html") for name in names]
    validator = tools / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
    report = tools / "html-validate.out.json"  # node leaves when a pipe is full
    with report.open("w") as out:
        command = [node, str(validator), "-c", str(config), "-f", "json", *files]
        subprocess.run(command, stdout=out, check=False)
    found = json.loads(report.read_text(encoding="utf-8"))
    reported = {Path(one["filePath"]): one for one in found}
    return {
        name: reported.get(site / f"{name}.html", {}).get("errorCount", 0)
        for name in names
    }
