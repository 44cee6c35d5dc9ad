"""What the cloze hides, and what stands in its place."""

import pytest
import torch

from seqviz.layers import cloze, hide


def masks(rows=4000, T=6, seed=0):
    """Holes anywhere; the first row is empty, the second has one item."""
    torch.manual_seed(seed)
    mask = torch.rand(rows, T) < 0.7
    mask[0], mask[1] = False, torch.arange(T) == 2
    return mask


def test_only_real_items_are_hidden_and_every_row_has_a_question():
    mask = masks()
    hidden = cloze(mask, 0.3)
    assert hidden.dtype == torch.bool and hidden.shape == mask.shape
    assert not (hidden & ~mask).any()
    assert (hidden.any(1) == mask.any(1)).all()
    assert hidden[1].tolist() == mask[1].tolist()


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_each_item_is_hidden_as_often_as_is_asked(share):
    mask = torch.ones(20_000, 12, dtype=torch.bool)
    drawn = cloze(mask, share).float().mean(0)  # [T]
    # a row that hides nothing hides its latest
    torch.testing.assert_close(drawn[:-1], torch.full((11,), share), atol=0.02, rtol=0)
    expected = share + (1 - share) ** 12
    assert drawn[-1].item() == pytest.approx(expected, abs=0.02)


def test_everything_can_be_hidden():
    mask = masks()
    assert torch.equal(cloze(mask, 1.0), mask)


def test_the_latest_alone_is_what_serving_asks():
    mask = masks()
    hidden = cloze(mask, 0.5, latest=1.0)
    assert (hidden.sum(1) == mask.any(1)).all()
    later = mask.flip(1).cumsum(1).flip(1)  # 1 at the latest
    assert torch.equal(hidden, mask & (later == 1))
    some = cloze(torch.ones(20_000, 8, dtype=torch.bool), 0.5, latest=0.3)
    alone = (some.sum(1) == 1) & some[:, -1]
    assert alone.float().mean().item() == pytest.approx(0.3 + 0.7 * 2 / 2**8, abs=0.02)


def test_a_generator_makes_it_repeatable():
    mask = masks()

    def drawn(seed):
        return cloze(mask, 0.4, generator=torch.Generator().manual_seed(seed))

    assert torch.equal(drawn(3), drawn(3)) and not torch.equal(drawn(3), drawn(4))


def test_the_hidden_vector_is_gone_not_added_to():
    behaviors = torch.randn(2, 3, 4, requires_grad=True)
    vector = torch.randn(4, requires_grad=True)
    hidden = torch.tensor([[True, False, False], [False, True, True]])
    made = hide(behaviors, hidden, vector)
    assert torch.equal(made[hidden], vector.expand(3, 4))
    assert torch.equal(made[~hidden], behaviors[~hidden])
    made.sum().backward()
    assert (behaviors.grad[hidden] == 0).all() and (vector.grad == 3).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"share": 0.0}, "share must be above 0, got 0"),
        ({"share": 1.2}, r"share must lie in 0\.\.1, got 1.2"),
        ({"share": float("nan")}, "share must lie in"),
        ({"latest": -0.1}, "latest must lie in"),
        ({"mask": torch.ones(2, 3)}, r"mask must be bool \[B, T\], got torch.float32"),
        ({"mask": torch.ones(3).bool()}, r"mask must be bool \[B, T\], got .*\[3\]"),
    ],
)
def test_bad_input(changes, message):
    given = {"mask": masks(), "share": 0.2, "latest": 0.0, **changes}
    with pytest.raises(ValueError, match=message):
        cloze(given["mask"], given["share"], latest=given["latest"])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda():
    mask = masks().cuda()
    hidden = cloze(mask, 0.3)
    assert hidden.is_cuda and (hidden.any(1) == mask.any(1)).all()
