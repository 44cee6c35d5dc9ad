"""The layers of the chapter on the jobs of attention."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import (
    HiddenUnitGate,
    InteractingLayer,
    MixtureOfExperts,
    PairwiseAttention,
    SqueezeExcitation,
    field_pairs,
)

B, F, E, D, X, Y = 6, 5, 8, 7, 3, 2
seeds = st.integers(0, 2**32 - 1)


def fields_of(seed, dtype=torch.float32):
    """Fields, some missing: row 1 has one, the last row none."""
    generator = torch.Generator().manual_seed(seed)
    fields = torch.randn(B, F, E, generator=generator).to(dtype)
    mask = torch.rand(B, F, generator=generator) < 0.7
    mask[0] = True
    mask[1] = torch.arange(F) == 2
    mask[-1] = False
    return fields, mask


def layers(seed=0):
    """Each layer, what it reads, the shape of its weights, and where a 0 belongs."""
    torch.manual_seed(seed)
    fields, _ = fields_of(seed)
    vectors = torch.randn(B, D)
    unit = HiddenUnitGate(E, D)
    torch.nn.init.normal_(unit.gate.weight)
    P = F * (F - 1) // 2
    return {
        "pairs": (PairwiseAttention(E, 4), (fields,), (B, P)),
        "gate": (SqueezeExcitation(F, 2), (fields,), (B, F)),
        "sigmoid": (SqueezeExcitation(F, 2, "sigmoid"), (fields,), (B, F)),
        "units": (unit, (vectors, fields[:, 0]), (B, D)),
        "experts": (MixtureOfExperts(D, X, Y, (4,)), (vectors,), (B, Y, X)),
        "deep": (MixtureOfExperts(D, X, Y, (4, 6, 3)), (vectors,), (B, Y, X)),
        "fields": (InteractingLayer(E, 2), (fields,), (B, 2, F, F)),
        "bare": (InteractingLayer(E, 4, residual=False), (fields,), (B, 4, F, F)),
    }


every = pytest.mark.parametrize("name", list(layers()))
masked = pytest.mark.parametrize("name", ["pairs", "gate", "sigmoid", "fields", "bare"])


@every
def test_weights_and_output(name):
    layer, inputs, shape = layers()[name]
    output, weights = layer(*inputs, need_weights=True)
    assert weights.shape == shape and output.shape[0] == B
    torch.testing.assert_close(layer(*inputs), output)
    if name in ("gate", "sigmoid", "units"):
        assert weights.min() >= 0 and weights.std() > 0
    else:
        torch.testing.assert_close(weights.sum(-1), torch.ones(shape[:-1]))


@every
def test_its_own_weights_frozen_change_nothing_and_others_do(name):
    layer, inputs, _ = layers()[name]
    output, weights = layer(*inputs, need_weights=True)
    torch.testing.assert_close(layer(*inputs, frozen=weights), output)
    again, used = layer(*inputs, frozen=weights.mean(0), need_weights=True)
    torch.testing.assert_close(used, weights.mean(0).expand_as(weights))
    assert not torch.allclose(again, output)
    _, ones = layer(*inputs, frozen=torch.ones(()), need_weights=True)
    assert (ones == 1).all()


@every
def test_a_row_does_not_depend_on_the_others(name):
    layer, inputs, _ = layers()[name]
    for training in (True, False):
        together = layer.train(training)(*inputs)
        for row in range(B):
            alone = layer(*(x[row : row + 1] for x in inputs))
            torch.testing.assert_close(alone, together[row : row + 1])
    assert layer(*(x[:0] for x in inputs)).shape == (0, *together.shape[1:])


@every
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions(name, dtype):
    layer, inputs, _ = layers()[name]
    expected = layer(*inputs)
    inputs = [x.to(dtype) for x in inputs]
    output, weights = layer.to(dtype)(*inputs, need_weights=True)
    assert output.dtype == weights.dtype == dtype
    torch.testing.assert_close(output.float(), expected, atol=0.1, rtol=0.1)
    assert layer(*inputs, frozen=weights.float().mean(0)).dtype == dtype


def test_scores_beyond_half_precision():
    layer = InteractingLayer(4).half()
    fields = torch.full((1, 3, 4), 1e3).half()
    output, weights = layer(fields, need_weights=True)
    assert weights.isfinite().all() and output.isfinite().all()


@every
def test_gradients_reach_everything(name):
    layer, inputs, _ = layers(3)[name]
    inputs = [x.requires_grad_() for x in inputs]
    layer(*inputs).square().sum().backward()
    for tensor in (*inputs, *layer.parameters()):
        assert tensor.grad.isfinite().all() and tensor.grad.any()


@every
def test_nothing_reads_a_value_from_an_accelerator(name):
    """``meta`` has no values to read: whatever would make a GPU wait fails there."""
    layer, inputs, shape = layers()[name]
    layer, inputs = layer.to("meta"), [x.to("meta") for x in inputs]
    _, weights = layer(*inputs, need_weights=True)
    assert weights.shape == shape


@masked
@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_a_missing_field_counts_for_nothing(name, seed):
    layer, _, _ = layers()[name]
    fields, mask = fields_of(seed)
    output = layer(fields, mask)
    junk = fields.masked_fill(~mask[..., None], 9.0)
    torch.testing.assert_close(layer(junk, mask), output)
    assert (output[-1] == 0).all()
    torch.testing.assert_close(layer(fields[:1], mask[:1]), layer(fields[:1]))
    frozen = torch.ones(())
    torch.testing.assert_close(
        layer(junk, mask, frozen=frozen), layer(fields, mask, frozen=frozen)
    )


@pytest.mark.parametrize("name", ["pairs", "fields"])
def test_one_field_fewer_is_a_field_that_is_missing(name):
    layer, (fields,), _ = layers()[name]
    mask = torch.arange(F).expand(B, F) < F - 1
    short = layer(fields[:, :-1])
    output = layer(fields, mask)
    torch.testing.assert_close(
        output if name == "pairs" else output[:, :-1], short, atol=1e-6, rtol=1e-5
    )


def test_pairs_stand_in_their_order():
    pairs = [tuple(pair) for pair in field_pairs(F).T.tolist()]
    assert pairs == list(itertools.combinations(range(F), 2))
    assert field_pairs(1).shape == (2, 0)
    layer = PairwiseAttention(E)
    output, weights = layer(torch.randn(3, 1, E), need_weights=True)
    assert (output == 0).all() and weights.shape == (3, 0)


@pytest.mark.parametrize("num_fields", [1, 2, 5])
def test_slopes_of_the_pairs_are_exact(num_fields):
    """The products have a way back of their own."""
    torch.manual_seed(0)
    layer = PairwiseAttention(3, 4).double()
    fields = torch.randn(2, num_fields, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (fields,))
    rows = torch.randn(4, 2, num_fields, 3, dtype=torch.float64, requires_grad=True)
    by_row = torch.stack([layer(row) for row in rows])
    torch.testing.assert_close(torch.vmap(layer)(rows), by_row)


def test_with_weights_of_one_it_is_the_sum_of_a_factorization_machine():
    fields, _ = fields_of(1)
    layer = PairwiseAttention(E)
    squares = fields.sum(1).square() - fields.square().sum(1)
    torch.testing.assert_close(layer(fields, frozen=torch.ones(())), squares / 2)


def test_who_asks_begins_without_a_say():
    hidden, context = torch.randn(B, D), torch.randn(B, E)
    layer = HiddenUnitGate(E, D)
    output, gate = layer(hidden, context, need_weights=True)
    assert (gate == 1).all() and torch.equal(output, hidden)
    torch.nn.init.constant_(layer.gate.bias, 40.0)
    torch.testing.assert_close(layer(hidden, context), 2 * hidden)


@pytest.mark.parametrize("units", [(4,), (4, 3)])
def test_one_expert_is_a_shared_bottom(units):
    layer = MixtureOfExperts(D, 1, Y, units)
    inputs = torch.randn(B, D)
    output, weights = layer(inputs, need_weights=True)
    assert (weights == 1).all()
    for label in range(Y):
        torch.testing.assert_close(output[:, label], layer.experts(inputs)[:, 0])


def test_the_order_of_the_fields_is_no_matter_to_those_that_read():
    fields, _ = fields_of(4)
    order = torch.randperm(F)
    layer = InteractingLayer(E)
    torch.testing.assert_close(layer(fields[:, order]), layer(fields)[:, order])
    pairs = PairwiseAttention(E)
    torch.testing.assert_close(pairs(fields[:, order]), pairs(fields))


def bad_calls():
    fields, mask = fields_of(0)
    nan = fields.clone()
    nan[0, 1] = float("nan")
    pairs, gate, inner = PairwiseAttention(E), SqueezeExcitation(F), InteractingLayer(E)
    unit, experts = HiddenUnitGate(E, D), MixtureOfExperts(D)
    for layer in (pairs, gate, inner):
        yield lambda layer=layer: layer(fields[0]), "fields must have 3 dimensions"
        yield lambda layer=layer: layer(fields[:, :0]), "fields must have shape .* and"
        yield lambda layer=layer: layer(nan), "fields must be finite"
        yield lambda layer=layer: layer(fields.long()), "fields must be floating"
        yield lambda layer=layer: layer(fields, mask[:, 1:]), "mask must have shape"
        yield lambda layer=layer: layer(fields, mask.long()), "mask must be bool"
        yield (
            lambda layer=layer: layer(fields, frozen=torch.ones(B, 99)),
            r"frozen must broadcast to the weights \[6, .*\], got \[6, 99\]",
        )
        yield (
            lambda layer=layer: layer(fields, frozen=torch.ones(1).long()),
            "frozen must be floating-point",
        )
        yield (
            lambda layer=layer: layer(fields, frozen=torch.tensor(torch.nan)),
            "frozen must be finite",
        )
    yield lambda: pairs(fields[..., 1:]), r"fields must have shape \[B, F, 8\]"
    yield lambda: inner(fields[..., 1:]), r"fields must have shape \[B, F, 8\]"
    yield lambda: gate(fields[:, 1:]), r"fields must have shape \[B, 5, E\]"
    yield lambda: unit(fields[:, 0], fields[:, 0]), r"hidden must have shape \[6, 7\]"
    yield (
        lambda: unit(torch.ones(B, D), fields[1:, 0]),
        r"context must have shape \[6, 8\], got \[5, 8\]",
    )
    yield lambda: experts(fields[:, 0]), r"inputs must have shape \[B, 7\]"
    yield lambda: experts(fields), "inputs must have 2 dimensions"
    yield lambda: MixtureOfExperts(D, hidden_units=()), "hidden_units must be a list"
    yield lambda: MixtureOfExperts(D, hidden_units=(0,)), r"hidden_units\[0\] must be"
    yield lambda: MixtureOfExperts(D, num_labels=0), "num_labels must be at least 1"
    yield lambda: PairwiseAttention(E, 0), "hidden_dim must be at least 1"
    yield lambda: SqueezeExcitation(0), "num_fields must be at least 1"
    yield lambda: SqueezeExcitation(F, activation="tanh"), "activation must be one of"
    yield lambda: InteractingLayer(E, 3), "num_heads must divide embedding_dim"
    yield lambda: HiddenUnitGate(E, 0), "num_units must be at least 1"
    yield lambda: field_pairs(0), "num_fields must be at least 1"


@pytest.mark.parametrize(("call", "message"), list(bad_calls()))
def test_bad_arguments(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
