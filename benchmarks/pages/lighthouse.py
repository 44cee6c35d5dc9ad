"""Lighthouse on this machine's Chromium."""

import json
import subprocess
from pathlib import Path

QUALITY = ("accessibility", "best-practices", "seo")
#: Name of the column -> Lighthouse's audit, in ms (but the shift).
TIMES = {
    "FCP": "first-contentful-paint",
    "TBT": "total-blocking-time",
    "CLS": "cumulative-layout-shift",
}


def audit(
    tools: Path, node: str, chromium: str, address: str, *, desktop: bool, speed: bool
) -> dict[str, float | str]:
    """Return the scores of a page from 0 to 100, and its times.

    Args:
        tools: the folder in which Lighthouse is installed.
        node: a node of version 22 or newer.
        chromium: the browser.
        address: of the page.
        desktop: instead of a phone.
        speed: measure the times, too; alone on the machine.
    """
    categories = [*QUALITY, *(["performance"] if speed else [])]
    command = [node, str(tools / "node_modules" / "lighthouse" / "cli" / "index.js")]
    command += [address, "--quiet", "--output=json"]
    command += [f"--only-categories={','.join(categories)}"]
    command += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
    command += ["--preset=desktop"] if desktop else []
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={"CHROME_PATH": chromium, "PATH": "/usr/bin:/bin", "HOME": str(tools)},
    )
    if done.returncode:
        raise RuntimeError(f"lighthouse failed at {address}:\n{done.stderr[-2000:]}")
    report = json.loads(done.stdout)
    found: dict[str, float | str] = {
        name: round(100 * (report["categories"][name]["score"] or 0))
        for name in categories
    }
    if speed:
        for short, long in TIMES.items():
            found[short] = report["audits"][long]["numericValue"]
    found["failed"] = ", ".join(
        one["id"]
        for category in QUALITY
        for one in report["categories"][category]["auditRefs"]
        if (report["audits"][one["id"]]["score"] or 1) < 1
        and one["weight"]
        or report["audits"][one["id"]]["score"] == 0
        and one["weight"]
    )
    return found
