#!/bin/sh
# torch.export fixes the batch of a take_along_dim whose index is broadcast
#
# torch 2.13.0, Python 3.11, x86-64. Each row of x [B, T, E] is put into an order [B, T].
# Exported with a free B, gather with the index expanded by hand leaves B free;
# take_along_dim, which broadcasts the index itself, is traced to the size of the
# example and the export is refused. Its documentation promises the same broadcast and
# names no limit. len(x), which has to be a plain int, does the same; that is known.
#
# Seen:
#   gather: exported, 9 rows agree
#   take_along_dim: UserError, B specialized to 5
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==2.2.6
"$place/bin/python" - <<'PY'
import torch
from torch import nn


class TakeAlong(nn.Module):
    def forward(self, x, order):
        return x.take_along_dim(order[..., None], 1)


class Gather(nn.Module):
    def forward(self, x, order):
        return x.gather(1, order[..., None].expand_as(x))


def example(rows):
    return torch.randn(rows, 4, 8), torch.randint(0, 4, (rows, 4))


rows = torch.export.Dim("B", min=1)
free = {"dynamic_shapes": ({0: rows}, {0: rows})}
exported = torch.export.export(Gather(), example(5), **free)
x, order = example(9)
assert torch.equal(exported.module()(x, order), Gather()(x, order))
print("gather: exported, 9 rows agree")
try:
    torch.export.export(TakeAlong(), example(5), **free)
except Exception as error:
    assert "specialized it to be a constant (5)" in str(error)
    print(f"take_along_dim: {type(error).__name__}, B specialized to 5")
else:
    raise SystemExit("take_along_dim: exported")
PY
