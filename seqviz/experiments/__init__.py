"""Train, evaluate, store: what stands between a model and a table of results."""

from seqviz.experiments.compare import Comparison, compare, holm
from seqviz.experiments.cost import largest_tensor, milliseconds
from seqviz.experiments.evaluate import (
    Recommender,
    evaluate,
    recall_by_category,
    recommend,
)
from seqviz.experiments.predict import predict
from seqviz.experiments.results import (
    Results,
    ResultsNotFound,
    mean_and_spread,
    read_results,
    write_results,
)
from seqviz.experiments.train import Training, fit

__all__ = [
    "Comparison",
    "Recommender",
    "Results",
    "ResultsNotFound",
    "Training",
    "compare",
    "evaluate",
    "fit",
    "holm",
    "largest_tensor",
    "mean_and_spread",
    "milliseconds",
    "predict",
    "read_results",
    "recall_by_category",
    "recommend",
    "write_results",
]
