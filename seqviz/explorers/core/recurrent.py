"""A recurrent layer of seqviz out of arrays, to compute what the page computes."""

from __future__ import annotations

from typing import Any

import torch

from seqviz.layers import GRU, LSTM, RNN


def layer_from(kind: type[RNN | LSTM | GRU], arrays: Any) -> RNN | LSTM | GRU:
    """Return a layer in float64 with the weights of ``arrays``, named as its own.

    Args:
        kind: the class of the layer.
        arrays: has ``input_weight [parts * H, E]``, ``state_weight [parts * H, H]`` and
            the layer's other parameters.
    """
    width, hidden = arrays.input_weight.shape[1], arrays.state_weight.shape[1]
    layer = kind(width, hidden).double()
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            parameter.copy_(torch.from_numpy(getattr(arrays, name)))
    return layer
