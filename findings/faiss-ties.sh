#!/bin/sh
# Ties: IndexFlatIP keeps the lowest ids and lists them from the highest, IndexFlatL2 from the lowest
#
# faiss-cpu 1.15.1, Python 3.11. Ten equal vectors, three wanted: ids 0, 1 and 2 win in
# both indexes, in opposite orders; so do 300 of 500. A list of ties from IndexFlatIP
# agrees with no stable sort, so a metric of ranks differs from that of the same scores
# in NumPy. The documentation that was read gives no order of ties.
#
# Seen:
#   IndexFlatIP [2, 1, 0]
#   IndexFlatL2 [0, 1, 2]
#   IndexFlatIP [299, 298, 297] ... [0]
#   IndexFlatL2 [0, 1, 2] ... [299]
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile faiss-cpu==1.15.1 numpy==2.2.6
"$place/bin/python" - <<'PY'
import faiss
import numpy as np

for count, k in ((10, 3), (500, 300)):
    items = np.ones((count, 4), dtype="float32")
    for kind, order in ((faiss.IndexFlatIP, -1), (faiss.IndexFlatL2, 1)):
        index = kind(4)
        index.add(items)
        ids = index.search(items[:1], k)[1][0].tolist()
        print(kind.__name__, ids[:3], *(["...", ids[-1:]] if k > 3 else []))
        assert ids == list(range(k))[::order]
PY
