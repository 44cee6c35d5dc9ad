"""Answers to the self-attention exercises that are right in another way."""

import pytest
import torch
import torch.nn.functional as F

from seqviz.checks import check


def pairs(mask):
    return mask[:, :, None] & mask[:, None]


def heads_by_sdpa(behaviors, W_Q, W_K, W_V, W_O):
    query, key, value = (behaviors[:, None] @ W for W in (W_Q, W_K, W_V))
    read = F.scaled_dot_product_attention(query, key, value)  # [B, H, T, D]
    return (read @ W_O).sum(1)


def heads_by_loop(behaviors, W_Q, W_K, W_V, W_O):
    total = torch.zeros_like(behaviors)
    for Q, K, V, O in zip(W_Q, W_K, W_V, W_O, strict=True):  # noqa: E741
        scores = behaviors @ Q @ K.T @ behaviors.mT / Q.shape[1] ** 0.5
        total = total + scores.softmax(-1) @ behaviors @ V @ O
    return total


def heads_by_joining(behaviors, W_Q, W_K, W_V, W_O):
    query, key, value = (behaviors[:, None] @ W for W in (W_Q, W_K, W_V))
    scores = query @ key.mT / W_Q.shape[-1] ** 0.5
    read = (scores.softmax(-1) @ value).transpose(1, 2)  # [B, T, H, D]
    return read.flatten(2) @ W_O.flatten(0, 1)


def latest_by_all_rows(behaviors, mask):
    read = F.scaled_dot_product_attention(
        behaviors, behaviors, behaviors, attn_mask=pairs(mask)
    )
    place = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
    return read[torch.arange(len(place)), place]


def latest_by_sdpa(behaviors, mask):
    place = mask.shape[1] - 1 - mask.flip(1).int().argmax(1)
    query = behaviors[torch.arange(len(place)), place][:, None]
    read = F.scaled_dot_product_attention(
        query, behaviors, behaviors, attn_mask=mask[:, None]
    )
    return read[:, 0] * mask.any(1, keepdim=True)


def session_by_sdpa(behaviors, mask, session):
    same = session[:, :, None] == session[:, None]
    return F.scaled_dot_product_attention(
        behaviors, behaviors, behaviors, attn_mask=(pairs(mask) & same).tril()
    )


def session_by_loops(behaviors, mask, session):
    rows = torch.zeros_like(behaviors)
    for b, own in enumerate(behaviors):
        for t in mask[b].nonzero()[:, 0].tolist():
            may = mask[b, : t + 1] & (session[b, : t + 1] == session[b, t])
            seen = own[: t + 1][may]
            rows[b, t] = (seen @ own[t] / own.shape[1] ** 0.5).softmax(0) @ seen
    return rows


def clock_by_products(behaviors, mask, days):
    gap = (days[:, :, None] - days[:, None]).tril()
    scores = behaviors @ behaviors.mT / behaviors.shape[-1] ** 0.5
    may = pairs(mask).tril()
    top = scores.masked_fill(~may, torch.finfo(scores.dtype).min).amax(-1, True)
    parts = (scores - top).masked_fill(~may, 0.0).exp() * may / (1 + gap)
    weights = parts / parts.sum(-1, keepdim=True).clamp(min=1e-6)
    return weights @ behaviors


def clock_by_bias(behaviors, mask, days):
    gap = (days[:, :, None] - days[:, None]).clamp(min=0)
    lowest = torch.finfo(behaviors.dtype).min
    bias = (-(1 + gap).log()).masked_fill(~pairs(mask).tril(), lowest)
    read = F.scaled_dot_product_attention(
        behaviors, behaviors, behaviors, attn_mask=bias.to(behaviors)
    )
    return read * mask[..., None]


@pytest.mark.parametrize(
    "answer",
    [
        heads_by_sdpa,
        heads_by_loop,
        heads_by_joining,
        latest_by_all_rows,
        latest_by_sdpa,
        session_by_sdpa,
        session_by_loops,
        clock_by_products,
        clock_by_bias,
    ],
    ids=lambda answer: answer.__name__,
)
def test_another_right_way_passes(answer):
    name = answer.__name__.split("_by_")[0]
    verdict = check(f"self-attention/{name}", answer, quiet=True)
    assert verdict.passed, verdict
