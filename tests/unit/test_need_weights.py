"""One way to ask for weights, as in torch: ``need_weights=``, off unless asked."""

import inspect

import pytest
import torch
from torch import nn

from seqviz import layers, models
from seqviz.layers import (
    AttentionSequencePooling,
    DualAttention,
    DynamicRouting,
    GraphReadOut,
    HiddenUnitGate,
    InteractingLayer,
    InterestEvolution,
    LabelAwareAttention,
    LongTermInterest,
    MixtureOfExperts,
    MultiInterestSelfAttention,
    PairwiseAttention,
    SelfAttention,
    SessionExtractor,
    SessionInterest,
    ShortTermEncoder,
    SqueezeExcitation,
    SumPooling,
    TargetAttention,
    TransformerBlock,
    attend,
    session_graph,
)
from seqviz.models import MIND, ComiRecDR, ComiRecSA, EvolutionPooling, TargetPooling

B, T, E, K = 3, 5, 4, 2


def calls():
    """Everything that has weights, with its input and the shape of the weights."""
    x, mask = torch.randn(B, T, E), torch.ones(B, T, dtype=torch.bool)
    mask[0, :2] = False
    one, target = torch.randn(B, 1, E), torch.randn(B, E)
    ids = torch.randint(1, 9, (B, T))
    yield attend, (one, x, x, mask), (B, 1, T)
    yield SelfAttention(E), (x, mask), (B, 1, T, T)
    yield TransformerBlock(E), (x, mask), (B, 1, T, T)
    yield TargetAttention(E), (target, x, mask), (B, 1, T)
    yield DualAttention(E), (target, x, mask), (B, 1, T)
    yield MultiInterestSelfAttention(E, K), (x, mask), (B, K, T)
    yield DynamicRouting(E, K, T), (x, mask), (B, 3, K, T)
    yield LabelAwareAttention(), (x[:, :K], target), (B, K)
    yield AttentionSequencePooling(E), (one, x, mask), (B, T)
    yield SumPooling(), (one, x, mask), (B, T)
    yield TargetPooling(E), (one, x, mask), (B, T)
    yield ShortTermEncoder(E), (x, mask, target), (B, T)
    yield (
        LongTermInterest(E, K),
        (x[:, None].expand(B, K, T, E), mask[:, None].expand(B, K, T), target),
        (B, K, T),
    )
    yield PairwiseAttention(E), (x,), (B, T * (T - 1) // 2)
    yield SqueezeExcitation(T), (x,), (B, T)
    yield InteractingLayer(E), (x,), (B, 2, T, T)
    yield InterestEvolution(E), (one, x, mask), (B, T)
    yield EvolutionPooling(E), (one, x, mask), (B, T)
    sessions, real = x[:, None].expand(B, K, T, E), mask[:, None].expand(B, K, T)
    yield SessionExtractor(E), (sessions, real), (B, K, 1, T, T)
    yield SessionInterest(E, K, T), (one, sessions, real), (B, K)
    graph = session_graph(ids)
    yield GraphReadOut(E), (torch.randn(len(graph.items), E), graph), (B, T)
    yield HiddenUnitGate(E, E), (target, target), (B, E)
    yield MixtureOfExperts(E, 3), (target,), (B, 2, 3)
    for model in (ComiRecSA(8, E, K), ComiRecDR(8, E, K, T), MIND(8, E, K, T)):
        yield model.interests, (ids,), (B, K, T)


def name_of(value):
    owner = getattr(value, "__self__", value)
    return getattr(owner, "__name__", type(owner).__name__)


CASES = list(calls())


@pytest.mark.parametrize(
    ("call", "inputs", "shape"), CASES, ids=[name_of(case[0]) for case in CASES]
)
def test_the_output_alone_unless_the_weights_are_asked_for(call, inputs, shape):
    output = call(*inputs)
    assert isinstance(output, torch.Tensor)
    found, weights = call(*inputs, need_weights=True)
    torch.testing.assert_close(found, output)
    first = weights[0] if isinstance(weights, tuple) else weights
    assert first.shape == shape


def signatures():
    """The calls of all that the two rooms offer."""
    for room in (layers, models):
        for name in room.__all__:
            value = getattr(room, name)
            if isinstance(value, type) and issubclass(value, nn.Module):
                for method in ("forward", "pool", "interests"):
                    if method in vars(value):
                        yield f"{name}.{method}", inspect.signature(vars(value)[method])
            elif inspect.isfunction(value):
                yield name, inspect.signature(value)


@pytest.mark.parametrize(("name", "signature"), list(signatures()))
def test_no_other_word_asks_for_them(name, signature):
    for parameter in signature.parameters.values():
        assert not parameter.name.startswith("return_"), name
        if parameter.name == "need_weights":
            assert parameter.kind is parameter.KEYWORD_ONLY and not parameter.default
    covered = {name_of(case[0]) for case in CASES}
    if "need_weights" in signature.parameters and name != "Retriever.interests":
        assert name.split(".")[0] in covered, f"{name} has no case here"
