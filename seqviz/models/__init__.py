"""Whole models: an embedding table, a reader of the history, a loss."""

from .comirec import ComiRecSA, StrengthWeighted
from .din import DIN, BaseModel, ClickModel, TargetPooling
from .mean_pooling import MeanPooling
from .retriever import Retriever
from .sasrec import SASRec

__all__ = [
    "DIN",
    "BaseModel",
    "ClickModel",
    "ComiRecSA",
    "MeanPooling",
    "Retriever",
    "SASRec",
    "StrengthWeighted",
    "TargetPooling",
]
