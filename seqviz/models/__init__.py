"""Whole models: an embedding table, a reader of the history, a loss."""

from .comirec import ComiRecSA, StrengthWeighted
from .mean_pooling import MeanPooling
from .retriever import Retriever
from .sasrec import SASRec, longest_histories

__all__ = [
    "ComiRecSA",
    "MeanPooling",
    "Retriever",
    "SASRec",
    "StrengthWeighted",
    "longest_histories",
]
