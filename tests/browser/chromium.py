"""Find a Chromium for the browser tests, or get one; print where it is.

The one on the machine first; else Debian's, where we may install; else the one that
Playwright brings (an empty line, Playwright knows where it put it).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The shell first: it draws no window, which takes Chromium half of its time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
HELP = """no Chromium for the browser tests. Do one of these, then run make test again:
  - on Debian or Ubuntu, as root: apt-get install chromium-headless-shell
  - elsewhere: .venv/bin/playwright install chromium
  - have one already: SEQVIZ_CHROMIUM=/path/to/chromium make test"""


def find() -> str | None:
    """Return the path of the machine's Chromium; None when there is none."""
    named = os.environ.get("SEQVIZ_CHROMIUM")
    if named:
        if not Path(named).is_file():
            sys.exit(f"SEQVIZ_CHROMIUM={named}: there is no such file")
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    return None


def install_debian() -> bool:
    """Install Debian's headless Chromium where we are root and apt is there."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid():
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        + ["chromium-headless-shell", "fonts-dejavu-core", "fonts-liberation"],
    ):
        done = subprocess.run(command, env=environment, stdout=sys.stderr, check=False)
        if done.returncode:
            return False
    return True


def playwright_brings() -> bool:
    """Let Playwright fetch its own Chromium; at once when it is already there."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0


def main() -> None:
    """Print the path of a Chromium (empty: Playwright's own), or say what to do."""
    path = find()
    if path is None and install_debian():
        path = find()
    if path is None and not playwright_brings():
        sys.exit(HELP)
    print(path or "")


if __name__ == "__main__":
    main()
