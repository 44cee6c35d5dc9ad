"""Sampled softmax in which every row has negatives of its own."""

from collections.abc import Iterator
from math import log

import torch
from torch import Generator, Tensor

from seqviz.checks.exercise import Case, Exercise, Mistake


def reference(
    query: Tensor,
    item_vectors: Tensor,
    target_ids: Tensor,
    negative_ids: Tensor,
    log_probability: Tensor,
) -> Tensor:
    """``[B, E], [N + 1, E], [B], [B, S], [N + 1] -> []``: corrected, without hits."""
    positive, logits, hit = _corrected(
        query, item_vectors, target_ids, negative_ids, log_probability
    )
    return _mean_loss(positive, logits.masked_fill(hit, -torch.inf))


def cases(generator: Generator) -> Iterator[Case]:
    """Targets 1..6, negatives from above them or from all 20 items."""

    def draw(name: str, B: int, S: int, lowest: int = 7, E: int = 3) -> Case:
        popularity = torch.arange(21.0, 0.0, -1.0)
        popularity[0] = 0
        inputs = {
            "query": torch.randn(B, E, generator=generator),
            "item_vectors": torch.randn(21, E, generator=generator),
            "target_ids": torch.randint(1, 7, (B,), generator=generator),
            "negative_ids": torch.randint(lowest, 21, (B, S), generator=generator),
            "log_probability": (popularity / popularity.sum()).log(),
        }
        return Case(name, inputs)

    yield draw("negatives that hit no target", 4, 8)
    hit = draw("negatives that hit targets", 5, 12, lowest=1)
    hit.inputs["negative_ids"][:, 0] = hit.inputs["target_ids"]
    hit.inputs["negative_ids"][:, 1] = hit.inputs["target_ids"].roll(
        1
    )  # a hit elsewhere
    yield hit
    only = draw("nothing but the target drawn", 2, 4)
    only.inputs["negative_ids"][:] = only.inputs["target_ids"][:, None]
    yield only
    yield draw("one negative", 4, 1)
    yield draw("one user", 1, 8, lowest=1)
    large = draw("large logits", 4, 8, lowest=1)
    large.inputs["query"].mul_(100)
    yield large
    yield hit.strided()
    yield hit.cast(torch.float64)


def _logits(
    query: Tensor, item_vectors: Tensor, target_ids: Tensor, negative_ids: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The target's logit ``[B]``, the negatives' and which are hits ``[B, S]``."""
    positive = (query * item_vectors[target_ids]).sum(1)
    return (
        positive,
        torch.einsum("be,bse->bs", query, item_vectors[negative_ids]),
        negative_ids == target_ids[:, None],
    )


def _mean_loss(positive: Tensor, logits: Tensor) -> Tensor:
    """Cross entropy of the target beside the given negatives."""
    both = torch.cat([positive[:, None], logits], 1)  # [B, 1 + S]
    return (both.logsumexp(1) - positive).mean()


def _corrected(
    query: Tensor,
    item_vectors: Tensor,
    target_ids: Tensor,
    negative_ids: Tensor,
    log_probability: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """As ``_logits``, the negatives lowered as they should be."""
    positive, logits, hit = _logits(query, item_vectors, target_ids, negative_ids)
    expected = log_probability[negative_ids] + log(negative_ids.shape[1])  # [B, S]
    return positive, logits - expected, hit


def _no_correction(query, item_vectors, target_ids, negative_ids, log_probability):
    positive, logits, hit = _logits(query, item_vectors, target_ids, negative_ids)
    return _mean_loss(positive, logits.masked_fill(hit, -torch.inf))


def _pooled(query, item_vectors, target_ids, negative_ids, log_probability):
    everybody = negative_ids.flatten().expand(len(target_ids), -1)  # [B, B S]
    return reference(query, item_vectors, target_ids, everybody, log_probability)


def _first_row(query, item_vectors, target_ids, negative_ids, log_probability):
    one = negative_ids[:1].expand_as(negative_ids)
    return reference(query, item_vectors, target_ids, one, log_probability)


def _rows_counted(query, item_vectors, target_ids, negative_ids, log_probability):
    positive, logits, hit = _logits(query, item_vectors, target_ids, negative_ids)
    logits = logits - log_probability[negative_ids] - log(len(negative_ids))
    return _mean_loss(positive, logits.masked_fill(hit, -torch.inf))


def _all_draws_counted(query, item_vectors, target_ids, negative_ids, log_probability):
    positive, logits, hit = _logits(query, item_vectors, target_ids, negative_ids)
    logits = logits - log_probability[negative_ids] - log(negative_ids.numel())
    return _mean_loss(positive, logits.masked_fill(hit, -torch.inf))


def _added(query, item_vectors, target_ids, negative_ids, log_probability):
    positive, logits, hit = _logits(query, item_vectors, target_ids, negative_ids)
    logits = logits + log_probability[negative_ids] + log(negative_ids.shape[1])
    return _mean_loss(positive, logits.masked_fill(hit, -torch.inf))


def _added_without_count(
    query, item_vectors, target_ids, negative_ids, log_probability
):
    positive, logits, hit = _logits(query, item_vectors, target_ids, negative_ids)
    logits = logits + log_probability[negative_ids]
    return _mean_loss(positive, logits.masked_fill(hit, -torch.inf))


def _without_count(query, item_vectors, target_ids, negative_ids, log_probability):
    positive, logits, hit = _logits(query, item_vectors, target_ids, negative_ids)
    logits = logits - log_probability[negative_ids]
    return _mean_loss(positive, logits.masked_fill(hit, -torch.inf))


def _target_too(query, item_vectors, target_ids, negative_ids, log_probability):
    positive, logits, hit = _logits(query, item_vectors, target_ids, negative_ids)
    logits = (logits - log_probability[negative_ids]).masked_fill(hit, -torch.inf)
    return _mean_loss(positive - log_probability[target_ids], logits)


def _target_too_by_one_draw(
    query, item_vectors, target_ids, negative_ids, log_probability
):
    positive, logits, hit = _corrected(
        query, item_vectors, target_ids, negative_ids, log_probability
    )
    logits = logits.masked_fill(hit, -torch.inf)
    return _mean_loss(positive - log_probability[target_ids], logits)


def _probability(query, item_vectors, target_ids, negative_ids, log_probability):
    positive, logits, hit = _logits(query, item_vectors, target_ids, negative_ids)
    logits = logits - log_probability[negative_ids].exp() * negative_ids.shape[1]
    return _mean_loss(positive, logits.masked_fill(hit, -torch.inf))


def _hits_kept(*inputs: Tensor) -> Tensor:
    positive, logits, _ = _corrected(*inputs)
    return _mean_loss(positive, logits)


def _hits_as_zero(*inputs: Tensor) -> Tensor:
    positive, logits, hit = _corrected(*inputs)
    return _mean_loss(positive, logits.masked_fill(hit, 0.0))


def _hits_of_others(query, item_vectors, target_ids, negative_ids, log_probability):
    positive, logits, _ = _corrected(
        query, item_vectors, target_ids, negative_ids, log_probability
    )
    hit = torch.isin(negative_ids, target_ids)
    return _mean_loss(positive, logits.masked_fill(hit, -torch.inf))


def _sum(query, item_vectors, target_ids, negative_ids, log_probability):
    return len(target_ids) * reference(
        query, item_vectors, target_ids, negative_ids, log_probability
    )


def _likelihood(*inputs: Tensor) -> Tensor:
    return -reference(*inputs)


def _no_target(*inputs: Tensor) -> Tensor:
    positive, logits, hit = _corrected(*inputs)
    rest = logits.masked_fill(hit, -torch.inf).logsumexp(1)
    return (rest - positive).mean()


def _overflow(*inputs: Tensor) -> Tensor:
    positive, logits, hit = _corrected(*inputs)
    rest = logits.exp().masked_fill(hit, 0.0).sum(1)
    return -(positive.exp() / (positive.exp() + rest)).log().mean()


def _overflow_apart(*inputs: Tensor) -> Tensor:
    positive, logits, hit = _corrected(*inputs)
    rest = logits.exp().masked_fill(hit, 0.0).sum(1)
    return ((positive.exp() + rest).log() - positive).mean()


def _not_negative(result: Tensor, *inputs: Tensor) -> str | None:
    if not result.isfinite():
        return f"your loss is {float(result)}: a logarithm or an exponential overflows."
    if result < -1e-6:
        return (
            f"your loss is {float(result):.3g}, below 0: the target has to be one of "
            f"the candidates, so that its probability is at most 1."
        )
    return None


EXERCISE = Exercise(
    name="comirec-sa/sampled-loss",
    title="Sampled softmax, each user with her own negatives",
    minutes=40,
    difficulty="project",
    inputs={
        "query": "B E",
        "item_vectors": "N+1 E",
        "target_ids": "B",
        "negative_ids": "B S",
        "log_probability": "N+1",
    },
    output="",
    reference=reference,
    cases=cases,
    gradients=("query", "item_vectors"),
    properties=(_not_negative,),
    mistakes=(
        Mistake(
            "no-correction",
            "`log_probability` plays no part: popular items are drawn often and are "
            "punished each time. Correct the logit of a negative by how often it is "
            "expected among the draws.",
            _no_correction,
        ),
        Mistake(
            "correction-added",
            "the correction has the wrong sign: you raise the items that are drawn "
            "often, so that they count twice. They have to be lowered.",
            _added,
            also=(_added_without_count,),
        ),
        Mistake(
            "forgets-the-number-of-draws",
            "you correct by the chance of a single draw, but there are S of them: an "
            "item is expected S q times, and the target, which is not corrected, "
            "feels the difference.",
            _without_count,
        ),
        Mistake(
            "counts-the-rows",
            "you correct by a number of draws that is not S: the chance of an item to "
            "be among a row's negatives depends on that row's draws alone.",
            _rows_counted,
            also=(_all_draws_counted,),
        ),
        Mistake(
            "negatives-of-other-rows",
            "a row is compared with negatives that were drawn for others. Here each "
            "row of `negatives` belongs to one row of `query`.",
            _pooled,
            also=(_first_row,),
        ),
        Mistake(
            "corrects-the-target",
            "you correct the target too: it was not drawn, it is always there. Only "
            "the negatives stand for a sum over the catalog.",
            _target_too,
            also=(_target_too_by_one_draw,),
        ),
        Mistake(
            "probability-instead-of-logarithm",
            "you take a count from a logit: a logit lives on the scale of logarithms, "
            "and `log_probability` is one already.",
            _probability,
        ),
        Mistake(
            "keeps-accidental-hits",
            "a negative may be the row's own target: you push the target up and down "
            "at once. Leave such a negative out, for that row.",
            _hits_kept,
        ),
        Mistake(
            "hits-as-logit-zero",
            "you set the logit of an accidental hit to 0, and the exponential of 0 is "
            "1: the hit still counts. To leave it out its exponential must be 0.",
            _hits_as_zero,
        ),
        Mistake(
            "drops-hits-of-other-rows",
            "you drop a negative for the whole batch when it is any row's target: for "
            "the other rows it is a fair negative. Compare row by row.",
            _hits_of_others,
        ),
        Mistake(
            "sum-instead-of-mean",
            "your loss is B times too large: it grows with the batch, and the learning "
            "rate would have to follow. Take the mean over the rows.",
            _sum,
        ),
        Mistake(
            "minimizes-the-likelihood",
            "your loss has the wrong sign: minimizing it makes the target less likely. "
            "The loss is the negative log-likelihood.",
            _likelihood,
            seen_in="the notes that this book grew from",
        ),
        Mistake(
            "target-not-a-candidate",
            "the target is missing from the denominator: the chances no longer sum to "
            "1, and the loss falls without end. Let it compete with the negatives.",
            _no_target,
        ),
        Mistake(
            "overflow",
            "with large logits the exponential overflows and the loss is NaN or "
            "infinite. Stay on the scale of logarithms to the end.",
            _overflow,
            also=(_overflow_apart,),
        ),
    ),
)
