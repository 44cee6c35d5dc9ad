import numpy as np
import pytest
import torch
import traitlets
from torch import nn

from seqviz.explorers import AlignmentExplorer, Reader
from seqviz.layers import GRU

QUESTIONS, ANSWERS, HISTORY = list("abc"), ["one", "two"], (5, 0, 2)
E, H = 4, 6


def make(history=HISTORY, context="attention", **changes):
    torch.manual_seed(0)
    encoder, answer = GRU(E, H), nn.Linear(2 * H, 2)
    reader = Reader(
        context,
        torch.randn(6, E),
        torch.randn(3, H),
        encoder.input_weight,
        encoder.state_weight,
        encoder.bias,
        encoder.state_bias,
        answer.weight,
        answer.bias,
    )
    readers = changes.pop("readers", {"it": reader})
    figure = AlignmentExplorer(history, QUESTIONS, ANSWERS, readers, **changes)
    return figure, reader, encoder, answer


@torch.no_grad()
def test_a_reading_is_that_of_the_layers():
    figure, reader, encoder, answer = make()
    states, _ = encoder(reader.items[list(HISTORY)][None])
    query = reader.queries  # of a, b and c: clicked second, third and first
    weights = (query @ states[0].T / H**0.5).softmax(1)
    context = weights @ states[0]
    logits = answer(torch.cat([query * context, context], 1))
    reading = figure.reading()
    np.testing.assert_allclose(reading.weights, weights, atol=1e-6)
    assert reading.asked.tolist() == [0, 1, 2]
    assert reading.answers.tolist() == logits.argmax(1).tolist()
    assert reading.right.tolist() == [0, 0, 1]


def test_a_mean_and_a_last_state_are_weights_too():
    mean, last = (make(context=name)[0].reading() for name in ("mean", "last state"))
    np.testing.assert_allclose(mean.weights, np.full((3, 3), 1 / 3))
    assert last.weights.tolist() == [[0, 0, 1]] * 3


def test_fewer_clicks_are_another_figure():
    figure, *_ = make()
    before = figure.still()
    figure.length = 2
    assert figure.still() != before
    assert figure.reading().asked.tolist() == [0, 2]


def test_bad_input():
    with pytest.raises(traitlets.TraitError, match="1 to 16 clicks, got 0"):
        make(history=())
    with pytest.raises(traitlets.TraitError, match="places of items, 0 to 5"):
        make(history=(6,))
    with pytest.raises(traitlets.TraitError, match="no two clicks of one question"):
        make(history=(0, 1))
    with pytest.raises(traitlets.TraitError, match="length must lie in 1 to 3, got 4"):
        make(length=4)
    with pytest.raises(TypeError, match=r"readers\['x'\] must be a Reader"):
        make(readers={"x": GRU(E, H)})
    good = make()[1]
    with pytest.raises(ValueError, match="context must be one of attention, mean"):
        make(readers={"x": good._replace(context="sum")})
    with pytest.raises(ValueError, match=r"items must have shape \[6, 4\]"):
        make(readers={"x": good._replace(items=torch.zeros(5, E))})
    with pytest.raises(ValueError, match=r"\['x'\].bias must be finite"):
        make(readers={"x": good._replace(bias=torch.full((3 * H,), float("nan")))})
