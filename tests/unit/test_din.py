import pytest
import torch
import torch.nn.functional as F

from seqviz.data import ClickBatch, click_batches, load_shop, shown_clicks, split_clicks
from seqviz.experiments import predict
from seqviz.experiments.train import fit
from seqviz.metrics.clicks import auc
from seqviz.models import BST, DIEN, DIN, DSIN, BaseModel, ClickModel, TargetPooling

N, U, B, T = 30, 6, 16, 7
DRAWS = torch.Generator().manual_seed(0)
FEATURES = F.pad(torch.randint(1, 5, (N, 2), generator=DRAWS), (0, 0, 1, 0))


def batch(seed=0, rows=B):
    generator = torch.Generator().manual_seed(seed)

    def draw(low, high, *shape):
        return torch.randint(low, high, shape, generator=generator)

    ids = draw(1, N + 1, rows, T) * (draw(0, 3, rows, T) > 0)
    ids[-1] = 0
    return ClickBatch(
        ids,
        ids != 0,
        draw(1, N + 1, rows),
        draw(0, U, rows),
        torch.zeros(rows, dtype=torch.int64),
        draw(0, 2, rows).float(),
    )


def model(make=DIN, seed=0, **options):
    torch.manual_seed(seed)
    sizes = {"hidden_units": (8, 4)} | options
    if make is ClickModel:
        return ClickModel(N, TargetPooling(4), 4, **sizes)
    if make is DIN:
        sizes = {"attention_units": (6, 3)} | sizes
    return make(N, 4, **sizes)


MAKES = pytest.mark.parametrize("make", [DIN, BaseModel, ClickModel])


@MAKES
@pytest.mark.parametrize("activation", ["sigmoid", "prelu", "dice"])
def test_shapes_and_gradients(make, activation):
    module, data = model(make, activation=activation), batch()
    assert module.logits(data).shape == (B,)
    loss = module.loss(data)
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad is not None for p in module.parameters())
    assert (module.embedding.weight.grad[0] == 0).all()
    assert module.weights(data).shape == (B, T)
    assert (module.weights(data)[~data.mask] == 0).all()


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize("attention_activation", ["sigmoid", "dice"])
def test_fields(softmax, attention_activation):
    module = model(
        item_features=FEATURES,
        user_features=torch.arange(U)[:, None],
        softmax=softmax,
        attention_activation=attention_activation,
    )
    vectors = module.item_vectors()
    assert vectors.shape == (N + 1, 12)
    assert (vectors[0] == 0).all()
    same = (FEATURES[1:, None] == FEATURES[None, 1:]).all(-1).fill_diagonal_(False)
    one, two = same.nonzero()[0] + 1
    assert torch.equal(vectors[one, 4:], vectors[two, 4:])
    data = batch()
    other = data._replace(users=(data.users + 1) % U)
    assert not torch.allclose(module.logits(data), module.logits(other))
    module.loss(data).backward()
    assert all(p.grad is not None for p in module.parameters())


@MAKES
def test_at_evaluation_a_row_sees_neither_label_nor_batch(make):
    """The leak of the unshared normalization cannot happen."""
    module = model(make, activation="dice").train()
    for seed in range(3):
        module.loss(batch(seed))
    module.eval()
    data = batch()
    logits = module.logits(data)
    flipped = data._replace(clicked=1 - data.clicked)
    assert torch.equal(module.logits(flipped), logits)
    clicks = ClickBatch._make(column[data.clicked == 1] for column in data)
    torch.testing.assert_close(module.logits(clicks), logits[data.clicked == 1])
    alone = ClickBatch._make(column[3:4] for column in data)
    torch.testing.assert_close(module.logits(alone), logits[3:4])


@MAKES
def test_in_training_the_label_reaches_only_the_loss(make):
    data = batch()
    flipped = data._replace(clicked=1 - data.clicked)
    one, two = (model(make, activation="dice").logits(d) for d in (data, flipped))
    assert torch.equal(one, two)


@MAKES
def test_longer_padding_changes_nothing(make):
    module, data = model(make).eval(), batch()
    wide = torch.cat([torch.zeros(B, 4).long(), data.item_ids], 1)
    longer = data._replace(item_ids=wide, mask=wide != 0)
    torch.testing.assert_close(module.logits(longer), module.logits(data))


def test_only_the_base_model_reads_the_same_for_every_candidate():
    data = batch()
    other = data._replace(target_ids=data.target_ids % N + 1)
    base, din = model(BaseModel), model(DIN)
    assert torch.equal(base.weights(data), base.weights(other))
    assert not torch.allclose(din.weights(data), din.weights(other))


def test_the_penalties():
    data, counts = batch(), torch.randint(1, 9, (N + 1,)).float()
    plain = model().loss(data)
    full = model(l2=0.1)
    expected = plain + 0.1 * full.embedding.weight.square().sum()
    torch.testing.assert_close(full.loss(data), expected)
    own = model(l2=0.1, counts=counts)
    ids = torch.cat([data.target_ids, data.item_ids.flatten()]).unique()
    ids = ids[ids > 0]
    squares = own.embedding.weight[ids].square().sum(-1)
    torch.testing.assert_close(
        own.loss(data), plain + 0.1 * (squares / counts[ids]).sum()
    )


def test_the_penalty_of_a_feature_counts_the_items_that_have_it():
    data, counts = batch(), torch.randint(1, 9, (N + 1,)).float()
    kind = {"item_features": FEATURES}
    plain, own = model(**kind), model(l2=0.1, counts=counts, **kind)
    ids = torch.cat([data.target_ids, data.item_ids.flatten()]).unique()
    ids = ids[ids > 0]
    expected = (own.embedding.weight[ids].square().sum(-1) / counts[ids]).sum()
    for column, table in zip(FEATURES.T, own.feature_embeddings, strict=True):
        for value in column[ids].unique():
            square = table.weight[value].square().sum()
            expected = expected + square / counts[column == value].sum()
    torch.testing.assert_close(own.loss(data), plain.loss(data) + 0.1 * expected)


def test_columns_may_be_arrays():
    counts = torch.randint(1, 9, (N + 1,)).float()
    tables = {"item_features": FEATURES, "user_features": torch.arange(U)[:, None]}
    given = tables | {"counts": counts}
    arrays = {name: table.numpy() for name, table in given.items()}
    one, other = model(l2=0.1, **given), model(l2=0.1, **arrays)
    assert torch.equal(one.loss(batch()), other.loss(batch()))


def test_it_learns_what_the_shop_plants():
    shop = load_shop(400, seed=5)
    train, _, test = split_clicks(shown_clicks(shop.interactions))
    torch.manual_seed(0)
    features = torch.from_numpy(shop.catalog.category_ids)[:, None]
    module = DIN(240, 8, attention_units=(16,), item_features=features)
    rows = click_batches(train, 128, 20, shuffle=True)
    fit(module, rows, epochs=4, learning_rate=3e-3, device="cpu", progress=False)
    predicted = predict(module, click_batches(test, 512, 20))
    assert auc(predicted, test.clicked) > 0.7
    assert module.training


@pytest.mark.parametrize(
    "options, message",
    [
        ({"l2": -1.0}, "l2 must be finite and at least 0"),
        ({"l2": float("nan")}, "l2 must be finite and at least 0"),
        ({"counts": torch.ones(N)}, "counts must have shape"),
        ({"item_features": FEATURES[1:]}, "item_features must have 31 rows"),
        ({"item_features": FEATURES[:, 0]}, "item_features must be ids with two dim"),
        ({"item_features": FEATURES + 1}, "item_features must be 0 in row 0"),
        ({"user_features": torch.ones(U, 1)}, "user_features must be ids"),
        ({"user_features": torch.ones(0, 1).long()}, "user_features must have a row"),
        ({"activation": "gelu"}, "activation must be one of"),
    ],
)
def test_bad_settings_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        model(**options)


@pytest.mark.parametrize("kind", [DIN, DIEN, BST, DSIN])
def test_features_are_looked_at_before_a_width_is_made_of_them(kind):
    with pytest.raises(ValueError, match="item_features must be ids with two dim"):
        kind(N, 4, item_features=torch.tensor(7))


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda d: {"target_ids": d.target_ids + N}, r"target_ids must lie in 1\.\.30"),
        (
            lambda d: {"target_ids": d.target_ids * 0},
            r"target_ids must lie in 1\.\.30, got 0\.\.0",
        ),
        (lambda d: {"item_ids": d.item_ids + N}, r"item_ids must lie in 0\.\.30"),
        (lambda d: {"item_ids": d.item_ids - N}, r"item_ids must lie in 0\.\.30"),
        (lambda d: {"users": d.users + U}, r"users must lie in 0\.\.5"),
        (lambda d: {"users": d.users - U}, r"users must lie in 0\.\.5"),
    ],
)
def test_an_id_out_of_range_is_named(change, message):
    data, module = batch(), model(user_features=torch.arange(U)[:, None])
    with pytest.raises(ValueError, match=message):
        module.loss(data._replace(**change(data)))


def test_sizes_are_named():
    with pytest.raises(ValueError, match="embedding_dim must be at least 1, got 0"):
        BaseModel(N, 0)
    with pytest.raises(ValueError, match="num_items must be at least 1, got 0"):
        BaseModel(0, 4)


def test_one_row_and_one_item_are_enough():
    data = batch(rows=1)
    data = data._replace(
        item_ids=data.item_ids.clamp(max=1), target_ids=torch.ones(1).int()
    )
    module = DIN(1, 4, activation="dice", attention_activation="dice")
    assert module.loss(data).isfinite()


def test_a_saved_model_predicts_the_same():
    fields = {"item_features": FEATURES, "user_features": torch.arange(U)[:, None]}
    options = fields | {"activation": "dice", "counts": torch.ones(N + 1), "l2": 0.1}
    one, other = model(**options), model(seed=1, **options)
    one.loss(batch())  # moves the statistics
    other.load_state_dict(one.state_dict())
    assert other.eval().loss(batch(1)).equal(one.eval().loss(batch(1)))
