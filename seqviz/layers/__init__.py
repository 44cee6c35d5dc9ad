"""The mechanisms: functions and modules on plain tensors, no data, no training."""

from .activation_unit import LocalActivationUnit
from .attention import attend, attention_weights
from .dice import Dice
from .dual_attention import DualAttention
from .embedding_penalty import batch_l2, full_l2
from .full_softmax import full_softmax_loss
from .hard_attention import HardLookUp, hard_attention, score_function_loss
from .interest_attention import MultiInterestSelfAttention, read_out
from .label_aware import LabelAwareAttention
from .masking import masked_softmax
from .positions import LearnedPositions, latest, recency, sinusoidal_positions
from .routing import DynamicRouting, adaptive_num_interests, squash
from .sampled_softmax import (
    NegativeSampler,
    sampled_cross_entropy,
    sampled_softmax_loss,
)
from .scores import AdditiveScore, BilinearScore, cosine, dot, scaled_dot
from .self_attention import SelfAttention
from .sequence_pooling import AttentionSequencePooling, SumPooling
from .target_attention import TargetAttention
from .transformer import TransformerBlock

__all__ = [
    "AdditiveScore",
    "AttentionSequencePooling",
    "BilinearScore",
    "Dice",
    "DualAttention",
    "DynamicRouting",
    "HardLookUp",
    "LabelAwareAttention",
    "LearnedPositions",
    "LocalActivationUnit",
    "MultiInterestSelfAttention",
    "NegativeSampler",
    "SelfAttention",
    "SumPooling",
    "TargetAttention",
    "TransformerBlock",
    "adaptive_num_interests",
    "attend",
    "attention_weights",
    "batch_l2",
    "cosine",
    "dot",
    "full_l2",
    "full_softmax_loss",
    "hard_attention",
    "latest",
    "masked_softmax",
    "read_out",
    "recency",
    "sampled_cross_entropy",
    "sampled_softmax_loss",
    "scaled_dot",
    "score_function_loss",
    "sinusoidal_positions",
    "squash",
]
