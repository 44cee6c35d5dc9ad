"""What all tests share: where things lie, one thread for small tensors, their order."""

import os
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent

# Small tensors are slower on many threads, and two runs then differ in the last bit.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# No test depends on the time that an example takes, nor on luck.
hypothesis.settings.register_profile("book", deadline=None, derandomize=True)
hypothesis.settings.load_profile("book")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the checkout."""
    return ROOT


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Say what must share a process, and what starts first.

    A file's tests share what they set up, the tests of one page of the book an open
    page, the cells of a chapter their kernel. Chapters and browser take longest; begun
    last they would run alone.
    """
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        page = item.callspec.params.get("name") if hasattr(item, "callspec") else None
        group = f"{item.path}::{page}" if item.path.stem == "test_pages" else item.path
        item.add_marker(pytest.mark.xdist_group(str(group)))
    items.sort(key=_start)


def _start(item: pytest.Item) -> int:
    if item.path.suffix == ".ipynb":
        return 0
    return 1 if "browser" in item.path.parts else 2
