#!/bin/sh
# A fused Adam on the CPU reads a transposed gradient in the wrong order, without a word
#
# torch 2.13.0, Python 3.11, CPU. Adam(fused=True) goes through the memory of parameter
# and gradient side by side, and does not look at their strides. Where a gradient is a
# transposed view, which torch.func, a custom backward or an assignment to .grad can
# leave behind, each entry moves by the gradient of another entry. Plain Adam reads the
# same gradient rightly. torch's own backward copies such gradients into the
# parameter's layout, so most training never meets this. A .contiguous() is the remedy.
# The manual names no condition on the layout.
#
# Seen:
#   fused=False: rows move by [-1.0, 1.0] [-1.0, 1.0]
#   fused=True: rows move by [-1.0, -1.0] [1.0, 1.0]
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==2.2.6
"$place/bin/python" - <<'PY'
import torch

moved = {}
for fused in (False, True):
    weight = torch.nn.Parameter(torch.zeros(2, 2))
    optimizer = torch.optim.Adam([weight], lr=1.0, fused=fused)
    weight.grad = torch.tensor([[1.0, 1.0], [-1.0, -1.0]]).T
    assert weight.grad.tolist() == [[1.0, -1.0], [1.0, -1.0]]
    optimizer.step()
    moved[fused] = weight.detach().round().tolist()
    print(f"fused={fused}: rows move by", *moved[fused])
assert moved[False] == [[-1.0, 1.0], [-1.0, 1.0]]
assert moved[True] == [[-1.0, -1.0], [1.0, 1.0]]
PY
