"""A trained model leaves Python: exported once, asked with any number of users."""

import pytest
import torch

from seqviz.models import MIND, SRGNN, ComiRecDR, ComiRecSA, MeanPooling, SASRec

N, E, T = 30, 8, 6


@pytest.mark.parametrize(
    "make",
    [
        lambda: MeanPooling(N, E),
        lambda: ComiRecSA(N, E, 3, T),
        lambda: ComiRecDR(N, E, 3, T),
        lambda: MIND(N, E, 3, T),
        lambda: SASRec(N, E, 2, max_length=T),
        lambda: SRGNN(N, E),
    ],
    ids=["MeanPooling", "ComiRecSA", "ComiRecDR", "MIND", "SASRec", "SRGNN"],
)
def test_the_batch_stays_free(make):
    torch.manual_seed(0)
    model = make().eval()
    few, many = (torch.randint(0, N + 1, (rows, T)) for rows in (4, 9))
    few[0] = many[0] = 0  # nobody clicked anything
    rows = torch.export.Dim("B", min=1)
    exported = torch.export.export(model, (few,), dynamic_shapes=({0: rows},))
    for item_ids in (few, many):
        torch.testing.assert_close(exported.module()(item_ids), model(item_ids))
