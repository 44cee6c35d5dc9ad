"""What all tests share: where things lie, one thread for small tensors, the order."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

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


# Optional, like xdist itself: the environments of the peers are without it.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores, since a test in the browser waits half its time."""
    return min(os.cpu_count() or 1, 4) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: "Producer"
) -> "LoadFileScheduling":
    """Cut the work; the mark xdist_group does nothing under pytest 9.2 (findings)."""
    from xdist.scheduler import LoadFileScheduling

    class ByFileOrPage(LoadFileScheduling):
        """One process runs a file of tests, or what is asked of a page of the book."""

        def _split_scope(self, nodeid: str) -> str:
            page = re.search(r"test_pages\.py::.*\[(.+\.html)", nodeid)
            return page[1] if page else super()._split_scope(nodeid)

    return ByFileOrPage(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: at the end it would run alone on one core."""
    items.sort(key=_start)


def _start(item: pytest.Item) -> int:
    if item.path.suffix == ".ipynb":
        return 0
    return 1 if "browser" in item.path.parts else 2
