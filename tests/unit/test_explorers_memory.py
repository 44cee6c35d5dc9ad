import numpy as np
import pytest
import torch
import traitlets
from torch import nn

from seqviz.explorers import Memory, MemoryExplorer
from seqviz.layers import GRU, LSTM, RNN

E, H, N = 4, 6, 5
TITLES, LABELS, LABEL_OF = list("abcde"), ["one", "two"], [0, 0, 1, 1, 1]
KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}


def make(history=(0, 2, 4, 1), **changes):
    torch.manual_seed(0)
    layers = {name: kind(E, H) for name, kind in KINDS.items()}
    probes = {name: nn.Linear(H, 2) for name in KINDS}
    arguments = {
        "layers": {name: Memory.of(layers[name], probes[name]) for name in KINDS},
        "labels": LABELS,
        "label_of": LABEL_OF,
        **changes,
    }
    torch.manual_seed(1)
    figure = MemoryExplorer(history, TITLES, torch.randn(N, E), **arguments)
    return figure, layers, probes


@pytest.mark.parametrize("place", range(3))
def test_the_trace_is_that_of_the_layer(place):
    figure, layers, probes = make(layer=place)
    name = list(KINDS)[place]
    inputs = torch.from_numpy(figure._table[figure.history])[None]
    states, _ = layers[name](inputs)
    trace = figure.trace()
    np.testing.assert_allclose(
        trace.bands["state"], states[0].detach().numpy(), atol=1e-6
    )
    known = torch.sigmoid(probes[name](states[0, -1])).detach().numpy()
    np.testing.assert_allclose(trace.known, known, atol=1e-6)
    slopes = torch.autograd.functional.jacobian(
        lambda x: layers[name](x)[0][0, -1], inputs
    )[:, 0]
    np.testing.assert_allclose(trace.slopes, slopes.norm(dim=(0, 2)).numpy(), rtol=1e-4)


def test_a_changed_history_is_another_figure():
    figure, _, _ = make()
    before = figure.still()
    figure.history = [1, 2, 4, 0]
    assert figure.still() != before and figure.trace().slopes.shape == (4,)


def test_bad_input():
    with pytest.raises(traitlets.TraitError, match="1 to 16 behaviors, got 0"):
        make(history=())
    with pytest.raises(traitlets.TraitError, match="places of titles, 0 to 4"):
        make(history=(5,))
    with pytest.raises(traitlets.TraitError, match="layer must lie in 0 to 2, got 3"):
        make(layer=3)
    with pytest.raises(TypeError, match=r"layers\['x'\] must be a Memory"):
        make(layers={"x": RNN(E, H)})
    with pytest.raises(ValueError, match="must have shape"):
        make(layers={"x": Memory.of(RNN(E, H), nn.Linear(H, 3))})
    with pytest.raises(ValueError, match="label_of must hold 5 places"):
        make(label_of=[0, 1])
    with pytest.raises(ValueError, match="kind must be one of rnn, lstm, gru"):
        good = Memory.of(RNN(E, H), nn.Linear(H, 2))
        make(layers={"x": good._replace(kind="gated")})
