"""What all tests share: where things lie, and one thread for small tensors."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Small tensors are slower on many threads, and two runs then differ in the last bit.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the checkout."""
    return ROOT
