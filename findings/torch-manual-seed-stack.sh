#!/bin/sh
# torch.manual_seed writes out the Python call stack three times where there is no GPU
#
# torch 2.13.0 (a build for the CPU), Python 3.11, x86-64. Devices that have not started
# are to get the seed later, and each order is kept with a text of where it was given.
# So a seed costs more the deeper its caller stands; in a loop of small tests it was most
# of the time. `torch.default_generator.manual_seed` seeds the CPU alone, writes nothing
# and gives the same draws. Not documented.
#
# Seen:
#   torch.manual_seed: 3 stacks written
#   torch.default_generator.manual_seed: 0 stacks written
#   the same draws: True
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==2.2.6
"$place/bin/python" - <<'PY'
import traceback

import torch

stacks = []
write = traceback.format_stack


def counted(*given, **named):
    stacks.append(write(*given, **named))
    return stacks[-1]


traceback.format_stack = counted
draws, written = [], []
ways = {
    "torch.manual_seed": torch.manual_seed,
    "torch.default_generator.manual_seed": torch.default_generator.manual_seed,
}
for name, seed in ways.items():
    stacks.clear()
    seed(7)
    draws.append(torch.rand(5))
    written.append(len(stacks))
    print(f"{name}: {len(stacks)} stacks written")
print("the same draws:", torch.equal(*draws))
assert not torch.cuda.is_available() and written == [3, 0] and torch.equal(*draws)
PY
