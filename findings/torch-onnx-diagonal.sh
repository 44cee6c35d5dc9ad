#!/bin/sh
# ONNX export refuses a mask whose diagonal was filled in place
#
# torch 2.13.0 with onnx 1.23.2 and onnxscript 0.7.2, Python 3.11, x86-64. An attention
# that must not read its own place fills the diagonal of a mask. Written through the
# view that diagonal() gives, torch.export takes it and decomposes it; the exporter to
# ONNX (dynamo=True, its default) takes the same graph through decompositions of its
# own, and these find a copy_to that was not made functional. The same mask by
# masked_fill_ with an identity matrix goes through. The exporter's documentation says
# that mutation is made functional, and names no view that is not.
#
# Seen:
#   eye: exported to ONNX
#   diagonal: torch.export and its decompositions agree with the module
#   diagonal: ConversionError, step 2 of 3
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile \
  torch==2.13.0 numpy==2.2.6 onnx==1.23.2 onnxscript==0.7.2
"$place/bin/python" - <<'PY' 2>/dev/null
import torch
from torch import nn


class Diagonal(nn.Module):
    def forward(self, x):
        hidden = torch.zeros(len(x), 4, 4, dtype=torch.bool)
        hidden.diagonal(dim1=1, dim2=2).fill_(True)
        return x.masked_fill(hidden, 0)


class Eye(nn.Module):
    def forward(self, x):
        hidden = torch.zeros(len(x), 4, 4, dtype=torch.bool)
        hidden.masked_fill_(torch.eye(4, dtype=torch.bool), True)
        return x.masked_fill(hidden, 0)


x = torch.randn(2, 4, 4)
assert torch.equal(Eye()(x), Diagonal()(x))
torch.onnx.export(Eye().eval(), (x,), dynamo=True, verbose=False)
print("eye: exported to ONNX")
exported = torch.export.export(Diagonal().eval(), (x,)).run_decompositions()
assert torch.equal(exported.module()(x), Diagonal()(x))
print("diagonal: torch.export and its decompositions agree with the module")
try:
    torch.onnx.export(Diagonal().eval(), (x,), dynamo=True, verbose=False)
except Exception as error:
    assert "step 2/3" in str(error), error
    print(f"diagonal: {type(error).__name__}, step 2 of 3")
else:
    raise SystemExit("diagonal: exported")
PY
