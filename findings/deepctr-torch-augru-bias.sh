#!/bin/sh
# The two biases of deepctr-torch's AUGRU are one tensor under two names
#
# deepctr-torch 0.3.0, torch 2.13.0, Python 3.11. AUGRUCell registers bias_hh under the
# name bias_ih as well, over the one that was there: input and state share a bias, and
# one is trained. Its sister AGRUCell has two. With both at 0, as they begin, the states
# are right; once trained, the reset gate acts on a bias that it should not.
#
# Seen:
#   AUGRUCell: one bias, trains bias_ih, weight_hh, weight_ih
#   AGRUCell: two biases, trains bias_hh, bias_ih, weight_hh, weight_ih
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==2.2.6 \
  scikit-learn==1.6.1 pandas==2.2.3 tqdm==4.67.3
"$place/bin/pip" install -qq --no-compile --no-deps deepctr-torch==0.3.0
"$place/bin/python" - <<'PY'
import sys
from types import ModuleType

# importing it asks PyPI for a newer version
quiet = sys.modules["deepctr_torch.utils"] = ModuleType("deepctr_torch.utils")
quiet.check_version = lambda version: None

from deepctr_torch.layers.sequence import AGRUCell, AUGRUCell

for kind, one in ((AUGRUCell, True), (AGRUCell, False)):
    cell = kind(4, 4)
    assert (cell.bias_ih is cell.bias_hh) == one
    names = ", ".join(sorted(dict(cell.named_parameters())))
    print(f"{kind.__name__}: {'one bias' if one else 'two biases'}, trains {names}")
PY
