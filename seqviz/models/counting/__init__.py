"""Recommenders that learn by counting: what a model has to beat.

Those that retrieve have ``scores(batch)``, float64 ``[B, N + 1]`` with -inf for the
padding and, of equal scores, the lower id first; those that predict clicks have
``logits(batch)``, float64 ``[B]``. Both stay on the batch's device if that has float64.
"""

from seqviz.models.counting.categories import CategoryShare
from seqviz.models.counting.clicks import (
    CategoryRecency,
    ItemClickRate,
    TargetPopularity,
    UserClickRate,
)
from seqviz.models.counting.events import DAY
from seqviz.models.counting.fields import FieldRates
from seqviz.models.counting.followers import SequentialRules
from seqviz.models.counting.linear import EASE
from seqviz.models.counting.neighbors import ItemKNN
from seqviz.models.counting.personal import PersonalFrequency
from seqviz.models.counting.popularity import MostPopular, RecentPopularity
from seqviz.models.counting.sessions import TIFUKNN

__all__ = [
    "DAY",
    "EASE",
    "TIFUKNN",
    "CategoryRecency",
    "CategoryShare",
    "FieldRates",
    "ItemClickRate",
    "ItemKNN",
    "MostPopular",
    "PersonalFrequency",
    "RecentPopularity",
    "SequentialRules",
    "TargetPopularity",
    "UserClickRate",
]
