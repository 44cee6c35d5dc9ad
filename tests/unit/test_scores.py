import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import AdditiveScore, BilinearScore, cosine, dot, scaled_dot

B, Q, T, E = 3, 2, 5, 4


def case(seed=0, dtype=torch.float32, heads=()):
    generator = torch.Generator().manual_seed(seed)
    return tuple(
        torch.randn(B, *heads, rows, E, generator=generator).to(dtype)
        for rows in (Q, T)
    )


def all_scores():
    torch.manual_seed(0)
    return {
        "dot": dot,
        "scaled": scaled_dot,
        "cosine": cosine,
        "additive": AdditiveScore(E, 7),
        "bilinear": BilinearScore(E),
    }


NAMES = list(all_scores())


def by_hand(name, score, q, k):
    match name:
        case "dot":
            return q @ k
        case "scaled":
            return q @ k / E**0.5
        case "cosine":
            return q @ k / (q.norm() * k.norm())
        case "additive":
            return score.v @ (score.query.weight @ q + score.key.weight @ k).tanh()
        case "bilinear":
            return q @ score.W @ k


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(NAMES))
def test_one_call_and_the_formula(seed, name):
    score = all_scores()[name]
    query, key = case(seed)
    found = score(query, key)
    assert found.shape == (B, Q, T)
    for b in range(B):
        for q in range(Q):
            for t in range(T):
                expected = by_hand(name, score, query[b, q], key[b, t])
                torch.testing.assert_close(
                    found[b, q, t], expected, atol=1e-5, rtol=1e-4
                )


@pytest.mark.parametrize("name", NAMES)
def test_heads(name):
    score = all_scores()[name]
    query, key = case(heads=(2,))
    found = score(query, key)
    for head in range(2):
        torch.testing.assert_close(found[:, head], score(query[:, head], key[:, head]))


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_exact(name):
    score = all_scores()[name]
    if isinstance(score, torch.nn.Module):
        score.double()
    inputs = [tensor.requires_grad_() for tensor in case(dtype=torch.float64)]
    assert torch.autograd.gradcheck(score, inputs)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_cosine_knows_no_length(seed, factor):
    query, key = case(seed)
    torch.testing.assert_close(cosine(factor * query, key), cosine(query, key))
    assert cosine(query, key).abs().max() <= 1 + 1e-6


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_cosine_of_a_zero_vector_is_zero_with_a_small_gradient(dtype):
    query, key = (tensor.to(dtype) for tensor in case())
    key[:, 0] = 0
    key.requires_grad_()
    scores = cosine(query, key)
    assert (scores[..., 0] == 0).all() and scores.isfinite().all()
    scores.sum().backward()
    assert key.grad.isfinite().all() and key.grad[:, 0].abs().max() <= Q


def test_cosine_of_long_vectors_in_half_precision():
    long = torch.full((1, 1, 4), 4e4, dtype=torch.float16)
    assert cosine(long, long).item() == pytest.approx(1, abs=1e-3)


def test_the_spread_of_a_dot_grows_with_the_width_and_scaled_stays():
    torch.manual_seed(0)
    query, key = torch.randn(1, 300, 256), torch.randn(1, 300, 256)
    assert dot(query, key).var().item() == pytest.approx(256, rel=0.05)
    assert scaled_dot(query, key).var().item() == pytest.approx(1, rel=0.05)


def test_bilinear_starts_as_scaled_dot():
    torch.testing.assert_close(BilinearScore(E)(*case()), scaled_dot(*case()))


def test_additive_is_as_wide_as_the_embedding_unless_told():
    assert AdditiveScore(E).v.shape == (E,) and AdditiveScore(E, 7).v.shape == (7,)


@pytest.mark.parametrize("name", NAMES)
def test_bad_input(name):
    score, (query, key) = all_scores()[name], case()
    with pytest.raises(ValueError, match=r"query must have 3 or 4 dim.*\[2, 4\]"):
        score(query[0], key)
    with pytest.raises(
        ValueError, match=r"query and key .*\[3, 2, 4\] and \[3, 5, 3\]"
    ):
        score(query, key[..., :3])
    with pytest.raises(ValueError, match="key must have a T of at least 1"):
        score(query, key[:, :0])
    with pytest.raises(TypeError, match="key must be floating-point vectors"):
        score(query, key.long())
    with pytest.raises(ValueError, match="query must be finite"):
        score(query * float("nan"), key)


def test_bad_sizes():
    with pytest.raises(ValueError, match="hidden_dim must be at least 1, got 0"):
        AdditiveScore(E, 0)
    with pytest.raises(ValueError, match="embedding_dim must be at least 1, got -1"):
        BilinearScore(-1)
    with pytest.raises(
        TypeError, match="embedding_dim must be a whole number, got 4.0"
    ):
        BilinearScore(4.0)
