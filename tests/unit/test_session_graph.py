"""The graph of a session, the gated step over it, the soft read-out."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import GatedGraphStep, GraphReadOut, session_graph

B, T, E, N = 7, 8, 6, 5
seeds = st.integers(0, 2**32 - 1)


def sessions(seed, items=N):
    """Padding anywhere; row 0 is empty, row 1 one click, row 2 full."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, items + 1, (B, T), generator=generator)
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[0], mask[2] = False, True
    mask[1] = torch.arange(T) == 4
    return ids * mask


def by_hand(ids, count_repeats=True):
    """Nodes, steps and shares of one session, as dictionaries."""
    clicks = [int(i) for i in ids if i]
    steps = {}
    for pair in zip(clicks[:-1], clicks[1:], strict=True):
        steps[pair] = steps.get(pair, 0) + 1
    weight = steps if count_repeats else dict.fromkeys(steps, 1)
    leaves, enters = {}, {}
    for (a, b), w in weight.items():
        leaves[a] = leaves.get(a, 0) + w
        enters[b] = enters.get(b, 0) + w
    shares = {(a, b): (w / leaves[a], w / enters[b]) for (a, b), w in weight.items()}
    return clicks, steps, shares


@settings(max_examples=60, deadline=None)
@given(seeds, st.booleans(), st.sampled_from([2, 5, 40]))
def test_it_is_the_graph_of_each_session(seed, count_repeats, items):
    ids = sessions(seed, items)
    graph = session_graph(ids, count_repeats=count_repeats)
    for row in range(B):
        clicks, steps, shares = by_hand(ids[row], count_repeats)
        own = (graph.row == row).nonzero()[:, 0]
        assert graph.items[own].tolist() == sorted(set(clicks))
        assert graph.clicks[own].tolist() == [
            clicks.count(i) for i in sorted(set(clicks))
        ]
        real = ids[row] != 0
        assert graph.items[graph.nodes[row][real]].tolist() == clicks
        assert (graph.nodes[row][~real] == -1).all()
        latest = int(graph.latest[row])
        assert latest == -1 if not clicks else graph.items[latest] == clicks[-1]
        edges = (graph.row[graph.source] == row).nonzero()[:, 0]
        assert (graph.row[graph.target[edges]] == row).all()
        found = {}
        for e in edges.tolist():
            pair = int(graph.items[graph.source[e]]), int(graph.items[graph.target[e]])
            assert int(graph.steps[e]) == steps[pair]
            found[pair] = float(graph.outgoing[e]), float(graph.incoming[e])
        assert found.keys() == shares.keys()
        for pair, both in shares.items():
            assert found[pair] == pytest.approx(both)


def test_the_figure_of_the_paper():
    """Clicks 1 2 3 2 4; its adjacency matrices, row by row."""
    graph = session_graph(torch.tensor([[1, 2, 3, 2, 4]]))
    leaves, enters = torch.zeros(4, 4), torch.zeros(4, 4)
    leaves[graph.source, graph.target] = graph.outgoing
    enters[graph.target, graph.source] = graph.incoming
    assert leaves.tolist() == [[0, 1, 0, 0], [0, 0, 0.5, 0.5], [0, 1, 0, 0], [0] * 4]
    assert enters.tolist() == [[0] * 4, [0.5, 0, 0.5, 0], [0, 1, 0, 0], [0, 1, 0, 0]]


def test_an_item_twice_in_a_row_is_a_step_to_itself():
    graph = session_graph(torch.tensor([[0, 7, 7, 0, 7]]))
    assert graph.source.tolist() == graph.target.tolist() == [0]
    assert graph.steps.tolist() == [2] and graph.clicks.tolist() == [3]


def layers(seed=0, dtype=torch.float32):
    torch.manual_seed(seed)
    return GatedGraphStep(E).to(dtype), GraphReadOut(E).to(dtype)


def read(ids, seed=0, count_repeats=True, steps=2):
    """What two steps and the read-out make of ids; every item has one vector."""
    step, read_out = layers(seed)
    graph = session_graph(ids, count_repeats=count_repeats)
    table = torch.randn(50, E, generator=torch.Generator().manual_seed(seed))
    states = table[graph.items]
    for _ in range(steps):
        states = step(states, graph)
    return read_out(states, graph, need_weights=True)


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(1, 5))
def test_padding_on_either_side_changes_nothing(seed, extra):
    ids = sessions(seed)
    plain, weights = read(ids)
    off = ids.new_zeros(B, extra)
    for padded, own in (
        (torch.cat([off, ids], 1), slice(extra, None)),
        (torch.cat([ids, off], 1), slice(0, T)),
    ):
        output, found = read(padded)
        torch.testing.assert_close(output, plain)
        torch.testing.assert_close(found[:, own], weights)
    assert (weights[ids == 0] == 0).all() and (plain[0] == 0).all()


@pytest.mark.parametrize("rows", [1, 40])
def test_many_nodes_hear_what_a_few_do(rows):
    """Many take messages and gates in one product; slopes are those of two."""
    step, _ = layers(dtype=torch.float64)
    ids = torch.randint(1, 50, (rows, 6), generator=torch.Generator().manual_seed(1))
    graph = session_graph(ids)
    assert (len(graph.items) > len(step.cell.weight_ih)) == (rows > 1)
    states = torch.randn(len(graph.items), E, dtype=torch.float64, requires_grad=True)
    inputs = [states, *step.parameters()]
    found = []
    for new in (
        step(states, graph),
        step.cell(step.messages(states, graph), states),
    ):
        found.append((new, *torch.autograd.grad(new.sin().sum(), inputs)))
    torch.testing.assert_close(*found)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_a_session_does_not_depend_on_the_others(seed):
    ids = sessions(seed)
    together, _ = read(ids)
    for row in range(B):
        alone, _ = read(ids[row : row + 1])
        torch.testing.assert_close(alone[0], together[row])


@pytest.mark.parametrize("count_repeats", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_equations(seed, count_repeats):
    """One session at a time, with dense matrices and torch alone."""
    ids = sessions(seed)
    output, weights = read(ids, seed, count_repeats)
    step, read_out = layers(seed)
    table = torch.randn(50, E, generator=torch.Generator().manual_seed(seed))
    for row in range(1, B):
        clicks, _, shares = by_hand(ids[row], count_repeats)
        items = sorted(set(clicks))
        enters, leaves = torch.zeros(2, len(items), len(items))
        for (a, b), (out, into) in shares.items():
            leaves[items.index(a), items.index(b)] = out
            enters[items.index(b), items.index(a)] = into
        states = table[items]
        for _ in range(2):
            heard = [
                enters @ states @ step.incoming.weight.T,
                leaves @ states @ step.outgoing.weight.T,
            ]
            states = step.cell(torch.cat(heard, 1), states)
        states = states[[items.index(i) for i in clicks]]  # [T, E], of the clicks
        last = read_out.of_latest(states[-1])
        asked = torch.sigmoid(last + states @ read_out.of_click.weight.T)
        own = asked @ read_out.question.weight[0]
        joined = torch.cat([states[-1], own @ states])
        torch.testing.assert_close(output[row], joined @ read_out.join.weight.T)
        torch.testing.assert_close(weights[row][ids[row] != 0], own)


def test_the_order_of_detours_is_not_in_the_graph():
    """The same steps in another order, the same latest click: the same output."""
    one, two = read(torch.tensor([[1, 2, 1, 3, 1], [1, 3, 1, 2, 1]]))[0]
    torch.testing.assert_close(one, two)
    one, two = read(torch.tensor([[1, 2, 3, 4], [1, 3, 2, 4]]))[0]
    assert (one - two).abs().max() > 1e-3


def test_steps_carry_as_far_as_there_are_steps():
    """Where the session began is heard three clicks later after three steps."""
    ids = torch.tensor([[1, 2, 3, 4], [5, 2, 3, 4]])
    for steps in (1, 2, 3, 4):
        step, _ = layers()
        graph = session_graph(ids)
        states = torch.eye(E)[graph.items % E]
        for _ in range(steps):
            states = step(states, graph)
        one, two = states[graph.latest]
        # rows of one product may differ in the last bit, by where they lie
        assert torch.allclose(one, two, atol=1e-6) == (steps < 3)


def test_repeats_weigh_only_where_they_are_counted():
    ids = torch.tensor([[1, 2, 1, 2, 1, 3, 4, 1], [1, 2, 3, 2, 4, 0, 0, 0]])
    counted, once = read(ids)[0], read(ids, count_repeats=False)[0]
    assert (counted[0] - once[0]).abs().max() > 1e-3
    torch.testing.assert_close(counted[1], once[1])


def test_nothing_but_empty_sessions_and_no_session_at_all():
    ids = sessions(0)
    assert (read(ids * 0)[0] == 0).all()
    assert read(ids[:0])[0].shape == (0, E)


def test_gradients_reach_everything_and_are_finite():
    step, read_out = layers()
    graph = session_graph(sessions(3))
    states = torch.randn(len(graph.items), E, requires_grad=True)
    read_out(step(states, graph), graph).square().sum().backward()
    for tensor in (states, *step.parameters(), *read_out.parameters()):
        assert tensor.grad.isfinite().all() and tensor.grad.any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype):
    step, read_out = layers(dtype=dtype)
    graph = session_graph(sessions(1))
    states = torch.randn(len(graph.items), E).to(dtype)
    output, weights = read_out(step(states, graph), graph, need_weights=True)
    assert output.dtype == weights.dtype == dtype and output.isfinite().all()


def bad_calls():
    graph = session_graph(sessions(0))
    step, read_out = layers()
    states = torch.randn(len(graph.items), E)
    nan = states.clone()
    nan[1, 0] = float("nan")
    yield lambda: session_graph(torch.tensor([1, 2])), r"item_ids must have shape \[B"
    yield lambda: session_graph(torch.zeros(3, 0).long()), "T of at least 1"
    yield lambda: session_graph(torch.tensor([[1, -2]])), r"item_ids must lie in 0"
    yield lambda: session_graph(torch.ones(2, 3)), "item_ids must be whole numbers"
    for kind in (GatedGraphStep, GraphReadOut):
        yield lambda kind=kind: kind(0), "embedding_dim must be at least 1"
    for module in (step, read_out):
        yield lambda m=module: m(states[1:], graph), "a row for each node, got"
        yield lambda m=module: m(states[:, 1:], graph), "states must have shape"
        yield lambda m=module: m(states.long(), graph), "states must be floating"
        yield lambda m=module: m(nan, graph), "states must be finite"


@pytest.mark.parametrize(("call", "message"), list(bad_calls()))
def test_bad_arguments(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
