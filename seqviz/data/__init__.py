"""Data room: tables of events, sequences, splits and batches. Knows no model."""

from .batches import Batch, Batches, batches
from .download import DataCorrupted, DataNotFound
from .movies import load_movietweetings
from .ragged import Ragged
from .retail import load_online_retail
from .shop import Shop, load_shop
from .splits import (
    Examples,
    Split,
    leave_one_out,
    split_by_time,
    split_by_user,
    split_next_session,
)
from .tables import Catalog, Dataset, Interactions

__all__ = [
    "Batch",
    "Batches",
    "Catalog",
    "DataCorrupted",
    "DataNotFound",
    "Dataset",
    "Examples",
    "Interactions",
    "Ragged",
    "Shop",
    "Split",
    "batches",
    "leave_one_out",
    "load_movietweetings",
    "load_online_retail",
    "load_shop",
    "split_by_time",
    "split_by_user",
    "split_next_session",
]
