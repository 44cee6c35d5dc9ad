"""The mechanisms: functions and modules on plain tensors, no data, no training."""

from seqviz.layers.activation_unit import LocalActivationUnit
from seqviz.layers.attention import attend, attention_weights
from seqviz.layers.binary_negatives import binary_loss, calibrated_power
from seqviz.layers.cloze import cloze, hide
from seqviz.layers.dice import Dice
from seqviz.layers.dropout import Dropout
from seqviz.layers.dual_attention import DualAttention
from seqviz.layers.embedding_penalty import batch_l2, full_l2
from seqviz.layers.full_softmax import full_softmax_loss
from seqviz.layers.gated_fusion import GatedFusion
from seqviz.layers.gated_graph import GatedGraphStep, GraphReadOut
from seqviz.layers.hard_attention import HardLookUp, hard_attention, score_function_loss
from seqviz.layers.hidden_units import HiddenUnitGate
from seqviz.layers.interacting import InteractingLayer
from seqviz.layers.interest_attention import MultiInterestSelfAttention, read_out
from seqviz.layers.interest_evolution import (
    EvolutionGates,
    InterestEvolution,
    InterestExtractor,
)
from seqviz.layers.key_cache import KeyCache
from seqviz.layers.label_aware import LabelAwareAttention
from seqviz.layers.long_term import LongTermInterest
from seqviz.layers.masking import masked_softmax
from seqviz.layers.mixture_of_experts import MixtureOfExperts
from seqviz.layers.pairwise_attention import PairwiseAttention, field_pairs
from seqviz.layers.positions import (
    LearnedPositions,
    latest,
    places,
    recency,
    sinusoidal_positions,
)
from seqviz.layers.recurrent import GRU, LSTM, RNN, GRUGates, LSTMGates
from seqviz.layers.routing import DynamicRouting, adaptive_num_interests, squash
from seqviz.layers.sampled_softmax import (
    NegativeSampler,
    sampled_cross_entropy,
    sampled_softmax_loss,
)
from seqviz.layers.scores import AdditiveScore, BilinearScore, cosine, dot, scaled_dot
from seqviz.layers.self_attention import SelfAttention
from seqviz.layers.sequence_pooling import AttentionSequencePooling, SumPooling
from seqviz.layers.session_graph import SessionGraph, session_graph
from seqviz.layers.session_interest import (
    BiasEncoding,
    SessionExtractor,
    SessionInterest,
    SessionWeights,
)
from seqviz.layers.short_term import ShortTermEncoder
from seqviz.layers.squeeze_excitation import SqueezeExcitation
from seqviz.layers.target_attention import TargetAttention
from seqviz.layers.top_k_gains import bpr_max, top1_max
from seqviz.layers.transformer import TransformerBlock

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AdditiveScore",
    "AttentionSequencePooling",
    "BiasEncoding",
    "BilinearScore",
    "Dice",
    "Dropout",
    "DualAttention",
    "DynamicRouting",
    "EvolutionGates",
    "GRUGates",
    "GatedFusion",
    "GatedGraphStep",
    "GraphReadOut",
    "HardLookUp",
    "HiddenUnitGate",
    "InteractingLayer",
    "InterestEvolution",
    "InterestExtractor",
    "KeyCache",
    "LSTMGates",
    "LabelAwareAttention",
    "LearnedPositions",
    "LocalActivationUnit",
    "LongTermInterest",
    "MixtureOfExperts",
    "MultiInterestSelfAttention",
    "NegativeSampler",
    "PairwiseAttention",
    "SelfAttention",
    "SessionGraph",
    "SessionExtractor",
    "SessionInterest",
    "SessionWeights",
    "ShortTermEncoder",
    "SqueezeExcitation",
    "SumPooling",
    "TargetAttention",
    "TransformerBlock",
    "adaptive_num_interests",
    "attend",
    "attention_weights",
    "batch_l2",
    "binary_loss",
    "bpr_max",
    "calibrated_power",
    "cloze",
    "cosine",
    "dot",
    "field_pairs",
    "full_l2",
    "full_softmax_loss",
    "hard_attention",
    "hide",
    "latest",
    "masked_softmax",
    "places",
    "read_out",
    "recency",
    "sampled_cross_entropy",
    "sampled_softmax_loss",
    "scaled_dot",
    "score_function_loss",
    "session_graph",
    "sinusoidal_positions",
    "squash",
    "top1_max",
]
