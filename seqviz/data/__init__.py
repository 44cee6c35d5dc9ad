"""Data room: tables of events, sequences, splits and batches. Knows no model."""

from seqviz.data.batches import Batch, Batches, SessionBatch, batches
from seqviz.data.cleaning import known_before
from seqviz.data.click_batches import (
    ClickBatch,
    ClickBatches,
    SessionClickBatch,
    click_batches,
)
from seqviz.data.clicks import (
    ClickRows,
    ClickSplit,
    sampled_clicks,
    shown_clicks,
    split_clicks,
    split_last_click,
)
from seqviz.data.download import DataCorrupted, DataNotFound
from seqviz.data.examples import Examples, Split, longest_histories, repeated_share
from seqviz.data.movies import load_movietweetings
from seqviz.data.planted_returns import PlantedReturns, planted_returns
from seqviz.data.planted_sessions import PlantedSessions, planted_sessions
from seqviz.data.ragged import Ragged
from seqviz.data.ranking_rows import ranking_rows
from seqviz.data.retail import load_online_retail
from seqviz.data.session_examples import (
    SessionExamples,
    item_attributes,
    session_examples,
)
from seqviz.data.session_parallel import SessionParallel, Step, session_parallel
from seqviz.data.session_splits import sdm_filters, split_session_rest
from seqviz.data.sessions import split_sessions
from seqviz.data.shop import Shop, click_chances, load_shop
from seqviz.data.splits import (
    leave_one_out,
    split_at,
    split_by_time,
    split_by_user,
    split_next_session,
    split_next_session_by_time,
)
from seqviz.data.stored_examples import (
    MappedExamples,
    ParquetExamples,
    StoredExamples,
    save_examples,
    save_parquet,
)
from seqviz.data.streams import Stream, stream
from seqviz.data.tables import Catalog, Dataset, Interactions

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
    "MappedExamples",
    "ParquetExamples",
    "PlantedReturns",
    "PlantedSessions",
    "Ragged",
    "SessionBatch",
    "SessionClickBatch",
    "SessionExamples",
    "SessionParallel",
    "Shop",
    "Split",
    "Step",
    "StoredExamples",
    "Stream",
    "batches",
    "click_batches",
    "click_chances",
    "item_attributes",
    "known_before",
    "leave_one_out",
    "load_movietweetings",
    "load_online_retail",
    "load_shop",
    "longest_histories",
    "planted_returns",
    "planted_sessions",
    "ranking_rows",
    "repeated_share",
    "sampled_clicks",
    "save_examples",
    "save_parquet",
    "sdm_filters",
    "session_examples",
    "session_parallel",
    "shown_clicks",
    "split_at",
    "split_by_time",
    "split_by_user",
    "split_clicks",
    "split_last_click",
    "split_next_session",
    "split_next_session_by_time",
    "split_session_rest",
    "split_sessions",
    "stream",
]
