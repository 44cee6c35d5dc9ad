import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from seqviz.data import ClickBatch
from seqviz.experiments import predict
from seqviz.metrics.clicks import (
    auc,
    auc_by_row,
    calibration,
    click_metrics,
    gauc,
    gauc_of,
    log_loss,
    rela_impr,
)

seeds = st.integers(0, 2**32 - 1)


def case(seed, rows=60, levels=8):
    """Scores with many ties; at least one click and one miss."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(levels, size=rows) / levels
    clicked = rng.random(rows) < 0.2 + 0.6 * scores
    clicked[:2] = True, False
    return scores, clicked, rng.integers(0, 12, size=rows) * 5


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from([2, 8, 10**6]))
def test_auc_is_scikit_learns(seed, levels):
    scores, clicked, _ = case(seed, levels=levels)
    assert auc(scores, clicked) == pytest.approx(metrics.roc_auc_score(clicked, scores))


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from([2, 8, 10**6]))
def test_gauc_is_a_loop_over_users(seed, levels):
    scores, clicked, users = case(seed, levels=levels)
    total = shown = left_out = 0
    for user in np.unique(users):
        own = users == user
        if clicked[own].all() or not clicked[own].any():
            left_out += 1
            continue
        total += own.sum() * metrics.roc_auc_score(clicked[own], scores[own])
        shown += own.sum()
    if not shown:
        return
    found = gauc_of(scores, clicked, users)
    assert found.value == pytest.approx(total / shown)
    assert found.left_out == left_out
    assert found.users + left_out == len(np.unique(users))
    order = np.random.default_rng(seed).permutation(len(users))
    assert gauc(scores[order], clicked[order], users[order]) == pytest.approx(
        found.value
    )


def test_the_mean_over_the_rows_is_gauc():
    rng = np.random.default_rng(0)
    scores, users = rng.random(300), rng.integers(0, 90, 300) * 3
    clicked = rng.random(300) < 0.4
    values, people = auc_by_row(scores, clicked, users)
    assert people.tolist() == sorted(users)
    assert np.isnan(values).any()  # somebody clicked all or nothing
    assert np.nanmean(values) == pytest.approx(gauc(scores, clicked, users))
    somebody = people[~np.isnan(values)][0]
    mine = users == somebody
    of_hers = auc(scores[mine], clicked[mine])
    assert values[people == somebody] == pytest.approx(of_hers)


def test_a_constant_a_user_moves_auc_but_not_gauc():
    scores, clicked, users = case(0)
    moved = scores + users
    assert gauc(moved, clicked, users) == pytest.approx(gauc(scores, clicked, users))
    assert abs(auc(moved, clicked) - auc(scores, clicked)) > 0.01


def test_with_one_user_gauc_is_auc():
    scores, clicked, _ = case(1)
    assert gauc(scores, clicked, np.zeros(len(scores), int)) == auc(scores, clicked)


def test_tensors_do_too():
    scores, clicked, users = case(2)
    found = gauc(*(torch.from_numpy(a) for a in (scores, clicked, users)))
    assert found == gauc(scores, clicked, users)
    found = log_loss(
        torch.tensor(scores, requires_grad=True), torch.tensor(clicked).float()
    )
    assert found == log_loss(scores, clicked)


def test_bfloat16_and_infinite_scores_count_as_they_stand():
    scores = torch.tensor([0.5, 0.25, 0.75], dtype=torch.bfloat16)
    assert auc(scores, [1, 0, 1]) == 1.0
    assert auc([-np.inf, -np.inf], [1, 0]) == auc([-np.inf, -np.inf], [0, 1]) == 0.5
    assert auc([-np.inf, 0, np.inf, np.inf], [0, 0, 0, 1]) == pytest.approx(2.5 / 3)


def test_rela_impr_is_the_papers():
    """Table 3 of the paper: DIN on Amazon, .8818 over .8624, is +5.35%."""
    assert rela_impr(0.8818, 0.8624) == pytest.approx(0.0535, abs=5e-5)
    assert rela_impr(0.7, 0.7) == 0
    for base in (0.5, 0.4, float("nan")):
        with pytest.raises(
            ValueError, match=rf"base must be above 0.5 \(chance\) .* got {base}"
        ):
            rela_impr(0.7, base)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_log_loss_is_scikit_learns(seed):
    predicted, clicked, _ = case(seed)  # holds 0, so the clipping counts
    assert log_loss(predicted, clicked) == pytest.approx(
        metrics.log_loss(clicked, predicted)
    )


def test_calibration_of_true_probabilities():
    rng = np.random.default_rng(0)
    chance = rng.random(40_000)
    clicked = rng.random(40_000) < chance
    right = calibration(chance, clicked)
    assert right.ratio == pytest.approx(1, abs=0.02)
    assert right.error < 0.01
    assert right.table["rows"].tolist() == [4_000] * 10
    high = calibration(chance**0.5, clicked)
    assert high.ratio > 1.2 and high.error > 0.1
    # a single bin sees only the total
    assert calibration(1 - chance, clicked, bins=1).error < 0.01
    assert calibration(1 - chance, clicked).error > 0.3


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(1, 80))
def test_calibration_does_not_see_the_order_of_the_rows(seed, bins):
    predicted, clicked, _ = case(seed)
    order = np.random.default_rng(seed).permutation(len(predicted))
    one = calibration(predicted, clicked, bins)
    other = calibration(predicted[order], clicked[order], bins)
    np.testing.assert_allclose(other.table, one.table)
    assert one.table["rows"].sum() == len(predicted)
    assert one.table["predicted"].is_monotonic_increasing
    mean = np.average(one.table["real"], weights=one.table["rows"])
    assert mean == pytest.approx(clicked.mean())


def test_the_right_rate_for_everybody_is_calibrated():
    clicked = np.arange(100) < 30
    assert calibration(np.full(100, 0.3), clicked).error == pytest.approx(0, abs=1e-12)


class Half(torch.nn.Linear):
    """Predicts one half, or fails."""

    def logits(self, batch):
        assert not self.training
        if batch.target_ids[0] == 9:
            raise ValueError("nine")
        return self(batch.clicked[:, None])[:, 0] * 0


def test_predict_puts_the_mode_back_whatever_happens():
    column = torch.tensor([1, 9])
    ids = column[:, None]
    good = ClickBatch(ids, ids > 0, column, column, column, column / 2)
    model = Half(1, 1)
    predicted = predict(model, [good, good])
    assert predicted.dtype == np.float64 and predicted.tolist() == [0.5] * 4
    assert model.training
    with pytest.raises(ValueError, match="nine"):
        predict(model, [good._replace(target_ids=column + 8)])
    assert model.training
    predict(model.eval(), [good])
    assert not model.training
    with pytest.raises(
        ValueError, match="batches must hold at least one batch, got none"
    ):
        predict(model, [])


def test_all_metrics_at_once_are_those_one_by_one():
    scores, clicked, users = case(3)
    within = gauc_of(scores, clicked, users)
    assert click_metrics(scores, clicked, users) == {
        "GAUC": within.value,
        "AUC": auc(scores, clicked),
        "log loss": log_loss(scores, clicked),
        "calibration": calibration(scores, clicked).ratio,
        "users": within.users,
        "left out": within.left_out,
    }


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: auc([0.1, 0.2], [1, 1]), "clicked must hold a click and a miss"),
        (lambda: auc([0.1], [1, 0]), "scores, clicked must be equally long, got 1, 2"),
        (
            lambda: auc([0.1, np.nan], [1, 0]),
            "scores must be numbers, got NaN in row 1",
        ),
        (lambda: auc([], []), "scores must have one dimension"),
        (lambda: auc([0.1, 0.2], [0, 2]), "clicked must be a row of 0 and 1 .* got 2"),
        (
            lambda: gauc([0.1, 0.2], [1, 0], [1, 2]),
            "a click and a miss of one user, got none",
        ),
        (
            lambda: log_loss([0.1, 1.2], [1, 0]),
            r"probabilities must lie in 0\.\.1, got 0\.1\.\.1\.2",
        ),
        (
            lambda: calibration([0.1, 0.2], [0, 0]),
            "clicked must hold a click, got none",
        ),
        (lambda: calibration([0.1, 0.2], [1, 0], bins=0), "bins must be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
