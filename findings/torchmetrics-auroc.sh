#!/bin/sh
# AUROC of perfectly ordered logits is 0.5 when they are large
#
# torchmetrics 1.9.0, Python 3.11, CPU. AUROC depends on the order of the scores alone,
# but if any score lies outside [0, 1] all are passed through a sigmoid first, in
# float32: from about 17 on it is exactly 1, and the order is gone. The sigmoid is
# documented, what it does to large scores (sums, dot products) is not.
#
# Seen:
#   17 18 19 20, the last two clicked: 0.5
#   the same divided by 20: 1.0
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==2.2.6 torchmetrics==1.9.0
"$place/bin/python" - <<'PY'
import torch
from torchmetrics.classification import BinaryAUROC

clicked = torch.tensor([0, 0, 1, 1])
logits = torch.tensor([17.0, 18.0, 19.0, 20.0])
raw = BinaryAUROC()(logits, clicked).item()
print("17 18 19 20, the last two clicked:", raw)
assert raw == 0.5
scaled = BinaryAUROC()(logits / 20, clicked).item()
print("the same divided by 20:", scaled)
assert scaled == 1.0
PY
