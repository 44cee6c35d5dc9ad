"""The Python side of the gate explorer: mixture, state, still figure, bad input."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from seqviz.explorers import MODULES, GateExplorer
from seqviz.explorers.gate.mixing import FUSIONS, mix
from seqviz.layers import GatedFusion

S, E, N = 2, 6, 12
SESSIONS = {"running": ["trail shoes", "socks"], "reading": ["novel", "atlas", "poems"]}
PAST = {"item": {"tent": 0.7, "mat": 0.3}, "price": {}, "brand": {"Hareline": 1.0}}
TITLES = [f"item {n}" for n in range(N)]


def arrays(seed=0):
    rng = np.random.default_rng(seed)
    return {
        "short": rng.normal(size=(S, E)),
        "long": rng.normal(size=E),
        "gate": rng.random((S, E)),
        "items": rng.normal(size=(N, E)),
    }


def explorer(**changes):
    arguments = {
        "sessions": SESSIONS,
        "weights": [[0.5, 0.5], [0.2, 0.3, 0.5]],
        "past": PAST,
        "titles": TITLES,
        **arrays(),
    }
    return GateExplorer(**{**arguments, **changes})


@given(st.integers(0, 10**6), st.sampled_from(range(4)))
def test_the_parts_of_a_score_add_up_to_the_score(seed, fusion):
    given_ = arrays(seed)
    short, gate = given_["short"][0], given_["gate"][0]
    found = mix(gate, short, given_["long"], given_["items"], fusion)
    share = gate if fusion == 0 else np.full(E, {1: 0.5, 2: 1.0, 3: 0.0}[fusion])
    output = share * short + (1 - share) * given_["long"]
    np.testing.assert_allclose(found.output, output)
    scores = given_["items"] @ output
    np.testing.assert_allclose(found.from_session + found.from_past, scores)
    assert found.order.tolist() == np.argsort(-scores, kind="stable").tolist()
    if fusion == 2:
        assert (found.from_past == 0).all()


def test_the_gate_of_the_layer_gives_the_output_of_the_layer():
    torch.manual_seed(0)
    layer = GatedFusion(E)
    user, short, long = torch.randn(3, S, E)
    output, gate = layer(user, short, long)
    for row in range(S):
        shown = explorer(short=short, long=long, gate=gate, session=row).mixed()
        np.testing.assert_allclose(shown.output, output[row].detach(), atol=1e-6)


def test_what_is_sent_is_what_the_page_reads():
    shown = explorer()
    read = re.findall(r'model\.get\("(\w+)"\)', MODULES["gate"])
    assert read and set(read) <= set(shown.state())
    assert shown.past[1] == {"name": "price", "values": [], "count": 0}
    assert shown.past[0]["values"] == [["tent", 0.7], ["mat", 0.3]]


def test_only_the_three_largest_weights_are_sent():
    weights = {"a": 0.1, "b": 0.4, "c": 0.2, "d": 0.3}
    (sent,) = explorer(past={"item": weights}).past
    assert [value for value, _ in sent["values"]] == ["b", "d", "c"]
    assert sent["count"] == 4


def test_the_still_figure_follows_and_escapes():
    shown = explorer(sessions={"<b>": ["</p>", "x"], "two": ["a", "b", "c"]})
    still = shown.still()
    assert "&lt;b&gt;" in still and "<b><" not in still and "</p>," not in still
    for name, value in {"fusion": 2, "session": 1}.items():
        setattr(shown, name, value)
        assert shown.still() != still
        still = shown.still()
    assert "two, mixed by session alone: 100% of the session on average" in still
    assert "sv-sentence" in shown.outline()


def test_fewer_items_than_lines_and_one_entry():
    few = explorer(
        short=[[1.0], [2.0]],
        long=[1.0],
        gate=[[0.5], [0.1]],
        items=[[1.0], [-1.0]],
        titles=["a", "b"],
    )
    assert few.shown == 2 and few.mixed().order.tolist() == [0, 1]
    assert few.fusions == list(FUSIONS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sessions": {}}, "sessions must map 1 to 6 names"),
        ({"sessions": {"a": "xy"}}, r"sessions\['a'\] must be a sequence"),
        ({"sessions": {"a": []}}, r"sessions\['a'\] must hold 1 to 12 clicks, got 0"),
        ({"weights": [[1.0], [0.2, 0.3, 0.5]]}, "weights must hold a number for each"),
        ({"weights": [[2.0, 0], [0.2, 0.3, 0.5]]}, "weights must lie in 0 to 1"),
        ({"past": {}}, "past must map 1 to 5 attributes"),
        ({"past": {"item": ["a"]}}, r"past\['item'\] must map values to weights"),
        ({"past": {"item": {"a": 3}}}, r"past\['item'\] must lie in 0 to 1"),
        ({"short": np.zeros((3, E))}, r"short must have shape \[2, E\], got \[3, 6\]"),
        ({"short": np.zeros((S, 65))}, "short must have 1 to 64 entries, got 65"),
        ({"long": np.zeros((3, E))}, r"long must have shape \[E\] or \[2, E\]"),
        ({"long": np.zeros(5)}, r"long must have shape \[N, 6\], got \[1, 5\]"),
        ({"gate": np.full((S, E), 2.0)}, "gate must lie in 0 to 1"),
        ({"gate": np.full((S, E), np.nan)}, "gate must be finite, got nan"),
        ({"items": np.zeros((N, 5))}, r"items must have shape \[N, 6\]"),
        ({"titles": TITLES[1:]}, "titles must hold 12 texts, got 11"),
        ({"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((ValueError, TypeError), match=words):
        explorer(**changes)


@pytest.mark.parametrize(
    ("name", "value"), [("session", 2), ("session", -1), ("fusion", 4)]
)
def test_a_trait_out_of_range_is_refused(name, value):
    with pytest.raises(TraitError, match=name):
        setattr(explorer(), name, value)
