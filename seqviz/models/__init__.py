"""Whole models: an embedding table, a reader of the history, a loss."""

from .comirec import ComiRecSA, StrengthWeighted
from .mean_pooling import MeanPooling
from .retriever import Retriever

__all__ = ["ComiRecSA", "MeanPooling", "Retriever", "StrengthWeighted"]
