#!/bin/sh
# ComirecSA, ComirecDR and MIND take a temperature and never use it
#
# torch-rechub 0.9.0, Python 3.11, CPU. The same weights with temperature 1 and 0.05:
# YoutubeDNN's scores are 20 times as large, those of the three multi-interest models
# the same. Users and items are normalised, so without it every logit lies in [-1, 1]:
# with 10 negatives the softmax loss cannot go under log(1 + 10 exp(-2)) = 0.856,
# however good the model. The docstrings describe the argument of all four in the same
# words. All weights are drawn here, since ComirecDR's routing matrix starts as memory
# that nobody has set: in one run its scores were NaN.
#
# Seen:
#   YoutubeDNN: scores at 0.05 are 20.0 times those at 1
#   ComirecSA: scores at 0.05 are 1.0 times those at 1
#   ComirecDR: scores at 0.05 are 1.0 times those at 1
#   MIND: scores at 0.05 are 1.0 times those at 1
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile torch==2.13.0 torch-rechub==0.9.0 numpy==2.2.6
"$place/bin/python" -W ignore - <<'PY'
import torch
from torch_rechub.basic.features import SequenceFeature, SparseFeature
from torch_rechub.models.matching import MIND, ComirecDR, ComirecSA, YoutubeDNN


def items(name, pooling="concat"):
    return [SequenceFeature(name, 50, embed_dim=8, pooling=pooling, shared_with="item")]


user, item = ([SparseFeature(name, 50, embed_dim=8)] for name in ("user", "item"))
batch = {
    "user": torch.tensor([1]),
    "history": torch.tensor([[5, 6, 7, 0]]),
    "item": torch.tensor([3]),
    "negatives": torch.tensor([[20, 21]]),
}
for kind, want in ((YoutubeDNN, 20), (ComirecSA, 1), (ComirecDR, 1), (MIND, 1)):
    if kind is YoutubeDNN:
        features = [user + items("history", "mean"), item, items("negatives")]
        more = {"user_params": {"dims": [8]}}
    else:
        features = [user, items("history"), item, items("negatives")]
        more = {} if kind is ComirecSA else {"max_length": 4}
    torch.manual_seed(0)
    plain = kind(*features, **more).eval()
    for weights in plain.parameters():
        torch.nn.init.normal_(weights)
    sharp = kind(*features, **more, temperature=0.05).eval()
    sharp.load_state_dict(plain.state_dict())
    scores = []
    for model in (plain, sharp):
        torch.manual_seed(1)  # MIND draws its routing noise in every call
        scores.append(model(batch))
    factor = (scores[1] / scores[0]).mean().item()
    print(f"{kind.__name__}: scores at 0.05 are {factor:.1f} times those at 1")
    assert abs(factor - want) < 1e-3
PY
