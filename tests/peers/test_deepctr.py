"""Our DSIN is deepctr's, piece by piece: where its pieces can be set to the paper's.

Its model as shipped is another: heads without an output matrix that never read their
own place, no norms, waves for positions, a mean over padding too, two layers of LSTM
with dropout whose directions are averaged, a network that scores the sessions.
"""

import pytest
import torch

pytest.importorskip("deepctr", reason="make test-peers")

import numpy as np
import tensorflow as tf
from deepctr.layers.sequence import BiasEncoding as TheirBias
from deepctr.layers.sequence import BiLSTM, Transformer

from seqviz.layers import BiasEncoding, SessionExtractor, SessionInterest

B, S, T, E, H = 5, 3, 4, 6, 2
seeds = pytest.mark.parametrize("seed", range(3))
close = {"atol": 1e-5, "rtol": 1e-4}


def case(seed):
    torch.manual_seed(seed)
    return torch.randn(B, S, T, E), torch.ones(B, S, T, dtype=torch.bool)


def array(tensor):
    return tensor.detach().numpy().astype(np.float32)


def theirs_as_tensor(found):
    return torch.from_numpy(np.array(found))


@seeds
def test_bias_encoding(seed):
    """Theirs counts from the first session and behavior, ours from the latest."""
    sessions, mask = case(seed)
    ours, theirs = BiasEncoding(S, T, E), TheirBias(S)
    for weight in ours.parameters():
        torch.nn.init.normal_(weight)
    inputs = [tf.constant(array(sessions[:, k])) for k in range(S)]
    theirs(inputs)
    theirs.set_weights(
        [
            array(ours.session.flip(0)[:, None, None]),
            array(ours.place.flip(0)[None, :, None]),
            array(ours.coordinate[None, None]),
        ]
    )
    expected = torch.stack([theirs_as_tensor(part) for part in theirs(inputs)], 1)
    torch.testing.assert_close(ours(sessions, mask), expected, **close)


@seeds
def test_a_session_without_padding(seed):
    """With one norm for both places, no biases and no output matrix."""
    sessions, mask = case(seed)
    ours = SessionExtractor(E, H)
    for norm in (ours.attention_norm, ours.network_norm):
        norm.eps = 1e-9
    torch.nn.init.eye_(ours.attention.output.weight)
    torch.nn.init.zeros_(ours.network[0].bias)
    torch.nn.init.zeros_(ours.network[2].bias)
    theirs = Transformer(
        E // H,
        H,
        use_positional_encoding=False,
        use_layer_norm=True,
        blinding=False,
        supports_masking=True,
    )

    def ask():
        session = tf.constant(array(sessions.flatten(0, 1)))
        real = tf.ones(session.shape[:2], dtype=tf.bool)
        found = theirs([session, session], mask=[real, real])
        return theirs_as_tensor(found).view(B, S, E)

    ask()
    query, key, value = ours.attention.query_key_value.weight.chunk(3)
    own = {
        "query": query.T,
        "key": key.T,
        "value": value.T,
        "fw1": ours.network[0].weight.T,
        "fw2": ours.network[2].weight.T,
    }
    for variable in theirs.weights:
        name = variable.name.split("/")[-1].split(":")[0]
        if name in own:
            variable.assign(array(own.pop(name)))
    assert not own
    torch.testing.assert_close(ours(sessions, mask), ask(), **close)


@seeds
def test_sessions_both_ways(seed):
    """One layer, no dropout, the directions side by side, gates that are sigmoids.

    Its gates are Keras 1's: straight lines, cut at 0 and 1.
    """
    sessions, mask = case(seed)
    ours, interests = SessionInterest(E, S, T), sessions[:, :, 0]
    theirs = BiLSTM(E, layers=1, dropout_rate=0.0, merge_mode="concat")
    inputs = tf.constant(array(interests))
    theirs(inputs)
    for mine, (other,) in (
        (ours.forward_lstm, theirs.fw_lstm),
        (ours.backward_lstm, theirs.bw_lstm),
    ):
        torch.nn.init.normal_(mine.bias)
        assert other.cell.recurrent_activation.__name__ == "hard_sigmoid"
        other.cell.recurrent_activation = tf.sigmoid
        other.set_weights(
            [array(w) for w in (mine.input_weight.T, mine.state_weight.T, mine.bias)]
        )
    expected = theirs_as_tensor(theirs(inputs))
    torch.testing.assert_close(ours.evolve(interests, mask.any(2)), expected, **close)
