"""The Python side of the session-graph explorer: numbers, state, bad input."""

import re

import numpy as np
import pytest
import torch
from traitlets import TraitError

from seqviz.explorers import MODULES, SessionGraphExplorer
from seqviz.explorers.session_graph.reading import SHAPES, edges_of, read
from seqviz.layers import session_graph
from seqviz.models import SRGNN

N, E = 12, 6
TITLES = [f"item {n}" for n in range(1, N + 1)]
SHELF = [2, 3, 5, 7]


def model(seed=0, **options):
    torch.manual_seed(seed)
    return SRGNN(N, E, temperature=0.1, **options).eval()


def explorer(weights=None, **changes):
    arguments = {"shelf": SHELF, "session": [2, 3, 2, 5, 2], **changes}
    weights = model().state_dict() if weights is None else weights
    return SessionGraphExplorer(weights, TITLES, **arguments)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("hops", [0, 1, 3])
def test_it_is_the_model(seed, once, hops):
    rng = np.random.default_rng(seed)
    session = rng.choice(SHELF, size=1 + 2 * seed).tolist()
    net = model(seed, num_steps=max(hops, 1), count_repeats=not once)
    net.num_steps = hops
    found = read(net.state_dict(), session, once, hops)
    with torch.no_grad():
        reading = net.read(torch.tensor([session]))
        interest = net.scaled_interests(torch.tensor([session]))[0, 0]
        scores = (net.item_vectors() @ interest)[1:] * net.temperature
    np.testing.assert_allclose(found.weights, reading.weights[0], atol=1e-5)
    np.testing.assert_allclose(found.scores, scores, atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_edges_are_those_of_the_layer(seed):
    session = np.random.default_rng(seed).integers(1, 4, size=9).tolist()
    for once in (False, True):
        graph = session_graph(torch.tensor([session]), count_repeats=not once)
        found = {(e.source, e.target): e for e in edges_of(session, once)}
        assert len(found) == len(graph.source)
        for n in range(len(graph.source)):
            ends = graph.items[graph.source[n]], graph.items[graph.target[n]]
            edge = found[tuple(int(end) for end in ends)]
            assert edge.steps == graph.steps[n]
            assert edge.outgoing == pytest.approx(float(graph.outgoing[n]))
            assert edge.incoming == pytest.approx(float(graph.incoming[n]))


def test_what_is_sent_is_what_the_page_reads():
    shown = explorer()
    read_there = re.findall(r'model\.get\("(\w+)"\)', MODULES["session_graph"])
    assert read_there and set(read_there) <= set(shown.state())
    assert set(shown.weights) == set(SHAPES)


def test_the_still_figure_follows_and_escapes():
    shown = explorer()
    shown.titles = ["</p>", *TITLES[1:]]
    still = shown.still()
    assert "5 clicks: 3 items, 4 edges; first " in still
    for name, value in {"session": [7], "hops": 3, "counted": 1}.items():
        setattr(shown, name, value)
        after = shown.still()
        assert name == "counted" or after != still
        still = after
    shown.session = []
    assert "0 clicks: nothing to read." in shown.still()
    assert "sv-sentence" in shown.outline()


def bad(name, value):
    return {**model().state_dict(), name: value}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weights": [1]}, "weights must map names to arrays, got list"),
        ({"weights": model(num_steps=0).state_dict()}, "weights must hold 'step.inco"),
        (
            {"weights": bad("read_out.join.weight", torch.ones(6, 6))},
            r"weights\['read_out.join.weight'\] must have shape \[6, 12\], got",
        ),
        (
            {"weights": bad("step.cell.bias_ih", torch.full((18,), torch.nan))},
            "must be finite, got NaN",
        ),
        ({"weights": bad("embedding.weight", torch.ones(3))}, "must have shape .N"),
        ({"shelf": [2]}, "shelf must hold 2 to 8 different item ids"),
        ({"shelf": [2, 2, 3, 5]}, "shelf must hold 2 to 8 different"),
        ({"shelf": [2, 3, 5, 13]}, "shelf must lie in 1..12, got 2..13"),
        ({"session": [4]}, "session must hold 0 to 12 of the shelf's items"),
        ({"session": [2] * 13}, "session must hold 0 to 12"),
        ({"hops": 4}, "hops must lie in 0 to 3"),
        ({"counted": 2}, "counted must lie in 0 to 1"),
        ({"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((ValueError, TypeError, TraitError), match=words):
        explorer(**changes)


def test_the_titles_are_counted():
    with pytest.raises(ValueError, match="titles must hold 12 texts, got 11"):
        SessionGraphExplorer(model().state_dict(), TITLES[1:], shelf=SHELF)


def test_a_session_from_python_is_checked():
    with pytest.raises(TraitError, match="session"):
        explorer().session = [99]
