"""Answers that are right in another way, two mistakes at once, and the messages."""

import math
import re

import pytest
import torch
import torch.nn.functional as F

from seqviz import layers, metrics
from seqviz.checks import check, exercise


def interests_by_loops(weights, behaviors):
    users = []
    for user_weights, history in zip(weights, behaviors, strict=True):
        rows = []
        for interest in user_weights.T:
            total = torch.zeros_like(history[0])
            for weight, behavior in zip(interest, history, strict=True):
                total = total + weight * behavior
            rows.append(total)
        users.append(torch.stack(rows))
    return torch.stack(users)


def weights_by_loops(logits, mask):
    users = []
    for user_logits, real in zip(logits, mask, strict=True):
        rows = []
        for row in user_logits.T:
            weights = torch.zeros_like(row)
            if real.any():
                weights[real] = row[real].softmax(0)
            rows.append(weights)
        users.append(torch.stack(rows))
    return torch.stack(users)


def weights_by_lowest_number(logits, mask):
    lowest = torch.finfo(logits.dtype).min
    weights = logits.mT.masked_fill(~mask[:, None], lowest).softmax(-1)
    return weights * mask[:, None]


def weights_by_nan_to_num(logits, mask):
    weights = logits.mT.masked_fill(~mask[:, None], -torch.inf).softmax(-1)
    return weights.nan_to_num(0.0)


def weights_by_layer(logits, mask):
    return layers.masked_softmax(logits.transpose(1, 2), mask[:, None, :])


def interests_by_product(weights, behaviors):
    return weights.mT @ behaviors


def interests_by_broadcast(weights, behaviors):
    return (weights[..., None] * behaviors[:, :, None]).sum(1)


def read_out_by_loop(interests, target):
    return torch.stack(
        [
            torch.stack([max(user, key=lambda v, t=t: (v @ t).item()) for t in wanted])
            for user, wanted in zip(interests, target, strict=True)
        ]
    )


def read_out_by_layer(interests, target):
    each = [layers.read_out(interests, one) for one in target.unbind(1)]
    return torch.stack(each, 1)


def read_out_by_one_hot(interests, target):
    best = (target @ interests.mT).argmax(2)
    return F.one_hot(best, interests.shape[1]).to(interests) @ interests


def read_out_by_gather(interests, target):
    best = torch.einsum("bke,bme->bmk", interests, target).argmax(-1)  # [B, M]
    return interests.gather(1, best[..., None].expand(-1, -1, interests.shape[2]))


def read_out_by_flat_rows(interests, target):
    B, M, E = target.shape
    rows = interests.repeat_interleave(M, 0)  # [B M, K, E]
    return layers.read_out(rows, target.reshape(B * M, E)).view(B, M, E)


def ndcg_by_loops(hits, num_truths):
    """With the natural logarithm: its base cancels."""
    values = []
    for row, truths in zip(hits.tolist(), num_truths.tolist(), strict=True):
        gain = sum(1 / math.log(i + 2) for i, hit in enumerate(row) if hit)
        best = sum(1 / math.log(i + 2) for i in range(min(truths, len(row))))
        values.append(gain / best)
    return torch.tensor(values, dtype=torch.float64)


def loss_by_loops(query, item_vectors, target_ids, negative_ids, log_probability):
    losses = []
    for user, item, drawn in zip(
        query, target_ids.tolist(), negative_ids.tolist(), strict=True
    ):
        logits = [user @ item_vectors[item]]
        for other in drawn:
            if other != item:
                expected = log_probability[other] + math.log(len(drawn))
                logits.append(user @ item_vectors[other] - expected)
        losses.append(torch.stack(logits).logsumexp(0) - logits[0])
    return torch.stack(losses).mean()


def loss_by_layer(query, item_vectors, target_ids, negative_ids, log_probability):
    rows = zip(query.split(1), target_ids.split(1), negative_ids, strict=True)
    losses = [
        layers.sampled_softmax_loss(user, item_vectors, item, drawn, log_probability)
        for user, item, drawn in rows
    ]
    return torch.stack(losses).mean()


def loss_by_cross_entropy(
    query, item_vectors, target_ids, negative_ids, log_probability
):
    candidates = torch.cat([target_ids[:, None], negative_ids], 1)  # [B, 1 + S]
    logits = (item_vectors[candidates] @ query[..., None])[..., 0]
    expected = log_probability[negative_ids] + math.log(negative_ids.shape[1])
    expected = expected.masked_fill(negative_ids == target_ids[:, None], torch.inf)
    logits = logits - F.pad(expected, (1, 0))
    return F.cross_entropy(logits, torch.zeros_like(target_ids))


@pytest.mark.parametrize(
    "name, answer",
    [
        ("interests", interests_by_product),
        ("interests", interests_by_broadcast),
        ("interests", interests_by_loops),
        ("weights", weights_by_layer),
        ("weights", weights_by_loops),
        ("weights", weights_by_lowest_number),
        ("weights", weights_by_nan_to_num),
        ("read-out", read_out_by_layer),
        ("read-out", read_out_by_gather),
        ("read-out", read_out_by_flat_rows),
        ("read-out", read_out_by_loop),
        ("read-out", read_out_by_one_hot),
        ("ndcg", metrics.ndcg),
        ("ndcg", ndcg_by_loops),
        ("sampled-loss", loss_by_layer),
        ("sampled-loss", loss_by_cross_entropy),
        ("sampled-loss", loss_by_loops),
    ],
)
def test_right_in_another_way(name, answer):
    verdict = check(f"comirec-sa/{name}", answer, quiet=True)
    assert verdict.passed, verdict


def test_of_two_mistakes_the_plainer_comes_first():
    def answer(logits, mask):
        return logits.masked_fill(~mask[..., None], -1e9).softmax(-1).transpose(1, 2)

    assert check("comirec-sa/weights", answer, quiet=True).mistake == (
        "softmax-over-interests"
    )


@pytest.mark.parametrize(
    "name, answer, message",
    [
        ("weights", lambda logits, mask: logits.softmax(1), "exchange the axes T and"),
        (
            "weights",
            lambda logits, mask: weights_by_layer(logits, mask).clamp(min=1e-3),
            "padding gets a weight of up to 0.001; it should get 0",
        ),
        (
            "weights",
            lambda logits, mask: weights_by_layer(logits, mask).square(),
            "sum to .* over the behaviors; they should sum to 1",
        ),
        (
            "weights",
            lambda logits, mask: weights_by_layer(logits, mask) / torch.tensor(0.0),
            "sum to inf over the behaviors",
        ),
        (
            "weights",
            lambda logits, mask: logits.view(-1, mask.shape[1], logits.shape[2]).mT,
            "padding|sum",
        ),
        ("interests", lambda w, x: (w.mT @ x).sum(1), "K is gone"),
        ("interests", lambda w, x: (w.mT @ x).squeeze(), "B is gone"),
        (
            "interests",
            lambda w, x: w[..., None] * x[:, :, None],
            "T is one axis too many",
        ),
        (
            "interests",
            lambda w, x: torch.tensor((w.mT @ x).tolist(), dtype=x.dtype),
            "no gradient reaches `weights`",
        ),
        ("interests", lambda w, x: w.mT.detach() @ x, "no gradient reaches `weights`"),
        ("interests", torch.matmul, "RuntimeError.*weights .2, 5, 3. float32"),
        (
            "read-out",
            lambda v, target: v.flip(1)[:, : target.shape[1]],
            "you choose another interest for .* of 24 targets",
        ),
        (
            "read-out",
            lambda v, target: v.mean(1, keepdim=True).expand_as(target),
            "is none of her interests",
        ),
        ("ndcg", lambda hits, truths: hits.sum(1) + 0.0, "between 0 and 1"),
        ("ndcg", lambda hits, truths: metrics.ndcg(hits, truths).mean(), "B is gone"),
        ("ndcg", lambda hits, truths: hits.any(1), "your result is .* is expected"),
        (
            "sampled-loss",
            lambda query, items, ids, *rest: -(query * items[ids]).sum(1),
            r"you returned \[B\]; expected a single number.*B is one axis too many",
        ),
    ],
)
def test_messages(name, answer, message):
    verdict = check(f"comirec-sa/{name}", answer, quiet=True)
    assert not verdict and verdict.mistake is None
    assert re.search(message, verdict.hint), verdict


def test_a_module_can_be_an_answer():
    class Sum(torch.nn.Module):
        def forward(self, weights, behaviors):
            return weights.mT @ behaviors

    assert check("comirec-sa/interests", Sum(), quiet=True)


def test_the_nan_gradient_is_really_nan():
    wrong = exercise("comirec-sa/weights").mistake("nan-gradient").wrong
    logits = torch.randn(1, 3, 2, requires_grad=True)
    wrong(logits, torch.zeros(1, 3).bool()).sum().backward()
    assert logits.grad.isnan().all()


def test_the_published_ndcg_scores_one_hit_of_five_as_perfect():
    task = exercise("comirec-sa/ndcg")
    inputs = torch.tensor([[True] + 9 * [False]]), torch.tensor([5])
    assert task.mistake("ideal-over-hits").wrong(*inputs).item() == 1
    assert task.reference(*inputs).item() == pytest.approx(0.339, abs=5e-4)
