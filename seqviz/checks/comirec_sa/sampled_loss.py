"""Sampled softmax, each user with her own negatives."""

import torch

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="project, about 40 minutes",
    practice="a loss on the scale of logarithms",
    shapes="query [B, E], item_vectors [N+1, E], target_ids [B], negative_ids [B, S], "
    "log_probability [N+1] -> []",
    gradients=("query", "item_vectors"),
    vary="negatives that hit targets",
    without={"float16": "a sampler's log-probabilities come in float32"},
)


def cross_entropy(positive, logits):
    return both(positive, logits).logsumexp(1) - positive


def both(positive, logits):
    return torch.cat([positive[:, None], logits], 1)  # [B, 1 + S]


def reference(
    query,
    item_vectors,
    target_ids,
    negative_ids,
    log_probability,
    draws=None,  # S
    sign=-1,
    from_target=0.0,  # what is taken from the target's logit
    hits=lambda drawn, own: drawn == own[:, None],
    hit_logit=-torch.inf,
    loss=cross_entropy,
):
    draws = torch.as_tensor(negative_ids.shape[1] if draws is None else draws)
    correction = sign * (log_probability[negative_ids] + draws.log())  # [B, S]
    logits = torch.einsum("be,bse->bs", query, item_vectors[negative_ids]) + correction
    positive = (query * item_vectors[target_ids]).sum(1) - from_target
    logits = logits.masked_fill(hits(negative_ids, target_ids), hit_logit)
    return loss(positive, logits).mean()


def cases():
    popularity = torch.arange(21.0, 0.0, -1.0)
    popularity[0] = 0
    log_probability = (popularity / popularity.sum()).log()

    def draw(B=4, S=8, lowest=7, E=3):
        query, item_vectors = torch.randn(B, E), torch.randn(21, E)
        target_ids = torch.randint(1, 7, (B,))
        negative_ids = torch.randint(lowest, 21, (B, S))
        return query, item_vectors, target_ids, negative_ids, log_probability

    yield "negatives that hit no target", *draw()
    *vectors, ids, negative_ids, _ = draw(B=5, S=12, lowest=1)
    negative_ids[:, :2] = torch.stack([ids, ids.roll(1)], 1)
    hit = *vectors, ids, negative_ids, log_probability
    yield "negatives that hit targets", *hit
    *vectors, ids, negative_ids, _ = draw(B=2, S=4)
    negative_ids[:] = ids[:, None]
    only = *vectors, ids, negative_ids, log_probability
    yield "nothing but the target drawn", *only
    yield "one negative", *draw(S=1)
    query, *rest = draw(lowest=1)
    yield "large logits", 100 * query, *rest


@mistake(symptom="a loss that ignores `log_probability`")
def no_correction(log_probability):
    """`log_probability` plays no part: popular items are drawn often and punished each
    time. Correct a negative's logit by how often it is expected among the draws."""
    return {"log_probability": 0 * log_probability.exp(), "draws": 1}


@mistake(sign=1)
@mistake(sign=1, draws=1)
def correction_added():
    """the correction has the wrong sign: you raise the items that are drawn often, so
    that they count twice. They have to be lowered."""


@mistake(draws=1)
def forgets_the_number_of_draws():
    """you correct by the chance of a single draw, but there are S of them: an item is
    expected S q times, and the target, which is not corrected, feels the difference."""


@mistake
def counts_the_rows(negative_ids):
    """you correct by a number of draws that is not S: the chance of an item to be among
    a row's negatives depends on that row's draws alone."""
    yield {"draws": len(negative_ids)}
    yield {"draws": negative_ids.numel()}


@mistake
def counts_without_hits(target_ids, negative_ids):
    """you correct by the number of negatives that are left once the hits are gone. The
    sampler drew S times, whatever came out: the expected count goes with S."""
    kept = (negative_ids != target_ids[:, None]).sum(1, keepdim=True)
    return {"draws": kept.clamp(min=1)}


@mistake
def negatives_of_other_rows(target_ids, negative_ids):
    """a row is compared with negatives that were drawn for others. Here each row of
    `negative_ids` belongs to one row of `query`."""
    yield {"negative_ids": negative_ids.flatten().expand(len(target_ids), -1)}
    yield {"negative_ids": negative_ids[:1].expand_as(negative_ids)}


@mistake
def corrects_the_target(target_ids, log_probability):
    """you correct the target too: it was not drawn, it is always there. Only the
    negatives stand for a sum over the catalog."""
    yield {"from_target": log_probability[target_ids], "draws": 1}
    yield {"from_target": log_probability[target_ids]}


@mistake
def probability_instead_of_logarithm(negative_ids, log_probability):
    """you take a count from a logit: a logit lives on the scale of logarithms, and
    `log_probability` is one already."""
    count = log_probability.exp() * negative_ids.shape[1]
    return {"log_probability": count, "draws": 1}


@mistake(
    symptom="a wrong loss only where a negative is the target",
    hits=lambda drawn, own: drawn != drawn,
)
def keeps_accidental_hits():
    """a negative may be the row's own target: you push the target up and down at once.
    Leave such a negative out, for that row."""


@mistake(hit_logit=0.0)
def hits_as_logit_zero():
    """you set the logit of an accidental hit to 0, and the exponential of 0 is 1: the
    hit still counts. To leave it out its exponential must be 0."""


@mistake(hits=torch.isin)
def drops_hits_of_other_rows():
    """you drop a negative for the whole batch when it is any row's target: for the
    other rows it is a fair negative. Compare row by row."""


@mistake
def sum_instead_of_mean(target_ids, right):
    """your loss is B times too large: it grows with the batch, and the learning rate
    would have to follow. Take the mean over the rows."""
    return len(target_ids) * right


@mistake(seen_in="tutorials", right=torch.neg)
def minimizes_the_likelihood():
    """your loss has the wrong sign: minimizing it makes the target less likely. The
    loss is the negative log-likelihood."""


@mistake(loss=lambda positive, logits: logits.logsumexp(1) - positive)
def target_not_a_candidate():
    """the target is missing from the denominator: the chances no longer sum to 1, and
    the loss falls without end. Let it compete with the negatives."""


@mistake(loss=lambda x, others: -(x.exp() / both(x, others).exp().sum(1)).log())
@mistake(loss=lambda x, others: both(x, others).exp().sum(1).log() - x)
def overflow():
    """with large logits the exponential overflows and the loss is NaN or infinite. Stay
    on the scale of logarithms to the end."""


@rule
def not_negative(result):
    """your loss is {:.3g}, below 0: the target has to be one of the candidates, so that
    its probability is at most 1."""
    return result if result < -1e-6 else None
