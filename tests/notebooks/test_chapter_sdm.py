"""What the chapter defines is compared with the package; the stored runs are whole."""

import numpy as np
import pytest
import torch
from definitions import definitions, experiment
from torch import nn

from seqviz.data import split_sessions
from seqviz.experiments import read_study
from seqviz.layers import GatedFusion, LongTermInterest, ShortTermEncoder
from seqviz.layers.short_term import user_weights, weighted_sum

chapter = definitions("systems/sdm")
B, T, F, L, E, H = 9, 7, 3, 4, 8, 2


@pytest.fixture(params=range(3))
def case(request):
    """Clicks, a mask with holes (one row empty, one full) and users."""
    torch.manual_seed(request.param)
    mask = torch.rand(B, T) < 0.6
    mask[0], mask[-1] = False, True
    return torch.randn(B, T, E), mask, torch.randn(B, E)


@pytest.mark.parametrize("seed", range(5))
def test_sessions_are_those_of_the_package(seed):
    rng = np.random.default_rng(seed)
    users = np.sort(rng.integers(0, 9, 400))
    times = rng.choice([5, 599, 600, 5000], 400).cumsum()
    ids = rng.integers(0, 2, 400).cumsum()
    ours = chapter.session_numbers(users, times, ids, longest=4)
    theirs = split_sessions(users, times, ids, longest=4)
    assert np.array_equal(ours, theirs)


def test_the_rungs_are_the_short_term_encoder(case):
    clicks, mask, user = case
    layer = ShortTermEncoder(E, H)
    front, real = chapter.real_first(clicks, mask)
    weight = layer.heads.query_key_value.weight.T
    states = chapter.heads_read(
        layer.lstm(front)[0], real, weight, layer.heads.output.weight.T, H
    )
    short = chapter.ask(states, real, user)
    torch.testing.assert_close(short, layer(clicks, mask, user))
    assert (short[0] == 0).all()


def test_to_ask_is_the_user_attention_of_the_package(case):
    clicks, mask, user = case
    weights = user_weights(clicks, mask, user, bounded=False)
    expected = weighted_sum(weights, clicks)
    torch.testing.assert_close(chapter.ask(clicks, mask, user), expected)


def test_the_past_and_the_gate_are_those_of_the_package(case):
    _, _, user = case
    values, mask = torch.randn(B, F, L, E), torch.rand(B, F, L) < 0.6
    mask[0] = False
    layer, fusion = LongTermInterest(E, F), GatedFusion(E)
    long = chapter.read_past(values, mask, user, layer.join.weight.T, layer.join.bias)
    torch.testing.assert_close(long, layer(values, mask, user))
    short = torch.randn(B, E)
    ours = chapter.fuse(user, short, long, fusion.gate.weight.T, fusion.gate.bias)
    torch.testing.assert_close(ours, fusion(user, short, long))


def test_a_list_hides_a_layer_from_the_optimizer():
    hidden, kept = chapter.Forgotten(False, E), chapter.Forgotten(True, E)
    assert len(list(hidden.parameters())) == 2 < len(list(kept.parameters()))
    assert isinstance(kept.lstm, nn.LSTM)


def test_the_planted_study_stores_what_the_page_reads():
    script = experiment("systems/sdm_planted")
    stored = read_study("systems/sdm_planted")
    for data in script.STUDY.data:
        for model in script.MODELS:
            for metric in ("in cell@5", "past moves", "casual moves", "gate"):
                values = stored.values(data, model, metric)
                assert values.shape == (3, 1000) and np.isfinite(values).all()
                assert values.min() >= -1e-6 and values.max() <= 1 + 1e-6
        assert not stored.values("no casual clicks", "SDM", "casual").any()
