import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import GRU, LSTM, RNN, through_time

B, T, E, H = 5, 9, 4, 6
KINDS = [RNN, LSTM, GRU]
kinds = pytest.mark.parametrize("kind", KINDS)
seeds = st.integers(0, 2**32 - 1)


def case(seed, kind, dtype=torch.float32):
    """A layer with all its weights drawn, behaviors with holes, the last row empty."""
    generator = torch.Generator().manual_seed(seed)
    module = kind(E, H).to(dtype)
    for weight in module.parameters():
        torch.nn.init.normal_(weight, std=0.5, generator=generator)
    behaviors = torch.randn(B, T, E, generator=generator).to(dtype)
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[0], mask[-1] = True, False
    return module, behaviors, mask


def start(kind, seed=1, dtype=torch.float32):
    torch.manual_seed(seed)
    pair = torch.randn(2, B, H, dtype=dtype).tanh()
    return tuple(pair) if kind is LSTM else pair[0]


def parts(state):
    return state if isinstance(state, tuple) else (state,)


def next_state(module, behavior, state):
    found = module.step(behavior, state)
    return found if isinstance(module, RNN) else found[0]


def by_step(module, behaviors, mask, state=None):
    """A row and a step at a time, the padding left out."""
    rows, ends = [], []
    for row in range(len(behaviors)):
        own = [
            behaviors.new_zeros(1, H) if state is None else part[row : row + 1]
            for part in (parts(state) if state is not None else [0, 0])
        ]
        now = tuple(own) if isinstance(module, LSTM) else own[0]
        states = []
        for step in range(behaviors.shape[1]):
            if mask[row, step]:
                now = next_state(module, behaviors[row : row + 1, step], now)
            states.append(parts(now)[0])
        rows.append(torch.cat(states))
        ends.append(now)
    last = [torch.cat(part) for part in zip(*map(parts, ends), strict=True)]
    return torch.stack(rows), tuple(last) if isinstance(module, LSTM) else last[0]


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from(KINDS), st.booleans(), st.booleans())
def test_the_layer_is_its_step_again_and_again(seed, kind, begun, full):
    module, behaviors, mask = case(seed, kind)
    mask |= full
    state = start(kind) if begun else None
    expected = by_step(module, behaviors, mask, state)
    torch.testing.assert_close(module(behaviors, mask, state), expected)
    if full:
        torch.testing.assert_close(module(behaviors, None, state), expected)


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from([LSTM, GRU]), st.booleans())
def test_with_gates_or_without_the_states_are_the_same(seed, kind, begun):
    module, behaviors, mask = case(seed, kind)
    state = start(kind) if begun else None
    for real in (mask, None):
        *found, gates = module(behaviors, real, state, need_gates=True)
        torch.testing.assert_close(tuple(found), module(behaviors, real, state))
        assert all(gate.shape == (B, T, H) for gate in gates)
    *found, gates = module(behaviors, mask, state, need_gates=True)
    for name, gate in gates._asdict().items():
        assert name == "cell" or (gate[~mask] == 0).all()


def test_gates_say_how_the_cell_came_about():
    module, behaviors, mask = case(0, LSTM)
    states, (_, cell), gates = module(behaviors, mask, need_gates=True)
    before = torch.cat([torch.zeros(B, 1, H), gates.cell[:, :-1]], 1)
    made = gates.forget * before + gates.input * gates.candidate
    torch.testing.assert_close(gates.cell[mask], made[mask])
    torch.testing.assert_close(states[mask], (gates.output * made.tanh())[mask])
    torch.testing.assert_close(gates.cell[:, -1], cell)
    module, behaviors, mask = case(0, GRU)
    states, _, gates = module(behaviors, mask, need_gates=True)
    before = torch.cat([torch.zeros(B, 1, H), states[:, :-1]], 1)
    made = (1 - gates.update) * gates.candidate + gates.update * before
    torch.testing.assert_close(states[mask], made[mask])


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from(KINDS), st.integers(0, 11), st.booleans())
def test_padding_on_either_side_changes_nothing(seed, kind, extra, begun):
    module, behaviors, mask = case(seed, kind)
    state = start(kind) if begun else None
    states, last = module(behaviors, mask, state)
    junk, off = torch.full((B, extra, E), 7.0), torch.zeros(B, extra).bool()
    left = module(torch.cat([junk, behaviors], 1), torch.cat([off, mask], 1), state)
    right = module(torch.cat([behaviors, junk], 1), torch.cat([mask, off], 1), state)
    for (found, end), part in ((left, slice(extra, None)), (right, slice(T))):
        torch.testing.assert_close(found[:, part], states)
        torch.testing.assert_close(end, last)


@settings(max_examples=20, deadline=None)
@given(seeds, st.sampled_from(KINDS))
def test_a_row_does_not_know_the_others(seed, kind):
    module, behaviors, mask = case(seed, kind)
    states, last = module(behaviors, mask)
    for row in range(B):
        alone, end = module(behaviors[row : row + 1], mask[row : row + 1])
        torch.testing.assert_close(alone, states[row : row + 1])
        for own, part in zip(parts(end), parts(last), strict=True):
            torch.testing.assert_close(own, part[row : row + 1])


@settings(max_examples=20, deadline=None)
@given(seeds, st.sampled_from(KINDS), st.integers(1, T - 1))
def test_a_history_in_two_parts_is_the_history(seed, kind, cut):
    module, behaviors, mask = case(seed, kind)
    whole, last = module(behaviors, mask)
    first, between = module(behaviors[:, :cut], mask[:, :cut])
    second, end = module(behaviors[:, cut:], mask[:, cut:], between)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(end, last)


@kinds
def test_padding_leaves_the_state_as_it_was(kind):
    module, behaviors, mask = case(3, kind)
    state = start(kind)
    states, last = module(behaviors, mask, state)
    before = torch.cat([parts(state)[0][:, None], states[:, :-1]], 1)
    assert torch.equal(states[~mask], before[~mask])
    assert torch.equal(states[:, -1], parts(last)[0])
    for began, ended in zip(parts(state), parts(last), strict=True):
        assert torch.equal(ended[-1], began[-1])  # the empty history
    states, last = module(behaviors, mask)
    assert (states[-1] == 0).all() and all(
        (part[-1] == 0).all() for part in parts(last)
    )


@kinds
@pytest.mark.parametrize("full", [False, True])
def test_slopes_are_exact(kind, full):
    """Of behaviors, first state and weights, by states and by the last state."""
    module, behaviors, mask = case(4, kind, torch.float64)
    mask |= full
    state = start(kind, dtype=torch.float64)
    inputs = [behaviors, *parts(state), *module.parameters()]
    behaviors.requires_grad_()
    for part in parts(state):
        part.requires_grad_()
    for chosen in (0, 1, 2):
        slopes = []
        for states, last in (
            module(behaviors, mask, state),
            by_step(module, behaviors, mask, state),
        ):
            output = [states, *parts(last)][min(chosen, len(parts(last)))]
            torch.manual_seed(chosen)
            weights = torch.randn(output.shape, dtype=output.dtype)
            slopes.append(torch.autograd.grad((output * weights).sum(), inputs))
        torch.testing.assert_close(*slopes)
    assert torch.autograd.gradcheck(lambda x: module(x, mask, state)[0], behaviors)


@kinds
def test_many_rows_at_a_time_are_the_same_rows(kind, monkeypatch):
    """From some number of them on tanh is made of a sigmoid."""
    module, behaviors, mask = case(5, kind, torch.float64)
    inputs = [behaviors.requires_grad_(), *module.parameters()]
    found = []
    for enough in (0, B * H + 1):
        monkeypatch.setattr(through_time, "ENOUGH", enough)
        states = module(behaviors, mask)[0]
        found.append((states, *torch.autograd.grad(states.square().sum(), inputs)))
    torch.testing.assert_close(*found)


@kinds
def test_orthogonal_start_and_forget_bias(kind):
    module = kind(E, H)
    for weight in module.state_weight.chunk(module.parts):
        torch.testing.assert_close(weight @ weight.T, torch.eye(H), atol=1e-5, rtol=0)
    if kind is LSTM:
        assert torch.equal(module.bias.chunk(4)[1], torch.ones(H))
        assert (LSTM(E, forget_bias=0.0).bias == 0).all()
    else:
        assert (module.bias == 0).all()
    assert kind(E).hidden_dim == E


@kinds
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("full", [False, True])
def test_half_precision(kind, dtype, full):
    module, behaviors, mask = case(5, kind)
    mask |= full
    expected, _ = module(behaviors, mask)
    states, last = module.to(dtype)(behaviors.to(dtype), mask)
    assert states.dtype == parts(last)[0].dtype == dtype
    torch.testing.assert_close(states.float(), expected, atol=0.05, rtol=0.05)
    states.sum().backward()
    assert all(weight.grad.isfinite().all() for weight in module.parameters())


@kinds
def test_autocast_leaves_the_steps_exact(kind):
    module, behaviors, mask = case(6, kind)
    expected, _ = module(behaviors, mask)
    with torch.autocast("cpu", torch.bfloat16):
        for real in (mask, mask | True):
            states, _ = module(behaviors, real)
            assert states.dtype == torch.float32
    torch.testing.assert_close(module(behaviors, mask)[0], expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@kinds
@pytest.mark.parametrize("full", [False, True])
def test_cuda_agrees_with_the_cpu(kind, full):
    module, behaviors, mask = case(7, kind)
    mask |= full
    expected, last = module(behaviors, mask)
    states, ended = module.cuda()(behaviors.cuda(), mask.cuda())
    torch.testing.assert_close(states.cpu(), expected, atol=1e-5, rtol=1e-4)
    for own, part in zip(parts(ended), parts(last), strict=True):
        torch.testing.assert_close(own.cpu(), part, atol=1e-5, rtol=1e-4)


@kinds
def test_every_row_empty(kind):
    module, behaviors, _ = case(8, kind)
    behaviors.requires_grad_()
    states, _ = module(behaviors, torch.zeros(B, T).bool())
    assert (states == 0).all()
    states.sum().backward()
    assert (behaviors.grad == 0).all()


@kinds
def test_bad_input(kind):
    module, behaviors, mask = case(9, kind)
    with pytest.raises(ValueError, match=r"behaviors must have shape \[B, T, 4\]"):
        module(behaviors[..., :3], mask)
    with pytest.raises(TypeError, match="behaviors must be floating-point vectors"):
        module(behaviors.long(), mask)
    with pytest.raises(ValueError, match="behaviors must have a T of at least 1"):
        module(behaviors[:, :0], mask[:, :0])
    with pytest.raises(TypeError, match="mask must be bool"):
        module(behaviors, mask.float())
    with pytest.raises(ValueError, match=r"mask must have shape \[5, 9\]"):
        module(behaviors, mask[:, :-1])
    short = torch.zeros(B, H - 1)
    with pytest.raises(ValueError, match=r"must have shape \[5, 6\], got \[5, 5\]"):
        module(behaviors, mask, (short, short) if kind is LSTM else short)
    behaviors[0, 0, 0] = torch.inf  # tanh would hide it
    with pytest.raises(ValueError, match="behaviors must be finite"):
        module(behaviors, mask)
    with pytest.raises(ValueError, match="hidden_dim must be at least 1, got 0"):
        kind(E, 0)


def test_a_state_of_another_kind():
    module, behaviors, mask = case(10, LSTM)
    with pytest.raises(TypeError, match=r"state must be a pair \(h, C\)"):
        module(behaviors, mask, torch.zeros(B, H))
    with pytest.raises(ValueError, match="forget_bias must be"):
        LSTM(E, forget_bias=torch.inf)
