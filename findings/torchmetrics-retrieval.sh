#!/bin/sh
# For scores below 0 a perfect list has NDCG and hit rate 1, and recall, precision, MRR and MAP 0
#
# torchmetrics 1.9.0, Python 3.11, CPU. Four candidates, the relevant one scored
# highest, all scores negative, as inner products and log-probabilities can be. Four of
# the six metrics forget every relevant item whose score is not above 0; the other two
# keep it. Adding 10 to all scores changes no order and makes the six agree. No error,
# no warning. Asked for in Lightning-AI/torchmetrics#3104; the metrics' pages say only
# that scores are probabilities.
#
# Seen:
#                RetrievalHitRate as scored 1.0, plus ten 1.0
#          RetrievalNormalizedDCG as scored 1.0, plus ten 1.0
#                 RetrievalRecall as scored 0.0, plus ten 1.0
#              RetrievalPrecision as scored 0.0, plus ten 1.0
#                    RetrievalMRR as scored 0.0, plus ten 1.0
#                    RetrievalMAP as scored 0.0, plus ten 1.0
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 numpy==2.2.6 torchmetrics==1.9.0
"$place/bin/python" - <<'PY'
import torch
from torchmetrics import retrieval

scores = torch.tensor([-1.0, -2.0, -3.0, -4.0])
relevant = torch.tensor([1, 0, 0, 0])
user = torch.zeros(4, dtype=torch.long)
for name, want in {
    "RetrievalHitRate": 1.0,
    "RetrievalNormalizedDCG": 1.0,
    "RetrievalRecall": 0.0,
    "RetrievalPrecision": 0.0,
    "RetrievalMRR": 0.0,
    "RetrievalMAP": 0.0,
}.items():
    metric = getattr(retrieval, name)
    as_scored, plus_ten = (
        metric(top_k=1)(s, relevant, indexes=user).item() for s in (scores, scores + 10)
    )
    print(f"{name:>30} as scored {as_scored}, plus ten {plus_ten}")
    assert (as_scored, plus_ten) == (want, 1.0)
PY
