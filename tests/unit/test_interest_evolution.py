import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import InterestEvolution, InterestExtractor

B, T, E = 5, 8, 4
KINDS = ["aigru", "agru", "augru"]
kinds = pytest.mark.parametrize("kind", KINDS)
seeds = st.integers(0, 2**32 - 1)


def case(seed, kind="augru", dtype=torch.float32):
    """A layer with all its weights drawn, states with holes, the last row empty."""
    generator = torch.Generator().manual_seed(seed)
    module = InterestEvolution(E, kind).to(dtype)
    for weight in module.parameters():
        torch.nn.init.normal_(weight, std=0.5, generator=generator)
    query = torch.randn(B, 1, E, generator=generator).to(dtype)
    states = torch.randn(B, T, E, generator=generator).to(dtype)
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[0], mask[-1] = True, False
    return module, query, states, mask


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from(KINDS), st.booleans())
def test_the_fast_way_is_its_step_again_and_again(seed, kind, full):
    module, query, states, mask = case(seed, kind)
    mask |= full
    weights = module.attention(query, states, mask)
    evolved = module.evolve(states, weights, mask)
    slow, gates = module.evolve(states, weights, mask, need_gates=True)
    torch.testing.assert_close(evolved, slow)
    assert all((gate[~mask] == 0).all() for gate in gates)
    before = torch.cat([torch.zeros(B, 1, E), evolved[:, :-1]], 1)
    made = (1 - gates.update) * before + gates.update * gates.candidate
    torch.testing.assert_close(evolved[mask], made[mask])


def learning(seed, kind, full):
    """A case with its weights, and all that has a slope."""
    module, query, states, mask = case(seed, kind, torch.float64)
    mask |= full
    inputs = [query.requires_grad_(), states.requires_grad_(), *module.parameters()]
    return module, query, states, mask, module.attention(query, states, mask), inputs


@kinds
@pytest.mark.parametrize("full", [False, True])
def test_the_interest_is_the_last_of_the_evolved_states(kind, full):
    """With the slopes: the layer asks its steps for the last state alone."""
    module, query, states, mask, weights, inputs = learning(2, kind, full)
    found = []
    for interest in (
        module(query, states, mask),
        module.evolve(states, weights, mask)[:, -1:],
    ):
        slopes = torch.autograd.grad(interest.sin().sum(), inputs, retain_graph=True)
        found.append((interest, *slopes))
    torch.testing.assert_close(*found)


@kinds
@pytest.mark.parametrize("full", [False, True])
def test_slopes_are_exact(kind, full):
    """Of states, target and all weights, against those of the graph of steps."""
    module, query, states, mask, weights, inputs = learning(1, kind, full)
    slope = torch.randn(B, T, E, dtype=torch.float64)
    torch.testing.assert_close(
        *(
            torch.autograd.grad((evolved * slope).sum(), inputs, retain_graph=True)
            for evolved in (
                module.evolve(states, weights, mask),
                module.evolve(states, weights, mask, need_gates=True)[0],
            )
        )
    )
    assert torch.autograd.gradcheck(lambda x: module(query, x, mask), states)


@settings(max_examples=20, deadline=None)
@given(seeds, st.sampled_from(KINDS), st.integers(0, 9))
def test_padding_on_either_side_changes_nothing(seed, kind, extra):
    module, query, states, mask = case(seed, kind)
    expected, weights = module(query, states, mask, need_weights=True)
    junk, off = torch.full((B, extra, E), 7.0), torch.zeros(B, extra).bool()
    for order, part in ((1, slice(extra, None)), (-1, slice(T))):
        longer = torch.cat([junk, states][::order], 1)
        real = torch.cat([off, mask][::order], 1)
        interest, found = module(query, longer, real, need_weights=True)
        torch.testing.assert_close(interest, expected)
        torch.testing.assert_close(found[:, part], weights)


@kinds
def test_an_empty_history_is_zeros(kind):
    module, query, states, mask = case(2, kind)
    interest, weights = module(query, states, mask, need_weights=True)
    assert (interest[-1] == 0).all() and (weights[-1] == 0).all()
    states.requires_grad_()
    interest = module(query, states, mask & False)
    assert interest.shape == (B, 1, E) and (interest == 0).all()
    interest.sum().backward()
    assert (states.grad == 0).all()


@kinds
def test_a_row_does_not_know_the_others(kind):
    module, query, states, mask = case(3, kind)
    interest = module(query, states, mask)
    for row in range(B):
        part = slice(row, row + 1)
        alone = module(query[part], states[part], mask[part])
        torch.testing.assert_close(alone, interest[part])


def test_an_attention_of_zero_stops_all_but_aigru():
    for kind in KINDS:
        module, _, states, mask = case(4, kind)
        weights = torch.rand(B, T) * mask
        weights[:, T // 2 :] = 0
        evolved = module.evolve(states, weights, mask)
        still = torch.equal(evolved[:, -1], evolved[:, T // 2 - 1])
        assert still == (kind != "aigru")


def test_an_attention_of_one_is_a_gru():
    """AUGRU and AIGRU without attention are one layer; AGRU then keeps nothing."""
    module, _, states, mask = case(5)
    other = InterestEvolution(E, "aigru")
    other.load_state_dict(module.state_dict())
    ones = torch.ones(B, T)
    torch.testing.assert_close(
        module.evolve(states, ones, mask), other.evolve(states, ones, mask)
    )
    module, _, states, mask = case(5, "agru")
    evolved, gates = module.evolve(states, ones, mask, need_gates=True)
    torch.testing.assert_close(evolved[mask], gates.candidate[mask])


@kinds
def test_the_target_leads(kind):
    module, query, states, mask = case(6, kind)
    other = module(query.roll(1, 0), states, mask)
    assert not torch.allclose(module(query, states, mask)[:-1], other[:-1])


@kinds
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(kind, dtype):
    module, query, states, mask = case(7, kind)
    expected = module(query, states, mask)
    interest = module.to(dtype)(query.to(dtype), states.to(dtype), mask)
    assert interest.dtype == dtype
    torch.testing.assert_close(interest.float(), expected, atol=0.05, rtol=0.05)
    interest.sum().backward()
    assert all(weight.grad.isfinite().all() for weight in module.parameters())


@kinds
def test_autocast_leaves_the_steps_exact(kind):
    module, _, states, mask = case(8, kind)
    weights = torch.rand(B, T) * mask
    expected = module.evolve(states, weights, mask)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(module.evolve(states, weights, mask), expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@kinds
def test_cuda_agrees_with_the_cpu(kind):
    module, query, states, mask = case(9, kind)
    expected = module(query, states, mask)
    found = module.cuda()(query.cuda(), states.cuda(), mask.cuda())
    torch.testing.assert_close(found.cpu(), expected, atol=1e-5, rtol=1e-4)


def test_pairs_meet_over_the_padding():
    """The loss of a history is that of the same history without its holes."""
    torch.manual_seed(0)
    module = InterestExtractor(E)
    behaviors, negatives = torch.randn(2, B, T, E)
    mask = torch.rand(B, T) < 0.6
    mask[-1] = False
    loss = module.auxiliary_loss(module(behaviors, mask), behaviors, negatives, mask)
    terms = []
    for row in range(B):
        own, other = behaviors[row, mask[row]][None], negatives[row, mask[row]]
        if own.shape[1] < 2:
            continue
        states = module(own)[0]
        for t in range(own.shape[1] - 1):
            yes, no = (states[t] @ x[t + 1] for x in (own[0], other))
            terms.append(-yes.sigmoid().log() - (1 - no.sigmoid()).log())
    torch.testing.assert_close(loss, torch.stack(terms).mean())


def test_auxiliary_loss_without_a_pair_is_zero():
    module = InterestExtractor(E)
    behaviors, negatives = torch.randn(2, B, T, E)
    mask = torch.zeros(B, T).bool()
    mask[:, 3] = True
    states = module(behaviors.requires_grad_(), mask)
    loss = module.auxiliary_loss(states, behaviors, negatives, mask)
    loss.backward()
    assert loss == 0 and (behaviors.grad == 0).all()


def test_bad_input():
    module, query, states, mask = case(10)
    with pytest.raises(ValueError, match="kind must be one of aigru, agru, augru"):
        InterestEvolution(E, "gru")
    with pytest.raises(ValueError, match="embedding_dim must be at least 1, got 0"):
        InterestEvolution(0)
    with pytest.raises(ValueError, match=r"query must have shape \[5, 1, 4\]"):
        module(query[:, 0, None, :3], states, mask)
    with pytest.raises(TypeError, match="mask must be bool"):
        module(query, states, mask.float())
    with pytest.raises(ValueError, match=r"weights must have shape \[5, 8\]"):
        module.evolve(states, torch.ones(B, 1), mask)
    extractor = InterestExtractor(E)
    with pytest.raises(ValueError, match=r"negatives must have shape \[5, 8, 4\]"):
        extractor.auxiliary_loss(states, states, states[:, 1:], mask)
    states[0, 0, 0] = torch.nan
    with pytest.raises(ValueError, match="behaviors must be finite"):
        module(query, states, mask)
