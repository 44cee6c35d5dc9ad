#!/bin/sh
# torch.isin raises where its second tensor is not contiguous in memory
#
# torch 2.13.0, Python 3.11, x86-64. `test_elements` is a set, so its shape and its
# strides should not matter; as a transposed matrix it meets a `view` inside, for few
# elements and for many. The first tensor may have any strides. `.flatten()` helps. Not
# documented.
#
# Seen:
#   4 as it is: view size is not compatible with input tensor's size and stride
#   4 flattened: 4 found
#   100 as it is: view size is not compatible with input tensor's size and stride
#   100 flattened: 6 found
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==2.2.6
"$place/bin/python" - <<'PY'
import torch

wanted = torch.arange(6).view(3, 2).mT.contiguous().mT  # columns apart in memory
raised = 0
for elements in (4, 100):
    row = torch.arange(elements)
    for name, test in (("as it is", wanted), ("flattened", wanted.flatten())):
        try:
            said = f"{int(torch.isin(row, test).sum())} found"
        except RuntimeError as error:
            said = str(error).split(" (")[0]
            raised += 1
        print(f"{elements} {name}: {said}")
assert raised == 2
PY
