"""One iteration of B2I: from logits to logits."""

import torch

from seqviz.checks.engine import Task, mistake, some
from seqviz.layers import masked_softmax, squash

TASK = Task(
    label="core, about 20 minutes",
    practice="one step of routing",
    shapes="votes [B, T, E], logits [B, T, K], mask [B, T] -> [B, T, K]",
    dtype_of="votes",
    vary="an empty history",
)


def share(logits, mask):
    return logits.softmax(2) * mask[..., None]


def reference(
    votes, logits, mask, shares=share, squash=squash, old=1.0, padding=0.0, weigh=1.0
):
    interests = squash(torch.einsum("btk,bte->bke", shares(logits, mask), votes))
    agreement = torch.einsum("bte,bke->btk", votes, interests)
    new = old * logits + weigh * agreement
    return torch.where(mask[..., None], new, padding * new)


def cases():
    def draw(B=4, T=6, E=4, K=3, real=1.0, scale=1.0):
        mask = some(B, T, real)
        return scale * torch.randn(B, T, E), torch.randn(B, T, K), mask

    yield "full histories", *draw(B=2)
    yield "padded histories", *draw(real=0.6)
    votes, logits, mask = draw(real=0.6)
    votes[~mask] = 10.0
    yield "large numbers under the padding", votes, logits, mask
    votes, logits, mask = draw(T=5, real=0.6)
    mask[2] = False
    yield "an empty history", votes, logits, mask
    yield "as many interests as clicks", *draw(B=2, T=4, E=3, K=4)
    yield "long votes", *draw(B=3, scale=3.0)


@mistake(seen_in="torch-rechub 0.9.0, deepmatch up to 0.2.0")
def over_the_clicks(logits, mask):
    """your softmax runs over the clicks. A click is shared out over the interests."""
    return {"shares": lambda *_: masked_softmax(logits, mask[..., None], dim=1)}


@mistake(symptom="agreements that are too large", squash=lambda pulled: pulled)
def no_squash():
    """the interests are not squashed before they are compared with the votes: the
    agreements are too large."""


@mistake
def mean_instead_of_sum(logits, mask):
    """an interest is the sum of what pulls it, not the mean: many voters make it
    longer, so surer."""
    shares = share(logits, mask)
    yield {"shares": lambda *_: shares / shares.sum(1, keepdim=True).clamp(min=1e-4)}
    yield {"shares": lambda *_: shares / mask.sum(1).clamp(min=1)[:, None, None]}


@mistake(symptom="the right result only where the old logits are 0", old=0.0)
def replaced_instead_of_added():
    """the agreement takes the place of the old logits. It is added to them: earlier
    iterations are not forgotten."""


@mistake(weigh=0.0)
def nothing_learned():
    """the logits come back as they were: no agreement of vote and interest is added."""


@mistake
def agreement_times_coupling(logits, mask):
    """you multiply the agreement by the coupling. How much a click has handed over
    plays no part in how well it agrees."""
    return {"weigh": share(logits, mask)}


@mistake
def coupling_instead_of_logits(right, mask):
    """you return the shares of the next iteration, not the logits before them."""
    return share(right, mask)


@mistake(squash=lambda pulled: squash(pulled, dim=1))
def squash_over_the_interests():
    """you squash along the wrong axis: a length is taken over the coordinates."""


@mistake(shares=lambda logits, mask: logits.softmax(2))
def padding_pulls():
    """padding pulls the interests like a click: its shares must be 0."""


@mistake
def padding_keeps_logits(mask):
    """all real clicks are right. At padding the task asks for 0."""
    yield {"padding": 1.0}
    yield {"padding": 1.0, "weigh": mask[..., None]}
