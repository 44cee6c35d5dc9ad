"""What the chapter defines is compared with the package; the stored runs are whole."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from definitions import definitions, experiment

from seqviz.data import Examples, Ragged
from seqviz.experiments import read_study
from seqviz.layers import (
    DynamicRouting,
    LabelAwareAttention,
    adaptive_num_interests,
)
from seqviz.layers import squash as package_squash

chapter = definitions("interests/routing")
B, T, E, K = 12, 9, 6, 4


@pytest.fixture(params=range(3))
def case(request):
    """Behaviors, a mask with holes, one empty row and one full one."""
    torch.manual_seed(request.param)
    mask = torch.rand(B, T) < 0.6
    mask[0], mask[-1] = False, True
    return torch.randn(B, T, E), mask


def both(form, behaviors, mask, iterations):
    """(interests, coupling) of chapter and package, on one set of matrices."""
    layer = DynamicRouting(E, K, T, form=form, iterations=iterations)
    if form == "b2i":
        ours = chapter.mind(
            behaviors, mask, layer.weight, layer.first_logits, iterations
        )
    else:
        W = layer.weight.unflatten(1, (K, E))
        ours = chapter.comirec_dr(behaviors, mask, W, iterations)
    return layer, ours, layer(behaviors, mask, need_weights=True)


@pytest.mark.parametrize("iterations", [1, 2, 3, 5])
@pytest.mark.parametrize("form", ["comirec-dr", "b2i"])
def test_both_forms_are_the_layer_with_its_gradient(form, iterations, case):
    layer, ours, package = both(form, *case, iterations)
    torch.testing.assert_close(ours[0], package[0])
    torch.testing.assert_close(ours[1], package[1])
    one, other = (
        torch.autograd.grad(interests.square().sum(), layer.weight)[0]
        for interests in (ours[0], package[0])
    )
    assert one.abs().max() > 0
    torch.testing.assert_close(one, other)


def test_a_click_hands_out_one_and_padding_nothing(case):
    _, (_, coupling), _ = both("b2i", *case, 3)
    handed = coupling.sum(2)  # [B, R, T]
    torch.testing.assert_close(handed, case[1][:, None].float().expand_as(handed))


def test_one_user_is_the_batch(case):
    votes, logits = torch.randn(1, T, K, E), torch.randn(1, T, K)
    full, active = torch.ones(1, T).bool(), torch.ones(1, K).bool()
    many, coupling = chapter.route(votes, logits, full, active, 3)
    alone, shares = chapter.route_one(votes[0], logits[0], 3)
    torch.testing.assert_close(many[0], alone)
    torch.testing.assert_close(coupling[0, -1], shares.T)


def test_the_published_rule_of_detaching_starves_short_routings():
    votes = torch.randn(2, T, K, E, requires_grad=True)
    full, active = torch.ones(2, T).bool(), torch.ones(2, K).bool()
    for iterations in (1, 2, 3):
        fixed = chapter.route_with(votes, iterations, lambda i, R: i < 2)
        last = chapter.route_with(votes, iterations, lambda i, R: i < R - 1)
        expected, _ = chapter.route(
            votes, torch.zeros(2, T, K), full, active, iterations
        )
        torch.testing.assert_close(last, expected)
        torch.testing.assert_close(fixed, expected)
        assert last.requires_grad
        assert fixed.requires_grad == (iterations > 2)


def test_squash_and_the_two_that_fail():
    vectors = 3 * torch.randn(5, E)
    for version in (chapter.squash, chapter.as_printed, chapter.with_epsilon):
        torch.testing.assert_close(version(vectors), package_squash(vectors))
    good, bad = "number / number", "NaN / NaN"
    assert chapter.verdict(chapter.squash, torch.float16) == good
    assert chapter.verdict(chapter.with_epsilon, torch.float32) == good
    assert chapter.verdict(chapter.with_epsilon, torch.float16) == bad
    assert chapter.verdict(chapter.as_printed, torch.float32) == bad


@pytest.mark.parametrize("length", range(20))
def test_the_number_of_interests_at_every_length(length):
    mask = torch.arange(20)[None] < length
    number = int(chapter.interests_of(mask, K).sum())
    exact = max(1, min(K, length.bit_length() - 1))  # the whole part of log2
    assert number == exact
    assert number == int(adaptive_num_interests(mask.sum(1), K))


@pytest.mark.parametrize("power", [1, 2, 3, 5])
def test_label_aware_attention(power, case):
    interests, active = torch.randn(B, K, E), torch.rand(B, K) < 0.7
    active[:, 0] = True
    target = torch.randn(B, E)
    ours = chapter.label_aware(interests, target, active, power)
    theirs = LabelAwareAttention(power)(interests, target, active, need_weights=True)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_the_power_before_the_choice_picks_the_worst():
    scores = torch.tensor([0.9, -0.95])
    for power in (2, 100):
        assert chapter.power_first(scores, power).argmax() == 1
    assert chapter.power_first(scores, 3).argmax() == 0
    two = scores[None, :, None] * torch.eye(E)[:1]
    unit = torch.eye(E)[:1]
    _, hard = LabelAwareAttention(math.inf)(two, unit, need_weights=True)
    assert hard.argmax() == 0


def test_effective_number_and_cosine():
    torch.manual_seed(0)
    turn = torch.linalg.qr(torch.randn(E, E)).Q
    eye = torch.eye(E)[:4] @ turn * torch.tensor([1.0, 0.3, 5.0, 2.0])[:, None]
    cases = [eye, eye[[0, 0, 0, 0]], eye[[0, 0, 1, 1]], 2 * eye]
    everyone = torch.ones(4, 4).bool()
    number = chapter.effective_number(torch.stack(cases), everyone)
    torch.testing.assert_close(number, torch.tensor([4.0, 1, 2, 4]))
    cosine = chapter.mean_cosine(torch.stack(cases), everyone)
    expected = torch.tensor([0, 1, 1 / 3, 0])
    torch.testing.assert_close(cosine, expected, atol=1e-6, rtol=0)


def test_absent_interests_do_not_count():
    torch.manual_seed(0)
    interests, active = torch.randn(5, 4, E), torch.ones(5, 4).bool()
    active[:, 3] = False
    for measure in (chapter.effective_number, chapter.mean_cosine):
        alone = measure(interests[:, :3], active[:, :3])
        torch.testing.assert_close(measure(interests, active), alone)


def test_agreement_of_the_readers_with_the_causes():
    truth = np.array([0, 0, 1, 1, 2, 2])
    everything = np.ones(6, bool)
    one, right = np.zeros(6, int), np.array([3, 3, 0, 0, 1, 1])
    truths, known = np.stack([truth] * 3), np.stack([everything] * 2 + [truth < 1])
    found = chapter.agreement(np.stack([one, right, right]), truths, known)["AMI"]
    assert found[0] == 0
    assert found[1] == pytest.approx(1)
    assert np.isnan(found[2])


def test_the_experiment_measures_what_the_chapter_defines():
    """Untrained models of both kinds: what is stored is what the chapter counts."""
    script = experiment("interests/routing")
    torch.manual_seed(0)
    rows = [torch.randint(1, 41, (length,)).numpy() for length in range(1, 31)]
    histories = Ragged.from_rows(rows)
    test = Examples(np.arange(30), np.zeros(30, np.int64), histories, histories)
    task = SimpleNamespace(split=SimpleNamespace(test=test))
    ids = torch.from_numpy(histories.pad(20)[0])
    size = {"embedding_dim": 8, "num_interests": 4}
    for name, own in (
        ("ComiRec-DR", {}),
        ("MIND", {"start": "normal"}),
        ("MIND", {"start": "identity"}),
    ):
        model = script.MODELS[name](40, 20, **size, **own)
        stored = script.interests_of(model, task, 20)
        interests, active = model.interests(ids), model.routing.active(ids != 0)
        several = active.sum(1) > 1
        effective = chapter.effective_number(interests[several], active[several])
        expected = effective.mean().item()
        assert stored["effective interests"] == pytest.approx(expected, abs=1e-4)
        assert stored["interests"] == pytest.approx(active.sum(1).double().mean())
    assert torch.equal(model.routing.weight, torch.eye(8))


def test_the_stored_runs_say_what_the_interests_look_like():
    runs = read_study("interests/comirec_sa", "interests/routing").runs
    own = runs[runs["model"].isin(experiment("interests/routing").STUDY.families)]
    assert own["effective interests"].notna().all()
    for data, rows in own.groupby("data"):
        assert rows["AMI"].notna().all() == (data == "shop")
