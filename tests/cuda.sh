#!/bin/sh
# Every Colab edition on this machine's GPU, its seconds beside those of the CPU.
#   sh tests/cuda.sh             all of them
#   sh tests/cuda.sh cpu einsum  without the GPU, and these alone
cd "$(dirname "$0")/.." || exit 1
python=.venv/bin/python
[ -x "$python" ] || python=python3
exec "$python" tests/editions/devices.py "$@"
