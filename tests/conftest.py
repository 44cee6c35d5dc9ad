"""What all tests share: where things lie, one thread for small tensors, the order."""

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: at the end it would run alone on one core."""
    items.sort(key=_start)


def _start(item: pytest.Item) -> int:
    if item.path.suffix == ".ipynb":
        return 0
    return 1 if "browser" in item.path.parts else 2
