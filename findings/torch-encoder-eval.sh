#!/bin/sh
# A causal, left padded nn.TransformerEncoder trains without NaN and evaluates to NaN at real positions
#
# torch 2.13.0, Python 3.11, CPU. Two layers, a history of two items behind two places
# of padding, a causal mask. Outputs and gradients of the training are finite. Under
# eval() and no_grad() the first layer's fast path gives NaN at the padding, which can
# read nothing; the second layer multiplies these by weights of 0, and 0 times NaN is
# NaN. One layer alone shows nothing at the real places. Documented: when the fast path
# is taken, not that it answers otherwise here (pytorch/pytorch#190486).
#
# Seen:
#   training: NaN at [0, 0, 0, 0], in gradients False
#   eval(), 2 layers: NaN at [1, 1, 1, 1]
#   eval(), 1 layer: NaN at [1, 1, 0, 0]
#   eval(), 2 layers, fast path off: NaN at [0, 0, 0, 0]
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==2.2.6
"$place/bin/python" -W ignore - <<'PY'
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(1, 4, 8)
padding = torch.tensor([[True, True, False, False]])
future = torch.ones(4, 4, dtype=torch.bool).triu(1)


def lost(encoder):
    """Where the output is NaN, and the output."""
    out = encoder(x, mask=future, src_key_padding_mask=padding)
    return out.isnan().any(-1).int()[0].tolist(), out


layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
encoder = nn.TransformerEncoder(layer, 2)
places, out = lost(encoder)
out[:, 2:].square().sum().backward()
gradients = any(bool(p.grad.isnan().any()) for p in encoder.parameters())
print(f"training: NaN at {places}, in gradients {gradients}")
assert places == [0, 0, 0, 0] and not gradients

encoder.eval()
with torch.no_grad():
    for layers, want in ((2, [1, 1, 1, 1]), (1, [1, 1, 0, 0])):
        part = nn.TransformerEncoder(encoder.layers[0], layers).eval()
        places, _ = lost(part)
        print(f"eval(), {layers} layer{'s' * (layers > 1)}: NaN at {places}")
        assert places == want
    torch.backends.mha.set_fastpath_enabled(False)
    places, _ = lost(encoder)
print(f"eval(), 2 layers, fast path off: NaN at {places}")
assert places == [0, 0, 0, 0]
PY
