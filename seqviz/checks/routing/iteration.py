"""One whole iteration of B2I routing, from logits to logits."""

import torch

from seqviz.checks.engine import Case, Task, mistake
from seqviz.layers import masked_softmax, squash

TASK = Task(
    title="One iteration of B2I",
    difficulty="core",
    minutes=20,
    shapes="votes [B, T, E], logits [B, T, K], mask [B, T] -> [B, T, K]",
    dtype_of="votes",
    vary="an empty history",
)


def reference(
    votes, logits, mask, shares=None, squash=squash, old=1.0, padding=0.0, weigh=None
):
    shares = share(logits, mask) if shares is None else shares
    interests = squash(torch.einsum("btk,bte->bke", shares, votes))
    agreement = torch.einsum("bte,bke->btk", votes, interests)
    new = old * logits + (agreement if weigh is None else weigh * agreement)
    return torch.where(mask[..., None], new, padding * new)


def share(logits, mask):
    return logits.softmax(2) * mask[..., None]


def cases():
    """Padding at any place, loud padding, an empty history."""

    def draw(name, B=4, T=6, E=4, K=3, real=1.0, scale=1.0):
        mask = torch.rand(B, T) < real
        mask[:, -1] = True
        if real < 1:
            mask[0, 0] = False
        votes, logits = scale * torch.randn(B, T, E), torch.randn(B, T, K)
        return Case(name, {"votes": votes, "logits": logits, "mask": mask})

    yield draw("full histories", B=2)
    yield draw("padded histories", real=0.6)
    loud = draw("large numbers under the padding", real=0.6)
    loud.inputs["votes"][~loud.inputs["mask"]] = 10.0
    yield loud
    empty = draw("an empty history", T=5, real=0.6)
    empty.inputs["mask"][2] = False
    yield empty
    yield draw("one click", B=3, T=1)
    yield draw("as many interests as clicks", B=2, T=4, E=3, K=4)
    yield draw("long votes", B=3, scale=3.0)


@mistake(seen_in="torch-rechub 0.9.0, deepmatch up to 0.2.0")
def over_the_clicks(logits, mask):
    """your softmax runs over the clicks. A click hands itself out over the
    interests."""
    return {"shares": masked_softmax(logits, mask[..., None], dim=1)}


@mistake(squash=lambda pulled: pulled)
def no_squash():
    """the interests are not squashed before they are compared with the votes: the
    agreements are too large."""


@mistake
def mean_instead_of_sum(logits, mask):
    """an interest is the sum of what pulls it, not the mean: many voters make it
    longer, so surer."""
    shares = share(logits, mask)
    yield {"shares": shares / shares.sum(1, keepdim=True).clamp(min=1e-4)}
    yield {"shares": shares / mask.sum(1).clamp(min=1)[:, None, None]}


@mistake(old=0.0)
def replaced_instead_of_added():
    """the agreement takes the place of the old logits. It is added to them: earlier
    iterations are not forgotten."""


@mistake(weigh=0.0)
def nothing_learned():
    """the logits come back as they were: the agreement of vote and interest is
    missing."""


@mistake
def agreement_times_coupling(logits, mask):
    """you multiply the agreement by the coupling. How much a click has handed over
    plays no part in how well it agrees."""
    return {"weigh": share(logits, mask)}


@mistake
def coupling_instead_of_logits(right, mask):
    """you return the shares of the next iteration. Asked are the logits before their
    softmax."""
    return share(right, mask)


@mistake(squash=lambda pulled: squash(pulled, dim=1))
def squash_over_the_interests():
    """you squash along the wrong axis: the length of an interest is taken over its
    coordinates."""


@mistake
def padding_pulls(logits):
    """padding pulls the interests like a click: its shares must be 0."""
    return {"shares": logits.softmax(2)}


@mistake
def padding_keeps_logits(mask):
    """all real clicks are right. At padding the task asks for 0."""
    yield {"padding": 1.0}
    yield {"padding": 1.0, "weigh": mask[..., None]}
