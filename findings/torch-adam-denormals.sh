#!/bin/sh
# Adam's mean of the gradients of an item not met again stays a denormal number for good
#
# torch 2.13.0, Python 3.11, x86-64. One gradient, then steps without one: the mean
# loses a tenth a step. After 808 steps it is a denormal number; at 4 units of the
# smallest one, 0.9 times it (3.6) is rounded back to 4, so it stays, and each later
# step computes with denormals, which is slow (benchmarks/adam.py measures it). Rare
# items fill an embedding table with such rows. fused=True does the same; under
# torch.set_flush_denormal(True) they are 0. Documented: that function, not this use of
# it.
#
# Seen:
#   fused False: denormal from step 808, after 3000 steps 4.0 units of 1.4e-45
#   fused True: denormal from step 808, after 3000 steps 4.0 units of 1.4e-45
#   flushed: 0.0
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==2.2.6
"$place/bin/python" - <<'PY'
import torch

SMALLEST = 2.0**-149


def mean_after(steps, fused):
    """The first step with a denormal mean, and the mean after the last step."""
    row = torch.nn.Parameter(torch.zeros(4))
    adam = torch.optim.Adam([row], fused=fused)
    row.grad = torch.ones(4)
    adam.step()
    row.grad.zero_()
    first = None
    for step in range(1, steps + 1):
        adam.step()
        mean = adam.state[row]["exp_avg"][0].item()
        if first is None and mean < torch.finfo(torch.float32).tiny:
            first = step
    return first, mean


for fused in (False, True):
    first, mean = mean_after(3000, fused)
    print(
        f"fused {fused}: denormal from step {first}, after 3000 steps",
        f"{mean / SMALLEST} units of {SMALLEST:.1e}",
    )
    assert first == 808 and mean == 4 * SMALLEST

assert torch.set_flush_denormal(True)
_, mean = mean_after(3000, True)
print("flushed:", mean)
assert mean == 0
PY
