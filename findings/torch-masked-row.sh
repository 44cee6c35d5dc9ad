#!/bin/sh
# A user without a history makes NaN of nn.MultiheadAttention's gradients, though the loss leaves her out
#
# torch 2.13.0, Python 3.11, CPU. A batch of two users; the second one is all padding,
# and the loss reads the first alone. With need_weights=True (the default) every
# parameter but the last bias gets a NaN gradient. With need_weights=False training is
# clean, and the same module gives NaN for her as soon as it is in eval() under
# no_grad(), where it takes its fast path. scaled_dot_product_attention gives 0 for such
# a row. Documented: when the fast path is taken, not that it answers otherwise
# (pytorch/pytorch#190486 would mend that path), and nothing about the gradients.
#
# Seen:
#   function: 0.0
#   weights wanted: row is NaN True, NaN gradients in_proj_weight in_proj_bias out_proj.weight
#   weights not wanted: row is NaN False, NaN gradients none
#   the same in eval(): row is NaN False
#   the same in eval() under no_grad(): row is NaN True
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==2.2.6
"$place/bin/python" - <<'PY'
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(2, 3, 8)
padding = torch.tensor([[False] * 3, [True] * 3])

readable = ~padding[:, None, :]
pooled = nn.functional.scaled_dot_product_attention(x, x, x, attn_mask=readable)
print("function:", pooled[1].abs().max().item())
assert not pooled[1].any()


def spoilt(layer, wanted):
    out, _ = layer(x, x, x, key_padding_mask=padding, need_weights=wanted)
    return out, bool(out[1].isnan().all())


for wanted in (True, False):
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    out, row = spoilt(layer, wanted)
    out[0].square().sum().backward()
    names = [n for n, p in layer.named_parameters() if p.grad.isnan().any()]
    print(
        f"weights {'wanted' if wanted else 'not wanted'}: row is NaN {row},",
        "NaN gradients", *(names or ["none"]),
    )
    assert row == wanted
    assert names == ["in_proj_weight", "in_proj_bias", "out_proj.weight"] * wanted

layer.eval()
row = spoilt(layer, False)[1]
print("the same in eval(): row is NaN", row)
assert not row
with torch.no_grad():
    row = spoilt(layer, False)[1]
print("the same in eval() under no_grad(): row is NaN", row)
assert row
PY
