"""The field models: one network, and where each puts its weights."""

import pytest
import torch

from seqviz.data.planted_fields import FieldBatches, planted_fields
from seqviz.experiments.field_trial import field_chances, gates_of
from seqviz.models.field_models import (
    LHUC,
    Apart,
    AutoInt,
    DIENFields,
    DINFields,
    DSINFields,
    FactorizationMachine,
    FieldNetwork,
    MMoE,
    SENet,
)

ROWS = planted_fields(60, 12, seed=2)
SHAPES = {
    FactorizationMachine: (21,),
    SENet: (7,),
    LHUC: (32,),
    AutoInt: (2, 7, 7),
    MMoE: (2, 4),
    DINFields: (12,),
    DIENFields: (12,),
    DSINFields: (2, 3),
}
each = pytest.mark.parametrize("kind", SHAPES, ids=lambda kind: kind.__name__)


def model(kind, **options):
    torch.manual_seed(0)
    made = kind(ROWS.sizes, **options)
    if kind is LHUC:
        torch.nn.init.normal_(made.gate.gate.weight)
    return made.eval()


@each
def test_weights_have_their_shape_and_can_be_frozen(kind):
    made, batch = model(kind), ROWS.batch()
    logits, weights = made(batch, need_weights=True)
    assert weights.shape == (60, *SHAPES[kind])
    assert logits.shape == (60, len(made.labels))
    torch.testing.assert_close(made(batch, frozen=weights), logits)
    full = (ROWS.item_ids > 0).all(1)  # shares of a shorter history sum to 1, too
    held = weights[full].mean(0)
    _, found = made(batch, frozen=held, need_weights=True)
    torch.testing.assert_close(found[full], held.expand_as(found)[full])


def test_a_network_without_a_job_has_no_weights():
    made = model(FieldNetwork)
    logits, weights = made(ROWS.batch(), need_weights=True)
    assert weights is None and logits.shape == (60, 1)
    assert gates_of(made, ROWS) is None
    assert field_chances(made, ROWS).shape == (60, 1)


def test_without_attention_every_coefficient_is_alike():
    for kind, share in ((FactorizationMachine, 1 / 21), (AutoInt, 1 / 7)):
        made = model(kind, attention=False)
        _, weights = made(ROWS.batch(), need_weights=True)
        torch.testing.assert_close(weights, torch.full_like(weights, share))


def test_experts_without_gates_are_averaged():
    made, batch = model(MMoE, gates=False), ROWS.batch()
    _, weights = made(batch, need_weights=True)
    assert weights.shape == (60, 2, 4) and (weights == 1 / 4).all()
    made.loss(batch).backward()
    assert made.mixture.gate.weight.grad is None
    assert made.mixture.first.weight.grad.abs().sum() > 0


def test_one_expert_is_one_network_for_all_labels():
    made = model(MMoE, num_experts=1)
    _, weights = made(ROWS.batch(), need_weights=True)
    assert weights.shape == (60, 2, 1) and (weights == 1).all()


def test_two_models_apart_share_nothing():
    made, batch = model(Apart), ROWS.batch()
    made.loss(batch).backward()
    one, other = made.models
    assert one.embedding.weight.grad.any() and other.embedding.weight.grad.any()
    before = made(batch)
    with torch.no_grad():
        one.embedding.weight.add_(1.0)
    after = made(batch)
    assert torch.equal(before[:, 1], after[:, 1])
    assert not torch.allclose(before[:, 0], after[:, 0])


def test_the_auxiliary_loss_counts_as_much_as_asked():
    batch = ROWS.batch()
    without, some, more = (
        model(DIENFields, auxiliary=weight).loss(batch) for weight in (0.0, 0.5, 1.0)
    )
    torch.testing.assert_close(more - without, 2 * (some - without))
    assert more > without


def test_older_clicks_than_fit_into_the_sessions_are_not_read():
    made = model(DSINFields)
    batch = ROWS.select((ROWS.item_ids > 0).all(1)).batch()
    longer = batch._replace(
        item_categories=torch.cat(
            [torch.full_like(batch.item_categories, 5), batch.item_categories], 1
        ),
        item_ids=torch.cat([batch.item_ids, batch.item_ids], 1),
        mask=torch.cat([batch.mask, batch.mask], 1),
    )
    torch.testing.assert_close(made(longer), made(batch))


def test_it_learns():
    made = model(FieldNetwork)
    batches = list(FieldBatches(ROWS, 60))
    adam = torch.optim.Adam(made.parameters(), 0.02)
    losses = []
    for _ in range(30):
        loss = made.loss(batches[0])
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_bad_input_is_named():
    made, batch = model(FieldNetwork), ROWS.batch()
    wrong = batch.fields.clone()
    wrong[0, 3] = 9
    with pytest.raises(ValueError, match=r"fields\[:, 3\] must lie in 0\.\.3, got"):
        made(batch._replace(fields=wrong))
    with pytest.raises(ValueError, match=r"item_categories must lie in 0\.\.11"):
        made(batch._replace(item_categories=batch.item_categories + 50))
    with pytest.raises(ValueError, match=r"sizes\[1\] must be at least 1, got 0"):
        FieldNetwork((4, 0))
    with pytest.raises(ValueError, match="hidden_dim must be at least 1"):
        FieldNetwork((4, 3), hidden_dim=0)
