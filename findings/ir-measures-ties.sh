#!/bin/sh
# In one call and for one list RR is 0.5 and RR@1 is 1: some measures read the scores in float32
#
# ir-measures 0.4.3, Python 3.11. The relevant item is first by 1e-9. trec_eval, which
# computes most measures here (through pytrec-eval-terrier), keeps scores as float32:
# there the two are tied, and the item with the later name comes first. RR@k comes from
# another provider, which sorts the scores as given. So the reciprocal rank is 0.5
# without a cutoff and 1 with the cutoff 1. A recommender whose probabilities come close
# to 1 meets this. Documented: that measures come from several providers; not that these
# order one list in two ways.
#
# Seen:
#   RR 0.5, RR@1 1.0, P@1 0.0, nDCG@1 0.0
#   names exchanged: RR 1.0, RR@1 1.0, P@1 1.0, nDCG@1 1.0
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile numpy==2.2.6 ir-measures==0.4.3 pytrec-eval-terrier==0.5.11
"$place/bin/python" - <<'PY'
import ir_measures
from ir_measures import RR, P, Qrel, ScoredDoc, nDCG

MEASURES = [RR, RR @ 1, P @ 1, nDCG @ 1]


def values(relevant, other):
    found = ir_measures.calc_aggregate(
        MEASURES,
        [Qrel("user", relevant, 1)],
        [ScoredDoc("user", relevant, 1.0), ScoredDoc("user", other, 1.0 - 1e-9)],
    )
    return [found[measure] for measure in MEASURES]


for title, pair, want in (
    ("", ("a", "b"), [0.5, 1.0, 0.0, 0.0]),
    ("names exchanged: ", ("b", "a"), [1.0, 1.0, 1.0, 1.0]),
):
    seen = values(*pair)
    print(title + ", ".join(f"{m} {v}" for m, v in zip(MEASURES, seen)))
    assert seen == want
PY
