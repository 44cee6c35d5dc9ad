"""What the chapter defines is compared with the package; the stored runs are whole."""

import numpy as np
import pytest
import torch
from definitions import definitions, experiment

from seqviz.experiments import read_study
from seqviz.layers import GatedGraphStep, GraphReadOut, session_graph

chapter = definitions("systems/graphs")
B, T, E = 8, 9, 6


@pytest.fixture(params=range(4))
def ids(request):
    """Few items, padding anywhere; row 0 is empty, row 1 one click, row 2 full."""
    torch.manual_seed(request.param)
    mask = torch.rand(B, T) < 0.6
    mask[0], mask[2] = False, True
    mask[1] = torch.arange(T) == 4
    return torch.randint(1, 5, (B, T)) * mask


def test_nodes_and_edges_are_those_of_the_package(ids):
    items, node, row = chapter.number_nodes(ids)
    source, target, w_in, w_out = chapter.number_edges(node, row, len(items))
    graph = session_graph(ids)
    assert torch.equal(items, graph.items)
    assert torch.equal(node, graph.nodes[ids != 0])
    assert torch.equal(source, graph.source) and torch.equal(target, graph.target)
    torch.testing.assert_close(w_in, graph.incoming)
    torch.testing.assert_close(w_out, graph.outgoing)


def test_the_rungs_are_the_layers(ids):
    torch.manual_seed(0)
    step, final = GatedGraphStep(E), GraphReadOut(E)
    graph = session_graph(ids)
    y = torch.randn(len(graph.items), E)
    edges = graph.source, graph.target, graph.incoming, graph.outgoing
    messages = chapter.hear(y, *edges, step.incoming.weight.T, step.outgoing.weight.T)
    torch.testing.assert_close(messages, step.messages(y, graph))
    cell = step.cell
    weights = (cell.weight_ih.T, cell.weight_hh.T, cell.bias_ih, cell.bias_hh)
    after = chapter.gated(messages, y, *weights)
    torch.testing.assert_close(after, step(y, graph))
    mask = ids != 0
    states = torch.zeros(B, T, E)
    states[mask] = after[graph.nodes[mask]]
    output, kappa = chapter.read_out(
        states,
        mask,
        final.of_latest.weight.T,
        final.of_click.weight.T,
        final.of_latest.bias,
        final.question.weight[0],
        final.join.weight.T,
    )
    expected = final(after, graph, need_weights=True)
    torch.testing.assert_close(output, expected[0])
    torch.testing.assert_close(kappa, expected[1])
    assert (output[0] == 0).all()


def test_the_loop_of_others_stops_at_the_first_padding():
    assert chapter.edges_until_padding([4, 7, 4, 0]) == [(4, 7), (7, 4)]
    assert chapter.edges_until_padding([0, 4, 7]) == [(0, 4), (4, 7)]
    assert chapter.edges_until_padding([0, 0, 4]) == []


def test_the_planted_study_stores_what_the_page_reads():
    script = experiment("systems/graphs_planted")
    stored = read_study("systems/graphs_planted")
    for rule in script.STUDY.data:
        for model in script.MODELS:
            right = stored.values(rule, model, "right")
            other = stored.values(rule, model, "another of the three")
            assert right.shape == other.shape == (3, 1000)
            assert set(np.unique(right + other)) <= {0.0, 1.0}


def test_a_session_alone_is_the_end_of_the_history():
    script = experiment("systems/graphs")
    from seqviz.experiments.tasks import shop_sessions

    task = shop_sessions(0, shown=1.0)
    own = script.of_session(task)
    for whole, alone in zip(task.split, own.split, strict=True):
        assert (alone.histories.lengths == whole.sessions.lengths).all()
        assert (alone.truths.flat() == whole.truths.flat()).all()
    assert (own.split.test.truths.lengths == 1).all()
    kept = script.of_session(task, train=False).split
    assert kept.train is task.split.train
