"""The first layer without its input: part by part, for many candidates."""

import torch

from seqviz.checks.engine import Task, mistake

TASK = Task(
    label="project, about 25 minutes",
    practice="algebra that saves work",
    shapes="candidates [B, M, E], behaviors [B, T, E], weight [D, F], bias [D] "
    "-> [B, M, T, D]",  # F = 4E
)


def reference(
    candidates, behaviors, weight, bias, arrange=lambda q, k, d, p: (q, k, d, p)
):
    own, other, difference, product = arrange(*weight.chunk(4, 1))  # [D, E] each
    return (
        (candidates @ (own + difference).T)[:, :, None]  # [B, M, 1, D]
        + (behaviors @ (other - difference).T)[:, None]  # [B, 1, T, D]
        + torch.einsum("bme,bte,de->bmtd", candidates, behaviors, product)
        + bias
    )


def cases():
    def draw(B=2, M=3, T=5, E=4, D=6):
        candidates, behaviors = torch.randn(B, M, E), torch.randn(B, T, E)
        weight = torch.randn(D, 4 * E) * (4 * E) ** -0.5
        return candidates, behaviors, weight, torch.randn(D)

    yield "several candidates", *draw()
    yield "one candidate", *draw(M=1)
    yield "as many candidates as behaviors", *draw(M=5)
    yield "as many units as numbers in a vector", *draw(D=4)
    yield "one unit", *draw(D=1)


@mistake(arrange=lambda q, k, d, p: (q, k, 0 * d, p))
def no_difference():
    """the third block of the weight has no say in your result. What it does to q minus
    k, it does to q and, with a minus, to k."""


@mistake(
    symptom="numbers that are off by a term of the behavior",
    arrange=lambda q, k, d, p: (q, k + 2 * d, d, p),
)
def difference_added():
    """the third block acts on q minus k: for the behavior it counts with a minus."""


@mistake(arrange=lambda q, k, d, p: (q, k, -d, p))
def difference_turned_round():
    """the third block acts on q minus k; yours acts on k minus q."""


@mistake(arrange=lambda q, k, d, p: (q, k, p, d))
def product_before_difference():
    """you take the third block for the product and the fourth for the difference. The
    order is q, k, difference, product."""


@mistake(arrange=lambda q, k, d, p: (k, q, d, p))
def roles_exchanged():
    """the first block acts on the candidate, the second on the behavior: yours are
    exchanged."""


@mistake(weight=lambda weight: torch.cat([weight[:, part::4] for part in range(4)], 1))
def interleaved():
    """you take every fourth column. The blocks stand one after another, E wide."""


def without_product(*given):
    return reference(*given, arrange=lambda q, k, d, p: (q, k, d, 0 * p))


@mistake
def product_of_projections(candidates, behaviors, weight, bias):
    """the fourth block acts on the product of the two vectors. You apply it to each of
    the two and multiply after: that is another number, for it holds products of entries
    that never met."""
    product = weight.chunk(4, 1)[3]
    asks, has = candidates @ product.T, behaviors @ product.T  # [B, M or T, D]
    together = asks[:, :, None] * has[:, None]
    return without_product(candidates, behaviors, weight, bias) + together


@mistake
def inner_product(candidates, behaviors, weight, bias):
    """you sum the product over the embedding before the weight sees it. Each entry of
    the product has a weight of its own in each unit."""
    inner = (candidates @ behaviors.mT)[..., None] * weight.chunk(4, 1)[3].sum(1)
    return without_product(candidates, behaviors, weight, bias) + inner


@mistake(arrange=lambda q, k, d, p: (q, k, d, 0 * p))
def no_product():
    """the fourth block has no say in your result. It is the one part that needs
    candidate and behavior together."""


@mistake(bias=torch.zeros_like)
def no_bias():
    """the bias is missing."""


@mistake(symptom="numbers that are off by the bias", bias=lambda bias: 4 * bias)
@mistake(bias=lambda bias: 2 * bias)
@mistake(bias=lambda bias: 3 * bias)
def bias_more_than_once():
    """the bias is added with more than one part. A layer adds it once."""


@mistake(right=torch.sigmoid)
def activated_already():
    """your numbers have been through the activation already. The layer ends before it:
    any real number may come out."""
