"""Answers to the soft look-up exercises that are right in another way."""

import pytest
import torch

from seqviz.checks import check


def distance_by_cdist(query, key):
    return -(torch.cdist(query.double(), key.double()) ** 2).to(query)


def distance_by_products(query, key):
    lengths = query.square().sum(-1)[..., None] + key.square().sum(-1)[:, None]
    return 2 * query @ key.mT - lengths


def reach_by_where(weights):
    logs = torch.where(weights > 0, weights, 1.0).log()
    reach = (-(weights * logs).sum(-1)).exp()
    return torch.where(weights.sum(-1) > 0, reach, 0.0)


def reach_by_powers(weights):
    reach = 1 / (weights**weights).prod(-1)
    return reach * (weights > 0).any(-1)


def reach_by_clamp(weights):
    reach = (-(weights * weights.clamp(min=1e-12).log()).sum(-1)).exp()
    return reach * weights.any(-1)


def before_by_loops(scores, asked, happened, mask):
    weights = torch.zeros_like(scores)
    for b, row in enumerate(asked.tolist()):
        for q, now in enumerate(row):
            past = (happened[b] < now) & mask[b]
            if past.any():
                weights[b, q, past] = scores[b, q, past].softmax(0)
    return weights


def before_by_lowest_number(scores, asked, happened, mask):
    hidden = (happened[:, None] >= asked[..., None]) | ~mask[:, None]
    lowest = torch.finfo(scores.dtype).min
    return scores.masked_fill(hidden, lowest).softmax(-1).masked_fill(hidden, 0)


def backward_by_jacobian(weights, gradient):
    square = weights[..., None] * weights[..., None, :]
    jacobian = torch.diag_embed(weights) - square
    return (jacobian @ gradient[..., None])[..., 0]


def draws_by_loop(loss, log_probability):
    total = loss.mean()
    for row, logs in zip(loss, log_probability, strict=True):
        for draw in range(len(row)):
            others = torch.cat([row[:draw], row[draw + 1 :]])
            advantage = (row[draw] - others.mean()).detach()
            move = logs[draw] - logs[draw].detach()
            total = total + advantage * move / loss.numel()
    return total


def draws_by_factor(loss, log_probability):
    M = loss.shape[1]
    advantage = (loss - loss.mean(1, keepdim=True)) * M / (M - 1)
    ratio = (log_probability - log_probability.detach()).exp()
    return (loss + advantage.detach() * (ratio - 1)).mean()


@pytest.mark.parametrize(
    "answer",
    [
        distance_by_cdist,
        distance_by_products,
        reach_by_where,
        reach_by_powers,
        reach_by_clamp,
        before_by_loops,
        before_by_lowest_number,
        backward_by_jacobian,
        draws_by_loop,
        draws_by_factor,
    ],
    ids=lambda answer: answer.__name__,
)
def test_another_right_way_passes(answer):
    name = answer.__name__.split("_by_")[0]
    verdict = check(f"soft-lookup/{name}", answer, quiet=True)
    assert verdict.passed, verdict


def test_two_mistakes_at_once_are_still_told():
    verdict = check(
        "soft-lookup/before",
        lambda scores, asked, happened, mask: scores.softmax(1),
        quiet=True,
    )
    assert not verdict
    assert "0 is expected" in verdict.hint or verdict.mistake
