#!/bin/sh
# Importing the sequential models switches torch's anomaly detection on for the whole process
#
# recbole 1.2.1, Python 3.11, CPU. One model's file (SINE) calls
# set_detect_anomaly(True) when it is imported, and the package imports all models. From
# then on every backward pass of the process, also of other people's models, keeps a
# traceback for each operation and raises RuntimeError at a NaN; whoever times RecBole
# beside another library times this. set_detect_anomaly(False) after the import cures
# it. Not documented. recbole is installed alone, since it asks for ray, which its
# models do not need.
#
# Seen:
#   before the import: False
#   after it: True
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==1.26.4 pandas==2.3.3 \
  scipy==1.17.1 scikit-learn==1.7.2 tensorboard==2.20.0 setuptools==80.9.0 \
  pyyaml==6.0.3 colorlog==4.7.2 colorama==0.4.4 texttable==1.7.2 psutil==7.2.2 \
  tqdm==4.67.3
"$place/bin/pip" install -qq --no-compile --no-deps recbole==1.2.1
"$place/bin/python" -W ignore - <<'PY'
import torch

before = torch.is_anomaly_enabled()
print("before the import:", before)
import recbole.model.sequential_recommender  # noqa: E402, F401

after = torch.is_anomaly_enabled()
print("after it:", after)
assert (before, after) == (False, True)
PY
