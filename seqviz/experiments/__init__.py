"""Train, evaluate, store: what stands between a model and a table of results."""

from seqviz.experiments.by_category import recall_by_category
from seqviz.experiments.claims import NotCarried, claim, comparison_in, interval
from seqviz.experiments.compare import Comparison, compare, corrected, holm
from seqviz.experiments.cost import largest_tensor, milliseconds
from seqviz.experiments.evaluate import evaluate, evaluate_each, evaluate_users
from seqviz.experiments.many import fit_many
from seqviz.experiments.predict import predict
from seqviz.experiments.ranks import RankBatches, RankedModel
from seqviz.experiments.recommend import Recommender, recommend
from seqviz.experiments.results import ResultsNotFound
from seqviz.experiments.stored import CutOff, StoredStudy, read_study, run_study
from seqviz.experiments.study import Study
from seqviz.experiments.train import Training, fit

__all__ = [
    "Comparison",
    "CutOff",
    "NotCarried",
    "RankBatches",
    "RankedModel",
    "Recommender",
    "ResultsNotFound",
    "StoredStudy",
    "Study",
    "Training",
    "claim",
    "compare",
    "comparison_in",
    "corrected",
    "evaluate",
    "evaluate_each",
    "evaluate_users",
    "fit",
    "fit_many",
    "holm",
    "interval",
    "largest_tensor",
    "milliseconds",
    "predict",
    "read_study",
    "recall_by_category",
    "recommend",
    "run_study",
]
