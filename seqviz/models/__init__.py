"""Whole models: an embedding table, a reader of the history, a loss."""

from seqviz.models.bert4rec import BERT4Rec
from seqviz.models.bst import BST
from seqviz.models.comirec import ComiRecSA, StrengthWeighted
from seqviz.models.comirec_dr import ComiRecDR
from seqviz.models.dien import DIEN, EvolutionPooling
from seqviz.models.din import DIN, BaseModel, ClickModel, TargetPooling
from seqviz.models.dsin import DSIN
from seqviz.models.gru4rec import GRU4Rec
from seqviz.models.mean_pooling import MeanPooling
from seqviz.models.mind import MIND
from seqviz.models.next_item import NextItem
from seqviz.models.retriever import Retriever
from seqviz.models.sasrec import SASRec
from seqviz.models.sdm import SDM
from seqviz.models.srgnn import SRGNN, GraphReading

__all__ = [
    "BST",
    "DIEN",
    "DIN",
    "DSIN",
    "GRU4Rec",
    "MIND",
    "SDM",
    "SRGNN",
    "BERT4Rec",
    "BaseModel",
    "ClickModel",
    "ComiRecDR",
    "ComiRecSA",
    "GraphReading",
    "EvolutionPooling",
    "MeanPooling",
    "NextItem",
    "Retriever",
    "SASRec",
    "StrengthWeighted",
    "TargetPooling",
]
