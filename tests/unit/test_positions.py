import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.layers import (
    LearnedPositions,
    latest,
    places,
    recency,
    sinusoidal_positions,
)

E = 6


def test_recency_counts_real_behaviors_back_from_the_latest():
    mask = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]).bool()
    steps = recency(mask, mask, 5)
    assert steps[0, 2:].tolist() == [2, 1, 0]
    assert steps[1, :2].tolist() == [1, 0]
    assert steps.min() == 0 and steps.max() < 5
    assert recency(mask, None, 9).tolist() == [4, 3, 2, 1, 0]


def test_places_count_real_behaviors_from_the_oldest():
    mask = torch.tensor([[0, 0, 1, 0, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]).bool()
    steps = places(mask, mask, 5)
    assert steps[0, [2, 4]].tolist() == [0, 1]
    assert steps[1, :2].tolist() == [0, 1]
    assert steps.min() == 0 and steps.max() < 5
    assert places(mask, None, 9).tolist() == [0, 1, 2, 3, 4]
    # places and recency of a real behavior add up to all others
    both = (places(mask, mask, 5) + recency(mask, mask, 5))[mask]
    others = (mask.sum(1, keepdim=True) - 1).expand_as(mask)[mask]
    assert torch.equal(both, others)


def test_from_the_oldest_a_behavior_keeps_its_vector_when_others_follow():
    positions = LearnedPositions(9, E, from_oldest=True)
    behaviors = torch.randn(2, 6, E)
    mask = torch.tensor([[False, True, True, True, True, True], [True] * 6])
    whole = positions(behaviors, mask)
    fewer = positions(behaviors[:, :4], mask[:, :4])
    torch.testing.assert_close(whole[:, :4], fewer)
    torch.testing.assert_close(whole[0, 1] - behaviors[0, 1], positions.weight[0])


def test_latest_is_where_recency_ends():
    mask = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]).bool()
    assert latest(mask).tolist() == [4, 1, 0]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_the_side_of_the_padding_does_not_matter(seed, extra):
    generator = torch.Generator().manual_seed(seed)
    behaviors = torch.randn(3, 4, E, generator=generator)
    positions = LearnedPositions(12, E)
    plain = positions(behaviors)
    junk, off = torch.zeros(3, extra, E), torch.zeros(3, extra).bool()
    real = torch.ones(3, 4).bool()
    left = positions(torch.cat([junk, behaviors], 1), torch.cat([off, real], 1))
    right = positions(torch.cat([behaviors, junk], 1), torch.cat([real, off], 1))
    torch.testing.assert_close(left[:, extra:], plain)
    torch.testing.assert_close(right[:, :4], plain)


def test_learned_positions_add_the_row_of_the_recency():
    positions = LearnedPositions(9, E)
    mask = torch.tensor([[False, True, True]])
    behaviors = torch.randn(1, 3, E)
    added = positions(behaviors, mask) - behaviors
    torch.testing.assert_close(added[0, 1:], positions.weight[[1, 0]])
    positions(behaviors, mask)[:, 1:].sum().backward()
    assert positions.weight.grad.sum(1).tolist() == [E, E, 0, 0, 0, 0, 0, 0, 0]


def test_learned_positions_start_as_long_as_an_embedding():
    torch.manual_seed(0)
    length = LearnedPositions(200, 64).weight.norm(dim=1).mean()
    assert length.item() == pytest.approx(1, rel=0.05)


def test_sinusoidal_positions_by_hand():
    waves = sinusoidal_positions(4, E, base=100.0).double()
    for p in range(4):
        for i in range(E // 2):
            angle = torch.tensor(p / 100 ** (2 * i / E), dtype=torch.float64)
            assert waves[p, 2 * i].item() == pytest.approx(angle.sin().item(), abs=1e-6)
            assert waves[p, 2 * i + 1].item() == pytest.approx(angle.cos().item())


def test_sinusoidal_products_depend_on_the_distance_alone():
    waves = sinusoidal_positions(50, 32)
    products = waves @ waves.T
    for distance in range(50):
        diagonal = products.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal))


def test_bad_input():
    positions = LearnedPositions(4, E)
    mask = torch.ones(2, 3).bool()
    with pytest.raises(ValueError, match="T of at most max_length = 4, got .2, 5"):
        positions(torch.zeros(2, 5, E))
    with pytest.raises(ValueError, match=r"\[B, T, 6\], got \[2, 3, 5\]"):
        positions(torch.zeros(2, 3, 5), mask)
    with pytest.raises(ValueError, match=r"3 dimensions, got shape \[3, 6\]"):
        positions(torch.zeros(3, E))
    with pytest.raises(TypeError, match="mask must be bool"):
        positions(torch.zeros(2, 3, E), mask.float())
    with pytest.raises(ValueError, match=r"mask must have shape \[2, 3\]"):
        positions(torch.zeros(2, 3, E), mask[:, 1:])
    with pytest.raises(ValueError, match="max_length must be at least 1, got 0"):
        LearnedPositions(0, E)
    with pytest.raises(ValueError, match="embedding_dim must be even, got 5"):
        sinusoidal_positions(3, 5)
    with pytest.raises(ValueError, match="length must be at least 1, got 0"):
        sinusoidal_positions(0, 4)
    with pytest.raises(ValueError, match="base must be finite and above 1, got 1.0"):
        sinusoidal_positions(3, 4, base=1.0)
