"""Data room: tables of events, sequences, splits and batches. Knows no model."""

from .batches import Batch, Batches, batches
from .clicks import (
    ClickBatch,
    ClickBatches,
    ClickRows,
    ClickSplit,
    click_batches,
    sampled_clicks,
    shown_clicks,
    split_clicks,
    split_last_click,
)
from .download import DataCorrupted, DataNotFound
from .movies import load_movietweetings
from .ragged import Ragged
from .retail import load_online_retail
from .shop import Shop, load_shop
from .splits import (
    Examples,
    Split,
    leave_one_out,
    longest_histories,
    split_by_time,
    split_by_user,
    split_next_session,
)
from .tables import Catalog, Dataset, Interactions

__all__ = [
    "Batch",
    "Batches",
    "Catalog",
    "ClickBatch",
    "ClickBatches",
    "ClickRows",
    "ClickSplit",
    "DataCorrupted",
    "DataNotFound",
    "Dataset",
    "Examples",
    "Interactions",
    "Ragged",
    "Shop",
    "Split",
    "batches",
    "click_batches",
    "leave_one_out",
    "load_movietweetings",
    "load_online_retail",
    "load_shop",
    "longest_histories",
    "sampled_clicks",
    "shown_clicks",
    "split_by_time",
    "split_by_user",
    "split_clicks",
    "split_last_click",
    "split_next_session",
]
