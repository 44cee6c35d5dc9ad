"""Whole models: an embedding table, a reader of the history, a loss."""

from .comirec import ComiRecSA, StrengthWeighted
from .comirec_dr import ComiRecDR
from .din import DIN, BaseModel, ClickModel, TargetPooling
from .mean_pooling import MeanPooling
from .mind import MIND
from .retriever import Retriever
from .sasrec import SASRec

__all__ = [
    "DIN",
    "MIND",
    "BaseModel",
    "ClickModel",
    "ComiRecDR",
    "ComiRecSA",
    "MeanPooling",
    "Retriever",
    "SASRec",
    "StrengthWeighted",
    "TargetPooling",
]
