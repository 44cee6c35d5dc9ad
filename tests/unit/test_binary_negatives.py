"""Binary cross entropy with drawn items, and its calibration."""

import pytest
import torch
import torch.nn.functional as F

from seqviz.layers import binary_loss, calibrated_power


def scores(n=5, S=7, seed=0):
    torch.manual_seed(seed)
    return torch.randn(n), torch.randn(n, S)


def test_it_is_torchs_binary_cross_entropy_over_all_items():
    positive, negatives = scores()
    logits = torch.cat([positive[:, None], negatives], 1)
    labels = torch.zeros_like(logits)
    labels[:, 0] = 1
    expected = F.binary_cross_entropy_with_logits(logits, labels)
    torch.testing.assert_close(binary_loss(positive, negatives), expected)


def test_one_negative_is_the_loss_of_sasrec():
    positive, negatives = scores(S=1)
    expected = -(positive.sigmoid().log() + (1 - negatives[:, 0].sigmoid()).log())
    found = 2 * binary_loss(positive, negatives)  # the paper sums, this is the mean
    torch.testing.assert_close(found, expected.mean())


def test_the_power_weighs_the_true_item():
    positive, negatives = scores()
    none = torch.zeros_like(negatives).bool()
    for power in (0.2, 1.0, 3.0):
        expected = -(positive.sigmoid() ** power).log().mean() / 8
        found = binary_loss(positive, negatives, power=power, counted=none)
        torch.testing.assert_close(found, expected)


def test_a_drawn_item_that_is_the_true_one_is_left_out():
    positive, negatives = scores(n=2, S=2)
    counted = torch.tensor([[True, False], [True, True]])
    far = negatives.masked_fill(~counted, -100.0)
    torch.testing.assert_close(
        binary_loss(positive, negatives, counted=counted), binary_loss(positive, far)
    )


def test_large_scores_stay_finite_and_half_precision_is_computed_in_float32():
    positive, negatives = torch.tensor([-200.0]), torch.tensor([[300.0]])
    assert binary_loss(positive, negatives).item() == pytest.approx(250)
    half = binary_loss(positive.half(), negatives.half())
    assert half.dtype == torch.float32 and half.isfinite()


@pytest.mark.parametrize("share", [0.01, 0.3, 1.0])
def test_the_ends_of_the_calibration(share):
    assert calibrated_power(share, 0.0) == pytest.approx(1)
    assert calibrated_power(share, 1.0) == pytest.approx(share)
    assert share <= calibrated_power(share, 0.5) <= 1
    assert calibrated_power(3 * share + 1, 1.0) == 1


def test_calibrated_fully_the_best_score_is_the_log_odds_in_the_catalog():
    """One history, after which item i comes with a known probability."""
    torch.manual_seed(0)
    N, S = 12, 3
    chance = torch.randn(N).softmax(0)
    share = S / (N - 1)
    logits = torch.zeros(N, requires_grad=True)
    power = calibrated_power(share, 1.0)
    adam = torch.optim.Adam([logits], 0.05)
    for _ in range(800):
        # the expectation of the loss: item i is true, or drawn from the others
        drawn = share * (1 - chance)
        loss = (power * chance * F.softplus(-logits) + drawn * F.softplus(logits)).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
    torch.testing.assert_close(logits.sigmoid(), chance, atol=1e-3, rtol=1e-2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: calibrated_power(0.0, 0.5), "share must be finite and above 0, got 0"),
        (lambda: calibrated_power(0.1, 2), r"calibration must lie in 0\.\.1, got 2"),
        (
            lambda: binary_loss(torch.zeros(3), torch.zeros(2, 4)),
            r"positive must be \[n\] and negatives \[n, S\], got \[3\] and \[2, 4\]",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
