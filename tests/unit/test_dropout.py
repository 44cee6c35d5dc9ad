"""Dropout that draws four entries at once is dropout."""

import pytest
import torch
from torch import nn

from seqviz.layers import Dropout

SHAPE = (40, 50, 51)  # no multiple of four


@pytest.mark.parametrize("p", [0.1, 0.2, 0.5, 0.99])
def test_as_many_are_dropped_as_asked_and_the_mean_stays(p):
    torch.manual_seed(0)
    found = Dropout(p)(torch.ones(SHAPE))
    kept = found[found != 0]
    count = found.numel()
    assert len(kept) / count == pytest.approx(
        1 - p, abs=4 * (p * (1 - p) / count) ** 0.5
    )
    torch.testing.assert_close(
        kept, torch.full_like(kept, 1 / (1 - p)), rtol=2e-3, atol=0
    )


def test_entries_are_dropped_by_themselves():
    """Neighbors share a number; what one does says nothing of the next ones."""
    torch.manual_seed(1)
    kept = (Dropout(0.3)(torch.ones(400_000)) != 0).double()
    for apart in (1, 2, 3, 4, 8):
        both = torch.stack([kept[apart:], kept[:-apart]])
        assert both.corrcoef()[0, 1].abs() < 0.01


def test_the_seed_decides_and_another_call_draws_anew():
    layer, ones = Dropout(0.5), torch.ones(SHAPE)
    torch.manual_seed(7)
    first, second = layer(ones), layer(ones)
    torch.manual_seed(7)
    assert torch.equal(layer(ones), first)
    assert not torch.equal(first, second)


def test_slopes_go_through_what_is_kept():
    vectors = torch.randn(SHAPE, requires_grad=True)
    found = Dropout(0.4)(vectors)
    found.sum().backward()
    torch.testing.assert_close(vectors.grad * vectors, found)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_number_types(dtype):
    found = Dropout(0.25)(torch.ones(SHAPE, dtype=dtype))
    assert found.dtype == dtype and found.mean().item() == pytest.approx(1, abs=0.03)


def test_all_none_and_nothing():
    vectors = torch.randn(5, 3)
    assert torch.equal(Dropout(0.0)(vectors), vectors)
    assert (Dropout(1.0)(vectors) == 0).all()
    assert torch.equal(Dropout(0.7).eval()(vectors), vectors)
    assert Dropout(0.5)(vectors[:0]).shape == (0, 3)
    assert Dropout(0.5)(torch.randn(())).shape == ()


def test_what_torch_must_do_itself_it_does():
    vectors = torch.ones(4, 1000)
    each = torch.vmap(Dropout(0.5), randomness="different")(vectors)
    assert not torch.equal(each[0], each[1])
    layer = nn.Sequential(Dropout(0.5, inplace=True))
    changed = vectors.clone()
    assert layer(changed) is changed and (changed == 0).any()
    program = torch.export.export(Dropout(0.5).train(), (vectors,))
    assert "dropout" in str(program.graph)
