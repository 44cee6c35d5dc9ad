"""One more click against the whole history: the same states, for one row of work."""

import pytest
import torch

from seqviz.layers import KeyCache, TransformerBlock
from seqviz.models import SASRec

N, E, L = 40, 8, 9


def model(**options):
    torch.manual_seed(0)
    return SASRec(N, E, 2, max_length=L, from_oldest=True, **options).eval()


def histories():
    """Padding on the left, on the right, within, and none."""
    torch.manual_seed(1)
    ids = torch.randint(1, N + 1, (5, 6))
    ids[0, :3] = ids[1, 4:] = ids[2, 2] = ids[2, 4] = ids[3, 1:] = 0
    return ids


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("num_blocks", [1, 3])
@torch.no_grad()
def test_each_click_gives_what_the_whole_history_gives(norm_first, num_blocks):
    served = model(norm_first=norm_first, num_blocks=num_blocks)
    ids = histories()
    interests, cache = served.remember(ids)
    torch.testing.assert_close(interests, served.interests(ids))
    for _ in range(3):
        clicked = torch.randint(1, N + 1, (5,))
        ids = torch.cat([ids, clicked[:, None]], 1)
        found = served.follow(clicked, cache)
        torch.testing.assert_close(found, served.interests(ids))
        assert torch.equal(cache.count, (ids != 0).sum(1))


@torch.no_grad()
def test_the_blocks_alone_are_those_of_the_whole_stack():
    torch.manual_seed(2)
    blocks = [TransformerBlock(E, 4).eval() for _ in range(2)]
    x = torch.randn(3, 5, E)
    whole = blocks[1](blocks[0](x))
    cache = KeyCache(blocks, 3, 5)
    filled = cache.fill(x[:, :2], torch.ones(3, 2, dtype=torch.bool))
    torch.testing.assert_close(filled, whole[:, :2])
    for t in range(2, 5):
        torch.testing.assert_close(cache.append(x[:, t]), whole[:, t])


@torch.no_grad()
def test_from_nothing_and_filled_anew():
    torch.manual_seed(3)
    blocks = [TransformerBlock(E, 2).eval()]
    x, other = torch.randn(2, 2, 4, E)
    cache = KeyCache(blocks, 2, 4)
    grown = torch.stack([cache.append(x[:, t]) for t in range(4)], 1)
    torch.testing.assert_close(grown, blocks[0](x))
    cache.fill(other[:, :2], torch.ones(2, 2, dtype=torch.bool))
    torch.testing.assert_close(cache.append(other[:, 2]), blocks[0](other)[:, 2])


@torch.no_grad()
def test_a_history_changes_no_other():
    served, ids = model(), histories()
    together, cache = served.remember(ids)
    alone, own = served.remember(ids[1:2])
    torch.testing.assert_close(together[1:2], alone)
    clicked = torch.randint(1, N + 1, (5,))
    torch.testing.assert_close(
        served.follow(clicked, cache)[1:2], served.follow(clicked[1:2], own)
    )


@torch.no_grad()
def test_half_precision_stays_near():
    exact, half = model(), model().bfloat16()
    ids = histories()
    _, cache = exact.remember(ids)
    _, low = half.remember(ids)
    clicked = torch.arange(1, 6)
    found = half.follow(clicked, low)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(
        found.float(), exact.follow(clicked, cache), atol=0.2, rtol=0.1
    )


@torch.no_grad()
def test_under_autocast_it_stays_near():
    served, clicked = model(), torch.arange(1, 6)
    exact = served.follow(clicked, served.remember(histories())[1])
    with torch.autocast("cpu", torch.bfloat16):
        found = served.follow(clicked, served.remember(histories())[1])
    torch.testing.assert_close(found.float(), exact, atol=0.2, rtol=0.1)


def test_nothing_that_is_served_has_a_gradient():
    _, cache = model().remember(histories())
    state = cache.append(torch.randn(5, E, requires_grad=True))
    assert not state.requires_grad


def test_positions_from_the_latest_would_change_every_key():
    with pytest.raises(ValueError, match="from_oldest must be True .*, got False"):
        SASRec(N, E, 2, max_length=L).remember(histories())


def test_bad_input():
    served = model()
    with pytest.raises(ValueError, match="a click in every row, got none in row 2"):
        served.remember(histories() * torch.tensor([1, 1, 0, 1, 1])[:, None])
    _, cache = served.remember(torch.ones(2, L, dtype=torch.long))
    with pytest.raises(ValueError, match="at most max_length = 9 clicks, got 10"):
        served.follow(torch.tensor([1, 2]), cache)
    _, cache = served.remember(histories())
    with pytest.raises(ValueError, match=rf"item_ids must lie in 1\.\.{N}, got 0\.\.4"):
        served.follow(torch.arange(5), cache)
    with pytest.raises(ValueError, match=r"item_ids must have shape \[B\], got"):
        served.follow(torch.ones(5, 1, dtype=torch.long), cache)
    with pytest.raises(ValueError, match=r"behavior must have shape \[5, 8\], got"):
        cache.append(torch.zeros(4, E))
    with pytest.raises(ValueError, match="blocks must be causal TransformerBlocks"):
        KeyCache([TransformerBlock(E, causal=False)], 2, 3)
    with pytest.raises(ValueError, match="blocks must be causal"):
        KeyCache([], 2, 3)
    with pytest.raises(ValueError, match="max_length must be at least 1, got 0"):
        KeyCache([TransformerBlock(E)], 2, 0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@torch.no_grad()
def test_cuda():
    served, ids = model().cuda(), histories().cuda()
    _, cache = served.remember(ids)
    clicked = torch.arange(1, 6).cuda()
    longer = torch.cat([ids, clicked[:, None]], 1)
    torch.testing.assert_close(
        served.follow(clicked, cache), served.interests(longer), atol=1e-4, rtol=1e-4
    )
