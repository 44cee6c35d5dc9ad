"""From vectors to the list that a person sees: search, merge, re-rank."""

from seqviz.retrieval.exact import top_columns, top_items
from seqviz.retrieval.funnel import (
    ByModel,
    ByScores,
    Funnel,
    Greedy,
    InterestSearch,
    Trace,
    as_retrieved,
)
from seqviz.retrieval.ranked_search import RankedSearch
from seqviz.retrieval.rerank import (
    brute_force,
    greedy_diversity,
    greedy_dpp,
    list_value,
    maximal_marginal_relevance,
)
from seqviz.retrieval.search import (
    METHODS,
    Candidates,
    ItemSearch,
    NormRecall,
    candidates,
    join,
    search_recall,
)

__all__ = [
    "METHODS",
    "ByModel",
    "ByScores",
    "Candidates",
    "Funnel",
    "Greedy",
    "InterestSearch",
    "ItemSearch",
    "NormRecall",
    "RankedSearch",
    "Trace",
    "as_retrieved",
    "brute_force",
    "candidates",
    "greedy_diversity",
    "greedy_dpp",
    "join",
    "list_value",
    "maximal_marginal_relevance",
    "search_recall",
    "top_columns",
    "top_items",
]
