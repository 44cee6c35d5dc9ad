import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import (
    AttentionSequencePooling,
    Dice,
    LocalActivationUnit,
    SumPooling,
    batch_l2,
    full_l2,
)

B, T, E = 5, 7, 8
seeds = st.integers(0, 2**32 - 1)
activations = st.sampled_from(["sigmoid", "prelu", "dice"])


def case(seed, dtype=torch.float32):
    """Random padding anywhere; the last history is all padding."""
    generator = torch.Generator().manual_seed(seed)
    query, behaviors = (
        torch.randn(B, rows, E, generator=generator).to(dtype) for rows in (1, T)
    )
    mask = torch.rand(B, T, generator=generator) < 0.6
    mask[:-1, 2] = True
    mask[-1] = False
    return query, behaviors, mask


def pooling(seed=0, **kind):
    torch.manual_seed(seed)
    return AttentionSequencePooling(E, (6, 3), **kind)


# --- the unit ---


@settings(max_examples=30, deadline=None)
@given(seeds, activations, st.sampled_from([(), (6,), (6, 3)]))
def test_the_split_first_layer_is_the_layer_on_all_four_parts(seed, name, hidden):
    query, behaviors, _ = case(seed)
    torch.manual_seed(seed)
    unit = LocalActivationUnit(E, hidden, name)
    candidate = query.expand_as(behaviors)
    parts = [candidate, behaviors, candidate - behaviors, candidate * behaviors]
    rows = torch.cat(parts, -1).flatten(0, 1)
    for layer in unit.layers:
        rows = layer(rows)
    logits = unit(query, behaviors)
    assert logits.shape == (B, T, 1)
    torch.testing.assert_close(logits, rows.view(B, T, 1), atol=1e-5, rtol=1e-5)


def test_the_unit_never_makes_its_input():
    from torch.utils._python_dispatch import TorchDispatchMode

    class Largest(TorchDispatchMode):
        numbers = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            result = function(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor) and not result._is_view():
                self.numbers = max(self.numbers, result.numel())
            return result

    unit = LocalActivationUnit(E, (4,))
    with Largest() as seen:
        unit(torch.randn(50, 1, E), torch.randn(50, T, E))
    assert seen.numbers == 50 * T * E  # the product alone


def test_a_behavior_does_not_see_the_others():
    query, behaviors, _ = case(0)
    for name in ("sigmoid", "prelu", "dice"):
        unit = LocalActivationUnit(E, (6, 3), name).eval()
        alone = [unit(query, behaviors[:, t : t + 1]) for t in range(T)]
        torch.testing.assert_close(torch.cat(alone, 1), unit(query, behaviors))


def test_prelu_has_a_slope_for_each_unit_not_for_each_position():
    unit = LocalActivationUnit(E, (T,), "prelu")
    with torch.no_grad():
        unit.layers[1].weight.copy_(torch.arange(T) / T)
    query, behaviors, _ = case(3)
    turned = unit(query, behaviors.flip(1)).flip(1)
    torch.testing.assert_close(unit(query, behaviors), turned)


# --- pooling ---


@settings(max_examples=40, deadline=None)
@given(seeds, activations, st.booleans())
def test_padding_counts_for_nothing(seed, name, softmax):
    query, behaviors, mask = case(seed)
    module = pooling(seed, activation=name, softmax=softmax)
    interest, weights = module(query, behaviors, mask, need_weights=True)
    assert interest.shape == (B, 1, E) and weights.shape == (B, T)
    assert (weights[~mask] == 0).all()
    assert (interest[-1] == 0).all() and (weights[-1] == 0).all()
    other = behaviors.clone()
    other[~mask] = 1e3
    torch.testing.assert_close(module(query, other, mask), interest)
    torch.testing.assert_close(
        (weights[..., None] * behaviors).sum(1, keepdim=True), interest
    )


@settings(max_examples=20, deadline=None)
@given(seeds, activations, st.booleans())
def test_where_the_padding_stands_does_not_matter(seed, name, softmax):
    query, behaviors, mask = case(seed)
    module = pooling(seed, activation=name, softmax=softmax)
    interest = module(query, behaviors, mask)
    order = torch.randperm(T, generator=torch.Generator().manual_seed(seed))
    wide = torch.cat([behaviors[:, order], torch.randn(B, 3, E)], 1)
    long = torch.cat([mask[:, order], torch.zeros(B, 3, dtype=torch.bool)], 1)
    torch.testing.assert_close(
        module(query, wide, long), interest, atol=1e-5, rtol=1e-5
    )


def test_raw_weights_keep_the_strength_and_the_softmax_does_not():
    query, behaviors, _ = case(1)
    once = behaviors[:1, :1]
    tenfold = once.expand(-1, 10, -1)
    real = torch.ones(1, 10, dtype=torch.bool)
    raw, soft = pooling(), pooling(softmax=True)
    torch.testing.assert_close(
        raw(query[:1], tenfold, real), 10 * raw(query[:1], once, real[:, :1])
    )
    torch.testing.assert_close(soft(query[:1], tenfold, real), once)


@pytest.mark.parametrize("softmax", [False, True])
def test_an_empty_history_has_a_finite_gradient(softmax):
    query, behaviors, mask = case(2)
    behaviors.requires_grad_()
    pooling(softmax=softmax)(query, behaviors, mask).sum().backward()
    assert behaviors.grad.isfinite().all()
    assert (behaviors.grad[~mask] == 0).all()


def test_sum_pooling_is_a_masked_sum():
    query, behaviors, mask = case(0)
    expected = behaviors.masked_fill(~mask[..., None], 0).sum(1, keepdim=True)
    interest, weights = SumPooling()(query, behaviors, mask, need_weights=True)
    torch.testing.assert_close(interest, expected)
    assert (weights == mask.float()).all()


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda q, k, m: (q[:, 0], k, m), "query must have 3 dim"),
        (lambda q, k, m: (k, k, m), r"query must have shape \[5, 1, 8\]"),
        (lambda q, k, m: (q, k[..., :-1], m), r"behaviors must have shape"),
        (lambda q, k, m: (q, k[:, :0], m[:, :0]), "a T of at least 1"),
        (lambda q, k, m: (q, k, m[:, 1:]), "mask must have shape"),
        (lambda q, k, m: (q, k * float("nan"), m), "finite"),
    ],
)
def test_bad_input_is_named(change, message):
    for softmax in (False, True):
        with pytest.raises(ValueError, match=message):
            pooling(softmax=softmax)(*change(*case(0)))
    with pytest.raises(TypeError, match="mask must be bool"):
        query, behaviors, mask = case(0)
        pooling()(query, behaviors, mask.float())


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"activation": "tanh"}, "activation must be one of"),
        ({"activation": "tanh", "hidden_units": ()}, "activation must be one of"),
        ({"hidden_units": (4, 0)}, r"hidden_units\[1\] must be at least 1"),
        ({"embedding_dim": 0}, "embedding_dim must be"),
    ],
)
def test_bad_settings_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        LocalActivationUnit(**{"embedding_dim": E} | arguments)


def test_one_width_is_no_list_of_widths():
    with pytest.raises(TypeError, match="hidden_units must be a list of widths"):
        LocalActivationUnit(E, 64)


# --- Dice ---


def by_hand(s, mask, alpha, eps=1e-8):
    """The paper's equation over the real positions, one unit at a time."""
    result = torch.zeros_like(s)
    for unit in range(s.shape[-1]):
        real = s[..., unit][mask]
        p = torch.sigmoid((s[..., unit] - real.mean()) / (real.var(False) + eps).sqrt())
        result[..., unit] = p * s[..., unit] + (1 - p) * alpha[unit] * s[..., unit]
    return result


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from([(B,), (B, T)]), st.booleans())
def test_dice_is_the_equation(seed, shape, padded):
    generator = torch.Generator().manual_seed(seed)
    s = 3 * torch.randn(*shape, 4, generator=generator) + 1
    mask = torch.rand(shape, generator=generator) < (0.6 if padded else 2)
    mask[:2] = True
    dice = Dice(4)
    with torch.no_grad():
        dice.alpha.copy_(torch.rand(4, generator=generator))
    expected = by_hand(s, mask, dice.alpha)
    torch.testing.assert_close(dice(s, mask)[mask], expected[mask])
    if not padded:
        torch.testing.assert_close(Dice(4)(s), Dice(4)(s, mask))


@settings(max_examples=20, deadline=None)
@given(seeds, st.floats(-1e6, 1e6))
def test_what_stands_under_the_padding_does_not_move_dice(seed, value):
    generator = torch.Generator().manual_seed(seed)
    s = torch.randn(B, T, 3, generator=generator)
    mask = torch.rand(B, T, generator=generator) < 0.5
    mask[0, :2] = True
    one, other = Dice(3), Dice(3)
    left = one(s, mask)
    right = other(s.masked_fill(~mask[..., None], value), mask)
    assert torch.equal(left[mask], right[mask])
    assert torch.equal(one.running_mean, other.running_mean)
    assert torch.equal(one.running_var, other.running_var)


def test_running_statistics_are_those_of_batch_norm_over_the_real_rows():
    torch.manual_seed(0)
    dice, norm = Dice(3), torch.nn.BatchNorm1d(3, affine=False)
    for _ in range(4):
        s, mask = torch.randn(B, T, 3) * 2 + 1, torch.rand(B, T) < 0.5
        mask[0, :2] = True
        dice(s, mask)
        norm(s[mask])
    torch.testing.assert_close(dice.running_mean, norm.running_mean)
    torch.testing.assert_close(dice.running_var, norm.running_var)
    dice.eval()
    before = dice.running_mean.clone()
    assert torch.equal(dice(s)[:1], dice(s[:1]))  # a row does not see its batch
    assert torch.equal(dice(s, mask), dice(s))
    assert torch.equal(dice.running_mean, before)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("padded", [False, True])
def test_statistics_of_half_precision_are_taken_in_single(dtype, padded):
    """Far from 0 the spread is lost in a mean of 8 or 11 bits."""
    torch.manual_seed(0)
    s, mask = (torch.randn(40, T, 3) + 30).to(dtype), torch.rand(40, T) < 0.6
    mask = mask if padded else None
    half, single = Dice(3), Dice(3)
    gate = half(s, mask) / s
    expected = single(s.float(), mask) / s.float()
    torch.testing.assert_close(gate.float(), expected, atol=6e-3, rtol=0)
    torch.testing.assert_close(half.running_var, single.running_var)


def test_dice_with_one_row_or_none_is_finite():
    dice = Dice(3)
    one = torch.randn(1, 3)
    torch.testing.assert_close(dice(one), one / 2)  # at the mean the gate is one half
    assert dice.running_var.isfinite().all()
    mean = dice.running_mean.clone()
    nothing = torch.zeros(2, T, dtype=torch.bool)
    assert dice(torch.randn(2, T, 3), nothing).isfinite().all()
    assert torch.equal(dice.running_mean, mean)


def test_dice_trains_alpha_and_reads_gradients_through_the_statistics():
    torch.manual_seed(0)
    s = torch.randn(B, T, 3, dtype=torch.float64, requires_grad=True)
    mask = torch.rand(B, T) < 0.7
    mask[0, :2] = True
    dice = Dice(3).double()
    with torch.no_grad():
        dice.alpha.fill_(0.2)
    assert torch.autograd.gradcheck(
        lambda s, a: torch.func.functional_call(dice, {"alpha": a}, (s, mask))[mask],
        (s, dice.alpha),
    )


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: Dice(0), "num_features must be"),
        (lambda: Dice(3, eps=0), "eps must be finite and above 0"),
        (lambda: Dice(3)(torch.zeros(2, 4)), "s must have 3 features"),
        (lambda: Dice(3)(torch.zeros(3)), "s must have 2 or 3 dimensions"),
        (
            lambda: Dice(3)(torch.zeros(2, 3), torch.ones(3).bool()),
            "mask must have shape",
        ),
    ],
)
def test_dice_names_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- L2 ---


def test_the_penalty_of_a_batch_is_over_its_distinct_ids():
    table = torch.randn(6, 3, requires_grad=True)
    ids = torch.tensor([[1, 4, 0], [4, 4, 2]])
    counts = torch.tensor([0.0, 2, 5, 9, 3, 9])
    penalty = batch_l2(F.embedding(ids, table), ids, counts)
    expected = sum(table[j].square().sum() / counts[j] for j in (1, 2, 4))
    torch.testing.assert_close(penalty, expected)
    (gradient,) = torch.autograd.grad(penalty, table)
    assert (gradient[[0, 3, 5]] == 0).all()
    for j in (1, 2, 4):
        torch.testing.assert_close(gradient[j], 2 * table[j] / counts[j])


def test_over_an_epoch_of_single_rows_it_is_the_full_penalty():
    """Every id occurs n_j times and pays 1/n_j of its square each time."""
    torch.manual_seed(0)
    table, ids = torch.randn(9, 3), torch.randint(1, 9, (200, 1))
    counts = torch.bincount(ids.flatten(), minlength=9).float()
    total = sum(batch_l2(table[row], row, counts) for row in ids)
    torch.testing.assert_close(total, full_l2(table[1:]))


def test_the_penalty_names_bad_input():
    vectors, counts = torch.randn(4, 3), torch.ones(6)
    with pytest.raises(ValueError, match="ids must have shape"):
        batch_l2(vectors, torch.ones(3, dtype=torch.long), counts)
    with pytest.raises(ValueError, match=r"ids must lie in 0\.\.5"):
        batch_l2(vectors, torch.tensor([1, 2, 3, 6]), counts)
    with pytest.raises(ValueError, match=r"ids must lie in 0\.\.5, got -1\.\.3"):
        batch_l2(vectors, torch.tensor([1, 2, 3, -1]), counts)
    with pytest.raises(TypeError, match="ids must be whole numbers"):
        batch_l2(vectors, torch.ones(4), counts)


def test_an_id_that_occurs_more_often_than_half_precision_counts():
    vectors, ids = torch.ones(1000, 2).bfloat16(), torch.ones(1000, dtype=torch.long)
    penalty = batch_l2(vectors, ids, torch.ones(3).bfloat16())
    torch.testing.assert_close(penalty.float(), torch.tensor(2.0), rtol=0.01, atol=0)


def test_nothing_reads_a_value_from_an_accelerator():
    """``meta`` has no values to read: whatever would make a GPU wait fails there."""
    query, behaviors, mask = (x.to("meta") for x in case(0))
    module = pooling(activation="dice").to("meta")
    assert module(query, behaviors, mask).shape == (B, 1, E)
    ids = mask.long()
    assert batch_l2(behaviors, ids, torch.ones(6, device="meta")).shape == ()


def test_the_penalty_of_nothing_is_nothing():
    counts = torch.ones(6)
    assert batch_l2(torch.zeros(0, 3), torch.zeros(0, dtype=torch.long), counts) == 0
    assert batch_l2(torch.ones(2, 3), torch.tensor([0, 0]), counts) == 0
