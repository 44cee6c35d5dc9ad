import pytest
import torch

from seqviz.layers import (
    attend,
    attention_weights,
    hard_attention,
    score_function_loss,
)

B, Q, T, E = 3, 2, 5, 4


def case(dtype=torch.float32):
    """The last history is empty."""
    generator = torch.Generator().manual_seed(0)
    query, key, value = (
        torch.randn(B, rows, E, generator=generator, dtype=dtype) for rows in (Q, T, T)
    )
    mask = torch.tensor([[1, 1, 1, 1, 1], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0]]).bool()
    return query, key, value, mask


@pytest.mark.parametrize("straight_through", [False, True])
def test_reads_one_real_behavior_and_nothing_from_an_empty_history(straight_through):
    query, key, value, mask = case()
    weights = attention_weights(query, key, mask)
    for _ in range(20):
        found = hard_attention(
            query, key, value, mask, straight_through=straight_through
        )
        assert found.choice.sum(-1).tolist() == [[1, 1], [1, 1], [0, 0]]
        assert (found.choice.sum(1)[~mask] == 0).all()
        torch.testing.assert_close(found.output, found.choice @ value)
        p = (found.choice * weights).sum(-1)
        torch.testing.assert_close(found.log_probability[:-1], p[:-1].log())
        assert (found.log_probability[-1] == 0).all()
        assert (found.output[-1] == 0).all()


def test_draws_as_often_as_the_weights_say():
    query, key, value, mask = (tensor[:1] for tensor in case())
    many = [tensor.expand(20_000, -1, -1) for tensor in (query, key, value)]
    generator = torch.Generator().manual_seed(1)
    found = hard_attention(*many, mask.expand(20_000, -1), generator=generator)
    expected = attention_weights(query, key, mask)[0]
    torch.testing.assert_close(found.choice.mean(0), expected, atol=0.015, rtol=0)


def test_a_generator_repeats_the_draws():
    inputs = case()
    one, two = (
        hard_attention(*inputs, generator=torch.Generator().manual_seed(5))
        for _ in range(2)
    )
    assert torch.equal(one.choice, two.choice)


def test_low_temperature_is_the_best_behavior():
    query, key, value, mask = case()
    found = hard_attention(query, key, value, mask, temperature=1e-6)
    soft = attention_weights(query, key, mask)
    assert torch.equal(found.choice[:-1].argmax(-1), soft[:-1].argmax(-1))
    assert (found.log_probability == 0).all()


def test_straight_through_has_the_gradient_of_soft_attention():
    query, key, value, mask = case()
    for tensor in (query, key):
        tensor.requires_grad_()
    slope = torch.randn(B, Q, E)
    hard = hard_attention(query, key, value, mask, straight_through=True)
    soft = attend(query, key, value, mask)
    torch.testing.assert_close(
        torch.autograd.grad((hard.output * slope).sum(), (query, key)),
        torch.autograd.grad((soft * slope).sum(), (query, key)),
    )


def test_without_it_the_output_teaches_the_value_only():
    query, key, value, mask = (case()[i] for i in range(4))
    for tensor in (query, key, value):
        tensor.requires_grad_()
    found = hard_attention(query, key, value, mask)
    by_query, by_value = torch.autograd.grad(
        found.output.sum(), (query, value), allow_unused=True
    )
    assert by_query is None
    torch.testing.assert_close(by_value, found.choice.sum(1)[..., None].expand(B, T, E))


@pytest.mark.parametrize("baseline", [0.0, 3.0])
def test_score_function_is_unbiased(baseline):
    """Over all draws, weighed by their probability, it is the exact gradient."""
    query, key, value, mask = (tensor[:1] for tensor in case(torch.float64))
    query = query[:, :1].requires_grad_()
    goal = torch.randn(E, dtype=torch.float64)

    def loss(read):
        return (read - goal).square().sum(-1)

    weights = attention_weights(query, key, mask)[0, 0]  # [T]
    exact = torch.autograd.grad(weights @ loss(value[0]), query, retain_graph=True)[0]
    expected = sum(
        p.detach()
        * torch.autograd.grad(
            score_function_loss(loss(value[:, t]), p.log()[None], baseline),
            query,
            retain_graph=True,
        )[0]
        for t, p in enumerate(weights)
    )
    torch.testing.assert_close(expected, exact)


def test_score_function_shows_the_mean_loss():
    loss = torch.tensor([1.0, 3.0])
    log_probability = torch.tensor([[-1.0, -2.0], [-3.0, 0.0]], requires_grad=True)
    found = score_function_loss(loss, log_probability, torch.tensor([2.0, 2.0]))
    assert found.item() == 2.0
    found.backward()
    assert log_probability.grad.tolist() == [[-0.5, -0.5], [0.5, 0.5]]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype):
    query, key, value, mask = case()
    found = hard_attention(query.to(dtype), key.to(dtype), value.to(dtype), mask)
    assert found.output.dtype == dtype and found.output.isfinite().all()
    assert found.log_probability.isfinite().all()


def test_bad_input():
    query, key, value, mask = case()
    with pytest.raises(TypeError, match="mask must be bool"):
        hard_attention(query, key, value, mask.float())
    with pytest.raises(ValueError, match="key and value must agree"):
        hard_attention(query, key, value[:, 1:], mask)
    with pytest.raises(ValueError, match="temperature must be above 0"):
        hard_attention(query, key, value, mask, temperature=-1)
    with pytest.raises(ValueError, match="key must have a T of at least 1"):
        hard_attention(query, key[:, :0], value[:, :0])
    with pytest.raises(ValueError, match=r"loss must be \[B\].*\[3\] and \[2\]"):
        score_function_loss(torch.zeros(3), torch.zeros(2))
    with pytest.raises(ValueError, match=r"loss must be \[B\].*\[\] and \[\]"):
        score_function_loss(torch.tensor(0.0), torch.tensor(0.0))
    with pytest.raises(ValueError, match=r"baseline must be .*\[3\], got \[2\]"):
        score_function_loss(torch.zeros(3), torch.zeros(3), torch.zeros(2))
