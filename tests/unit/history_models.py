"""Little models with random weights for the explorer of one's own history."""

import torch

from seqviz.models import (
    DIN,
    MIND,
    SDM,
    ComiRecDR,
    ComiRecSA,
    GRU4Rec,
    MeanPooling,
    SASRec,
)

N, E, T = 40, 8, 12
TITLES = [f"item {n}" for n in range(1, N + 1)]
CATEGORIES = [f"shelf {(n - 1) // 5}" for n in range(1, N + 1)]
COUNTS = [0, *(7 * n % 11 for n in range(1, N + 1))]
#: The item and its shelf; the last shelf is unknown.
ATTRIBUTES = torch.tensor(
    [[0, 0], *([n, (1 + (n - 1) // 5) % 8] for n in range(1, N + 1))]
)


def models(seed=0):
    """Return a model of each kind, every weight and bias random."""
    torch.manual_seed(seed)
    found = {
        "mean": MeanPooling(N, E, temperature=0.1),
        "ComiRec-SA": ComiRecSA(N, E, 3, temperature=0.1),
        "ComiRec-DR": ComiRecDR(N, E, 3, T, temperature=0.1),
        "MIND": MIND(N, E, 4, T, adaptive=seed != 1, temperature=0.1),
        "SASRec": SASRec(N, E, 1, 2, max_length=T, temperature=0.1),
        "GRU4Rec": GRU4Rec(N, E, temperature=0.1),
        "SDM": SDM(
            N,
            E,
            2,
            attributes=ATTRIBUTES if seed else None,
            temperature=0.1,
        ),
        "DIN": DIN(
            N,
            E // 2,
            attention_units=(6, 4),
            attention_activation="prelu" if seed else "sigmoid",
            softmax=True,
            item_features=ATTRIBUTES[:, 1:] if seed else None,
            hidden_units=(9, 5),
        ),
    }
    for model in found.values():
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "embedding" not in name:
                    weight.add_(0.2 * torch.randn_like(weight))
    return found
