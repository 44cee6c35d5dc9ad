"""RecBole's SASRec without what only its trainer and its tuning need.

``recbole`` asks for ``ray<=2.6.3``, which has no wheel for Python 3.12 and later and is
read by its tuning alone: it is installed without its dependencies (``alone.txt``). Any
of its modules imports tensorboard for the trainer's log; a stand-in saves that one,
with its gRPC. And one of its models (``sine.py``) switches torch's anomaly detection on
for the whole process, on import (findings/recbole-anomaly.sh): it is switched back.
Nothing else is touched.
"""

import sys
import types

import torch


def import_recbole() -> types.ModuleType:
    """``recbole`` with its sequential models.

    Raises:
        ImportError: it is not installed.
    """
    name = "torch.utils.tensorboard"
    if name not in sys.modules:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].SummaryWriter = None
    before = torch.is_anomaly_enabled()
    import recbole.model.sequential_recommender

    torch.autograd.set_detect_anomaly(before)
    return recbole
