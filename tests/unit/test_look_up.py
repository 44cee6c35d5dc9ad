import pytest
import torch
import torch.nn.functional as F

from seqviz.layers.look_up import look_up


@pytest.mark.parametrize("shape", [(7,), (4, 5), (2, 3, 4)])
def test_rows_and_gradient_are_those_of_torch(shape):
    torch.manual_seed(0)
    table = torch.randn(9, 3, dtype=torch.float64, requires_grad=True)
    ids = torch.randint(0, 9, shape)  # padding and repeats among them
    weight = torch.randn(*shape, 3, dtype=torch.float64)
    rows = []
    for way in (look_up(table, ids), F.embedding(ids, table, padding_idx=0)):
        (gradient,) = torch.autograd.grad((way * weight).sum(), table)
        rows.append((way, gradient))
    torch.testing.assert_close(rows[0], rows[1], rtol=0, atol=1e-14)
    assert not rows[0][1][0].any() and rows[0][1][1:].any()


def test_tables_side_by_side():
    torch.manual_seed(0)
    tables = torch.randn(3, 9, 2, requires_grad=True)
    ids = torch.randint(0, 9, (3, 4, 5))
    together = torch.vmap(look_up)(tables, ids)
    apart = torch.stack([look_up(t, i) for t, i in zip(tables, ids, strict=True)])
    assert torch.equal(together, apart)
    gradients = [
        torch.autograd.grad(rows.square().sum(), tables)[0]
        for rows in (together, apart)
    ]
    torch.testing.assert_close(*gradients)


def test_an_id_beyond_the_table_is_an_error():
    with pytest.raises(IndexError):
        look_up(torch.zeros(3, 2, requires_grad=True), torch.tensor([3]))


def test_half_precision_and_no_gradient():
    table = torch.randn(4, 2).bfloat16().requires_grad_()
    look_up(table, torch.tensor([1, 1, 0])).sum().backward()
    assert table.grad.tolist() == [[0, 0], [2, 2], [0, 0], [0, 0]]
    with torch.no_grad():
        assert torch.equal(look_up(table, torch.tensor([2]))[0], table[2])
