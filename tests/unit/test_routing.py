import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import DynamicRouting, adaptive_num_interests, squash

B, T, E, K, R, L = 5, 9, 6, 3, 3, 12
FORMS = ["comirec-dr", "b2i"]


def case(seed, dtype=torch.float32):
    """Random behaviors; the fourth row has one real behavior, the last none."""
    generator = torch.Generator().manual_seed(seed)
    behaviors = 2 * torch.randn(B, T, E, generator=generator).to(dtype)
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[:, -1] = True
    mask[3, :-1] = False
    mask[-1] = False
    return behaviors, mask


def layer(form, num_interests=K, **options):
    torch.manual_seed(0)
    return DynamicRouting(E, num_interests, L, form=form, **options)


def by_hand(module, behaviors, mask):
    """One user, one behavior and one interest at a time, from the formulas."""
    users, tables = [], []
    for x, real in zip(behaviors, mask, strict=True):
        places = [t for t in range(len(x)) if real[t]]
        number = module.num_interests
        if module.form == "b2i":
            number = max(1, min(number, int(math.log2(max(len(places), 1)))))
        votes, logits = {}, {}
        for t in places:
            after = sum(t < other for other in places)
            for k in range(number):
                if module.form == "b2i":
                    votes[t, k] = module.weight @ x[t]
                    logits[t, k] = float(module.first_logits[after, k])
                else:
                    rows = module.weight[after][k * E : (k + 1) * E]
                    votes[t, k], logits[t, k] = rows @ x[t], 0.0
        table = torch.zeros(module.iterations, module.num_interests, len(x))
        interests = torch.zeros(module.num_interests, E).to(x)
        for r in range(module.iterations):
            for t in places:
                total = sum(math.exp(logits[t, k]) for k in range(number))
                for k in range(number):
                    table[r, k, t] = math.exp(logits[t, k]) / total
            for k in range(number):
                v = sum((table[r, k, t] * votes[t, k] for t in places), torch.zeros(E))
                n = v.norm()
                interests[k] = v * n / (1 + n**2)
            for t, k in logits:
                logits[t, k] += float(votes[t, k] @ interests[k])
        users.append(interests)
        tables.append(table)
    return torch.stack(users), torch.stack(tables)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("iterations", [1, 2, 4])
def test_equal_to_a_loop_over_positions_and_interests(form, iterations):
    module, (behaviors, mask) = layer(form, iterations=iterations), case(1)
    with torch.no_grad():
        interests, coupling = module(behaviors, mask, need_weights=True)
        expected = by_hand(module, behaviors, mask)
    torch.testing.assert_close(interests, expected[0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(coupling, expected[1], atol=1e-5, rtol=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(FORMS))
def test_a_real_behavior_shares_itself_out_and_padding_takes_no_part(seed, form):
    module, (behaviors, mask) = layer(form), case(seed)
    interests, coupling = module(behaviors, mask, need_weights=True)
    assert interests.shape == (B, K, E) and coupling.shape == (B, R, K, T)
    expected = mask[:, None].float().expand(B, R, T)
    torch.testing.assert_close(coupling.sum(2), expected)
    assert (coupling.permute(0, 3, 1, 2)[~mask] == 0).all()
    assert (interests[-1] == 0).all()
    assert (interests.norm(dim=-1) < 1).all()
    torch.testing.assert_close(module(behaviors, mask), interests)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 3), st.sampled_from(FORMS))
def test_padding_on_either_side_changes_nothing(seed, extra, form):
    behaviors, mask = case(seed)
    module = layer(form)
    plain, table = module(behaviors, mask, need_weights=True)
    junk, off = torch.full((B, extra, E), 7.0), torch.zeros(B, extra, dtype=torch.bool)
    left = module(torch.cat([junk, behaviors], 1), torch.cat([off, mask], 1))
    right, wide = module(
        torch.cat([behaviors, junk], 1),
        torch.cat([mask, off], 1),
        need_weights=True,
    )
    torch.testing.assert_close(left, plain)
    torch.testing.assert_close(right, plain)
    torch.testing.assert_close(wide[..., :T], table)


@pytest.mark.parametrize("form", FORMS)
def test_order_counts_and_without_positions_it_would_not(form):
    behaviors, _ = case(2)
    module, order = layer(form), torch.tensor([3, 1, 0, 2, 8, 5, 4, 7, 6])
    assert not torch.allclose(module(behaviors), module(behaviors[:, order]), atol=1e-3)
    with torch.no_grad():
        if form == "b2i":
            module.first_logits[:] = module.first_logits[0].clone()
        else:
            module.weight[:] = module.weight[0].clone()
    torch.testing.assert_close(module(behaviors), module(behaviors[:, order]))


@pytest.mark.parametrize("form", FORMS)
def test_permuting_the_interests_permutes_the_result(form):
    behaviors, _ = case(3)
    module, order = layer(form, adaptive=False), torch.tensor([2, 0, 1])
    plain, table = module(behaviors, need_weights=True)
    with torch.no_grad():
        module.first_logits.copy_(module.first_logits[:, order].clone())
        if form == "comirec-dr":
            parts = module.weight.unflatten(1, (K, E))[:, order].flatten(1, 2)
            module.weight.copy_(parts.clone())
    moved, moved_table = module(behaviors, need_weights=True)
    torch.testing.assert_close(moved, plain[:, order])
    torch.testing.assert_close(moved_table, table[:, :, order])


@pytest.mark.parametrize("form", FORMS)
def test_no_mask_means_everything_is_real(form):
    behaviors, _ = case(2)
    everything = torch.ones(B, T, dtype=torch.bool)
    module = layer(form)
    torch.testing.assert_close(module(behaviors), module(behaviors, everything))


def test_equal_votes_and_logits_of_zero_never_part():
    module, (behaviors, mask) = layer("b2i", adaptive=False), case(4)
    module.first_logits.zero_()
    _, coupling = module(behaviors, mask, need_weights=True)
    real = coupling.permute(0, 3, 1, 2)[mask]
    torch.testing.assert_close(real, torch.full_like(real, 1 / K))


def test_first_iteration_of_comirec_dr_is_even_and_later_ones_are_not():
    behaviors, _ = case(4)
    _, coupling = layer("comirec-dr")(behaviors, need_weights=True)
    torch.testing.assert_close(coupling[:, 0], torch.full((B, K, T), 1 / K))
    assert (coupling[:, -1] - 1 / K).abs().max() > 0.1


@pytest.mark.parametrize("form", FORMS)
def test_gradients_flow_through_the_last_iteration_only(form):
    """The gradient is the one of a weighted sum with fixed coupling."""
    module = layer(form).double()
    behaviors, mask = case(5, torch.float64)
    behaviors.requires_grad_()
    interests, coupling = module(behaviors, mask, need_weights=True)
    fixed = coupling[:, -1].detach()
    again = torch.einsum("bkt,btke->bke", fixed, module.votes(behaviors, mask))
    expected = torch.autograd.grad(squash(again).square().sum(), behaviors)
    got = torch.autograd.grad(interests.square().sum(), behaviors)
    torch.testing.assert_close(got, expected)


@pytest.mark.parametrize("form", FORMS)
def test_gradients_are_exact_and_finite_with_one_iteration(form):
    module = layer(form, iterations=1).double()
    behaviors, mask = case(6, torch.float64)
    behaviors.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: module(x, mask), behaviors)
    module(behaviors, mask).square().sum().backward()
    assert all(p.grad.isfinite().all() for p in module.parameters())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_stays_near_single(form, dtype):
    behaviors, mask = case(7)
    module = layer(form)
    single = module(behaviors, mask)
    half = module.to(dtype)(behaviors.to(dtype), mask)
    assert half.dtype == dtype
    torch.testing.assert_close(half.float(), single, atol=0.08, rtol=0.08)


def test_more_interests_than_behaviors_is_a_result_not_an_error():
    behaviors = torch.randn(2, 2, E)
    interests, coupling = layer("comirec-dr", 7)(behaviors, need_weights=True)
    assert interests.shape == (2, 7, E)
    torch.testing.assert_close(coupling.sum(2), torch.ones(2, R, 2))
    interests = layer("b2i", 7)(behaviors)
    assert (interests[:, 0] != 0).all() and (interests[:, 1:] == 0).all()


def test_adaptive_number_of_interests_is_exact_at_the_powers_of_two():
    lengths = torch.tensor([0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 1000])
    expected = torch.tensor([1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4])
    assert adaptive_num_interests(lengths, 4).equal(expected)
    assert adaptive_num_interests(lengths, 100).tolist()[-1] == 9


def test_logits_of_mind_are_drawn_once_and_saved():
    module, (behaviors, mask) = layer("b2i"), case(8)
    first = module(behaviors, mask)
    torch.manual_seed(1)
    assert module(behaviors, mask).equal(first)
    other = DynamicRouting(E, K, L, form="b2i")
    assert not other(behaviors, mask).equal(first)
    other.load_state_dict(module.state_dict())
    assert other(behaviors, mask).equal(first)
    assert "first_logits" not in dict(module.named_parameters())


@pytest.mark.parametrize("form", FORMS)
def test_a_module_made_without_memory_starts_like_any_other(form):
    with torch.device("meta"):
        module = DynamicRouting(E, K, L, form=form)
    module.to_empty(device="cpu").first_logits.fill_(7.0)
    torch.manual_seed(0)
    module.reset_parameters()
    expected = layer(form).state_dict()
    for name, value in module.state_dict().items():
        assert value.equal(expected[name]), name


@pytest.mark.parametrize("form", FORMS)
def test_nothing_reads_a_value_from_an_accelerator(form):
    """``meta`` has no values to read: whatever would make a GPU wait fails there."""
    behaviors, mask = (x.to("meta") for x in case(0))
    interests, coupling = layer(form).to("meta")(behaviors, mask, need_weights=True)
    assert interests.shape == (B, K, E) and coupling.shape == (B, R, K, T)


def test_squash_keeps_the_direction_and_a_zero_vector_has_gradient_zero():
    vectors = torch.tensor([[3.0, 4.0], [0.0, 0.0], [0.03, 0.04]], requires_grad=True)
    short = squash(vectors)
    expected = torch.tensor([[0.6, 0.8], [0, 0], [0.6, 0.8]])
    expected = expected * torch.tensor([[25 / 26], [0.0], [0.0025 / 1.0025]])
    torch.testing.assert_close(short, expected)
    short.sum().backward()
    assert vectors.grad.isfinite().all() and (vectors.grad[1] == 0).all()
    torch.testing.assert_close(squash(vectors.T, dim=0), short.T)
    long = squash(torch.tensor([300.0, 400.0], dtype=torch.float16))
    torch.testing.assert_close(long, torch.tensor([0.6, 0.8], dtype=torch.float16))


@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        ("iterations", (E, K, L), {"iterations": 0}),
        ("num_interests", (E, 0, L), {}),
        ("max_length", (E, K, 0), {}),
        ("embedding_dim", (0, K, L), {}),
        ("form", (E, K, L), {"form": "mind"}),
    ],
)
def test_bad_sizes_are_named(name, arguments, options):
    with pytest.raises(ValueError, match=name):
        DynamicRouting(*arguments, **options)


def test_bad_input_is_named():
    module = layer("comirec-dr")
    with pytest.raises(ValueError, match="behaviors must have shape"):
        module(torch.randn(2, 3, E + 1))
    with pytest.raises(ValueError, match=f"at most max_length = {L}"):
        module(torch.randn(2, L + 1, E))
    with pytest.raises(TypeError, match="mask must be bool"):
        module(torch.randn(2, 3, E), torch.ones(2, 3))
    with pytest.raises(ValueError, match="mask must have shape"):
        module(torch.randn(2, 3, E), torch.ones(2, 4, dtype=torch.bool))


@pytest.mark.parametrize("size", [1e-30, 1e-3, 1.0, 1e14, 1e16, 1e25, 3e38])
def test_squash_of_any_length_is_finite(size):
    vectors = torch.tensor([[3.0, -4.0], [0.0, 0.0]]) / 4 * size
    vectors.requires_grad_()
    short = squash(vectors)
    exact = vectors.detach().double()
    norm = exact.norm(dim=1, keepdim=True)
    expected = exact * norm / (1 + norm.square())
    torch.testing.assert_close(short.double(), expected, rtol=1e-5, atol=1e-38)
    short.sum().backward()
    assert vectors.grad.isfinite().all() and (vectors.grad[1] == 0).all()
