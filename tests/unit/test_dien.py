import pytest
import torch
import torch.nn.functional as F

from seqviz.data import ClickBatch
from seqviz.experiments.train import fit
from seqviz.models import DIEN

N, B, T = 30, 16, 7
DRAWS = torch.Generator().manual_seed(0)
FEATURES = F.pad(torch.randint(1, 5, (N, 2), generator=DRAWS), (0, 0, 1, 0))
kinds = pytest.mark.parametrize("kind", ["augru", "agru", "aigru"])


def batch(seed=0):
    generator = torch.Generator().manual_seed(seed)

    def draw(low, high, *shape):
        return torch.randint(low, high, shape, generator=generator)

    ids = draw(1, N + 1, B, T) * (draw(0, 3, B, T) > 0)
    ids[-1] = 0
    zeros = torch.zeros(B, dtype=torch.int64)
    targets, clicked = draw(1, N + 1, B), draw(0, 2, B).float()
    return ClickBatch(ids, ids != 0, targets, zeros, zeros, clicked)


def model(seed=0, **options):
    torch.manual_seed(seed)
    return DIEN(N, 4, **{"hidden_units": (8, 4)} | options)


@kinds
@pytest.mark.parametrize("features", [None, FEATURES])
def test_shapes_and_gradients(kind, features):
    module, data = model(kind=kind, item_features=features), batch()
    loss = module.loss(data)
    loss.backward()
    assert module.logits(data).shape == (B,) and loss.isfinite()
    assert all(p.grad.isfinite().all() for p in module.parameters())
    assert (module.embedding.weight.grad[0] == 0).all()
    weights = module.weights(data)
    assert weights.shape == (B, T) and (weights[~data.mask] == 0).all()
    torch.testing.assert_close(weights.sum(1), data.mask.any(1).float())


def test_the_loss_is_its_parts():
    data = batch()
    counts = {"l2": 0.1, "counts": torch.ones(N + 1)}
    negatives = model().draw(data)
    plain = model(auxiliary=0).loss(data)
    parts = model().pooling
    states = parts.extractor(model().embedding(data.item_ids), data.mask)
    auxiliary = parts.extractor.auxiliary_loss(
        states,
        model().embedding(data.item_ids),
        model().embedding(negatives),
        data.mask,
    )
    found = model(auxiliary=0.3).loss(data, negatives)
    torch.testing.assert_close(found, plain + 0.3 * auxiliary)
    penalty = model(auxiliary=0, **counts).loss(data) - plain
    found = model(auxiliary=0.3, **counts).loss(data, negatives)
    torch.testing.assert_close(found, plain + 0.3 * auxiliary + penalty)


def test_a_negative_is_any_other_item():
    data = batch()
    ids = torch.full((2000, 2), 3)
    ids[:, 0] = N
    data = data._replace(item_ids=ids, mask=ids != 0)
    torch.manual_seed(0)
    drawn = model().draw(data)
    for column, own in ((0, N), (1, 3)):
        counts = torch.bincount(drawn[:, column], minlength=N + 1)
        assert counts[0] == counts[own] == 0
        others = counts[[i for i in range(1, N + 1) if i != own]]
        expected = 2000 / (N - 1)
        assert ((others - expected) ** 2 / expected).sum() < 60  # chi-square, 28


def test_the_auxiliary_loss_teaches_the_first_layer():
    """Without clicks to learn from, the states still come to know what follows."""
    ids = torch.arange(40).view(1, -1) % 4 + 1  # 1 2 3 4 1 2 3 4 ...
    zeros = torch.zeros(1, dtype=torch.int64)
    data = ClickBatch(ids, ids != 0, zeros + 1, zeros, zeros, zeros.float())
    torch.manual_seed(0)
    module = DIEN(N, 8, hidden_units=(4,))
    fit(module, [data] * 100, epochs=3, learning_rate=1e-2, seed=0, progress=False)
    query, behaviors = module._vectors(data)
    states = module.pooling.extractor(behaviors, data.mask)[0, 8:-1]
    guess = (states @ module.embedding.weight[1:5].T).argmax(1) + 1
    assert (guess == ids[0, 9:]).float().mean() > 0.95


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match="kind must be one of aigru, agru, augru"):
        model(kind="gru")
    with pytest.raises(ValueError, match="auxiliary must be finite and at least 0"):
        model(auxiliary=-1.0)
    with pytest.raises(ValueError, match="auxiliary must be 0 for a catalog of one"):
        DIEN(1, 4)
    with pytest.raises(ValueError, match="negative_ids must lie in 0..30, got 31"):
        model().loss(batch(), batch().item_ids * 0 + 31)


def test_one_item_is_enough_without_negatives():
    data = batch()
    data = data._replace(
        item_ids=data.item_ids.clamp(max=1), target_ids=torch.ones(B).int()
    )
    assert DIEN(1, 4, auxiliary=0).loss(data).isfinite()
