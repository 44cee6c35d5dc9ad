"""SDM as a whole: what it reads, what it trains, what it refuses."""

import pytest
import torch
import torch.nn.functional as F

from seqviz.data import (
    Batch,
    SessionBatch,
    batches,
    item_attributes,
    load_shop,
    split_session_rest,
)
from seqviz.data.splits import clock_cuts
from seqviz.experiments import evaluate, fit
from seqviz.layers import NegativeSampler, sampled_softmax_loss
from seqviz.models import SDM
from seqviz.models.sdm import FUSIONS
from seqviz.retrieval import InterestSearch

N, U, E = 30, 5, 8
ATTRIBUTES = torch.stack(
    [torch.arange(N + 1), (torch.arange(N + 1) - 1) % 3 + 1, torch.arange(N + 1) % 4], 1
)
ATTRIBUTES[0] = 0


def batch(rows=6, length=7, seed=0):
    """Sessions padded on the left; the last two users have no session or no past."""
    generator = torch.Generator().manual_seed(seed)

    def draw(high, *shape):
        return torch.randint(1, high, shape, generator=generator)

    session_ids = draw(N + 1, rows, length)
    session_ids[1, :4] = 0
    session_ids[-1] = 0
    long_ids = torch.stack(
        [draw(N + 1, rows, 4), draw(4, rows, 4), draw(4, rows, 4)], 1
    )
    long_ids[0, :, :2] = 0
    long_ids[-2] = 0
    target_ids = draw(N + 1, rows)
    users = torch.arange(rows) % U
    return SessionBatch(
        session_ids,
        session_ids != 0,
        target_ids,
        target_ids[:, None],
        users,
        users * 0,
        session_ids,
        long_ids,
    )


def model(**options):
    torch.manual_seed(0)
    options = {"attributes": ATTRIBUTES, "num_users": U, **options}
    made = SDM(N, E, 2, **options)
    with torch.no_grad():  # as after some training
        made.user_embedding.weight.normal_(std=0.3)
    return made


@pytest.mark.parametrize("fusion", FUSIONS)
def test_the_output_is_what_the_fusion_says(fusion):
    own, data = model(fusion=fusion), batch()
    read = own.read(data)
    user = own.users(data.users)
    short, long = read.short, read.long
    expected = {
        "gate": lambda: own.join(user, short, long)[0],
        "concat": lambda: own.join(torch.cat([short, long], 1)),
        "sum": lambda: short + long,
        "short": lambda: short,
        "long": lambda: long,
    }[fusion]()
    torch.testing.assert_close(read.output, expected)
    assert (short == 0).all() == (fusion == "long")
    assert (long == 0).all() == (fusion == "short")
    if fusion not in ("gate", "concat", "sum"):
        assert (read.gate == float(fusion == "short")).all()


@pytest.mark.parametrize("temperature", [None, 0.1])
def test_scores_and_loss_are_those_of_every_model(temperature):
    own, data = model(temperature=temperature), batch()
    output, items = own.read(data).output, own.item_vectors()
    if temperature:
        output = F.normalize(output, dim=1) / temperature
    logits = output @ items.T
    torch.testing.assert_close(own.scores(data)[:, 1:], logits[:, 1:])
    assert (own.scores(data)[:, 0] == -torch.inf).all()
    expected = F.cross_entropy(logits[:, 1:], data.target_ids - 1)
    torch.testing.assert_close(own.loss(data), expected)
    torch.testing.assert_close(own(data)[:, 0], own.read(data).output)


@pytest.mark.parametrize("shape", [(9,), (6, 9)])
@pytest.mark.parametrize("temperature", [None, 0.5])
def test_the_sampled_loss_is_that_of_the_whole_table(temperature, shape):
    own, data = model(temperature=temperature), batch()
    negatives, log_probability = torch.randint(1, N + 1, shape), torch.randn(N + 1)
    loss = own.sampled_loss(data, negatives, log_probability)
    query = own._scaled(own.read(data).output)  # noqa: SLF001
    expected = sampled_softmax_loss(
        query, own.item_vectors(), data.target_ids, negatives, log_probability
    )
    torch.testing.assert_close(loss, expected)
    parameters = list(own.parameters())
    torch.testing.assert_close(
        torch.autograd.grad(loss, parameters),
        torch.autograd.grad(expected, parameters),
    )


@pytest.mark.parametrize("sampled", [False, True])
@pytest.mark.parametrize("fusion", FUSIONS)
def test_every_loss_trains_every_parameter_that_the_fusion_reads(fusion, sampled):
    sampler = NegativeSampler.uniform(N) if sampled else None
    own = model(fusion=fusion, sampler=sampler, num_negatives=20, temperature=0.5)
    own.loss(batch()).backward()
    for name, parameter in own.named_parameters():
        assert parameter.grad.isfinite().all() and parameter.grad.any(), name
    for table in (own.embedding, own.attribute_embedding):
        assert not table.weight.grad[0].any()


def test_an_item_is_its_id_and_its_attributes():
    own = model()
    ids, extra = own.embedding.weight, own.attribute_embedding.weight
    vectors = own.item_vectors()
    for item in (1, 7, 30):
        _, first, second = ATTRIBUTES[item].tolist()
        expected = ids[item] + extra[first]
        if second:  # 0 is no value
            expected = expected + extra[3 + second]
        torch.testing.assert_close(vectors[item], expected)
    assert (vectors[0] == 0).all()
    assert len(extra) == 1 + 3 + 3


def test_the_past_reads_the_same_tables():
    own, data = model(), batch()
    values = own._values(data)  # noqa: SLF001
    row = data.long_ids[2]
    torch.testing.assert_close(values[2, 0], own.embedding.weight[row[0]])
    torch.testing.assert_close(values[2, 1], own.attribute_embedding.weight[row[1]])
    torch.testing.assert_close(values[2, 2], own.attribute_embedding.weight[3 + row[2]])


def test_one_without_attributes_reads_the_items_of_the_past_alone():
    own, data = model(attributes=None), batch()
    read = own.read(data)
    assert read.long_weights.shape == (6, 1, 4)
    changed = data._replace(long_ids=data.long_ids.clone())
    changed.long_ids[:, 1:] = 1
    torch.testing.assert_close(own.read(changed).output, read.output)


def test_a_user_without_session_or_past_gets_an_answer():
    own, data = model(), batch()
    read = own.read(data)
    assert (read.short[-1] == 0).all() and (read.weights[-1] == 0).all()
    assert (read.long_weights[-2] == 0).all()
    assert own.scores(data)[:, 1:].isfinite().all()
    assert own.loss(data).isfinite()


def test_an_untrained_user_asks_as_everybody():
    torch.manual_seed(0)
    own = SDM(N, E, 2, num_users=U)
    torch.testing.assert_close(own.users(torch.arange(U)), own.everybody.expand(U, E))
    assert SDM(N, E, 2).users(torch.tensor([99, 3])).shape == (2, E)


def test_padding_of_the_session_and_of_the_past_changes_nothing():
    own, data = model(), batch()
    wider = data._replace(
        session_ids=F.pad(data.session_ids, (2, 3)),
        long_ids=F.pad(data.long_ids, (1, 2)),
    )
    for ours, theirs in zip(own.read(wider)[:4], own.read(data)[:4], strict=True):
        torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(own.loss(wider), own.loss(data))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype):
    own, data = model(temperature=0.5).to(dtype), batch()
    assert own.loss(data).isfinite()
    assert own.scores(data)[:, 1:].isfinite().all()


def test_state_survives_a_copy():
    own, other = model(), model()
    with torch.no_grad():
        other.everybody.add_(1)
    other.load_state_dict(own.state_dict())
    torch.testing.assert_close(other.scores(batch()), own.scores(batch()))


def test_fit_learns_and_evaluation_gives_the_same_twice():
    shop = load_shop(num_users=250, seed=3)
    clicks = shop.interactions.of_kind("click")
    attributes = item_attributes(shop.catalog)
    first, second = clock_cuts(clicks.table["time"].to_numpy(), (0.6, 0.2, 0.2))
    split = split_session_rest(clicks, attributes, first, second, long_days=None)
    torch.manual_seed(0)
    own = SDM(240, 16, attributes=torch.from_numpy(attributes), num_users=250)
    before = evaluate(own, split.validation, length=20)
    train = batches(split.train, 256, 20, shuffle=True)
    fit(own, train, epochs=3, learning_rate=1e-2, device="cpu", progress=False)
    after = evaluate(own, split.validation, length=20)
    assert evaluate(own, split.validation, length=20) == after
    assert after["recall@50"] > 1.2 * before["recall@50"]


def bad_calls():
    own, data = model(), batch()
    yield (
        lambda: own.loss(Batch(*data[:6])),
        "batch must be a SessionBatch, .* got Batch",
    )
    yield (
        lambda: own.loss(data._replace(users=data.users + 3)),
        "users must lie in 0..4",
    )
    high = data._replace(session_ids=data.session_ids + N)
    yield lambda: own.scores(high), f"item_ids must lie in 0..{N}"
    far = data._replace(long_ids=data.long_ids.clone())
    far.long_ids[0, 1, 2] = 4  # not the next attribute's first
    yield lambda: own.scores(far), r"long_ids\[:, 1\] must lie in 0..3, got 0..4"
    fewer = data._replace(long_ids=data.long_ids[:, :2])
    yield lambda: own.scores(fewer), "long_ids must hold the 3 attributes"
    alone = lambda: InterestSearch(own, 5)(data)  # noqa: E731
    yield alone, "item_ids must come with their sessions: .*, got ids alone"
    yield lambda: SDM(N, E, 3), "num_heads must divide embedding_dim"
    yield lambda: SDM(N, E, fusion="mean"), "fusion must be one of gate, concat"
    yield lambda: SDM(N, E, num_users=-1), "num_users must be at least 0, got -1"
    yield lambda: SDM(N, E, attributes=ATTRIBUTES[1:]), r"attributes must be \[N \+ 1"
    yield lambda: SDM(N, E, attributes=ATTRIBUTES + 1), "attributes must have the item"
    yield lambda: SDM(N, E, attributes=ATTRIBUTES * 0.5), "attributes must be whole"


@pytest.mark.parametrize(("call", "message"), list(bad_calls()))
def test_bad_arguments(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
