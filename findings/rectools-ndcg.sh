#!/bin/sh
# With one held-out item a perfect list has NDCG@10 0.22
#
# rectools 0.19.0, Python 3.11. The ideal of its NDCG holds k hits for every user,
# however few items she has left to find, so in a leave-one-out evaluation no model can
# pass 1 / (1 + 1/log2(3) + ...): 0.339 at k=5, 0.220 at k=10. Most libraries give 1 for
# such a list under the same name. Documented, as the default of divide_by_achievable.
#
# Seen:
#   k=5:  default 0.339, divide_by_achievable 1.000
#   k=10: default 0.220, divide_by_achievable 1.000
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile rectools==0.19.0 numpy==1.26.4
"$place/bin/python" -W ignore - <<'PY'
import pandas as pd
from rectools.metrics import NDCG

listed = pd.DataFrame({"user_id": 1, "item_id": range(10), "rank": range(1, 11)})
held_out = pd.DataFrame({"user_id": [1], "item_id": [0]})
for k, want in ((5, 0.339), (10, 0.220)):
    default = NDCG(k=k).calc(listed, held_out)
    mended = NDCG(k=k, divide_by_achievable=True).calc(listed, held_out)
    print(f"k={k}:".ljust(5), f"default {default:.3f}, divide_by_achievable {mended:.3f}")
    assert round(default, 3) == want and mended == 1
PY
