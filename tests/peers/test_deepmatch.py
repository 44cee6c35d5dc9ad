"""deepmatch's SDM is ours, part by part: where a part can be set to the paper's.

As shipped it is another: two layers of one LSTM cell with residuals, heads that see no
later click and are normed, a tanh of an additive score for the past. Two of its faults
are held here: its LSTM is never trained, and its session depends on the padding.
"""

import pytest
import torch

pytest.importorskip("deepmatch", reason="make test-peers")

import numpy as np
import tensorflow as tf
from deepctr.feature_column import SparseFeat, VarLenSparseFeat
from deepmatch.layers.interaction import SelfMultiHeadAttention, UserAttention
from deepmatch.layers.sequence import DynamicMultiRNN
from deepmatch.models import SDM
from deepmatch.utils import NegativeSampler, sampledsoftmaxloss

from seqviz.layers import LSTM, GatedFusion, ShortTermEncoder

tf.compat.v1.disable_eager_execution()  # its LSTM can be made in no other way
backend = tf.compat.v1.keras.backend

N, U, B, T, L, E, H = 40, 9, 7, 6, 5, 8, 2
seeds = pytest.mark.parametrize("seed", range(3))
close = {"atol": 1e-6, "rtol": 1e-5}
BARE = {"dropout_rate": 0.0, "use_res": False}


@pytest.fixture(autouse=True)
def new_graph():
    backend.clear_session()


def found(*tensors, feed=None):
    """The numbers of TensorFlow's tensors, as tensors of torch."""
    values = backend.get_session().run(list(tensors), feed)
    return [torch.from_numpy(value) for value in values]


def array(tensor):
    return tensor.detach().numpy().astype(np.float32)


def sessions(seed):
    """``[B, T, E]``, lengths ``[B, 1]``, mask ``[B, T]``, padded on the right."""
    torch.manual_seed(seed)
    lengths = torch.randint(1, T + 1, (B, 1))
    return torch.randn(B, T, E), lengths, torch.arange(T) < lengths


def their_lstm(behaviors, lengths):
    """One layer of its LSTM, its output and its two variables."""
    layer = DynamicMultiRNN(
        E, num_layers=1, num_residual_layers=0, dropout_rate=0.0, forget_bias=0.0
    )
    before = tf.compat.v1.global_variables()
    states = layer([tf.constant(array(behaviors)), tf.constant(lengths.numpy())])
    own = [one for one in tf.compat.v1.global_variables() if one not in before]
    return layer, states, own


def copy_lstm(kernel, bias, layer):
    """Theirs has the candidate before the forget gate, and one matrix for both."""

    def ours(weight):
        write, candidate, forget, output = weight.T.chunk(4)
        return torch.cat([write, forget, candidate, output])

    with torch.no_grad():
        for mine, part in zip(
            (layer.weight_ih_l0, layer.weight_hh_l0), kernel.split(E), strict=True
        ):
            mine.copy_(ours(part))
        layer.bias_ih_l0.copy_(ours(bias[None])[:, 0])
        layer.bias_hh_l0.zero_()


@seeds
def test_the_short_term_half(seed):
    """LSTM, heads and the user's attention, without its residuals, norm and mask."""
    behaviors, lengths, mask = sessions(seed)
    _, states, own = their_lstm(behaviors, lengths)
    count = tf.constant(lengths.numpy())
    heads = SelfMultiHeadAttention(
        E, H, future_binding=False, use_layer_norm=False, **BARE
    )
    read = heads([states, count])
    asks = UserAttention(E, "linear", scale=False, **BARE)
    users = torch.randn(B, E)
    short = asks([tf.constant(array(users[:, None])), read, count])[:, 0]
    backend.get_session().run(tf.compat.v1.global_variables_initializer())
    for one, size in ((own[1], (4 * E,)), (asks.dense.bias, (E,))):
        backend.set_value(one, array(torch.randn(size)))
    kernel, bias, W, output, dense, shift, expected = found(
        *own, heads.W, heads.W_output, asks.dense.kernel, asks.dense.bias, short
    )
    ours = ShortTermEncoder(E, H)
    copy_lstm(kernel, bias, ours.lstm)
    with torch.no_grad():
        ours.heads.query_key_value.weight.copy_(W.T)
        ours.heads.output.weight.copy_(output.T)
    mine = ours(behaviors, mask, users @ dense + shift)
    torch.testing.assert_close(mine, expected, **close)


@seeds
def test_the_lstm(seed):
    behaviors, lengths, mask = sessions(seed)
    _, states, own = their_lstm(behaviors, lengths)
    backend.get_session().run(tf.compat.v1.global_variables_initializer())
    backend.set_value(own[1], array(torch.randn(4 * E)))
    kernel, bias, expected = found(*own, states)
    half, ours = ShortTermEncoder(E, H), LSTM(E)
    copy_lstm(kernel, bias, half.lstm)
    with torch.no_grad():
        ours.input_weight.copy_(half.lstm.weight_ih_l0)
        ours.state_weight.copy_(half.lstm.weight_hh_l0)
        ours.bias.copy_(half.lstm.bias_ih_l0)
    torch.testing.assert_close(ours(behaviors, mask)[0][mask], expected[mask], **close)


def their_model(length=T, **options):
    """Its SDM, ids of items and of users, and what it is fed."""
    item = SparseFeat("item_id", N, E)

    def history(name, size):
        inner = SparseFeat(f"{name}_item_id", N, E, embedding_name="item_id")
        return VarLenSparseFeat(inner, size, "mean", f"{name}_sess_length")

    columns = [
        SparseFeat("user_id", U, E),
        history("short", length),
        history("prefer", L),
    ]
    sampler = NegativeSampler("uniform", 12, "item_id")
    options = {"dropout_rate": 0.0, "num_head": H, **options}
    model = SDM(columns, [item], ["item_id"], E, sampler_config=sampler, **options)
    rng = np.random.default_rng(0)

    def ids(high, *shape):
        return rng.integers(1, high, shape)

    lengths = ids(T + 1, B)
    clicks = ids(N, B, T) * (np.arange(T) < lengths[:, None])
    given = {
        "user_id": ids(U, B),
        "short_item_id": np.pad(clicks, ((0, 0), (0, length - T))),
        "prefer_item_id": ids(N, B, L),
        "short_sess_length": lengths,
        "prefer_sess_length": ids(L + 1, B),
        "item_id": ids(N, B),
    }
    return model, given


def fed(model, given):
    """As the session wants it: columns ``[B, size]`` by placeholder."""
    inputs = dict(zip(model.input_names, model.inputs, strict=True))
    return {inputs[k]: v.reshape(B, -1) for k, v in given.items() if k in inputs}


def test_the_gate():
    """In the whole model: what it asks the items with, from what goes into its gate."""
    model, given = their_model()
    (gate,) = (
        layer
        for layer in model.layers
        if isinstance(layer, tf.keras.layers.Dense)
        and layer.activation is tf.keras.activations.sigmoid
    )
    joined, expected, kernel, bias = found(
        gate.input, model.user_embedding, gate.kernel, gate.bias, feed=fed(model, given)
    )
    long, short, user = joined[:, 0].split(E, 1)
    rows = torch.cat([kernel[2 * E :], kernel[E : 2 * E], kernel[:E]])
    ours = GatedFusion(E)
    with torch.no_grad():
        ours.gate.weight.copy_(rows.T)
        ours.gate.bias.copy_(bias)
    output, _ = ours(user, short, long)
    mine = torch.nn.functional.normalize(output, dim=1)
    torch.testing.assert_close(mine, expected, **close)


def lstm_of_the_graph():
    return [one for one in tf.compat.v1.global_variables() if "lstm_cell" in one.name]


def test_its_lstm_is_never_trained():
    """It has a slope, and stands in no list of weights: everything else moves."""
    model, given = their_model()
    own, others = lstm_of_the_graph(), model.trainable_weights
    assert len(own) == 2
    assert not {one.name for one in own} & {one.name for one in model.weights}
    model.compile("adam", loss=sampledsoftmaxloss)
    slopes = tf.gradients(tf.reduce_mean(model.output), own)
    for slope in found(*slopes, feed=fed(model, given)):
        assert slope.abs().max() > 0
    before = found(*own, *others)
    losses = model.fit(given, np.zeros(B), epochs=20, batch_size=B, verbose=0)
    after = found(*own, *others)
    moved = [(a - b).abs().max().item() for a, b in zip(before, after, strict=True)]
    assert moved[:2] == [0.0, 0.0]
    assert min(moved[2:]) > 0
    assert losses.history["loss"][-1] < losses.history["loss"][0]


def test_its_session_depends_on_the_padding():
    """The mean behind the user's attention counts the padded places, too."""
    asked = []
    for length in (T, T, 2 * T):
        backend.clear_session()
        model, given = their_model(length)
        torch.manual_seed(0)
        for one in (*model.weights, *lstm_of_the_graph()):
            value = 0.3 * torch.randn([int(size) for size in one.shape])
            backend.set_value(one, array(value))
        asked += found(model.user_embedding, feed=fed(model, given))
    torch.testing.assert_close(asked[0], asked[1], **close)
    assert (asked[0] - asked[2]).abs().max() > 0.01
