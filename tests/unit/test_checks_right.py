"""Right answers in the words of textbooks: each masked softmax, in each exercise."""

import pytest
import torch
import torch.nn.functional as F

from seqviz.checks import check, exercises


def lowest(scores):
    return torch.finfo(scores.dtype).min


def shared_out(logits):
    exponentials = logits.exp()
    return exponentials / exponentials.sum(-1, keepdim=True).clamp(min=1e-6)


# [.., Q, T] and a mask of the same shape to weights that sum to 1, or to 0
SOFTMAX = {
    "a billion, then zero": lambda s, ok: s.masked_fill(~ok, -1e9).softmax(-1) * ok,
    "infinity, then nan_to_num": lambda s, ok: (
        s.masked_fill(~ok, -torch.inf).softmax(-1).nan_to_num(0.0)
    ),
    "lowest, then zero": lambda s, ok: s.masked_fill(~ok, lowest(s)).softmax(-1) * ok,
    "lowest, then masked": lambda s, ok: (
        s.masked_fill(~ok, lowest(s)).softmax(-1).masked_fill(~ok, 0.0)
    ),
    "added": lambda s, ok: (s + (~ok) * -1e9).softmax(-1) * ok,
    "added in floats": lambda s, ok: (
        (s + (1 - ok.float()) * -1e9).softmax(-1) * ok.float()
    ),
    "where": lambda s, ok: (
        torch.where(ok, s, -1e9).softmax(-1) * torch.where(ok, 1.0, 0.0)
    ),
    "exponentials": lambda s, ok: shared_out(
        torch.where(ok, s - s.masked_fill(~ok, lowest(s)).amax(-1, True), -torch.inf)
    ),
    "a float tensor of minus a billion": lambda s, ok: (
        torch.where(ok, s, torch.tensor(-1e9)).softmax(-1) * ok
    ),
    "in float32": lambda s, ok: (s.float().masked_fill(~ok, -1e9).softmax(-1) * ok).to(
        s.dtype
    ),
}


def signed_square(scores):
    return scores * scores.abs()


def looks(behaviors, readable, softmax, shift=0.0):
    """Self-attention in the bare form, its scores shifted."""
    scores = behaviors @ behaviors.mT / behaviors.shape[-1] ** 0.5
    return softmax(scores + shift, readable) @ behaviors


def pairs(mask):
    return mask[:, :, None] & mask[:, None]


def gaps(days):
    return (days[:, :, None] - days[:, None]).clamp(min=0)


def newest_asks(behaviors, mask, softmax):
    place = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
    query = behaviors[torch.arange(len(place)), place]
    scores = (behaviors @ query[..., None])[..., 0] / behaviors.shape[-1] ** 0.5
    return torch.einsum("bt,bte->be", softmax(scores, mask), behaviors)


def what_was_seen(query, key, value, seen, softmax):
    scores = query @ key.mT / key.shape[-1] ** 0.5
    return softmax(scores, torch.arange(key.shape[1]) < seen[..., None]) @ value


def dual(candidates, behaviors, mask, softmax):
    readable = mask[:, None].expand(-1, mask.shape[1], -1)
    related = behaviors + looks(behaviors, readable, softmax)
    scores = candidates @ related.mT / candidates.shape[-1] ** 0.5
    return softmax(scores, mask[:, None].expand_as(scores)) @ related


def two_heads(behaviors, mask, W_Q, W_K, W_V, W_O, softmax):
    query, key, value = (
        (behaviors @ W).unflatten(-1, (2, -1)).transpose(1, 2) for W in (W_Q, W_K, W_V)
    )
    scores = query @ key.mT / query.shape[-1] ** 0.5
    readable = pairs(mask).tril()[:, None].expand(scores.shape)
    return (softmax(scores, readable) @ value).transpose(1, 2).flatten(2) @ W_O


# The exercise by a masked softmax.
MASKED = {
    "soft-lookup/before": lambda softmax: (
        lambda scores, asked, happened, mask: softmax(
            scores, (happened[:, None] < asked[..., None]) & mask[:, None]
        )
    ),
    "self-attention/latest": lambda softmax: (
        lambda behaviors, mask: newest_asks(behaviors, mask, softmax)
    ),
    "self-attention/session": lambda softmax: (
        lambda behaviors, mask, session: looks(
            behaviors,
            (pairs(mask) & (session[:, :, None] == session[:, None])).tril(),
            softmax,
        )
    ),
    "self-attention/module": lambda softmax: (
        lambda *inputs: two_heads(*inputs, softmax)
    ),
    "self-attention/clock": lambda softmax: (
        lambda behaviors, mask, days: looks(
            behaviors, pairs(mask).tril(), softmax, -gaps(days).log1p()
        )
    ),
    "target-attention/itself": lambda softmax: (
        lambda logits, item_ids, candidate: softmax(
            logits, (item_ids != 0) & (item_ids != candidate[:, None])
        )
    ),
    "target-attention/seen": lambda softmax: (
        lambda query, key, value, seen: what_was_seen(query, key, value, seen, softmax)
    ),
    "dual-attention/interest": lambda softmax: (
        lambda candidates, behaviors, mask: dual(candidates, behaviors, mask, softmax)
    ),
    "comirec-sa/weights": lambda softmax: (
        lambda logits, mask: softmax(logits.mT, mask[:, None].expand_as(logits.mT))
    ),
    "routing/coupling": lambda softmax: (
        lambda logits, mask, active: (
            softmax(logits.mT, active[:, None].expand_as(logits.mT)).mT * mask[:, None]
        )
    ),
    "routing/label-aware": lambda softmax: (
        lambda interests, target, active: (
            softmax(signed_square(target @ interests.mT), active[:, None]) @ interests
        )
    ),
    "sdm/attributes": lambda softmax: (
        lambda values, mask, user: (
            softmax((values @ user[:, None, :, None])[..., 0], mask)[:, :, None]
            @ values
        )[:, :, 0]
    ),
    "din/pooling": lambda softmax: (
        lambda logits, behaviors, mask, use_softmax: torch.einsum(
            "bt,bte->be",
            torch.where(use_softmax[:, None], softmax(logits, mask), logits * mask),
            behaviors,
        )
    ),
}


@pytest.mark.parametrize("form", SOFTMAX)
@pytest.mark.parametrize("name", MASKED)
def test_every_masked_softmax_passes(name, form):
    verdict = check(name, MASKED[name](SOFTMAX[form]), quiet=True)
    assert verdict.passed, verdict
    for raw in ("Half", "overflow.", "scalar type", "value cannot"):
        assert raw not in str(verdict)


def mean_by_a_float_mask(behaviors, lengths):
    mask = (torch.arange(behaviors.shape[1]) < lengths[:, None]).float()
    return torch.bmm(mask[:, None], behaviors)[:, 0] / lengths.clamp(min=1)[:, None]


def mean_by_where(behaviors, lengths):
    ok = torch.arange(behaviors.shape[1]) < lengths[:, None]
    total = torch.where(ok[..., None], behaviors, 0.0).sum(1)
    return total / lengths.clamp(min=1)[:, None]


def mean_by_a_product(behaviors, lengths):
    ok = torch.arange(behaviors.shape[1])[None] < lengths[:, None]
    return (behaviors * ok[..., None]).sum(1) / ok.sum(1, True).clamp(min=1)


def last_by_a_product(behaviors, mask):
    place = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(1)
    chosen = F.one_hot(place, mask.shape[1]) * mask
    return (behaviors * chosen[..., None]).sum(1)


def sessions_by_cummax(users, hours, gap):
    opens = torch.ones(len(users)).bool()
    opens[1:] = (users[1:] != users[:-1]) | (hours[1:] - hours[:-1] > gap)
    return hours - hours[(torch.arange(len(users)) * opens).cummax(0).values]


def gauc_by_a_plain_number(scores, clicked, users):
    total = weights = 0.0
    for user in users.unique():
        own = users == user
        gap = scores[own & clicked][:, None] - scores[own & ~clicked]
        if gap.numel():
            part = ((gap > 0).float() + 0.5 * (gap == 0).float()).mean()
            total += own.sum().item() * part.item()
            weights += own.sum().item()
    return total / weights


def off_diagonal_by_a_product(similarity):
    K = similarity.shape[1]
    return (similarity * (1 - torch.eye(K))).sum((1, 2)) / (K * (K - 1))


def off_diagonal_by_an_index(similarity):
    return similarity[:, ~torch.eye(similarity.shape[1]).bool()].mean(1)


def clicks_read_by_a_clamp(coupling):
    total = coupling.sum(-1, keepdim=True)
    number = torch.special.entr(coupling / total.clamp(min=1e-6)).sum(-1).exp()
    return number * (total[..., 0] > 0)


def squash_by_normalize(pulled):
    length = pulled.norm(dim=1, keepdim=True)
    return F.normalize(pulled, dim=1) * length**2 / (0.5 + length**2)


def places_by_a_loop(scores, categories):
    result = scores.clone()
    for row, kinds in zip(result, categories, strict=True):
        taken = {}
        for column in row.argsort(descending=True, stable=True).tolist():
            kind = int(kinds[column])
            row[column] -= 0.5 * taken.get(kind, 0)
            taken[kind] = taken.get(kind, 0) + 1
    return result


def share_by_counts(categories):
    n = (categories > 0).sum(1)
    count = F.one_hot(categories)[:, :, 1:].sum(1)
    alike = (count * (count - 1)).sum(1)
    return torch.where(n > 1, 1 - alike / (n * (n - 1)).clamp(min=1), 0.0)


def scores_by_loop(candidates, user, behaviors):
    rows = [behaviors[u] @ c for c, u in zip(candidates, user.tolist(), strict=True)]
    return torch.stack(rows) / candidates.shape[-1] ** 0.5


def scores_by_one_hot(candidates, user, behaviors):
    own = F.one_hot(user, len(behaviors)).to(behaviors)
    return torch.einsum("pe,pb,bte->pt", candidates, own, behaviors) / (
        candidates.shape[-1] ** 0.5
    )


def scores_of_all_users(candidates, user, behaviors):
    scores = torch.einsum("pe,bte->pbt", candidates, behaviors)
    return scores[torch.arange(len(user)), user] / candidates.shape[-1] ** 0.5


def seen_by_sdpa(query, key, value, seen):
    readable = torch.arange(key.shape[1]) < seen[..., None]
    return F.scaled_dot_product_attention(query, key, value, attn_mask=readable)


def seen_by_loops(query, key, value, seen):
    read = torch.zeros_like(query)
    for b, row in enumerate(seen.tolist()):
        for m, n in enumerate(row):
            scores = key[b, :n] @ query[b, m] / key.shape[-1] ** 0.5
            read[b, m] = scores.softmax(0) @ value[b, :n]
    return read


def pooling_by_einsum(self_weights, mask):
    readers = mask.to(self_weights) / mask.sum(1, keepdim=True).clamp(min=1)
    return torch.einsum("bq,bqt->bt", readers, self_weights)


def pooling_by_a_float_mask(self_weights, mask):
    readers = mask.float()[..., None]
    return (self_weights * readers).sum(1) / (readers.sum(1) + 1e-9)


def pooling_by_nanmean(self_weights, mask):
    rows = self_weights.masked_fill(~mask[..., None], torch.nan)
    return rows.nanmean(1).nan_to_num(0.0)


def through_by_loop(target_weights, self_weights):
    readers = zip(target_weights.unbind(2), self_weights.unbind(1), strict=True)
    return sum(asked[..., None] * read[:, None] for asked, read in readers)


def dual_by_sdpa(candidates, behaviors, mask):
    look, readable = F.scaled_dot_product_attention, mask[:, None]
    related = behaviors + look(behaviors, behaviors, behaviors, attn_mask=readable)
    asked = candidates.expand(len(behaviors), -1, -1)
    return look(asked, related, related, attn_mask=readable)


def counts_by_one_hot(item_ids, vectors):
    counts = F.one_hot(item_ids, len(vectors)).sum(1)
    counts[:, 0] = 0
    return counts.float()


def counts_by_bincount(item_ids, vectors):
    rows = [torch.bincount(row[row > 0], minlength=len(vectors)) for row in item_ids]
    return torch.stack(rows).float()


def interests_by_a_softmax(counts, vectors, logits):
    there = (counts > 0)[..., None]  # [B, N + 1, 1]
    log = logits[None] + counts.clamp(min=1).log().to(logits.dtype)[..., None]
    lowest = torch.finfo(logits.dtype).min
    weights = torch.where(there, log, lowest).softmax(1) * there
    return torch.einsum("bnk,ne->bke", weights.to(vectors.dtype), vectors)


def missed_by_loops(found, truths, item_ids):
    sums = [0.0, 0.0]
    for hits, wanted, history in zip(found, truths.tolist(), item_ids, strict=True):
        had, real = set(history.tolist()), [t for t in wanted if t]
        for hit, item in zip(hits.tolist(), wanted, strict=True):
            if item and not hit:
                sums[item not in had] += 1 / len(real)
    return torch.tensor(sums) / len(found)


RIGHT = [
    ("when-several-pay/counts", counts_by_one_hot),
    ("when-several-pay/counts", counts_by_bincount),
    ("when-several-pay/interests", interests_by_a_softmax),
    ("when-several-pay/missed", missed_by_loops),
    ("target-attention/scores", scores_by_loop),
    ("target-attention/scores", scores_by_one_hot),
    ("target-attention/scores", scores_of_all_users),
    ("target-attention/seen", seen_by_sdpa),
    ("target-attention/seen", seen_by_loops),
    ("dual-attention/pooling", pooling_by_einsum),
    ("dual-attention/pooling", pooling_by_a_float_mask),
    ("dual-attention/pooling", pooling_by_nanmean),
    ("dual-attention/through", torch.matmul),
    ("dual-attention/through", torch.bmm),
    ("dual-attention/through", through_by_loop),
    ("dual-attention/interest", dual_by_sdpa),
    ("einsum/off-diagonal", off_diagonal_by_a_product),
    ("einsum/off-diagonal", off_diagonal_by_an_index),
    ("routing/clicks-read", clicks_read_by_a_clamp),
    ("routing/squash", squash_by_normalize),
    ("diversity/places", places_by_a_loop),
    ("diversity/share", share_by_counts),
    ("behavior-tensors/mean", mean_by_a_float_mask),
    ("behavior-tensors/mean", mean_by_where),
    ("behavior-tensors/mean", mean_by_a_product),
    ("behavior-tensors/last", last_by_a_product),
    ("behavior-tensors/sessions", sessions_by_cummax),
    ("din/gauc", gauc_by_a_plain_number),
]


@pytest.mark.parametrize("name, answer", RIGHT)
def test_right_in_other_words(name, answer):
    verdict = check(name, answer, quiet=True)
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    "form, remark",
    [
        (
            "a billion, then zero",
            "-1e9 does not fit in float16: use `torch.finfo(logits.dtype).min`",
        ),
        ("added", "returned float32, not float16, the dtype of `logits`"),
        ("lowest, then zero", ""),
        ("infinity, then nan_to_num", ""),
    ],
)
def test_half_precision_is_a_remark_that_names_the_remedy(form, remark):
    verdict = check("comirec-sa/weights", MASKED["comirec-sa/weights"](SOFTMAX[form]))
    assert verdict.passed and remark in verdict.remark
    assert bool(remark) == bool(verdict.remark)


def test_a_lost_dtype_is_told():
    def in_float32(logits, behaviors, mask, use_softmax):
        pool = MASKED["din/pooling"](SOFTMAX["lowest, then zero"])
        return pool(logits.float(), behaviors.float(), mask, use_softmax).to(logits)

    verdict = check("din/pooling", in_float32, quiet=True)
    assert verdict.passed and "precision of float32 only" in verdict.remark


def test_the_tables_name_exercises():
    names = {task.name for task in exercises()}
    assert names >= {*MASKED, *dict(RIGHT)}
