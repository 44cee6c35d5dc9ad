"""From vectors to the list that a person sees: search, merge, re-rank."""

from seqviz.retrieval.exact import top_columns, top_items
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
    candidates,
    search_recall,
)

__all__ = [
    "METHODS",
    "Candidates",
    "ItemSearch",
    "brute_force",
    "candidates",
    "greedy_diversity",
    "greedy_dpp",
    "list_value",
    "maximal_marginal_relevance",
    "search_recall",
    "top_columns",
    "top_items",
]
