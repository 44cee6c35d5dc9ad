"""The first layer of the activation unit, part by part, for many candidates."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="The first layer without its input",
    difficulty="project",
    minutes=25,
    shapes="candidates [B, M, E], behaviors [B, T, E], weight [D, F], bias [D] "
    "-> [B, M, T, D]",  # F = 4E
    gradients=("candidates", "behaviors", "weight", "bias"),
)


def reference(candidates, behaviors, weight, bias):
    own, other, difference, product = weight.chunk(4, 1)  # [D, E] each
    return (
        (candidates @ (own + difference).T)[:, :, None]  # [B, M, 1, D]
        + (behaviors @ (other - difference).T)[:, None]  # [B, 1, T, D]
        + torch.einsum("bme,bte,de->bmtd", candidates, behaviors, product)
        + bias
    )


def blocks(weight, arrange):
    """The reference's argument whose four blocks are arranged in another way."""
    return {"weight": torch.cat(arrange(*weight.chunk(4, 1)), 1)}


def cases():
    def draw(name, B=2, M=3, T=5, E=4, D=6):
        inputs = {
            "candidates": torch.randn(B, M, E),
            "behaviors": torch.randn(B, T, E),
            "weight": torch.randn(D, 4 * E) * (4 * E) ** -0.5,
            "bias": torch.randn(D),
        }
        return Case(name, inputs)

    yield draw("several candidates")
    yield draw("one candidate", M=1)
    yield draw("as many candidates as behaviors", M=5)
    yield draw("one behavior", T=1)
    yield draw("one user", B=1)
    yield draw("as many units as numbers in a vector", D=4)
    yield draw("one unit", D=1)


@mistake
def no_difference(weight):
    """the third block of the weight has no say in your result. What it does to q minus
    k, it does to q and, with a minus, to k."""
    return blocks(weight, lambda q, k, d, p: [q, k, 0 * d, p])


@mistake
def difference_added(weight):
    """the third block acts on q minus k: for the behavior it counts with a minus."""
    return blocks(weight, lambda q, k, d, p: [q, k + 2 * d, d, p])


@mistake
def difference_turned_round(weight):
    """the third block acts on q minus k; yours acts on k minus q. The signs of both are
    turned round."""
    return blocks(weight, lambda q, k, d, p: [q, k, -d, p])


@mistake
def product_before_difference(weight):
    """you take the third block for the product and the fourth for the difference. The
    order is q, k, difference, product."""
    return blocks(weight, lambda q, k, d, p: [q, k, p, d])


@mistake
def roles_exchanged(weight):
    """the first block acts on the candidate, the second on the behavior: yours are
    exchanged."""
    return blocks(weight, lambda q, k, d, p: [k, q, d, p])


@mistake
def interleaved(weight):
    """you take every fourth column of the weight. The blocks stand one after the other,
    each E columns wide."""
    return {"weight": torch.cat([weight[:, part::4] for part in range(4)], 1)}


@mistake
def product_of_projections(candidates, behaviors, weight, bias):
    """the fourth block acts on the product of the two vectors. You apply it to each of
    the two and multiply after: that is another number, for it holds products of entries
    that never met."""
    product = weight.chunk(4, 1)[3]
    asks, has = candidates @ product.T, behaviors @ product.T  # [B, M or T, D]
    rest = blocks(weight, lambda q, k, d, p: [q, k, d, 0 * p])["weight"]
    together = asks[:, :, None] * has[:, None]
    return reference(candidates, behaviors, rest, bias) + together


@mistake
def inner_product(candidates, behaviors, weight, bias):
    """you sum the product over the embedding before the weight sees it. Each entry of
    the product has a weight of its own in each unit."""
    inner = (candidates @ behaviors.mT)[..., None] * weight.chunk(4, 1)[3].sum(1)
    rest = blocks(weight, lambda q, k, d, p: [q, k, d, 0 * p])["weight"]
    return reference(candidates, behaviors, rest, bias) + inner


@mistake
def no_product(weight):
    """the fourth block has no say in your result. It is the one part that needs
    candidate and behavior together."""
    return blocks(weight, lambda q, k, d, p: [q, k, d, 0 * p])


@mistake
def no_bias(bias):
    """the bias is missing."""
    return {"bias": 0 * bias}


@mistake
def bias_more_than_once(bias):
    """the bias is added with more than one part. A layer adds it once."""
    yield {"bias": 4 * bias}
    yield {"bias": 2 * bias}
    yield {"bias": 3 * bias}


@mistake
def activated_already(right):
    """your numbers have been through the activation already. The layer ends before it:
    any real number may come out."""
    return right.sigmoid()
