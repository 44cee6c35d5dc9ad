"""What a decoder gives back of a history: its weights over the states, its answers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from seqviz.explorers.core.codec import to_numpy
from seqviz.explorers.core.inputs import check_parts
from seqviz.explorers.core.recurrent import layer_from
from seqviz.layers import GRU

CONTEXTS = ("attention", "mean", "last state")


class Reader(NamedTuple):
    """An encoder, a GRU, and a decoder that answers a question with its context.

    The context is the sum of the encoder's states by weights; the answer's logits are
    ``answer_weight [query * context, context] + answer_bias``.

    Attributes:
        context: "attention": the weights are the softmax of query · state / √H;
            "mean": all alike; "last state": 1 for the last.
        items: ``[C * I, E]``, a vector for each of I answers to each of C questions.
        queries: ``[C, H]``, one for each question.
        input_weight: ``[3 * H, E]``, in the order of ``seqviz.layers.GRU``.
        state_weight: ``[3 * H, H]``.
        bias: ``[3 * H]``.
        state_bias: ``[H]``.
        answer_weight: ``[I, 2 * H]``.
        answer_bias: ``[I]``.

    Example:
        >>> C, I, E, H = 2, 3, 4, 5
        >>> layer, answer = torch.nn.GRUCell(E, H), torch.nn.Linear(2 * H, I)
        >>> reader = Reader(
        ...     "attention",
        ...     torch.randn(C * I, E),
        ...     torch.randn(C, H),
        ...     layer.weight_ih,
        ...     layer.weight_hh,
        ...     layer.bias_ih,
        ...     layer.bias_hh[-H:],
        ...     answer.weight,
        ...     answer.bias,
        ... )
        >>> list(reader.answer_weight.shape)
        [3, 10]
    """

    context: str
    items: Any
    queries: Any
    input_weight: Any
    state_weight: Any
    bias: Any
    state_bias: Any
    answer_weight: Any
    answer_bias: Any


class Reading(NamedTuple):
    """What a reader makes of one history."""

    asked: np.ndarray
    """``[n]``: the questions whose answer was clicked, in their order."""
    weights: np.ndarray
    """``[n, n]``: of each question over the clicks; the alignment matrix."""
    answers: np.ndarray
    """``[n]``: what is given back for each question."""
    right: np.ndarray
    """``[n]``: what was clicked."""


def check_reader(reader: Any, name: str, questions: int, answers: int) -> Reader:
    """Return a reader of float32 arrays.

    Raises:
        TypeError, ValueError: naming the argument.
    """
    if not isinstance(reader, Reader):
        raise TypeError(f"{name} must be a Reader, got {type(reader).__name__}")
    if reader.context not in CONTEXTS:
        raise ValueError(
            f"{name}.context must be one of {', '.join(CONTEXTS)}, got "
            f"{reader.context!r}"
        )
    width, hidden = (
        to_numpy(getattr(reader, part), f"{name}.{part}").shape[-1]
        for part in ("items", "queries")
    )
    shapes = {
        "items": (questions * answers, width),
        "queries": (questions, hidden),
        "input_weight": (3 * hidden, width),
        "state_weight": (3 * hidden, hidden),
        "bias": (3 * hidden,),
        "state_bias": (hidden,),
        "answer_weight": (answers, 2 * hidden),
        "answer_bias": (answers,),
    }
    return check_parts(reader, name, shapes)


def read(reader: Reader, history: np.ndarray) -> Reading:
    """Ask a reader for every click of ``history [n]``, places in its items."""
    choices = len(reader.answer_bias)
    order = np.argsort(history // choices)
    asked, right = history[order] // choices, history[order] % choices
    clicks = torch.from_numpy(reader.items[history]).double()  # [n, E]
    with torch.no_grad():
        states = layer_from(GRU, reader)(clicks[None])[0][0]  # [n, H]
    queries = torch.from_numpy(reader.queries[asked]).double()  # [n, H]
    if reader.context == "attention":
        scores = queries @ states.T / states.shape[1] ** 0.5
        weights = scores.softmax(1)  # [n, n]
    else:
        weights = torch.full((len(asked), len(asked)), 1 / len(asked)).double()
        if reader.context == "last state":
            weights = torch.zeros_like(weights)
            weights[:, -1] = 1
    context = weights @ states  # [n, H]
    both = torch.cat([queries * context, context], 1)  # [n, 2H]
    matrix = torch.from_numpy(reader.answer_weight).double()
    logits = both @ matrix.T + torch.from_numpy(reader.answer_bias)
    return Reading(asked, weights.numpy(), logits.argmax(1).numpy(), right)
