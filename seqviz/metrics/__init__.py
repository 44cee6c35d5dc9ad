"""Numbers that say how good: of a list, of click chances, of found interests."""

from seqviz.metrics.clicks import (
    auc,
    auc_by_row,
    calibration,
    click_metrics,
    gauc,
    gauc_of,
    log_loss,
    rela_impr,
)
from seqviz.metrics.interests import agreement, matched_share, purity, recovery
from seqviz.metrics.lists import (
    category_entropy,
    coverage,
    diversity,
    hit_rate,
    intra_list_distance,
    ndcg,
    recall,
)

__all__ = [
    "agreement",
    "auc",
    "auc_by_row",
    "calibration",
    "category_entropy",
    "click_metrics",
    "coverage",
    "diversity",
    "gauc",
    "gauc_of",
    "hit_rate",
    "intra_list_distance",
    "log_loss",
    "matched_share",
    "ndcg",
    "purity",
    "recall",
    "recovery",
    "rela_impr",
]
